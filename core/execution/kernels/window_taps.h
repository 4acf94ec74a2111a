// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace bitloupe::execution::kernels {

/// Taps [first, last) of a window that lie inside the image.
struct TapRange {
    std::size_t first = 0;
    std::size_t last = 0;
};

/// `origin` is where the first of `kernel` taps lies, counted from the image's first pixel.
inline TapRange tapsInside(std::ptrdiff_t origin, std::size_t kernel, std::size_t dilation,
                           std::size_t size) {
    const auto step = static_cast<std::ptrdiff_t>(dilation);
    const auto placeOf = [&](std::size_t tap) {
        return origin + static_cast<std::ptrdiff_t>(tap) * step;
    };
    TapRange range{0, kernel};
    while (range.first < kernel && placeOf(range.first) < 0) {
        ++range.first;
    }
    while (range.last > range.first &&
           placeOf(range.last - 1) >= static_cast<std::ptrdiff_t>(size)) {
        --range.last;
    }
    return range;
}

}  // namespace bitloupe::execution::kernels
