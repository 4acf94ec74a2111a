// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/onnx_qdq.h"

#include <algorithm>
#include <cmath>

#include "core/exporters/raise_opset.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Layer;
using network::Node;
using numerics::Family;
using numerics::NumberFormat;

constexpr std::int64_t kQdqOpset = 13;  // the first with an axis on QuantizeLinear

bool isUnsigned(const NumberFormat& format) {
    return format.name().starts_with('u');
}

/// Codes of an integer format: int6 is -32..31, uint6 0..63.
struct CodeRange {
    std::int64_t low;
    std::int64_t high;
};
CodeRange codeRange(const NumberFormat& format) {
    const auto bits = static_cast<unsigned>(format.bitsPerValue());
    const std::int64_t count = std::int64_t{1} << bits;
    return isUnsigned(format) ? CodeRange{0, count - 1} : CodeRange{-count / 2, count / 2 - 1};
}

bool fitsQdq(const NumberFormat& format) {
    return format.family() == Family::Integer && format.bitsPerValue() <= 8;
}

/// A scalar or vector of codes in the type that carries them.
Array codeArray(Shape shape, const std::vector<std::int64_t>& codes, bool asUnsigned) {
    if (asUnsigned) {
        return Array::of(std::move(shape), std::vector<std::uint8_t>(codes.begin(), codes.end()));
    }
    return Array::of(std::move(shape), std::vector<std::int8_t>(codes.begin(), codes.end()));
}

class QdqBuilder {
public:
    QdqBuilder(const ResolvedDesign& design, Graph graph)
        : m_design(design), m_graph(std::move(graph)) {}

    Graph build() {
        std::vector<Node> original = std::move(m_graph.nodes);
        m_graph.nodes.clear();
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (m_design.weights[i].has_value()) {
                addWeights(layers[i], *m_design.weights[i]);
            }
        }
        for (Node& node : original) {
            for (std::size_t i = 0; i < layers.size(); ++i) {
                if (m_design.activations[i].has_value() && isNodeOf(layers[i], node)) {
                    addActivation(layers[i], *m_design.activations[i], node);
                }
            }
            m_graph.nodes.push_back(std::move(node));
        }
        return std::move(m_graph);
    }

