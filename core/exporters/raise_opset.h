// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// The same computation in opset `target` (21 at most). Operators whose form changed on the way are
/// rewritten: attributes that became inputs (Clip, Pad, Slice, Squeeze, Unsqueeze, ReduceSum, the
/// other reductions in 18, Split, Dropout), Split's count of outputs, the mode names of GridSample
/// and the Softmax family, whose old form flattens to two dimensions first. A graph that is there
/// already is returned unchanged. Errors: a node that cannot be rewritten, named.
[[nodiscard]] Result<network::Graph> raiseOpset(const network::Graph& graph, std::int64_t target);

}  // namespace bitloupe::exporters
