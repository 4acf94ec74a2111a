// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/data/source.h"

namespace bitloupe::data {

/// Sample numbers within a source, in the order a split uses them.
struct SplitIndices {
    std::string source;
    std::vector<std::int64_t> indices;
};

/// 0 to count - 1 in an order that depends on `seed` alone (the same on every machine).
[[nodiscard]] std::vector<std::int64_t> shuffledIndices(std::int64_t count, std::uint64_t seed);

/// Errors: a split that reaches beyond its source or is empty.
[[nodiscard]] Result<std::map<Role, SplitIndices>> resolveSplits(const DataDescription& description,
                                                                 const Sources& sources);

/// One sentence for every pair of roles that share samples, and one when nothing is left for the
/// final test. Sources with the same files are the same.
[[nodiscard]] std::vector<std::string> splitWarnings(const DataDescription& description,
                                                     const std::map<Role, SplitIndices>& splits);

}  // namespace bitloupe::data
