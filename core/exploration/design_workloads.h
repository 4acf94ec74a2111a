// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/exploration/design.h"
#include "core/hardware/workload.h"
#include "core/network/network.h"
#include "core/numerics/number_format.h"

namespace bitloupe::exploration {

/// The layers of `network` as an accelerator runs them with their weights and activations in these
/// formats. Where two computed matrices are multiplied, both are activations. Results are stored in
/// the activation format.
[[nodiscard]] std::vector<hardware::Workload> formattedWorkloads(
    const network::Network& network, const numerics::NumberFormat& weights,
    const numerics::NumberFormat& activations);

/// The same with the schemes of a design, layer by layer: a result is stored in the format in which
/// the next layer reads it, and every element that
/// changes its format between layers (FormatConversions) is an element-wise operation behind the
/// layer that wrote it. Pruned weights make a layer less dense. An empty assignment is the float
/// network, in fp32.
[[nodiscard]] std::vector<hardware::Workload> designWorkloads(const network::Network& network,
                                                              const Assignment& assignment);

}  // namespace bitloupe::exploration
