// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/data/metric.h"

namespace bitloupe::data {

/// The roles samples can have. Tuning on the test split is warned about. Only what trains needs the
/// training split: loadTrainingSamples() reads it, a DataSet is without it.
enum class Role { Calibration, Search, Test, Training };
[[nodiscard]] std::string_view roleName(Role role);

enum class Task { Classification, Regression, None };  // None: no labels

/// A label that is not scored: padding after the end of a text, borders of a label image.
inline constexpr std::int64_t kIgnoredLabel = -1;

/// Samples of one role, in a fixed order.
struct Samples {
    std::map<std::string, Array> inputs;  ///< by graph input name ("" = the only input); first
                                          ///< dimension = samples; Float32 or Int64
    /// Classification: class indices (or kIgnoredLabel), the same number for each sample: one, or
    /// one for every token of a text or pixel of an image, row by row; else empty.
    std::vector<std::int64_t> labels;
    std::vector<float> targets;  ///< regression: one value or several a sample; else empty

    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] std::int64_t labelsPerSample() const;   ///< 0 without labels
    [[nodiscard]] std::int64_t targetsPerSample() const;  ///< 0 without targets
    /// `count` samples from `first` on (both within range), sharing their inputs.
    [[nodiscard]] Samples slice(std::int64_t first, std::int64_t count) const;
};

struct DataSet {
    std::string name;
    std::string hash;  ///< SHA-256 (hex) of the samples of all splits
    Task task = Task::Classification;
    std::optional<Metric> metric;         ///< what its description asks for; nothing: by task
    std::vector<std::string> classNames;  ///< may be empty; of texts: the tokens
    std::map<Role, Samples> splits;
    std::vector<std::string> warnings;  ///< for instance overlapping splits; one sentence each
};

}  // namespace bitloupe::data
