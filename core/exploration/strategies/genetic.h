// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"
#include "core/exploration/strategies/assignment_strategy.h"

namespace bitloupe::exploration {

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE TEC 2002) over the layers' schemes: tournaments
/// by rank and crowding, uniform crossover, mutation to the next format. The first population is
/// half of the fronts that the priors predict, half random. Designs that break the limit on the
/// quality come after all others (constraint domination).
class GeneticStrategy : public AssignmentStrategy {
public:
    explicit GeneticStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    struct Individual {
        LayerGenes genes;
        std::size_t rank = 0;
        double crowding = 0;
    };

    /// The best individuals of everything measured, ranked.
    [[nodiscard]] std::vector<Individual> survivors() const;
    [[nodiscard]] const LayerGenes& tournament(const std::vector<Individual>& parents);
    [[nodiscard]] LayerGenes child(const std::vector<Individual>& parents);

    Random m_random;
    std::vector<LayerGenes> m_start;
    bool m_hasStarted = false;
};

}  // namespace bitloupe::exploration
