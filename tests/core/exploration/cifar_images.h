// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/data/data_set.h"

namespace bitloupe::testing {

/// `count` records of CIFAR-10's binary form from `first` on, as input "input" [count, 3, 32, 32],
/// scaled as the authors of the published ResNet-20 scaled them. Errors: the file cannot be read or
/// is too short.
[[nodiscard]] Result<data::Samples> cifarImages(const std::string& file, std::size_t first,
                                                std::size_t count);

}  // namespace bitloupe::testing
