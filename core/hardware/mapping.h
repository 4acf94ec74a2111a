// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/hardware/accelerator.h"
#include "core/hardware/gemm.h"

namespace bitloupe::hardware {

/// ceil(a / b) for a >= 0, b > 0.
[[nodiscard]] constexpr std::int64_t ceilDivide(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

/// How one matrix product is laid on the array. What does not fit is folded: the array is used
/// again and again, `rowFolds * columnFolds` times, column folds outermost.
///   os: rows carry m, columns n, time runs over k
///   ws: rows carry k, columns n, time runs over m
///   is: rows carry k, columns m, time runs over n
struct Mapping {
    std::int64_t spatialRows = 0;     ///< elements laid along the rows, over all folds
    std::int64_t spatialColumns = 0;  ///< elements laid along the columns, over all folds
    std::int64_t temporal = 0;        ///< elements that stream through one fold
    std::int64_t rowFolds = 0;
    std::int64_t columnFolds = 0;
    std::int64_t cyclesPerFold =
        0;  ///< fill, stream and drain of one fold; edge folds cost the same

    [[nodiscard]] std::int64_t folds() const { return rowFolds * columnFolds; }
    /// Compute cycles of one product, without the `count` of the Gemm.
    [[nodiscard]] std::int64_t cycles() const { return folds() * cyclesPerFold; }
};

/// The mapping of one of the `count` products of `gemm`. Dimensions are at least 1.
[[nodiscard]] Mapping mapGemm(const Gemm& gemm, const Accelerator& accelerator);

}  // namespace bitloupe::hardware
