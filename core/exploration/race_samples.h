// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/data_set.h"

namespace bitloupe::exploration {

/// The samples in the order in which designs race over them: mixed, always in the same way, because
/// a look at the first ones says something of all only when they are not sorted, by label for
/// instance. A copy.
[[nodiscard]] data::Samples mixedSamples(const data::Samples& samples);

}  // namespace bitloupe::exploration
