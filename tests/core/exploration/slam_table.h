// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/exploration/strategies/sherlock_search.h"

/// The published table of 1,224 measured designs of a SLAM system, and Sherlock's way through it.
namespace bitloupe::testing {

struct SlamTable {
    std::vector<exploration::Features> designs;  ///< six knobs, standardized
    std::vector<exploration::Losses> losses;     ///< two measured losses, above 0
    std::vector<exploration::Losses> truth;      ///< those of the front
};

/// Reads slambench_orbslam2.csv. Errors: the file cannot be read.
[[nodiscard]] Result<SlamTable> readSlamTable(const std::string& path);

struct SlamWalk {
    std::size_t samples = 0;
    double distance = 0;  ///< of what was found from the true front (ADRS), at the end
};

/// One design a step, from five chosen before, until ADRS is at most 1 % or `most` are taken.
[[nodiscard]] SlamWalk walkSlamTable(const SlamTable& table, std::uint64_t seed, std::size_t most);

}  // namespace bitloupe::testing
