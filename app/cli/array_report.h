// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <span>

#include "core/hardware/array_search.h"

namespace bitloupe::cli {

/// What an array search was about.
struct ArrayReport {
    std::span<const hardware::Workload> workloads;
    const hardware::EnergyTable* energy = nullptr;
    bool reuse = false;  ///< outputs may stay on the chip
};

[[nodiscard]] nlohmann::json arrayDesignJson(const hardware::ArrayDesign& design);

/// "8x8 os: 15,966 cycles ..." without a line end.
void printArray(const hardware::ArrayDesign& design, std::ostream& out);

/// All designs, the best one layer by layer.
[[nodiscard]] nlohmann::json arraySearchJson(const ArrayReport& report,
                                             const hardware::ArraySearchResult& result);
void printArraySearch(const ArrayReport& report, const hardware::ArraySearchResult& result,
                      std::ostream& out);

}  // namespace bitloupe::cli
