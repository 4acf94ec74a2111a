// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategy.h"

#include "core/base/text.h"
#include "core/exploration/strategies/enumeration.h"

namespace bitloupe::exploration {

namespace {

struct Request {
    const StrategySettings& settings;
    const DesignSpace& space;
    const std::vector<QuantityId>& objectives;
    const PriorKnowledge& knowledge;
};

struct Entry {
    std::string name;
    std::unique_ptr<Strategy> (*make)(const Request& request);
    bool usesRoundingErrors = false;
};

const std::vector<Entry>& entries() {
    static const std::vector<Entry> kEntries = {
        {"random",
         [](const Request& request) -> std::unique_ptr<Strategy> {
             return std::make_unique<RandomStrategy>(request.space, request.settings.seed);
         }},
        {"exhaustive",
         [](const Request& request) -> std::unique_ptr<Strategy> {
             return std::make_unique<ExhaustiveStrategy>(request.space);
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
            return entry.make({.settings = settings,
                               .space = space,
                               .objectives = objectives,
                               .knowledge = knowledge});
        }
    }
    const std::string near = text::nearest(settings.name, strategyNames());
    return Error{"there is no strategy '" + settings.name + "'", "strategy",
                 near.empty() ? "use one of " + text::join(strategyNames(), ", ")
                              : "did you mean " + near + "?"};
}

}  // namespace bitloupe::exploration
