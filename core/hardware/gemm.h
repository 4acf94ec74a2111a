// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bitloupe::hardware {

/// The matrix product a layer becomes: an m x k matrix times a k x n matrix, `count` times
/// (groups of a convolution, heads of an attention, one sample of the batch).
/// A convolution has m = output pixels, k = kernel height * width * input channels, n = filters.
struct Gemm {
    std::int64_t m = 0;
    std::int64_t k = 0;
    std::int64_t n = 0;
    std::int64_t count = 1;

    [[nodiscard]] std::int64_t macs() const { return m * k * n * count; }
    friend bool operator==(const Gemm&, const Gemm&) = default;
};

}  // namespace bitloupe::hardware
