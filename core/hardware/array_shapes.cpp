// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/array_shapes.h"

#include <algorithm>

namespace bitloupe::hardware {

std::vector<std::pair<std::int64_t, std::int64_t>> factorPairs(std::int64_t product) {
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    const auto keep = [&](std::int64_t rows, std::int64_t columns) {
        if (std::max(rows, columns) <= kMaximumArraySide) {
            pairs.emplace_back(rows, columns);
        }
    };
    for (std::int64_t side = 1; side <= product / side; ++side) {
        if (product % side == 0) {
            keep(side, product / side);
            if (side != product / side) {
                keep(product / side, side);
            }
        }
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

std::vector<Accelerator> arraysOf(std::int64_t processingElements,
                                  std::span<const Dataflow> dataflows) {
    std::vector<Accelerator> arrays;
    for (const auto& [rows, columns] : factorPairs(processingElements)) {
        for (const Dataflow dataflow : dataflows) {
            arrays.push_back({.rows = rows, .columns = columns, .dataflow = dataflow});
        }
    }
    return arrays;
}

std::vector<Accelerator> arraysOf(std::span<const std::int64_t> rows,
                                  std::span<const std::int64_t> columns,
                                  std::span<const Dataflow> dataflows) {
    std::vector<Accelerator> arrays;
    arrays.reserve(rows.size() * columns.size() * dataflows.size());
    for (const std::int64_t row : rows) {
        for (const std::int64_t column : columns) {
            for (const Dataflow dataflow : dataflows) {
                arrays.push_back({.rows = row, .columns = column, .dataflow = dataflow});
            }
        }
    }
    return arrays;
}

}  // namespace bitloupe::hardware
