// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/qonnx.h"

#include "core/exporters/insert_quantizers.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Node;

constexpr std::int64_t kQonnxOpset = 13;
constexpr const char* kQonnxDomain = "qonnx.custom_op.general";

Array scalar(float value) {
    return Array::of({}, std::vector<float>{value});
}

/// A Quant node that reads `input`; scale and zero point are float32, as the dialect asks.
void addQuant(Graph& graph, const std::string& name, const std::string& input,
              const std::string& output, const Array& scale, const Array& zero,
              const numerics::NumberFormat& format, bool narrow) {
    Node quant{name + "_quant", "Quant", kQonnxDomain, {input}, {output}, {}};
    addScaling(graph, quant, name, scale, zero);
    graph.initializers[name + "_bit_width"] = scalar(static_cast<float>(format.bitsPerValue()));
    quant.inputs.push_back(name + "_bit_width");
    quant.attributes = {{"signed", std::int64_t{isUnsigned(format) ? 0 : 1}},
                        {"narrow", std::int64_t{narrow ? 1 : 0}},
                        {"rounding_mode", std::string("ROUND")}};
    graph.nodes.push_back(std::move(quant));
}

class QonnxWriter : public QuantizerWriter {
public:
    void writeWeights(Graph& graph, const network::Layer& layer,
                      const quantization::Quantizer& quantizer,
                      const quantization::QuantizedWeights& weights) const override {
        const WeightScales scales = weightScales(weights);
        Shape shape;
        if (scales.perChannel) {  // broadcast against the weights
            shape.assign(weights.values.shape().size(), 1);
            shape[static_cast<std::size_t>(weights.channelAxis)] = scales.shape.front();
        }
        const std::vector<float> zeros(scales.zeroPoints.begin(), scales.zeroPoints.end());
        const std::string values = layer.weight + "_values";
        graph.initializers.erase(layer.weight);
        graph.initializers[values] = weights.values;
        addQuant(graph, layer.weight, values, layer.weight, Array::of(shape, scales.scales),
                 Array::of(shape, zeros), quantizer.format, !isUnsigned(quantizer.format));
    }

    std::string writeActivation(Graph& graph, const std::string& edge, const std::string& base,
                                const quantization::ActivationRounding& rounding) const override {
        const std::string output = base + "_quantized";
        addQuant(graph, base, edge, output, scalar(rounding.options.scaling.scale),
                 scalar(rounding.options.scaling.zeroPoint), rounding.format,
                 rounding.options.narrow);
        return output;
    }
};

}  // namespace

std::vector<std::string> qonnxObstacles(const ResolvedDesign& design) {
    return integerObstacles(design, "a Quant node", 16);
}

Result<Graph> buildQonnxGraph(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = qonnxObstacles(design);
    if (!reasons.empty()) {
        return Error{"the design does not fit QONNX", reasons.front(),
                     "change that layer or choose another export"};
    }
    return insertQuantizers(design, kQonnxOpset, QonnxWriter());
}

}  // namespace bitloupe::exporters
