// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/network/network.h"
#include "core/quantization/preparation/preparation.h"

namespace bitloupe::exploration {

/// The network after these preparations, one after another; `calibration` shows what reaches its
/// layers. Equalization and SmoothQuant keep what the network computes but for rounding; batch-norm
/// re-estimation replaces the running statistics of every BatchNormalization that is not folded
/// into a layer by those of the calibration samples, the first one first. Errors: a node that
/// cannot run on the samples.
[[nodiscard]] Result<std::shared_ptr<const network::Network>> prepareNetwork(
    std::shared_ptr<const network::Network> network,
    std::span<const quantization::Preparation> preparations, const data::Samples& calibration);

}  // namespace bitloupe::exploration
