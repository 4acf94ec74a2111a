// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"

namespace bitloupe::data {

/// Files that hold samples: `files` by part ("images", "labels", "table", ...), relative to the
/// description.
struct DataSource {
    std::map<std::string, std::string> files;
};

/// Which samples a role uses.
struct SplitDescription {
    std::string source;
    std::int64_t first = 0;
    std::optional<std::int64_t> count;  ///< nothing: to the end
};

/// A data set as its YAML says it.
struct DataDescription {
    std::string kind;  ///< "idx", "csv"
    std::string name;
    std::map<std::string, DataSource> sources;
    std::map<Role, SplitDescription> splits;
    std::string target;  ///< CSV: column of the label (name, or number from 1); empty: no labels
    std::vector<std::string> columns;  ///< CSV: input columns; empty: all but the target
    std::optional<bool> header;  ///< CSV: whether the first row names the columns; nothing: look
    std::string task;            ///< CSV: "classification", "regression"; empty: look
    std::optional<std::uint64_t>
        shuffle;  ///< seed; samples of a source are mixed before they are split
    std::string scaling =
        "none";          ///< "none", "divide", "standardize" (by the calibration split), "minmax"
    double divisor = 1;  ///< with "divide"
    std::string folder;  ///< paths are relative to it; not written
};

/// Reads the samples of every split but the training one. Labels: whole numbers from 0 on are class
/// indices; other texts and numbers become classes in ascending order. Scaling is fitted to the
/// calibration split, per channel (axis 1). Errors name the file and the place in it.
[[nodiscard]] Result<DataSet> loadDataSet(const DataDescription& description);

/// The samples of the training split; without one, those of the calibration split. Scaled as
/// loadDataSet() scales.
[[nodiscard]] Result<Samples> loadTrainingSamples(const DataDescription& description);

/// A YAML description, or a file or folder that is recognised by itself (an IDX pair, a CSV ...).
[[nodiscard]] Result<DataDescription> describeData(const std::string& path);

}  // namespace bitloupe::data
