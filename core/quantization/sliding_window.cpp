// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/sliding_window.h"

#include <algorithm>

#include "core/network/graph_index.h"

namespace bitloupe::quantization {

namespace {

using Sizes = std::vector<std::int64_t>;

/// One spatial dimension.
struct Axis {
    std::int64_t input = 1;
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    std::int64_t before = 0;
    std::int64_t after = 0;
    std::int64_t output = 1;

    [[nodiscard]] std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
};

std::int64_t valueAt(const Sizes& sizes, std::size_t i, std::int64_t fallback) {
    return i < sizes.size() ? sizes[i] : fallback;
}

void padToSame(Axis& axis, bool upper) {
    axis.output = (axis.input + axis.stride - 1) / axis.stride;
    const std::int64_t total =
        std::max<std::int64_t>(0, (axis.output - 1) * axis.stride + axis.reach() - axis.input);
    axis.before = upper ? total / 2 : total - total / 2;
    axis.after = total - axis.before;
}

std::vector<Axis> axesOf(const network::Node& node, std::span<const std::int64_t> input,
                         std::span<const std::int64_t> kernel) {
    const auto strides = network::attributeOr(node, "strides", Sizes());
    const auto dilations = network::attributeOr(node, "dilations", Sizes());
    const auto pads = network::attributeOr(node, "pads", Sizes());
    const auto autoPad = network::attributeOr(node, "auto_pad", std::string("NOTSET"));
    const bool ceil = network::attributeOr(node, "ceil_mode", std::int64_t{0}) != 0;
    std::vector<Axis> axes;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        Axis axis{.input = input[i],
                  .kernel = kernel[i],
                  .stride = valueAt(strides, i, 1),
                  .dilation = valueAt(dilations, i, 1)};
        if (axis.stride < 1) {
            axis.output = 0;
        } else if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
            padToSame(axis, autoPad == "SAME_UPPER");
        } else {
            const bool padded = autoPad != "VALID";
            axis.before = padded ? valueAt(pads, i, 0) : 0;
            axis.after = padded ? valueAt(pads, kernel.size() + i, 0) : 0;
            const std::int64_t room = axis.input + axis.before + axis.after - axis.reach();
            axis.output = (room + (ceil ? axis.stride - 1 : 0)) / axis.stride + 1;
            // A window that would start behind the input and its front padding is left out.
            if (ceil && (axis.output - 1) * axis.stride >= axis.input + axis.before) {
                --axis.output;
            }
        }
        axes.push_back(axis);
    }
    return axes;
}

/// The coordinates of a row-major index.
void unravel(std::size_t index, const Shape& shape, Sizes& coordinates) {
    for (std::size_t i = shape.size(); i-- > 0;) {
        const auto size = static_cast<std::size_t>(shape[i]);
        coordinates[i] = static_cast<std::int64_t>(index % size);
        index /= size;
    }
}

}  // namespace

Result<WindowSizes> WindowSizes::of(const network::Node& node, std::span<const std::int64_t> input,
                                    std::span<const std::int64_t> kernel) {
    const Error misfit{"the window does not fit its input", "node \"" + node.name + "\"",
                       "check the kernel, the strides and the pads"};
    if (input.size() != kernel.size()) {
        return misfit;
    }
    WindowSizes sizes;
    sizes.pads.resize(2 * kernel.size());
    std::size_t at = 0;
    for (const Axis& axis : axesOf(node, input, kernel)) {
        if (axis.output < 1 || axis.dilation < 1) {
            return misfit;
        }
        sizes.input.push_back(axis.input);
        sizes.kernel.push_back(axis.kernel);
        sizes.strides.push_back(axis.stride);
        sizes.dilations.push_back(axis.dilation);
        sizes.output.push_back(axis.output);
        sizes.pads[at] = axis.before;
        sizes.pads[kernel.size() + at++] = axis.after;
    }
    return sizes;
}

bool WindowSizes::isUsable() const {
    constexpr double kMostEntries = 1 << 28;
    double entries = 1;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        if ((output[i] - 1) * strides[i] >= input[i] + pads[i]) {
            return false;
        }
        entries *= static_cast<double>(kernel[i]) * static_cast<double>(output[i]);
    }
    return !kernel.empty() && entries <= kMostEntries;
}

bool WindowSizes::readsPadding() const {
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const std::int64_t end =
            (output[i] - 1) * strides[i] - pads[i] + (kernel[i] - 1) * dilations[i] + 1;
        if (pads[i] > 0 || end > input[i]) {
            return true;
        }
    }
    return false;
}

SlidingWindow::SlidingWindow(const WindowSizes& sizes)
    : m_output(sizes.output), m_places(sizes.places()), m_taps(sizes.taps()) {
    m_elements.reserve(m_places * m_taps);
    Sizes place(sizes.kernel.size());
    Sizes tap(sizes.kernel.size());
    for (std::size_t p = 0; p < m_places; ++p) {
        unravel(p, sizes.output, place);
        for (std::size_t t = 0; t < m_taps; ++t) {
            unravel(t, sizes.kernel, tap);
            std::int64_t element = 0;
            for (std::size_t i = 0; i < place.size(); ++i) {
                const std::int64_t at =
                    place[i] * sizes.strides[i] - sizes.pads[i] + tap[i] * sizes.dilations[i];
                const bool inside = element >= 0 && at >= 0 && at < sizes.input[i];
                element = inside ? element * sizes.input[i] + at : kPadding;
            }
            m_elements.push_back(static_cast<std::int32_t>(element));
        }
    }
}

Result<SlidingWindow> SlidingWindow::of(const network::Node& node,
                                        std::span<const std::int64_t> input,
                                        std::span<const std::int64_t> kernel) {
    const Result<WindowSizes> sizes = WindowSizes::of(node, input, kernel);
    return sizes.hasError() ? Result<SlidingWindow>(sizes.error()) : SlidingWindow(sizes.value());
}

}  // namespace bitloupe::quantization
