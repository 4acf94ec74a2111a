// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace bitloupe::cli {

/// Rows of cells with as many columns as the first has, the headings; missing cells stay blank.
/// Columns are as wide as their longest cell, two blanks apart, and no line ends in blanks.
void printTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out);

}  // namespace bitloupe::cli
