// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace bitloupe::generator {

/// Makes data and network of an example in `folder` (the study's YAML is written by hand) and
/// prints the accuracy of the network on the splits that ship.
void makeDigits(const std::filesystem::path& folder);
void makeJets(const std::filesystem::path& folder);

}  // namespace bitloupe::generator
