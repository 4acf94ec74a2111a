// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

/// The files of resources/hardware as they were when the program was built. The definitions are
/// written by CMake.
namespace bitloupe::hardware {

struct EmbeddedFile {
    std::string_view name;  ///< without folder and ending
    std::string_view text;
};

[[nodiscard]] std::span<const EmbeddedFile> embeddedAccelerators();
[[nodiscard]] std::span<const EmbeddedFile> embeddedEnergyTables();

}  // namespace bitloupe::hardware
