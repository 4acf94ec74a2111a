// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/hardware/deep_socflow.h"
#include "core/hardware/workload.h"
#include "core/network/network.h"

namespace bitloupe::network {

/// The layers of a network as an accelerator runs them, in execution order, for one sample, in
/// 8-bit integers until the caller says otherwise.
///
/// Element-wise work (activations, residual additions, normalizations, softmax) is added to the
/// layer before it: one operation for each element and pass over the data, where the sizes are
/// known from a layer's input or output. `inputIsPreviousOutput` is set when nothing else reads
/// what the layer before wrote.
[[nodiscard]] std::vector<hardware::Workload> workloadsOf(const Network& network);

/// One of the layer's `gemm.count` products as the DeepSoCFlow engine runs it: a two-dimensional
/// convolution over all places of its input, anything else as a dense layer of m rows.
[[nodiscard]] hardware::EngineLayer engineLayerOf(const Layer& layer);

}  // namespace bitloupe::network
