// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/execution/program.h"

namespace bitloupe::execution {

/// How many samples run at a time. Depends on the network alone, never on threads or populations:
/// sums over batches must come out the same.
struct BatchPlan {
    std::int64_t size = 1;
    /// The network takes exactly `size` samples: a last batch that is shorter is filled up.
    bool fixed = false;
    std::int64_t bytes = 0;  ///< of everything the steps make of one batch
};

/// Runs `program` on one and on two samples. As many samples as keep one set of activations within
/// a few megabytes; the file's own number, or 1, when the network cannot take another.
[[nodiscard]] Result<BatchPlan> planBatches(const Program& program);

/// `samples` samples of every input from `first` on, over the arrays' memory; where the network
/// needs more than there are, the last one again.
[[nodiscard]] Tensors batchOf(const std::vector<Array>& inputs, std::int64_t first,
                              std::int64_t samples, const BatchPlan& plan);

}  // namespace bitloupe::execution
