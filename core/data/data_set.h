// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/array.h"

namespace bitloupe::data {

/// The roles samples can have. Tuning on the test split is warned about. Only what trains needs the
/// training split: loadTrainingSamples() reads it, a DataSet is without it.
enum class Role { Calibration, Search, Test, Training };
[[nodiscard]] std::string_view roleName(Role role);

enum class Task { Classification, Regression, None };  // None: no labels

/// Samples of one role, in a fixed order.
struct Samples {
    std::map<std::string, Array> inputs;  ///< by graph input name ("" = the only input); first
                                          ///< dimension = samples; Float32 or Int64
    std::vector<std::int64_t> labels;     ///< classification: one class index a sample; else empty
    std::vector<float> targets;           ///< regression: one value a sample; else empty

    [[nodiscard]] std::int64_t count() const;
    /// `count` samples from `first` on (both within range).
    [[nodiscard]] Samples slice(std::int64_t first, std::int64_t count) const;
};

struct DataSet {
    std::string name;
    std::string hash;  ///< SHA-256 (hex) of the samples of all splits
    Task task = Task::Classification;
    std::vector<std::string> classNames;  ///< may be empty
    std::map<Role, Samples> splits;
    std::vector<std::string> warnings;  ///< for instance overlapping splits; one sentence each
};

}  // namespace bitloupe::data
