// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace bitloupe::data {

/// Runs `work` in a copy of this process and says whether the copy lived to its end: for libraries
/// that crash on damaged files (libhdf5 1.10 does). The copy may take two GiB more memory than this
/// process has and two minutes; what it does to memory is lost. An exception is no survival.
[[nodiscard]] bool survives(const std::function<void()>& work);

}  // namespace bitloupe::data
