// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/onnx_qdq.h"

#include <cmath>

#include "core/exporters/insert_quantizers.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Node;
using numerics::NumberFormat;

constexpr std::int64_t kQdqOpset = 13;  // the first with an axis on QuantizeLinear

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

/// Codes in the type that carries them.
template <typename Codes>
Array codeArray(Shape shape, const Codes& codes, bool asUnsigned) {
    if (asUnsigned) {
        return Array::of(std::move(shape), std::vector<std::uint8_t>(codes.begin(), codes.end()));
    }
    return Array::of(std::move(shape), std::vector<std::int8_t>(codes.begin(), codes.end()));
}
Array codeScalar(std::int64_t code, bool asUnsigned) {
    return codeArray({}, std::vector<std::int64_t>{code}, asUnsigned);
}

class QdqWriter : public QuantizerWriter {
public:
    void writeWeights(Graph& graph, const network::Layer& layer,
                      const quantization::Quantizer& quantizer,
                      const quantization::QuantizedWeights& weights) const override {
        const bool asUnsigned = isUnsigned(quantizer.format);
        const std::string codes = layer.weight + "_quantized";
        graph.initializers.erase(layer.weight);
        graph.initializers[codes] =
            codeArray(weights.values.shape(), weights.codes.as<std::int32_t>(), asUnsigned);
        const WeightScales scales = weightScales(weights);
        Node dequantize{
            layer.weight + "_dequantize", "DequantizeLinear", "", {codes}, {layer.weight}, {}};
        addScaling(graph, dequantize, layer.weight, Array::of(scales.shape, scales.scales),
                   codeArray(scales.shape, scales.zeroPoints, asUnsigned));
        if (scales.perChannel) {
            dequantize.attributes["axis"] = std::int64_t{weights.channelAxis};
        }
        graph.nodes.push_back(std::move(dequantize));
    }

    std::string writeActivation(Graph& graph, const std::string& edge, const std::string& base,
                                const quantization::ActivationRounding& rounding) const override {
        const bool asUnsigned = isUnsigned(rounding.format);
        const numerics::Scaling& scaling = rounding.options.scaling;
        const Array scale = Array::of({}, std::vector<float>{scaling.scale});
        const Array zero = codeScalar(std::llround(scaling.zeroPoint), asUnsigned);

        std::string codes = base + "_quantized";
        Node quantize{base + "_quantize", "QuantizeLinear", "", {edge}, {codes}, {}};
        addScaling(graph, quantize, base, scale, zero);
        graph.nodes.push_back(std::move(quantize));
        if (rounding.format.bitsPerValue() < 8) {
            codes = addClip(graph, base, codes, codeRange(rounding.format), asUnsigned);
        }
        Node dequantize{
            base + "_dequantize", "DequantizeLinear", "", {codes}, {base + "_dequantized"}, {}};
        addScaling(graph, dequantize, base, scale, zero);
        graph.nodes.push_back(std::move(dequantize));
        return base + "_dequantized";
    }

private:
    static std::string addClip(Graph& graph, const std::string& base, const std::string& codes,
                               CodeRange range, bool asUnsigned) {
        graph.initializers[base + "_lowest"] = codeScalar(range.low, asUnsigned);
        graph.initializers[base + "_highest"] = codeScalar(range.high, asUnsigned);
        graph.nodes.push_back({base + "_clip",
                               "Clip",
                               "",
                               {codes, base + "_lowest", base + "_highest"},
                               {base + "_clipped"},
                               {}});
        return base + "_clipped";
    }
};

}  // namespace

std::vector<std::string> qdqObstacles(const ResolvedDesign& design) {
    return integerObstacles(design, "QuantizeLinear of opset 13", 8);
}

Result<Graph> buildQdqGraph(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = qdqObstacles(design);
    if (!reasons.empty()) {
        return Error{"the design does not fit ONNX QuantizeLinear", reasons.front(),
                     "change that layer or choose another export"};
    }
    return insertQuantizers(design, kQdqOpset, QdqWriter());
}

}  // namespace bitloupe::exporters
