// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace bitloupe::exploration {

/// A quarter of the machine's memory, in bytes: what measuring may keep when nobody says.
[[nodiscard]] std::size_t defaultMemoryBudget();

/// Bytes from `512MiB`, `2GiB`, `1.5 GB` or, of the machine's memory, `25%`. Errors name the text.
[[nodiscard]] Result<std::size_t> parseMemoryBudget(std::string_view amount);

}  // namespace bitloupe::exploration
