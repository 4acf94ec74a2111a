// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/network/graph.h"

namespace bitloupe::network {

// Passes over a sorted graph. Each returns a graph that computes the same outputs.

/// Takes out Identity, and Dropout as it behaves outside training. An operator stays where taking
/// it out would rename a graph output or something that a subgraph reads.
[[nodiscard]] Graph withoutIdentities(Graph graph);

/// Folds each BatchNormalization into the Conv, ConvTranspose or Gemm that alone feeds it:
/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta becomes a scale of the layer's filters
/// and another bias. The layer's node says so in its remark. One that stands elsewhere stays.
[[nodiscard]] Graph withFoldedBatchNormalization(Graph graph);

/// Takes out nodes and initializers that no graph output depends on.
[[nodiscard]] Graph withoutDeadNodes(Graph graph);

/// All of these, in an order in which they help each other.
[[nodiscard]] Graph simplified(Graph graph);

}  // namespace bitloupe::network
