// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/hardware/workload.h"
#include "core/network/network.h"
#include "core/numerics/number_format.h"

namespace bitloupe::cli {

/// The layers of `network` with their weights and activations in these formats. Where two computed
/// matrices are multiplied, both are activations. Results are stored in the activation format.
[[nodiscard]] std::vector<hardware::Workload> formattedWorkloads(
    const network::Network& network, const numerics::NumberFormat& weights,
    const numerics::NumberFormat& activations);

}  // namespace bitloupe::cli
