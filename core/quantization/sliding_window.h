// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::quantization {

/// Where a convolution or a pooling of any number of spatial dimensions reads, place by place.
class SlidingWindow {
public:
    static constexpr std::int32_t kPadding = -1;

    /// `node`: a Conv or a pooling node with ONNX's attributes; `input`: the spatial sizes of its
    /// input; `kernel`: those of the kernel. Errors: attributes that do not fit these sizes, by
    /// the node's name.
    static Result<SlidingWindow> of(const network::Node& node, std::span<const std::int64_t> input,
                                    std::span<const std::int64_t> kernel);

    [[nodiscard]] const Shape& output() const { return m_output; }  ///< spatial sizes
    [[nodiscard]] std::size_t places() const { return m_places; }
    [[nodiscard]] std::size_t taps() const { return m_taps; }
    /// The spatial element (row-major) that a tap reads at a place, or kPadding.
    [[nodiscard]] std::int32_t element(std::size_t place, std::size_t tap) const {
        return m_elements[place * m_taps + tap];
    }

private:
    Shape m_output;
    std::size_t m_places = 0;
    std::size_t m_taps = 0;
    std::vector<std::int32_t> m_elements;
};

}  // namespace bitloupe::quantization
