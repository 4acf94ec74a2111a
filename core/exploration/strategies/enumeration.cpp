// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/enumeration.h"

#include <bit>
#include <functional>
#include <numeric>
#include <utility>

namespace bitloupe::exploration {

namespace {

constexpr double kLargestWalk = 0x1.0p53;
constexpr int kFeistelRounds = 6;
/// Designs that the limits refuse in a row before a walk gives up: a few seconds.
constexpr std::int64_t kMostRefused = 2'000'000;

/// What is left to choose of every slot.
std::vector<std::uint16_t> freeSizes(const DesignSpace& space, const DesignRules& rules) {
    std::vector<std::uint16_t> sizes = space.slotSizes();
    for (std::size_t slot = 0; slot < rules.leaders().size(); ++slot) {
        sizes[slot] = rules.isLeader(slot) ? sizes[slot] : std::uint16_t{1};
    }
    return sizes;
}

double sizeOf(const std::vector<std::uint16_t>& slotSizes) {
    return std::accumulate(slotSizes.begin(), slotSizes.end(), 1.0, std::multiplies<>());
}

}  // namespace

ExhaustiveStrategy::ExhaustiveStrategy(const DesignSpace& space, DesignRules rules)
    : m_rules(std::move(rules)),
      m_slotSizes(freeSizes(space, m_rules)),
      m_next{.genes = std::vector<std::uint16_t>(space.slotSizes().size(), 0)} {}

void ExhaustiveStrategy::advance() {
    for (std::size_t i = m_slotSizes.size(); i > 0; --i) {
        if (++m_next.genes[i - 1] < m_slotSizes[i - 1]) {
            return;
        }
        m_next.genes[i - 1] = 0;
    }
    m_done = true;
}

std::vector<Design> ExhaustiveStrategy::ask(std::size_t count) {
    std::vector<Design> designs;
    std::int64_t refused = 0;
    while (designs.size() < count && !m_done && refused < kMostRefused) {
        Design design = m_next;
        m_rules.tie(design.genes);
        if (!m_rules.allows(design)) {
            ++refused;
        } else if (!m_told.contains(design)) {
            designs.push_back(std::move(design));
            refused = 0;
        }
        advance();
    }
    return designs;
}

void ExhaustiveStrategy::tell(std::span<const Evaluation> evaluations) {
    for (const Evaluation& evaluation : evaluations) {
        if (evaluation.design >= m_next) {  // the walk is past the others
            m_told.insert(evaluation.design);
        }
    }
}

RandomStrategy::RandomStrategy(const DesignSpace& space, std::uint64_t seed, DesignRules rules)
    : m_rules(std::move(rules)), m_slotSizes(freeSizes(space, m_rules)), m_random(seed) {
    m_key = m_random.next();
    if (sizeOf(m_slotSizes) <= kLargestWalk) {
        m_size = static_cast<std::uint64_t>(sizeOf(m_slotSizes));
        m_halfBits = (static_cast<int>(std::bit_width(m_size)) + 1) / 2;
    }
}

std::uint64_t RandomStrategy::permuted(std::uint64_t index) const {
    const std::uint64_t mask = (1ULL << m_halfBits) - 1;
    do {  // at most four times on average: the network's domain is less than four times the space
        std::uint64_t left = index >> m_halfBits;
        std::uint64_t right = index & mask;
        for (int round = 0; round < kFeistelRounds; ++round) {
            const std::uint64_t salt = m_key + static_cast<std::uint64_t>(round) * 0x9e3779b9ULL;
            const std::uint64_t mixed = left ^ (Random::mix(right ^ Random::mix(salt)) & mask);
            left = right;
            right = mixed;
        }
        index = (left << m_halfBits) | right;
    } while (index >= m_size);
    return index;
}

Design RandomStrategy::designAt(std::uint64_t index) const {
    Design design{.genes = std::vector<std::uint16_t>(m_slotSizes.size())};
    for (std::size_t i = m_slotSizes.size(); i > 0; --i) {
        design.genes[i - 1] = static_cast<std::uint16_t>(index % m_slotSizes[i - 1]);
        index /= m_slotSizes[i - 1];
    }
    return design;
}

Design RandomStrategy::draw() {
    Design design;
    for (const std::uint16_t size : m_slotSizes) {
        design.genes.push_back(static_cast<std::uint16_t>(m_random.below(size)));
    }
    return design;
}

std::vector<Design> RandomStrategy::ask(std::size_t count) {
    std::vector<Design> designs;
    std::int64_t refused = 0;
    while (designs.size() < count && refused < kMostRefused && (!isWalked() || m_next < m_size)) {
        Design design = isWalked() ? designAt(permuted(m_next++)) : draw();
        m_rules.tie(design.genes);
        if (!m_rules.allows(design)) {
            ++refused;
        } else if (m_seen.insert(design).second) {
            designs.push_back(std::move(design));
            refused = 0;
        }
    }
    return designs;
}

void RandomStrategy::tell(std::span<const Evaluation> evaluations) {
    for (const Evaluation& evaluation : evaluations) {
        m_seen.insert(evaluation.design);
    }
}

}  // namespace bitloupe::exploration
