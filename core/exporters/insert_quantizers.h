// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exporters/exporter.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// How one dialect spells a quantizer. Nodes and initializers are added to `graph`; names are
/// short or left out, for in a small network they are a good part of the file.
class QuantizerWriter {
public:
    virtual ~QuantizerWriter() = default;

    /// Replaces the initializer layer.weight by nodes that make an edge of the same name, so that
    /// whatever read the float weights reads the quantized ones.
    virtual void writeWeights(network::Graph& graph, const network::Layer& layer,
                              const quantization::Quantizer& quantizer,
                              const quantization::QuantizedWeights& weights) = 0;

    /// Adds the quantizer of `edge`; names start with `base`. Returns the edge that carries the
    /// result.
    virtual std::string writeActivation(network::Graph& graph, const std::string& edge,
                                        const std::string& base,
                                        const quantization::ActivationRounding& rounding) = 0;
};

/// The design's network (raised to `opset` if it is older) with every quantizer of the design in
/// place. Each quantizer is written once, however many layers share it.
[[nodiscard]] Result<network::Graph> insertQuantizers(const ResolvedDesign& design,
                                                      std::int64_t opset, QuantizerWriter& writer);

/// Adds `name_scale` and `name_zero` initializers and gives them to `node` as inputs.
void addScaling(network::Graph& graph, network::Node& node, const std::string& name,
                const Array& scale, const Array& zeroPoint);

/// A float32 scalar.
[[nodiscard]] Array scalarArray(float value);

}  // namespace bitloupe::exporters