private:
    [[nodiscard]] bool isNodeOf(const Layer& layer, const Node& node) const {
        return m_design.network->graph->nodes[layer.node].outputs == node.outputs;
    }

    /// The dequantized weights keep the name of the float initializer, so whatever read it still
    /// does.
    void addWeights(const Layer& layer, const quantization::QuantizedWeights& weights) {
        const auto codes = weights.codes.as<std::int32_t>();
        const bool asUnsigned = isUnsigned(m_design.assignment[layerIndex(layer)].weights->format);
        const std::string quantized = layer.weight + "_quantized";
        m_graph.initializers.erase(layer.weight);
        m_graph.initializers[quantized] =
            codeArray(weights.values.shape(), {codes.begin(), codes.end()}, asUnsigned);
        std::vector<float> scales;
        std::vector<std::int64_t> zeroPoints;
        for (const numerics::Scaling& scaling : weights.scalings) {
            scales.push_back(scaling.scale);
            zeroPoints.push_back(std::llround(scaling.zeroPoint));
        }
        const bool perChannel = scales.size() > 1;
        const Shape shape = perChannel ? Shape{static_cast<std::int64_t>(scales.size())} : Shape{};
        Node dequantize{
            layer.weight + "_dequantize", "DequantizeLinear", "", {quantized}, {layer.weight}, {}};
        addScaling(dequantize, layer.weight, Array::of(shape, scales),
                   codeArray(shape, zeroPoints, asUnsigned));
        if (perChannel) {
            dequantize.attributes["axis"] = std::int64_t{weights.channelAxis};
        }
        m_graph.nodes.push_back(std::move(dequantize));
    }

    void addActivation(const Layer& layer, const quantization::ActivationRounding& rounding,
                       Node& node) {
        const std::string base = layer.input + "_" + layer.name;
        const bool asUnsigned = isUnsigned(rounding.format);
        const auto& scaling = rounding.options.scaling;
        const Array scale = Array::of({}, std::vector<float>{scaling.scale});
        const Array zero = codeArray({}, {std::llround(scaling.zeroPoint)}, asUnsigned);

        std::string codes = base + "_quantized";
        Node quantize{base + "_quantize", "QuantizeLinear", "", {layer.input}, {codes}, {}};
        Node dequantize{
            base + "_dequantize", "DequantizeLinear", "", {}, {base + "_dequantized"}, {}};
        addScaling(quantize, base, scale, zero);
        m_graph.nodes.push_back(std::move(quantize));
        if (rounding.format.bitsPerValue() < 8) {
            codes = addClip(base, codes, codeRange(rounding.format), asUnsigned);
        }
        dequantize.inputs.push_back(codes);
        addScaling(dequantize, base, scale, zero);
        m_graph.nodes.push_back(std::move(dequantize));
        std::replace(node.inputs.begin(), node.inputs.end(), layer.input, base + "_dequantized");
    }

    std::string addClip(const std::string& base, const std::string& codes, CodeRange range,
                        bool asUnsigned) {
        m_graph.initializers[base + "_lowest"] = codeArray({}, {range.low}, asUnsigned);
        m_graph.initializers[base + "_highest"] = codeArray({}, {range.high}, asUnsigned);
        m_graph.nodes.push_back({base + "_clip",
                                 "Clip",
                                 "",
                                 {codes, base + "_lowest", base + "_highest"},
                                 {base + "_clipped"},
                                 {}});
        return base + "_clipped";
    }

    void addScaling(Node& node, const std::string& base, const Array& scale, const Array& zero) {
        m_graph.initializers[base + "_scale"] = scale;
        m_graph.initializers[base + "_zero_point"] = zero;
        node.inputs.push_back(base + "_scale");
        node.inputs.push_back(base + "_zero_point");
    }

    [[nodiscard]] std::size_t layerIndex(const Layer& layer) const {
        return static_cast<std::size_t>(&layer - m_design.network->layers.data());
    }

    const ResolvedDesign& m_design;
    Graph m_graph;
};

/// Two layers that read the same initializer must agree on how it is quantized.
bool disagreesOnSharedWeights(const ResolvedDesign& design, std::size_t layer) {
    const auto& layers = design.network->layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (i != layer && !layers[i].weight.empty() && layers[i].weight == layers[layer].weight &&
            design.assignment[i].weights != design.assignment[layer].weights) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::string> qdqObstacles(const ResolvedDesign& design) {
    std::vector<std::string> sentences;
    const auto& layers = design.network->layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const quantization::LayerScheme& scheme = design.assignment[i];
        for (const auto& quantizer : {scheme.weights, scheme.activations}) {
            if (quantizer.has_value() && !fitsQdq(quantizer->format) &&
                !quantizer->format.isIdentity()) {
                sentences.push_back(layers[i].name + ": " + quantizer->format.name() +
                                    " has no QuantizeLinear type; integers of 2 to 8 bits have");
            }
        }
        if (scheme.weights.has_value() &&
            scheme.weights->granularity == quantization::Granularity::Group) {
            sentences.push_back(layers[i].name +
                                ": group scales need the blocked DequantizeLinear of opset 21; "
                                "choose @channel or @tensor");
        }
        if (disagreesOnSharedWeights(design, i)) {
            sentences.push_back(layers[i].name + ": its weights " + layers[i].weight +
                                " are shared with a layer that quantizes them differently");
        }
    }
    return sentences;
}

Result<Graph> buildQdqGraph(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = qdqObstacles(design);
    if (!reasons.empty()) {
        return Error{"the design does not fit ONNX QuantizeLinear", reasons.front(),
                     "change that layer or choose another export"};
    }
    Result<Graph> graph = raiseOpset(*design.network->graph, kQdqOpset);
    if (graph.hasError()) {
        return graph.error();
    }
    return QdqBuilder(design, std::move(graph).value()).build();
}

}  // namespace bitloupe::exporters
