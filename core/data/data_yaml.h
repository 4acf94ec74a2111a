// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/yaml_document.h"
#include "core/data/data_description.h"

namespace bitloupe::data {

/// Reads the keys of a description; errors stay in the value's document (see yaml::Document).
[[nodiscard]] DataDescription readDataDescription(const yaml::Value& value,
                                                  const std::string& folder);

/// The same keys as YAML lines, each indented by `indent` blanks.
[[nodiscard]] std::string writeDataDescription(const DataDescription& description,
                                               std::size_t indent = 0);

}  // namespace bitloupe::data
