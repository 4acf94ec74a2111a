// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bitloupe {

/// The version of this program, for instance "0.1.0"; what files say they were written by.
[[nodiscard]] std::string programVersion();

}  // namespace bitloupe
