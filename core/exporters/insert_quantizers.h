// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exporters/exporter.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// How one dialect spells a quantizer. Nodes and initializers are added to `graph`.
class QuantizerWriter {
public:
    virtual ~QuantizerWriter() = default;

    /// Replaces the initializer layer.weight by nodes that make an edge of the same name, so that
    /// whatever read the float weights reads the quantized ones.
    virtual void writeWeights(network::Graph& graph, const network::Layer& layer,
                              const quantization::Quantizer& quantizer,
                              const quantization::QuantizedWeights& weights) const = 0;

    /// Adds the quantizer of `edge`; names start with `base`. Returns the edge that carries the
    /// result.
    virtual std::string writeActivation(network::Graph& graph, const std::string& edge,
                                        const std::string& base,
                                        const quantization::ActivationRounding& rounding) const = 0;
};

/// The design's network (raised to `opset` if it is older) with every quantizer of the design in
/// place. Each quantizer is written once, however many layers share it.
[[nodiscard]] Result<network::Graph> insertQuantizers(const ResolvedDesign& design,
                                                      std::int64_t opset,
                                                      const QuantizerWriter& writer);

/// Sentences about layers that share weights and do not agree on how to quantize them.
[[nodiscard]] std::vector<std::string> sharedWeightObstacles(const ResolvedDesign& design);

/// Sentences about shared weights, and about every scheme that is not an integer format of at most
/// `mostBits` bits with one scale per tensor or output channel. `carrier` is what has to hold it.
[[nodiscard]] std::vector<std::string> integerObstacles(const ResolvedDesign& design,
                                                        const std::string& carrier, int mostBits);

/// Adds `name_scale` and `name_zero_point` initializers and gives them to `node` as inputs.
void addScaling(network::Graph& graph, network::Node& node, const std::string& name,
                const Array& scale, const Array& zeroPoint);

/// Scales of a weight tensor: a scalar, or a vector with one per output channel.
struct WeightScales {
    bool perChannel = false;
    Shape shape;
    std::vector<float> scales;
    std::vector<std::int64_t> zeroPoints;
};
[[nodiscard]] WeightScales weightScales(const quantization::QuantizedWeights& weights);

/// Whether an integer format is unsigned (uint8).
[[nodiscard]] bool isUnsigned(const numerics::NumberFormat& format);

}  // namespace bitloupe::exporters
