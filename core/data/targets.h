// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/data/data_set.h"
#include "core/data/table.h"

namespace bitloupe::data {

/// What the target column of one or more tables of a data set means.
struct Targets {
    Task task = Task::None;
    std::vector<std::string> classNames;
    std::map<std::string, std::vector<std::int64_t>> labels;  ///< by table; classification
    std::map<std::string, std::vector<float>> values;         ///< by table; regression
};

/// Targets of all tables together, so that a class has the same index everywhere.
///
/// `task` is "classification", "regression" or "" (at most 100 different values, all whole numbers
/// or some not numbers at all: classification). Classes: whole numbers from 0 on are the index
/// themselves; anything else is numbered in ascending order (numbers by value, texts by bytes).
[[nodiscard]] Result<Targets> interpretTargets(const std::map<std::string, Table>& tables,
                                               const std::string& task,
                                               const std::map<std::string, std::string>& paths);

}  // namespace bitloupe::data
