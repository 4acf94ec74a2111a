// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/quantization/integer/integer_network.h"

namespace bitloupe::quantization {

/// What a run over samples showed.
struct IntegerRun {
    std::vector<std::int64_t> outputs;  ///< sample after sample
    std::size_t width = 0;              ///< outputs of a sample
    std::vector<AccumulatorReport> layers;
};

/// Runs `samples`, one after another, on `threads` threads; the network is one that
/// IntegerNetwork::check() passes. Sums and counts do not depend on the threads. `progress` (may be
/// empty) gets the done share from the caller's thread and stops the run by returning false: the
/// result then has fewer outputs.
[[nodiscard]] IntegerRun runIntegers(const IntegerNetwork& network, std::span<const float> samples,
                                     const Accumulator& accumulator, int threads,
                                     const std::function<bool(double)>& progress = {});

}  // namespace bitloupe::quantization
