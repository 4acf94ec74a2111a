// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/gemm.h"

namespace bitloupe::hardware::scalesim {

/// One row of a topology: a convolution without padding. A GEMM row m, n, k is the convolution of
/// an m x k image of one channel with n filters of 1 x k. All values are at least 1.
struct Layer {
    std::string name;
    std::int64_t ifmapHeight = 1;
    std::int64_t ifmapWidth = 1;
    std::int64_t filterHeight = 1;
    std::int64_t filterWidth = 1;
    std::int64_t channels = 1;
    std::int64_t filters = 1;
    std::int64_t strideHeight = 1;
    std::int64_t strideWidth = 1;
    /// v3's N:M sparsity: of every `blockSize` weights of a filter the first `keptOfBlock` are
    /// kept.
    std::int64_t keptOfBlock = 1;
    std::int64_t blockSize = 1;

    /// SCALE-Sim counts a last window that hangs over the edge: ceil((i - f + s) / s).
    [[nodiscard]] std::int64_t ofmapHeight() const;
    [[nodiscard]] std::int64_t ofmapWidth() const;
    [[nodiscard]] Gemm gemm() const;
    /// The product of what sparsity leaves: k counts the kept weights of a filter.
    [[nodiscard]] Gemm sparseGemm() const;
    friend bool operator==(const Layer&, const Layer&) = default;
};

enum class TopologyKind { Convolution, Gemm };

/// Reads a topology. The first line is a heading and skipped, as SCALE-Sim does. Rows end with a
/// comma. Blank rows, comment rows (#), empty cells and words behind the numbers are passed over,
/// which SCALE-Sim's own reader stumbles on. A row whose name contains DP stands for one layer of
/// one channel for each of its channels.
/// Errors name the line and the range: a value below 1, a filter larger than its input, a row
/// without its comma, too few columns, more elements than 2^31 - 1, a sparsity that is not N:M with
/// 1 <= N <= M.
[[nodiscard]] Result<std::vector<Layer>> parseTopology(std::string_view text, TopologyKind kind,
                                                       const std::string& source);
[[nodiscard]] Result<std::vector<Layer>> readTopology(const std::string& path, TopologyKind kind);

}  // namespace bitloupe::hardware::scalesim
