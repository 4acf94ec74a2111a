// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/data/data_description.h"

namespace bitloupe::data {

/// One source of a description, read whole, in the order of its files.
struct Source {
    Array values;                      ///< samples first; element type as stored
    std::vector<std::int64_t> labels;  ///< class index a sample, or empty
    std::vector<float> targets;        ///< regression: one value a sample, or empty
};

struct Sources {
    std::map<std::string, Source> byName;
    Task task = Task::None;
    std::vector<std::string> classNames;
};

/// Reads every source that a split uses. Errors name the file and the place in it.
[[nodiscard]] Result<Sources> readSources(const DataDescription& description);

/// The path of a part of a source.
[[nodiscard]] std::string pathOf(const DataDescription& description, const std::string& file);

}  // namespace bitloupe::data
