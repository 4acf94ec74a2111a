// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/onnx_qdq.h"

#include <algorithm>
#include <cmath>

#include "core/exporters/insert_quantizers.h"
#include "core/exporters/qdq_carrier.h"
#include "core/numerics/scalar_codes.h"

namespace bitloupe::exporters {

namespace {

using exploration::Side;
using network::Graph;
using network::Node;
using numerics::NumberFormat;

/// Stored codes with their scales, ready for a DequantizeLinear.
struct StoredWeights {
    Array codes;
    Array zeroPoints;  ///< of the scales' count
    std::vector<float> scales;
    std::optional<PackedType> packed;
    std::size_t groupsPerChannel = 1;
    std::size_t channels = 1;
};

/// Adds tensors and nodes to the graph, and remembers which tensors are stored packed.
class QdqWriter : public QuantizerWriter {
public:
    explicit QdqWriter(std::int64_t opset) : m_opset(opset) {}

    [[nodiscard]] const std::map<std::string, PackedType>& packed() const { return m_packed; }

    void writeWeights(Graph& graph, const network::Layer& layer,
                      const quantization::Quantizer& quantizer,
                      const quantization::QuantizedWeights& weights) override {
        const auto float8 = float8Type(quantizer.format);
        const StoredWeights stored =
            float8 ? storeFloats(quantizer, weights, *float8) : storeIntegers(quantizer, weights);
        graph.initializers.erase(layer.weight);
        const std::optional<quantization::UniformFormat> uniform =
            quantization::uniformFormat(quantizer.format);
        const bool clips = !float8 && !stored.packed && uniform->bits < 8;
        addDequantize(graph, layer, quantizer, weights, stored,
                      clips ? clipRange(*uniformWeights(quantizer, weights)) : std::nullopt);
    }

    std::string writeActivation(Graph& graph, const std::string& edge, const std::string& base,
                                const quantization::ActivationRounding& rounding) override {
        const std::optional<quantization::UniformActivation> uniform = uniformActivation(rounding);
        const auto float8 = float8Type(rounding.format);
        const IntegerCarrier carrier = uniform ? integerCarrier(uniform->format, Side::Activations)
                                               : IntegerCarrier{ElementType::Uint8, float8, 8};
        const std::vector<std::int64_t> zero = {uniform ? uniform->zeroPoint : 0};
        const Array scale = scalarArray(uniform ? uniform->scale : rounding.options.scaling.scale);
        const Array zeroPoint = carriedCodes(carrier, {}, zero);
        if (carrier.packed) {
            m_packed[base + "_zero"] = *carrier.packed;
        }
        const bool narrow =
            uniform && (uniform->format.bits < carrier.bits || uniform->format.narrow);
        const bool clipsCodes = narrow && carrier.bits == 8;
        std::string input = edge;
        if (narrow && !clipsCodes) {
            input = addValueClip(graph, base, edge, limitsOf(*uniform));
        } else if (float8) {
            input = addUpperLimit(graph, base, edge, rounding);
        }
        std::string codes = base + "_q";
        Node quantize{"", "QuantizeLinear", "", {input}, {codes}, {}};
        addScaling(graph, quantize, base, scale, zeroPoint);
        graph.nodes.push_back(std::move(quantize));
        if (clipsCodes) {
            codes = addCodeClip(graph, base, codes, carrier,
                                {uniform->format.lowest(), uniform->format.highest()});
        }
        Node dequantize{"", "DequantizeLinear", "", {codes}, {base}, {}};
        addScaling(graph, dequantize, base, scale, zeroPoint);
        graph.nodes.push_back(std::move(dequantize));
        return base;
    }

private:
    using Range = std::vector<std::int64_t>;  ///< lowest, highest

    static std::optional<Range> clipRange(const quantization::UniformWeights& weights) {
        return Range{weights.format.lowest(), weights.format.highest()};
    }

    static StoredWeights storeIntegers(const quantization::Quantizer& quantizer,
                                       const quantization::QuantizedWeights& weights) {
        const quantization::UniformWeights uniform = uniformWeights(quantizer, weights).value();
        const IntegerCarrier carrier = integerCarrier(uniform.format, Side::Weights);
        const auto codes = uniform.codes.as<std::int32_t>();
        const std::vector<std::int64_t> wide(codes.begin(), codes.end());
        const Shape count = {static_cast<std::int64_t>(uniform.scales.size())};
        return {carriedCodes(carrier, uniform.codes.shape(), wide),
                carriedCodes(carrier, count, uniform.zeroPoints),
                uniform.scales,
                carrier.packed,
                uniform.groupsPerChannel,
                uniform.channels};
    }

