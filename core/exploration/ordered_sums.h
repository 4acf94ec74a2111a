// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include "core/exploration/output_comparison.h"

namespace bitloupe::exploration {

/// Adds up the sums of each design over batches that come in any order from any thread, always in
/// the order of the batches: floating-point sums are then the same for any number of threads. Keeps
/// only batches that are under way.
class OrderedSums {
public:
    OrderedSums(std::size_t designs, std::size_t batches);

    /// Each design and batch once.
    void put(std::size_t design, std::size_t batch, const OutputSums& sums);

    /// One a design, complete when every batch was put.
    [[nodiscard]] const std::vector<OutputSums>& totals() const { return m_totals; }

private:
    struct Batch {
        std::vector<OutputSums> designs;
        std::size_t missing = 0;
    };

    std::mutex m_mutex;
    std::size_t m_next = 0;  ///< first batch that is not in the totals
    std::size_t m_batches;
    std::map<std::size_t, Batch> m_open;
    std::vector<OutputSums> m_totals;
};

}  // namespace bitloupe::exploration
