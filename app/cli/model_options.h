// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/importers/importer.h"

namespace bitloupe::cli {

/// What every command with a MODEL takes.
struct ModelOptions {
    importers::NetworkSource source;
    std::vector<std::string> inputs;  ///< NAME=1x3x224x224

    /// Shapes by input name; "" when the text has no name.
    [[nodiscard]] Result<std::map<std::string, Shape>> inputShapes() const;
};

/// Adds MODEL and --weights-file. `options` must outlive `command`.
void addModelOptions(CLI::App& command, ModelOptions& options);

/// Adds --memory: what measuring may keep.
void addMemoryOption(CLI::App& command, std::string& memory);

/// Its bytes; 0, the default, for an empty text. Errors name the option.
[[nodiscard]] Result<std::size_t> readMemoryOption(const std::string& memory);

/// Adds --input NAME=SHAPE, for networks whose inputs have free dimensions.
void addInputShapeOption(CLI::App& command, ModelOptions& options);

}  // namespace bitloupe::cli
