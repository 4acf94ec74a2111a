// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/network/network.h"

namespace bitloupe::execution {

/// The network with the bounds of its Slice and Pad nodes stored as initializers where they are
/// computed from stored values alone (exporters of other tools write them as chains of small
/// nodes). Nodes and layers stay as they are; bounds that depend on an input do too.
[[nodiscard]] network::Network withStoredConstants(const network::Network& network);

}  // namespace bitloupe::execution
