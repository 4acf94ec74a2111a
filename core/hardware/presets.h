// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/accelerator.h"
#include "core/hardware/energy_table.h"

namespace bitloupe::hardware {

/// An accelerator with a name, as it is kept in a file.
struct AcceleratorFile {
    std::string name;
    std::string description;
    Accelerator accelerator;
};

/// Reads an accelerator from YAML. Only rows, columns and dataflow must be given.
[[nodiscard]] Result<AcceleratorFile> parseAccelerator(std::string_view text,
                                                       const std::string& source);
/// YAML, or SCALE-Sim's .cfg by its ending.
[[nodiscard]] Result<AcceleratorFile> readAccelerator(const std::string& path);
/// What parseAccelerator reads back as the same.
[[nodiscard]] std::string acceleratorText(const AcceleratorFile& file);
/// Writes YAML, or SCALE-Sim's .cfg when `path` ends so: that keeps whole kB and words only.
[[nodiscard]] Result<void> writeAccelerator(const AcceleratorFile& file, const std::string& path);

/// The accelerators that ship with the program, by name: "eyeriss", "teaching-64" ...
[[nodiscard]] std::vector<std::string> presetNames();
/// A preset by name, or a file by path. Errors: neither.
[[nodiscard]] Result<AcceleratorFile> presetOrFile(const std::string& nameOrPath);

/// The energy tables that ship with the program; the first is the default.
[[nodiscard]] std::vector<std::string> energyTableNames();
/// A table by name, or a file by path. Errors: neither, or a fault in the file.
[[nodiscard]] Result<EnergyTable> energyTable(const std::string& nameOrPath);

}  // namespace bitloupe::hardware
