// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/exploration/output_comparison.h"
#include "core/exploration/race.h"

namespace bitloupe::exploration {

/// What the designs of a race have shown so far, batch by batch: designs leave at different times,
/// and their batches come out of order.
class RaceSums {
public:
    /// `batchRows`: rows of every batch but the last. The population must outlive this.
    RaceSums(std::span<const Racer> population, std::size_t batches, std::size_t batchRows);

    /// Each design and batch at most once, from any thread.
    void put(std::size_t design, std::size_t batch, OutputSums sums);

    /// After all of `running` saw `stage`: those that go on.
    [[nodiscard]] std::vector<std::size_t> look(const RacePlan& plan,
                                                const std::vector<std::size_t>& running,
                                                const std::vector<std::size_t>& stage);

    /// Of all batches the design saw, in the order of the batches: floating-point sums are those of
    /// a design that ran to the end in one go.
    [[nodiscard]] OutputSums total(std::size_t design) const;

    struct Discord {
        std::int64_t onlyRival = 0;
        std::int64_t onlyDesign = 0;
    };
    [[nodiscard]] const Discord& discord(std::size_t design) const { return m_discord[design]; }

    /// Bytes that one design takes.
    [[nodiscard]] static std::size_t bytesOfDesign(std::size_t batches, std::size_t batchRows) {
        return batches * (sizeof(std::optional<OutputSums>) + batchRows);
    }

private:
    std::span<const Racer> m_population;
    std::size_t m_batches;
    std::size_t m_batchRows;
    std::mutex m_mutex;
    std::vector<std::optional<OutputSums>> m_sums;  ///< design by design
    std::vector<Discord> m_discord;
};

/// One bit for each of OutputSums::hits.
[[nodiscard]] SampleHits packHits(const std::vector<std::uint8_t>& hits);

}  // namespace bitloupe::exploration
