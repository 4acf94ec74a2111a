// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/data/data_description.h"
#include "core/data/sample_reader.h"

namespace bitloupe::data {

/// The sources of a description, opened.
struct Sources {
    std::map<std::string, std::unique_ptr<SampleReader>> byName;
    Task task = Task::None;
    std::vector<std::string> classNames;
    std::vector<std::string> warnings;
};

/// Opens every source that a split uses. Errors name the file and the place in it.
[[nodiscard]] Result<Sources> openSources(const DataDescription& description);

/// Names of the sources that some split uses.
[[nodiscard]] std::set<std::string> usedSources(const DataDescription& description);
/// The path of a part of a source. Errors: no such source or part.
[[nodiscard]] Result<std::string> partPath(const DataDescription& description,
                                           const std::string& source, const std::string& part);
/// The same for a part that may be left out: "" without it.
[[nodiscard]] std::string optionalPath(const DataDescription& description,
                                       const std::string& source, const std::string& part);
/// A file named by a description.
[[nodiscard]] std::string pathOf(const DataDescription& description, const std::string& file);

/// Class indices from whole numbers of any type, one each. Errors: fractions, negative ones (other
/// than kIgnoredLabel, where there may be some); `path` names the file.
[[nodiscard]] Result<std::vector<std::int64_t>> labelsOf(const Array& array,
                                                         const std::string& path,
                                                         bool someIgnored = false);

// One for each kind of data.
[[nodiscard]] Result<Sources> openIdxSources(const DataDescription& description);
[[nodiscard]] Result<Sources> openTableSources(const DataDescription& description);
[[nodiscard]] Result<Sources> openCifarSources(const DataDescription& description);
[[nodiscard]] Result<Sources> openArraySources(const DataDescription& description);
[[nodiscard]] Result<Sources> openHdf5Sources(const DataDescription& description);
[[nodiscard]] Result<Sources> openImageSources(const DataDescription& description);
[[nodiscard]] Result<Sources> openTextSources(const DataDescription& description);

}  // namespace bitloupe::data