    static StoredWeights storeFloats(const quantization::Quantizer& quantizer,
                                     const quantization::QuantizedWeights& weights,
                                     PackedType type) {
        const auto values = weights.values.as<float>();
        const std::vector<std::uint32_t> scaleOf = scaleIndices(quantizer, weights);
        std::vector<std::uint8_t> codes(values.size());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            codes[i] = static_cast<std::uint8_t>(
                quantizer.format.encode(values[i] / weights.scalings[scaleOf[i]].scale));
        }
        StoredWeights stored;
        stored.codes = Array::of(weights.values.shape(), codes);
        for (const numerics::Scaling& scaling : weights.scalings) {
            stored.scales.push_back(scaling.scale);
        }
        const Shape count = {static_cast<std::int64_t>(stored.scales.size())};
        stored.zeroPoints = Array::of(count, std::vector<std::uint8_t>(stored.scales.size(), 0));
        stored.packed = type;
        const Shape& shape = weights.values.shape();
        stored.channels =
            shape.empty()
                ? 1
                : static_cast<std::size_t>(shape[static_cast<std::size_t>(weights.channelAxis)]);
        stored.groupsPerChannel = std::max<std::size_t>(1, stored.scales.size() / stored.channels);
        return stored;
    }

    void addDequantize(Graph& graph, const network::Layer& layer,
                       const quantization::Quantizer& quantizer,
                       const quantization::QuantizedWeights& weights, const StoredWeights& stored,
                       const std::optional<Range>& clip) {
        const std::string& name = layer.weight;
        std::string codes = name + "_q";
        const bool grouped = stored.groupsPerChannel > 1;
        const Shape& shape = weights.values.shape();
        const bool reshaped = grouped && shape.size() != 2;
        const auto channels = static_cast<std::int64_t>(stored.channels);
        const auto groups = static_cast<std::int64_t>(stored.groupsPerChannel);
        graph.initializers[codes] =
            reshaped ? stored.codes.reshaped({channels, stored.codes.size() / channels})
                     : stored.codes;
        remember(codes, stored.packed);
        if (clip) {
            codes = addCodeClip(
                graph, name, codes,
                integerCarrier(*quantization::uniformFormat(quantizer.format), Side::Weights),
                *clip);
        }
        const std::string result = reshaped ? name + "_rows" : name;
        Node dequantize{"", "DequantizeLinear", "", {codes}, {result}, {}};
        if (grouped) {
            const bool columns = weights.channelAxis == 1;  // channels are columns of a matrix
            dequantize.attributes["axis"] = std::int64_t{columns ? 0 : 1};
            dequantize.attributes["block_size"] = std::int64_t{quantizer.groupSize};
            addWeightScaling(graph, dequantize, name, stored, {channels, groups}, columns);
        } else if (stored.scales.size() > 1) {
            dequantize.attributes["axis"] = std::int64_t{weights.channelAxis};
            addWeightScaling(graph, dequantize, name, stored, {channels}, false);
        } else {
            addWeightScaling(graph, dequantize, name, stored, {}, false);
        }
        graph.nodes.push_back(std::move(dequantize));
        if (reshaped) {
            graph.initializers[name + "_shape"] =
                Array::of({static_cast<std::int64_t>(shape.size())}, shape);
            graph.nodes.push_back({"", "Reshape", "", {result, name + "_shape"}, {name}, {}});
        }
    }

    /// Scales of `shape`, transposed for channels that are columns. In opsets that allow it a zero
    /// point of 0 is left out; older readers expect one.
    void addWeightScaling(Graph& graph, Node& node, const std::string& name,
                          const StoredWeights& stored, const Shape& shape, bool transposed) {
        const auto place = [&](std::size_t i) {
            const std::size_t columns = stored.channels;
            return transposed ? i % columns * stored.groupsPerChannel + i / columns : i;
        };
        const Shape finalShape = transposed ? Shape{shape[1], shape[0]} : shape;
        std::vector<float> scales(stored.scales.size());
        for (std::size_t i = 0; i < scales.size(); ++i) {
            scales[i] = stored.scales[place(i)];
        }
        const auto zeros = stored.zeroPoints.bytes();
        const std::size_t size = elementSize(stored.zeroPoints.type());
        std::vector<std::byte> placed(zeros.size());
        for (std::size_t i = 0; i < scales.size(); ++i) {
            std::copy_n(zeros.begin() + static_cast<std::ptrdiff_t>(place(i) * size), size,
                        placed.begin() + static_cast<std::ptrdiff_t>(i * size));
        }
        addScaling(graph, node, name, Array::of(finalShape, scales),
                   Array::fromBytes(stored.zeroPoints.type(), finalShape, placed));
        const bool symmetric = std::all_of(placed.begin(), placed.end(),
                                           [](std::byte byte) { return byte == std::byte{0}; });
        if (symmetric && m_opset >= kBlockOpset) {
            graph.initializers.erase(name + "_zero");
            node.inputs.pop_back();
        } else {
            remember(name + "_zero", stored.packed);
        }
    }

