// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategy.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/exploration/strategies/bisection.h"
#include "core/exploration/strategies/enumeration.h"
#include "core/exploration/strategies/genetic.h"
#include "core/exploration/strategies/greedy.h"
#include "core/exploration/strategies/portfolio.h"
#include "core/exploration/strategies/prior_fronts.h"
#include "core/exploration/strategies/sherlock.h"

namespace bitloupe::exploration {

namespace {

struct Entry {
    std::string name;
    std::unique_ptr<Strategy> (*make)(const StrategyRequest& request);
    bool usesRoundingErrors = false;
};

template <typename Made>
std::unique_ptr<Strategy> make(const StrategyRequest& request) {
    return std::make_unique<Made>(request);
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> kEntries = {
        {"portfolio", make<PortfolioStrategy>, true},
        {"allocation", make<AllocationStrategy>, true},
        {"bisection", make<BisectionStrategy>, true},
        {"nsga2", make<GeneticStrategy>, true},
        {"sherlock", make<SherlockStrategy>},
        {"greedy", make<GreedyStrategy>},
        {"random",
         [](const StrategyRequest& request) -> std::unique_ptr<Strategy> {
             return std::make_unique<RandomStrategy>(request.space, request.settings.seed,
                                                     request.rules);
         }},
        {"exhaustive",
         [](const StrategyRequest& request) -> std::unique_ptr<Strategy> {
             return std::make_unique<ExhaustiveStrategy>(request.space, request.rules);
         }},
    };
    return kEntries;
}

}  // namespace

std::vector<std::string> strategyNames() {
    std::vector<std::string> names;
    for (const Entry& entry : entries()) {
        names.push_back(entry.name);
    }
    return names;
}

bool isAllowed(const Evaluation& evaluation, std::span<const Constraint> constraints) {
    return std::all_of(constraints.begin(), constraints.end(), [&](const Constraint& constraint) {
        return constraint.holds(evaluation.value(constraint.quantity));
    });
}

bool usesRoundingErrors(const StrategySettings& settings) {
    for (const Entry& entry : entries()) {
        if (entry.name == settings.name) {
            return entry.usesRoundingErrors;
        }
    }
    return false;
}

Result<std::unique_ptr<Strategy>> makeStrategy(const StrategySettings& settings,
                                               const DesignSpace& space,
                                               const std::vector<QuantityId>& objectives,
                                               const PriorKnowledge& knowledge) {
    for (const Entry& entry : entries()) {
        if (entry.name == settings.name) {
            const Result<DesignRules> rules =
                DesignRules::make(settings.rules, space, knowledge.layers, knowledge.conversions);
            if (rules.hasError()) {
                return rules.error();
            }
            return entry.make({.settings = settings,
                               .space = space,
                               .objectives = objectives,
                               .knowledge = knowledge,
                               .rules = rules.value()});
        }
    }
    const std::string near = text::nearest(settings.name, strategyNames());
    return Error{"there is no strategy '" + settings.name + "'", "strategy",
                 near.empty() ? "use one of " + text::join(strategyNames(), ", ")
                              : "did you mean " + near + "?"};
}

}  // namespace bitloupe::exploration
