// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/exploration/design.h"
#include "core/exploration/quantity.h"

namespace bitloupe::exploration {

struct Interval {
    double low = 0;
    double high = 0;
};

/// What running the quantized network on the search split showed.
struct Measurement {
    double metric = 0;         ///< the study's metric, shares from 0 to 1
    Interval interval;         ///< 95 %, of the metric
    std::int64_t correct = 0;  ///< of the samples; 0 where the metric does not count any
    std::int64_t samples = 0;  ///< scored: samples, tokens or pixels
    double kl = 0;             ///< mean KL(softmax float || softmax quantized), nat
    double outputMse = 0;      ///< mean squared difference of the outputs to the float network's
};

/// What follows from shapes, bit widths and the array alone.
struct Costs {
    double macs = 0;
    double bops = 0;        ///< hardware::bitOperations of every layer; pruned weights are left out
                            ///< of the products
    double weightBits = 0;  ///< stored bits of all weights, places of the unpruned ones included
                            ///< (Quantizer::storedBits); biases stay float32 and do not count
    double cycles = 0;      ///< N:M and channel pruning make the products smaller
    double utilization = 0;  ///< 0..1
};

/// A design with everything measured of it.
struct Evaluation {
    std::int64_t id = 0;  ///< position in its study's journal, from 1
    Design design;
    Measurement measured;
    Costs costs;
    double seconds = 0;       ///< its share of the wall time of its population
    std::string origin;       ///< strategy that asked for it
    std::int64_t parent = 0;  ///< the design whose weights were trained further for it; 0: none
    std::string weights;      ///< file of its own weights, beside the journal; "" without a parent

    [[nodiscard]] double value(QuantityId quantity) const;
};

}  // namespace bitloupe::exploration
