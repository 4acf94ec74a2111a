// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"
#include "core/exploration/strategies/additive_fit.h"
#include "core/exploration/strategies/residual_model.h"

namespace bitloupe::exploration {

/// The default. First the exact fronts that the priors predict, in bisection order; then, again and
/// again, the priors corrected by everything measured, the exact front of that, and single moves
/// and swaps around the measured front: the few candidates whose predicted gain in hypervolume (of
/// the logarithms of loss and cost) is largest.
class PortfolioStrategy : public AssignmentStrategy {
public:
    explicit PortfolioStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    struct Point {
        double cost = 0;  ///< logarithms
        double loss = 0;
    };
    /// With a mean and a spread of its loss.
    struct Candidate {
        LayerGenes genes;
        Point predicted;
        double spread = 0;
    };

    [[nodiscard]] std::vector<LayerGenes> start();
    [[nodiscard]] std::vector<LayerGenes> refine(std::size_t costObjective);
    [[nodiscard]] std::vector<FitSample> samples() const;
    /// The loss as a positive number that is small for good designs: 1 - accuracy, or itself.
    [[nodiscard]] double positive(double loss) const;
    [[nodiscard]] std::vector<LayerGenes> measuredFront(std::size_t costObjective) const;
    [[nodiscard]] std::vector<LayerGenes> candidates(const AdditiveModel& model,
                                                     std::size_t costObjective);
    void addNeighbours(const LayerGenes& genes, std::vector<LayerGenes>& all) const;
    void addWalks(const std::vector<LayerGenes>& front, std::vector<LayerGenes>& all);
    /// What is to be improved: the measured front by ascending cost, up to a corner.
    struct Aim {
        std::vector<Point> front;
        Point corner;
    };
    [[nodiscard]] Aim aimAt(std::size_t costObjective) const;
    /// The mean area that a candidate adds to the front.
    [[nodiscard]] static double expectedGain(const Candidate& candidate, const Aim& aim);
    static void keepBest(std::vector<Candidate>& candidates, const Aim& aim, std::size_t count);
    [[nodiscard]] std::vector<LayerGenes> mostPromising(std::vector<Candidate> candidates,
                                                        Aim aim) const;

    std::vector<Prior> m_priors;
    std::vector<LayerGenes> m_start;
    ResidualModel m_residuals;
    bool m_hasStarted = false;
    std::size_t m_round = 0;
    Random m_random;
};

}  // namespace bitloupe::exploration
