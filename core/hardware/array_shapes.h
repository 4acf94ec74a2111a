// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/hardware/accelerator.h"

namespace bitloupe::hardware {

/// "16x16 os": rows, columns and dataflow alone.
[[nodiscard]] std::string arrayShape(const Accelerator& accelerator);

/// The inverse of Accelerator::name(): `16x16 os`, and after it what differs from the usual, such
/// as `16x16 os serial-inputs filter=131072 bandwidth=16`. Errors: another word, a value out of its
/// range.
[[nodiscard]] Result<Accelerator> parseArrayName(std::string_view name);

/// Every (rows, columns) with rows * columns == product, rows ascending: 64 gives 1x64 ... 64x1.
/// Empty for a product below 1; sides above kMaximumArraySide are left out.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> factorPairs(std::int64_t product);

/// The array of every factor pair of `processingElements`, in every dataflow of `dataflows`.
[[nodiscard]] std::vector<Accelerator> arraysOf(std::int64_t processingElements,
                                                std::span<const Dataflow> dataflows);

/// The array of every combination of the lists.
[[nodiscard]] std::vector<Accelerator> arraysOf(std::span<const std::int64_t> rows,
                                                std::span<const std::int64_t> columns,
                                                std::span<const Dataflow> dataflows);

}  // namespace bitloupe::hardware
