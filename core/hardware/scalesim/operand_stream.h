// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/hardware/accelerator.h"
#include "core/hardware/mapping.h"
#include "core/hardware/scalesim/topology.h"

namespace bitloupe::hardware::scalesim {

/// The order in which the array asks for one of its two read operands. The operand matrix is never
/// built: the address of an element is the sum of a part for its place along the ports ("across")
/// and a part for its place in time ("along").
///
/// Skewed operands stream through: in cycle t of a fold, port p asks for element
/// (block * ports + p, t - delay - p). The other kind is loaded into the array: in cycle t < rows
/// all ports ask for one row of the fold's block, the last row first.
struct OperandStream {
    std::vector<std::int32_t> across;
    std::vector<std::int32_t> along;
    std::int64_t ports = 0;
    std::int64_t rows = 0;   ///< array rows: the height of a loaded block
    std::int64_t delay = 0;  ///< cycles before a skewed operand starts
    bool skewed = true;
    bool blockOfRowFold = false;  ///< across moves on with the row fold, else with the column fold
    std::int64_t addresses = 0;   ///< all addresses are below this
    /// Marks addresses outside the input, which hang-over windows cover; empty when there are none.
    std::vector<std::uint8_t> isNull;
    std::int64_t footprint = 0;  ///< distinct addresses that are asked for

    [[nodiscard]] std::int64_t blocks() const {
        return ceilDivide(static_cast<std::int64_t>(across.size()), ports);
    }
    [[nodiscard]] std::int64_t blockStart(std::int64_t block) const { return block * ports; }
    [[nodiscard]] std::int64_t blockSize(std::int64_t block) const {
        return std::min(ports, static_cast<std::int64_t>(across.size()) - block * ports);
    }
    [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(along.size()); }
};

/// Both operands of one layer on one array.
struct LayerStreams {
    Mapping mapping;
    OperandStream ifmap;
    OperandStream filter;
};

/// Of the weights that the layer's sparsity keeps, and the inputs that meet them.
[[nodiscard]] LayerStreams makeStreams(const Layer& layer, const Accelerator& array);

/// Calls visit(row, addresses...) in the order in which the array asks: `visitRow(row, n, address)`
/// for every cycle `row` (0 to folds * cyclesPerFold - 1) with requests, where address(i) for
/// i = 0 .. n-1 is the request of the i-th active port. Null addresses are among them.
template <typename VisitRow>
void forEachDemandOfFold(const OperandStream& stream, std::int64_t rowFold, std::int64_t columnFold,
                         std::int64_t firstRow, VisitRow&& visitRow) {
    const std::int64_t block = stream.blockOfRowFold ? rowFold : columnFold;
    const std::int32_t* across = stream.across.data() + stream.blockStart(block);
    const std::int64_t size = stream.blockSize(block);
    const std::int64_t length = stream.length();
    if (stream.skewed) {
        for (std::int64_t t = 0; t < length + size - 1; ++t) {
            const std::int64_t low = std::max<std::int64_t>(0, t - length + 1);
            const std::int64_t high = std::min(size - 1, t);
            const std::int32_t* first = across + low;
            const std::int32_t* latest = stream.along.data() + (t - low);
            visitRow(firstRow + stream.delay + t, high - low + 1,
                     [=](std::int64_t i) { return first[i] + latest[-i]; });
        }
        return;
    }
    const std::int64_t rowsUsed = std::min(stream.rows, length - rowFold * stream.rows);
    for (std::int64_t row = rowsUsed - 1; row >= 0; --row) {
        const std::int32_t base =
            stream.along[static_cast<std::size_t>(rowFold * stream.rows + row)];
        visitRow(firstRow + stream.rows - 1 - row, size,
                 [=](std::int64_t i) { return across[i] + base; });
    }
}

/// All folds, column folds outermost.
template <typename VisitRow>
void forEachDemand(const OperandStream& stream, const Mapping& mapping, VisitRow&& visitRow) {
    std::int64_t firstRow = 0;
    for (std::int64_t columnFold = 0; columnFold < mapping.columnFolds; ++columnFold) {
        for (std::int64_t rowFold = 0; rowFold < mapping.rowFolds; ++rowFold) {
            forEachDemandOfFold(stream, rowFold, columnFold, firstRow, visitRow);
            firstRow += mapping.cyclesPerFold;
        }
    }
}

/// The last cycle in which the array asks for an element that exists.
[[nodiscard]] std::int64_t lastDemandRow(const OperandStream& stream, const Mapping& mapping);

}  // namespace bitloupe::hardware::scalesim
