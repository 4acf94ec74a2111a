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

/// The sizes of a convolution or a pooling of any number of spatial dimensions, all as numbers: one
/// entry a dimension, of `pads` the ones before and then the ones after.
struct WindowSizes {
    Shape input;
    Shape kernel;
    Shape strides;
    Shape pads;
    Shape dilations;
    Shape output;

    /// `node`: a Conv or a pooling node with ONNX's attributes; `input`: the spatial sizes of its
    /// input; `kernel`: those of the kernel. Errors: attributes that do not fit these sizes, by
    /// the node's name.
    static Result<WindowSizes> of(const network::Node& node, std::span<const std::int64_t> input,
                                  std::span<const std::int64_t> kernel);

    [[nodiscard]] std::size_t area() const { return static_cast<std::size_t>(elementCount(input)); }
    [[nodiscard]] std::size_t taps() const {
        return static_cast<std::size_t>(elementCount(kernel));
    }
    [[nodiscard]] std::size_t places() const {
        return static_cast<std::size_t>(elementCount(output));
    }
    /// Whether the sizes, from wherever they come, make a table of a moderate size in which every
    /// window starts on the padded input.
    [[nodiscard]] bool isUsable() const;
    /// Whether a window reads beyond the input.
    [[nodiscard]] bool readsPadding() const;
};

/// Where such a window reads, place by place.
class SlidingWindow {
public:
    static constexpr std::int32_t kPadding = -1;

    explicit SlidingWindow(const WindowSizes& sizes);
    /// The window of WindowSizes::of().
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
