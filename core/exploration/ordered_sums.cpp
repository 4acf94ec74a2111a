// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/ordered_sums.h"

namespace bitloupe::exploration {

OrderedSums::OrderedSums(std::size_t designs, std::size_t batches)
    : m_batches(batches), m_totals(designs) {}

void OrderedSums::put(std::size_t design, std::size_t batch, const OutputSums& sums) {
    const std::scoped_lock lock(m_mutex);
    Batch& open = m_open[batch];
    if (open.designs.empty()) {
        open.designs.resize(m_totals.size());
        open.missing = m_totals.size();
    }
    open.designs[design] = sums;
    --open.missing;
    while (m_next < m_batches) {
        const auto first = m_open.find(m_next);
        if (first == m_open.end() || first->second.missing > 0) {
            return;
        }
        for (std::size_t i = 0; i < m_totals.size(); ++i) {
            m_totals[i].add(first->second.designs[i]);
        }
        m_open.erase(first);
        ++m_next;
    }
}

}  // namespace bitloupe::exploration
