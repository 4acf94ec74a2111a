// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/exploration/design.h"
#include "core/network/tensor_flow.h"

namespace bitloupe::exploration {

/// What one converted element adds to a cost. As a measure for bit operations: bringing an element
/// of a bits to b bits is one product by a scale, a b + a + b of them (44 between 8 and 4 bits).
struct ConversionPrice {
    double bops = 0;
    double cycles = 0;
    friend bool operator==(const ConversionPrice&, const ConversionPrice&) = default;
};

/// What is stored differently when the number format or the granularity differs; range rules are
/// not compared, for a new scale costs the writer nothing.
[[nodiscard]] std::string storedFormat(const std::optional<quantization::Quantizer>& quantizer);

/// A tensor that is brought to another format.
struct Conversion {
    std::string tensor;     ///< edge of the graph
    std::size_t layer = 0;  ///< the last one that it is made of
    std::string from;       ///< as storedFormat() writes it
    std::string to;
    std::int64_t elements = 0;  ///< for one sample
    double bytes = 0;           ///< read in the one and written in the other format
};

/// What it takes to pass tensors between layers that compute in different formats (what AIMET's
/// third phase of mixed precision takes away again).
///
/// A layer computes and writes in the format of its activations; an embedding writes what its table
/// stores. Where a result is read in another format, each of its elements is converted, once for
/// every other format that reads it. Several results meet (Add, Concat) in the widest of their
/// formats, the earliest layer's of several that are as wide, so that nothing is lost; the others
/// are converted to it. What comes from outside the network is delivered as it is read, and the
/// last results leave as they are: both cost nothing.
class FormatConversions {
public:
    /// Of nothing: no tensor passes.
    FormatConversions() = default;
    FormatConversions(const network::Network& network, ConversionPrice price);
    FormatConversions(network::TensorFlow flow, ConversionPrice price);

    /// One scheme a layer; an empty assignment is the float network, which converts nothing.
    [[nodiscard]] double elements(const Assignment& assignment) const;
    [[nodiscard]] std::vector<Conversion> list(const Assignment& assignment) const;
    /// No assignment converts more: every reader of every tensor in a format of its own.
    [[nodiscard]] double mostElements() const;

    [[nodiscard]] const ConversionPrice& price() const { return m_price; }
    [[nodiscard]] const network::TensorFlow& flow() const { return *m_flow; }

private:
    std::shared_ptr<const network::TensorFlow> m_flow = std::make_shared<network::TensorFlow>();
    ConversionPrice m_price;
};

/// Formats by number, so that many designs are quick to count.
using FormatId = std::uint16_t;

/// The format at every point, from those that the layers write. `bits`: by format.
[[nodiscard]] std::vector<FormatId> formatsAtPoints(
    const network::TensorFlow& flow, const std::function<FormatId(std::size_t layer)>& formatOf,
    std::span<const double> bits);

/// The widest of some formats, the first of several that are as wide.
[[nodiscard]] FormatId widest(std::span<const FormatId> formats, std::span<const double> bits);

/// How many formats, other than the writer's own, the readers ask for.
[[nodiscard]] std::size_t conversionsOf(FormatId writer, std::span<const FormatId> readers);

/// Elements that are converted between points in these formats.
[[nodiscard]] double convertedElements(const network::TensorFlow& flow,
                                       std::span<const FormatId> formats);

}  // namespace bitloupe::exploration
