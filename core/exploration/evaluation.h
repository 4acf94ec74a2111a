// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/exploration/design.h"
#include "core/exploration/quantity.h"

namespace bitloupe::exploration {

struct Interval {
    double low = 0;
    double high = 0;
};

/// One bit a sample, in the order of the split: whether the design was right.
class SampleHits {
public:
    SampleHits() = default;
    explicit SampleHits(std::size_t samples) : m_bytes((samples + 7) / 8) {}
    /// From bytes().
    explicit SampleHits(std::vector<std::uint8_t> bytes) : m_bytes(std::move(bytes)) {}

    void set(std::size_t sample) {
        m_bytes.at(sample / 8) |= static_cast<std::uint8_t>(1U << (sample % 8));
    }
    [[nodiscard]] bool at(std::size_t sample) const {
        return ((m_bytes.at(sample / 8) >> (sample % 8)) & 1U) != 0;
    }
    /// Eight samples a byte, the first one in the lowest bit.
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return m_bytes; }

private:
    std::vector<std::uint8_t> m_bytes;
};

/// What running the quantized network on the search split showed.
struct Measurement {
    double metric = 0;         ///< the study's metric, shares from 0 to 1
    Interval interval;         ///< 95 %, of the metric
    std::int64_t correct = 0;  ///< of the samples; 0 where the metric does not count any
    std::int64_t samples = 0;  ///< scored: samples, tokens or pixels
    double kl = 0;             ///< mean KL(softmax float || softmax quantized), nat
    double outputMse = 0;      ///< mean squared difference of the outputs to the float network's
    /// Certainly worse than a rival that costs no more, and not run to the end: `correct`,
    /// `samples`, `kl` and `outputMse` are of the samples seen; see race.h for the metric.
    bool stoppedEarly = false;
    /// Which samples were right; kept for designs that others race against, else null.
    std::shared_ptr<const SampleHits> hits = nullptr;
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
    double conversions = 0;  ///< elements brought to another format (FormatConversions); what a
                             ///< study says that one costs is in `bops` and `cycles`
};

/// A design with everything measured of it.
struct Evaluation {
    std::int64_t id = 0;  ///< position in its study's journal, from 1
    Design design;
    Measurement measured;
    Costs costs;
    double seconds = 0;       ///< its share of the wall time of its population
    std::string origin;       ///< strategy that asked for it
    std::int64_t parent = 0;  ///< the design it was made of by training or by hand; 0: none
    std::string weights;      ///< file of its own, trained weights beside the journal; "": none

    [[nodiscard]] double value(QuantityId quantity) const;
};

}  // namespace bitloupe::exploration
