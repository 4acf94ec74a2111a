// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/qonnx.h"

#include "core/exporters/insert_quantizers.h"
#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using exploration::Side;
using network::Graph;
using network::Node;
using numerics::Family;
using numerics::FixedRounding;

constexpr std::int64_t kQonnxOpset = 13;
constexpr int kMostBits = 16;

/// The rounding_mode of Quant, "" when it has none such.
std::string roundingMode(FixedRounding rounding) {
    switch (rounding) {
        case FixedRounding::NearestEven:
            return "ROUND";
        case FixedRounding::Floor:
            return "FLOOR";
        case FixedRounding::TowardZero:
            return "DOWN";
        case FixedRounding::HalfUp:  // Quant's HALF_UP rounds halves away from zero
            return "";
    }
    return "";
}

/// Scales of weights in the shape that broadcasts against them.
Shape scaleShape(const quantization::QuantizedWeights& weights) {
    Shape shape;
    if (weights.scalings.size() > 1) {
        shape.assign(weights.values.shape().size(), 1);
        shape[static_cast<std::size_t>(weights.channelAxis)] =
            static_cast<std::int64_t>(weights.scalings.size());
    }
    return shape;
}

/// A Quant node that reads `input`; scale and zero point are float32, as the dialect asks.
void addQuant(Graph& graph, const std::string& name, const std::string& input,
              const std::string& output, const Array& scale, const Array& zero,
              const quantization::UniformFormat& format) {
    Node quant{name + "_quant", "Quant", network::kQonnxDomain, {input}, {output}, {}};
    addScaling(graph, quant, name, scale, zero);
    graph.initializers[name + "_bit_width"] = scalarArray(static_cast<float>(format.bits));
    quant.inputs.push_back(name + "_bit_width");
    quant.attributes = {{"signed", std::int64_t{format.isSigned ? 1 : 0}},
                        {"narrow", std::int64_t{format.narrow ? 1 : 0}},
                        {"rounding_mode", roundingMode(format.rounding)}};
    graph.nodes.push_back(std::move(quant));
}

void addBipolarQuant(Graph& graph, const std::string& name, const std::string& input,
                     const std::string& output, const Array& scale) {
    graph.initializers[name + "_scale"] = scale;
    graph.nodes.push_back({name + "_quant",
                           "BipolarQuant",
                           network::kQonnxDomain,
                           {input, name + "_scale"},
                           {output},
                           {}});
}

class QonnxWriter : public QuantizerWriter {
public:
    void writeWeights(Graph& graph, const network::Layer& layer,
                      const quantization::Quantizer& quantizer,
                      const quantization::QuantizedWeights& weights) override {
        const std::string values = layer.weight + "_values";
        graph.initializers.erase(layer.weight);
        graph.initializers[values] = weights.values;
        const Shape shape = scaleShape(weights);
        const std::optional<quantization::UniformWeights> uniform =
            uniformWeights(quantizer, weights);
        if (!uniform) {
            std::vector<float> scales;
            for (const numerics::Scaling& scaling : weights.scalings) {
                scales.push_back(scaling.scale);
            }
            addBipolarQuant(graph, layer.weight, values, layer.weight, Array::of(shape, scales));
            return;
        }
        quantization::UniformFormat format = uniform->format;
        format.rounding = FixedRounding::NearestEven;  // the values are multiples of the scale
        const std::vector<float> zeros(uniform->zeroPoints.begin(), uniform->zeroPoints.end());
        addQuant(graph, layer.weight, values, layer.weight, Array::of(shape, uniform->scales),
                 Array::of(shape, zeros), format);
    }

    std::string writeActivation(Graph& graph, const std::string& edge, const std::string& base,
                                const quantization::ActivationRounding& rounding) override {
        const std::string output = base + "_quantized";
        if (const auto uniform = uniformActivation(rounding)) {
            addQuant(graph, base, edge, output, scalarArray(uniform->scale),
                     scalarArray(static_cast<float>(uniform->zeroPoint)), uniform->format);
        } else {
            addBipolarQuant(graph, base, edge, output, scalarArray(rounding.options.scaling.scale));
        }
        return output;
    }
};

std::string qonnxObstacle(const network::Layer& /*layer*/, const quantization::Quantizer& quantizer,
                          Side side) {
    quantization::Quantizer asked = quantizer;
    if (quantizer.format.family() == Family::Binary) {
        if (quantizer.pruning.pattern != quantization::Pruning::Pattern::None) {
            return quantizer.name() + " has zeros among its weights, and BipolarQuant has none";
        }
        asked.format = numerics::NumberFormat::parse("int2").value();  // BipolarQuant's limits
    }
    const auto format = quantization::uniformFormat(quantizer.format);
    if (side == Side::Activations && format && !roundingMode(format->rounding).empty() &&
        format->overflow == numerics::FixedOverflow::Saturate) {
        side = Side::Weights;  // a rounding that only Quant can name
    }
    return integerObstacle(asked, side, "a Quant node", kMostBits);
}

}  // namespace

std::vector<std::string> qonnxObstacles(const Schemes& schemes) {
    return quantizerObstacles(schemes, qonnxObstacle);
}

Result<OnnxModel> buildQonnxGraph(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = qonnxObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit QONNX", reasons.front(),
                     "change that layer or choose another export"};
    }
    QonnxWriter writer;
    Result<Graph> graph = insertQuantizers(design, kQonnxOpset, writer);
    if (graph.hasError()) {
        return graph.error();
    }
    return OnnxModel{std::move(graph).value(), {}};
}

}  // namespace bitloupe::exporters
