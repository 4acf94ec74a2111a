// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/base/random.h"
#include "core/exploration/design_hash.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/cost_model.h"
#include "core/exploration/strategies/priors.h"

namespace bitloupe::exploration {

/// Genes of the layer slots, without the accelerator's.
using LayerGenes = std::vector<std::uint16_t>;

/// What a strategy is made from.
struct StrategyRequest {
    const StrategySettings& settings;
    const DesignSpace& space;
    const std::vector<QuantityId>& objectives;
    const PriorKnowledge& knowledge;
    const DesignRules& rules;
};

/// A strategy that decides the layers' schemes and leaves the hardware to closed form: what it
/// proposes is asked for on every accelerator that can stand on a front.
class AssignmentStrategy : public Strategy {
public:
    explicit AssignmentStrategy(const StrategyRequest& request);
    std::vector<Design> ask(std::size_t count) final;
    void tell(std::span<const Evaluation> evaluations) final;

protected:
    /// The next schemes to measure; those already asked for are dropped by the caller. Empty when
    /// there is nothing more, else at least one that was never proposed before.
    virtual std::vector<LayerGenes> propose() = 0;

    /// What is known of the schemes, turned so that smaller is better: the first measured objective
    /// of the study (accuracy when it has none).
    [[nodiscard]] std::optional<double> loss(const LayerGenes& genes) const;
    struct Measured {
        LayerGenes genes;
        double loss = 0;
        Losses losses;  ///< of all qualities(); `loss` is the first
    };
    /// In the order they were told.
    [[nodiscard]] const std::vector<Measured>& measured() const { return m_measured; }
    [[nodiscard]] bool wasAsked(const LayerGenes& genes) const;
    /// Whether ties and limits on costs let the genes be measured, on some array at least.
    [[nodiscard]] bool isAllowed(const LayerGenes& genes) const;
    /// Whether a loss keeps the study's limit on the quality.
    [[nodiscard]] bool isAcceptable(double loss) const;
    /// The worst loss that does; infinite without a limit. Of the quality, or of another one.
    [[nodiscard]] double acceptableLoss() const { return acceptableLoss(quality()); }
    [[nodiscard]] double acceptableLoss(QuantityId measured) const;
    /// A loss in the unit of the quality: an accuracy again, for instance.
    [[nodiscard]] double qualityOf(double loss) const;
    [[nodiscard]] const DesignRules& rules() const { return m_rules; }
    /// Every slot anyhow, ties kept.
    [[nodiscard]] LayerGenes anything(Random& random) const;
    [[nodiscard]] const DesignSpace& space() const { return m_space; }
    [[nodiscard]] const CostModel& costs() const { return m_costs; }
    [[nodiscard]] QuantityId quality() const { return m_qualities.front(); }
    /// The measured objectives of the study; accuracy alone when it has none.
    [[nodiscard]] const std::vector<QuantityId>& qualities() const { return m_qualities; }

    /// The choice of every slot with the most bits; under limits, from there down by the steps that
    /// lose least (noise power of rounding, 4^-bits) for the cost that they save.
    [[nodiscard]] const LayerGenes& mostPrecise() const { return m_mostPrecise; }
    /// The next choice of the slot, and of those tied to it, with fewer (step 1) or more (step -1)
    /// bits. Nothing for a slot that follows another one, or at the end of its choices.
    [[nodiscard]] std::optional<LayerGenes> moved(const LayerGenes& genes, std::size_t slot,
                                                  int step) const;

private:
    [[nodiscard]] LayerGenes findMostPrecise() const;

    DesignSpace m_space;
    DesignRules m_rules;
    CostModel m_costs;
    std::vector<QuantityId> m_qualities;
    std::vector<std::vector<std::uint16_t>> m_byFallingBits;  ///< choices of each slot
    LayerGenes m_mostPrecise;
    std::deque<Design> m_pending;
    DesignSet m_seen;
    DesignSet m_askedGenes;
    DesignMap<std::size_t> m_positions;  ///< layer genes -> position in m_measured
    std::vector<Measured> m_measured;
};

/// Indices of a list in an order that is useful whenever it is cut short: the ends, the middle, the
/// quarters ... of `positions`, which ascend.
[[nodiscard]] std::vector<std::size_t> bisectionOrder(const std::vector<double>& positions);

}  // namespace bitloupe::exploration
