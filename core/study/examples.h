// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::study {

/// A study that ships with the program.
struct Example {
    std::string name;
    std::string note;            ///< one sentence for people
    bool needsOwnFiles = false;  ///< it names files that the user must have
};

/// Where the files come from that a study of the user's own needs; empty: to be filled in by hand.
struct ExampleFiles {
    std::string model;  ///< a network, or weights for the architecture that the study names
    std::string data;   ///< a file or folder that data::describeData() recognises
};

/// The folder of the files that ship with the program: BITLOUPE_RESOURCES where it is set, else
/// share/bitloupe beside the program's bin, else where it was to be installed, else the source
/// tree. Errors: none of them is there.
[[nodiscard]] Result<std::string> resourcesFolder();

/// By name.
[[nodiscard]] Result<std::vector<Example>> listExamples();

/// Copies an example to `folder`, which is made where needed, and returns the path of its study,
/// `folder/NAME.yaml`. Errors: no such example (the nearest named), a study that is there already,
/// files for an example that brings its own.
[[nodiscard]] Result<std::string> writeExample(const std::string& name, const std::string& folder,
                                               const ExampleFiles& files = {});

}  // namespace bitloupe::study
