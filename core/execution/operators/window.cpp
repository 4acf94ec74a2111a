// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// Of strides, dilations and pads: products with the sizes of tensors stay far below 2^63.
constexpr std::int64_t kWidest = std::int64_t{1} << 31;

}  // namespace

Window Window::read(const Attributes& attributes) {
    Window window;
    window.strides = attributes.integers("strides");
    window.dilations = attributes.integers("dilations");
    window.pads = attributes.integers("pads");
    window.autoPad = attributes.text("auto_pad", "NOTSET");
    for (const std::int64_t stride : window.strides) {
        require(stride > 0, "a stride must be positive");
        require(stride <= kWidest, "a stride is too wide");
    }
    for (const std::int64_t dilation : window.dilations) {
        require(dilation > 0, "a dilation must be positive");
        require(dilation <= kWidest, "a dilation is too wide");
    }
    for (const std::int64_t pad : window.pads) {
        require(pad >= -kWidest && pad <= kWidest, "a pad is too wide");
    }
    return window;
}

std::vector<std::int64_t> Window::stridesFor(std::size_t rank) const {
    require(strides.empty() || strides.size() == rank, "strides must have one value a dimension");
    return strides.empty() ? std::vector<std::int64_t>(rank, 1) : strides;
}

std::vector<std::int64_t> Window::dilationsFor(std::size_t rank) const {
    require(dilations.empty() || dilations.size() == rank,
            "dilations must have one value a dimension");
    return dilations.empty() ? std::vector<std::int64_t>(rank, 1) : dilations;
}

WindowPads Window::padsFor(at::IntArrayRef spatial, at::IntArrayRef kernel) const {
    const std::size_t rank = spatial.size();
    require(kernel.size() == rank, "the kernel and the input have different numbers of dimensions");
    WindowPads result{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0)};
    if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
        const std::vector<std::int64_t> steps = stridesFor(rank);
        const std::vector<std::int64_t> gaps = dilationsFor(rank);
        for (std::size_t i = 0; i < rank; ++i) {
            const std::int64_t outputs = (spatial[i] + steps[i] - 1) / steps[i];
            const std::int64_t reach = (kernel[i] - 1) * gaps[i] + 1;
            const std::int64_t total =
                std::max<std::int64_t>(0, (outputs - 1) * steps[i] + reach - spatial[i]);
            const std::int64_t smaller = total / 2;
            const bool upper = autoPad == "SAME_UPPER";
            result.before[i] = upper ? smaller : total - smaller;
            result.after[i] = upper ? total - smaller : smaller;
        }
        return result;
    }
    require(autoPad == "NOTSET" || autoPad == "VALID", "auto_pad \"" + autoPad + "\" is not known");
    if (autoPad == "VALID" || pads.empty()) {
        return result;
    }
    require(pads.size() == 2 * rank, "pads must have two values a dimension");
    for (std::size_t i = 0; i < rank; ++i) {
        result.before[i] = pads[i];
        result.after[i] = pads[rank + i];
    }
    return result;
}

at::Tensor padSpatial(const at::Tensor& input, const WindowPads& pads, double value) {
    std::vector<std::int64_t> widths;  // ATen wants the last dimension first
    std::vector<std::int64_t> padded = input.sizes().vec();
    const std::size_t leading = padded.size() - pads.before.size();
    for (std::size_t i = 0; i < pads.before.size(); ++i) {
        require(std::abs(pads.before[i]) <= kWidest && std::abs(pads.after[i]) <= kWidest,
                "a pad is too wide");
        padded[leading + i] += pads.before[i] + pads.after[i];
    }
    checkSize(padded);
    for (std::size_t i = pads.before.size(); i-- > 0;) {
        widths.push_back(pads.before[i]);
        widths.push_back(pads.after[i]);
    }
    return at::constant_pad_nd(input, widths, value);
}

}  // namespace bitloupe::execution
