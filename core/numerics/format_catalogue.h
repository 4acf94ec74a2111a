// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/numerics/number_format.h"

namespace bitloupe::numerics {

/// One line of a list of families: what may be written and what it means.
struct FamilyInfo {
    Family family;
    std::string_view name;        ///< one word: "integer"
    std::string_view example;     ///< a name that parses
    std::string_view parameters;  ///< what is allowed, as a sentence part: "N from 2 to 16"
};

/// Every family, in the order lists show them. Every list of formats is filled from here.
[[nodiscard]] std::span<const FamilyInfo> families();
[[nodiscard]] const FamilyInfo& familyInfo(Family family);

/// Names worth offering without being asked, grouped by family in the order of families().
[[nodiscard]] std::vector<std::string> commonFormats(Family family);

}  // namespace bitloupe::numerics
