// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.h"
#include "core/exploration/design_hash.h"
#include "core/exploration/strategies/design_rules.h"

/// Strategies that need no answers: they only leave out what is already known.
namespace bitloupe::exploration {

/// Every design, in lexicographic order: neighbours share the longest prefixes, and designs that
/// differ only in the accelerator follow each other.
class ExhaustiveStrategy : public Strategy {
public:
    explicit ExhaustiveStrategy(const DesignSpace& space)
        : ExhaustiveStrategy(space, DesignRules(space)) {}
    ExhaustiveStrategy(const DesignSpace& space, DesignRules rules);
    std::vector<Design> ask(std::size_t count) override;
    void tell(std::span<const Evaluation> evaluations) override;

private:
    void advance();

    DesignRules m_rules;
    std::vector<std::uint16_t> m_slotSizes;  ///< 1 for slots that follow another one
    Design m_next;
    bool m_done = false;
    DesignSet m_told;
};

/// Designs at random, none twice. Spaces up to 2^53 are walked in a pseudorandom permutation (a
/// Feistel network with cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains",
/// CT-RSA 2002), so the last design comes as fast as the first; larger ones are drawn from, and
/// drawn again on a repeat.
class RandomStrategy : public Strategy {
public:
    RandomStrategy(const DesignSpace& space, std::uint64_t seed)
        : RandomStrategy(space, seed, DesignRules(space)) {}
    RandomStrategy(const DesignSpace& space, std::uint64_t seed, DesignRules rules);
    std::vector<Design> ask(std::size_t count) override;
    void tell(std::span<const Evaluation> evaluations) override;

private:
    [[nodiscard]] bool isWalked() const { return m_size > 0; }
    [[nodiscard]] std::uint64_t permuted(std::uint64_t index) const;
    [[nodiscard]] Design designAt(std::uint64_t index) const;
    [[nodiscard]] Design draw();

    DesignRules m_rules;
    std::vector<std::uint16_t> m_slotSizes;  ///< 1 for slots that follow another one
    std::uint64_t m_size = 0;                ///< 0: too large to walk
    int m_halfBits = 0;
    std::uint64_t m_key = 0;
    std::uint64_t m_next = 0;
    Random m_random;
    DesignSet m_seen;
};

}  // namespace bitloupe::exploration
