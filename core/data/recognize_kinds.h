// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/data/data_description.h"

namespace bitloupe::data {

/// Splits of one source for everything: a tenth (at most 1,000 samples) calibrates, half of the
/// rest is kept for the last test.
void splitOne(DataDescription& description, const std::string& source, std::int64_t count);

/// Splits of the sources `train` and `test`: the last of the training samples are searched on, the
/// others may be trained on.
void splitTwo(DataDescription& description, std::int64_t trainCount);

/// Splits of a source that is a test set: every role gets it, and the overlap is warned about on
/// loading.
void splitTestAlone(DataDescription& description, const std::string& source, std::int64_t count);

// A file or folder of one kind, described without any word of its owner. Errors: it cannot be read.
[[nodiscard]] Result<DataDescription> describeCifarFile(const std::string& path);
[[nodiscard]] Result<DataDescription> describeArrays(const std::string& path);
[[nodiscard]] Result<DataDescription> describeHdf5(const std::string& path);
[[nodiscard]] Result<DataDescription> describeImage(const std::string& path);
[[nodiscard]] Result<DataDescription> describeTable(const std::string& file);
[[nodiscard]] Result<DataDescription> describeText(const std::string& path);

// The same for folders that may hold this kind; nothing when they do not.
[[nodiscard]] Result<std::optional<DataDescription>> describeCifarFolder(const std::string& folder);
[[nodiscard]] Result<std::optional<DataDescription>> describeImageFolder(const std::string& folder);

}  // namespace bitloupe::data
