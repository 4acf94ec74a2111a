// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/race_sums.h"

#include <utility>

namespace bitloupe::exploration {

RaceSums::RaceSums(std::span<const Racer> population, std::size_t batches, std::size_t batchRows)
    : m_population(population),
      m_batches(batches),
      m_batchRows(batchRows),
      m_sums(population.size() * batches),
      m_discord(population.size()) {}

void RaceSums::put(std::size_t design, std::size_t batch, OutputSums sums) {
    const std::scoped_lock lock(m_mutex);
    m_sums.at(design * m_batches + batch) = std::move(sums);
}

std::vector<std::size_t> RaceSums::look(const RacePlan& plan,
                                        const std::vector<std::size_t>& running,
                                        const std::vector<std::size_t>& stage) {
    std::vector<std::size_t> goingOn;
    for (const std::size_t design : running) {
        const auto& rival = m_population[design].rival.hits;
        Discord& discord = m_discord[design];
        for (const std::size_t batch : stage) {
            const std::vector<std::uint8_t>& hits = m_sums[design * m_batches + batch]->hits;
            for (std::size_t row = 0; rival != nullptr && row < hits.size(); ++row) {
                const bool rivalIsRight = rival->at(batch * m_batchRows + row);
                discord.onlyRival += rivalIsRight && hits[row] == 0 ? 1 : 0;
                discord.onlyDesign += !rivalIsRight && hits[row] != 0 ? 1 : 0;
            }
        }
        if (!plan.isWorse(discord.onlyRival, discord.onlyDesign)) {
            goingOn.push_back(design);
        }
    }
    return goingOn;
}

OutputSums RaceSums::total(std::size_t design) const {
    OutputSums total;
    for (std::size_t batch = 0; batch < m_batches; ++batch) {
        if (const std::optional<OutputSums>& sums = m_sums[design * m_batches + batch]) {
            total.add(*sums);
        }
    }
    return total;
}

SampleHits packHits(const std::vector<std::uint8_t>& hits) {
    SampleHits packed(hits.size());
    for (std::size_t i = 0; i < hits.size(); ++i) {
        if (hits[i] != 0) {
            packed.set(i);
        }
    }
    return packed;
}

}  // namespace bitloupe::exploration