    static std::string addCodeClip(Graph& graph, const std::string& base, const std::string& codes,
                                   const IntegerCarrier& carrier, const Range& range) {
        graph.initializers[base + "_lowest"] = carriedCodes(carrier, {}, std::span(range).first(1));
        graph.initializers[base + "_highest"] = carriedCodes(carrier, {}, std::span(range).last(1));
        return addClip(graph, base, codes);
    }

    struct Limits {
        double lowest;
        double highest;
    };
    static Limits limitsOf(const quantization::UniformActivation& activation) {
        const auto value = [&](std::int64_t code) {
            return static_cast<double>(activation.scale) *
                   static_cast<double>(code - activation.zeroPoint);
        };
        return {value(activation.format.lowest()), value(activation.format.highest())};
    }

    /// Clip has no 16-bit integers: the values are clipped before they are rounded.
    static std::string addValueClip(Graph& graph, const std::string& base, const std::string& edge,
                                    const Limits& limits) {
        graph.initializers[base + "_lowest"] = scalarArray(static_cast<float>(limits.lowest));
        graph.initializers[base + "_highest"] = scalarArray(static_cast<float>(limits.highest));
        return addClip(graph, base, edge);
    }

    /// Says one side of the saturation twice: ONNX Runtime (1.31) would merge the layer before and
    /// this QuantizeLinear into a QGemm, which it has for integers alone, and stumbles over a Clip.
    static std::string addUpperLimit(Graph& graph, const std::string& base, const std::string& edge,
                                     const quantization::ActivationRounding& rounding) {
        graph.initializers[base + "_highest"] = scalarArray(static_cast<float>(
            static_cast<double>(rounding.options.scaling.scale) * rounding.format.maxValue()));
        graph.nodes.push_back({"", "Min", "", {edge, base + "_highest"}, {base + "_limited"}, {}});
        return base + "_limited";
    }

    static std::string addClip(Graph& graph, const std::string& base, const std::string& input) {
        graph.nodes.push_back({"",
                               "Clip",
                               "",
                               {input, base + "_lowest", base + "_highest"},
                               {base + "_clipped"},
                               {}});
        return base + "_clipped";
    }

    void remember(const std::string& tensor, const std::optional<PackedType>& type) {
        if (type) {
            m_packed[tensor] = *type;
        }
    }

    std::int64_t m_opset;
    std::map<std::string, PackedType> m_packed;
};

std::int64_t opsetFor(const ResolvedDesign& design) {
    std::int64_t opset = std::max(kAxisOpset, design.network->graph->opset);
    for (std::size_t i = 0; i < design.assignment.size(); ++i) {
        if (design.weights[i].has_value()) {
            opset = std::max(opset, *qdqOpset(*design.assignment[i].weights, Side::Weights));
        }
        if (design.activations[i].has_value()) {
            opset =
                std::max(opset, *qdqOpset(*design.assignment[i].activations, Side::Activations));
        }
    }
    return opset;
}

}  // namespace

std::vector<std::string> qdqObstacles(const Schemes& schemes) {
    return quantizerObstacles(schemes, qdqObstacle);
}

Result<OnnxModel> buildQdqGraph(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = qdqObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit ONNX QuantizeLinear", reasons.front(),
                     "change that layer or choose another export"};
    }
    const std::int64_t opset = opsetFor(design);
    QdqWriter writer(opset);
    Result<Graph> graph = insertQuantizers(design, opset, writer);
    if (graph.hasError()) {
        return graph.error();
    }
    return OnnxModel{std::move(graph).value(), writer.packed()};
}

}  // namespace bitloupe::exporters
