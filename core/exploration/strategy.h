// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/evaluation.h"
#include "core/exploration/sensitivity.h"
#include "core/network/network.h"

namespace bitloupe::exploration {

/// Proposes the next designs (ask) and learns from evaluations (tell). Never sees a tensor.
/// A strategy is resumed by telling it the journal from the beginning: with the same seed and the
/// same evaluations told it asks the same next designs.
class Strategy {
public:
    virtual ~Strategy() = default;
    /// At most `count` designs not asked before; fewer when the strategy would rather learn from
    /// these first, none when it has nothing more to ask.
    virtual std::vector<Design> ask(std::size_t count) = 0;
    /// Evaluations, those that another strategy asked for included; repeats are harmless.
    virtual void tell(std::span<const Evaluation> evaluations) = 0;
};

struct StrategySettings {
    std::string name = "portfolio";  ///< see strategyNames()
    std::uint64_t seed = 1;
    /// bisection: the least accuracy wanted (or the largest KL, output error: the study's first
    /// measured objective, in its unit); nothing: one point below the most precise design.
    std::optional<double> target = {};
};

/// What is known before the first evaluation; each part may be missing.
struct PriorKnowledge {
    std::vector<network::Layer> layers = {};        ///< for costs in closed form
    std::vector<SensitivityCell> sensitivity = {};  ///< each layer alone
    std::vector<LayerRoundingError> rounding = {};  ///< each tensor alone
};

[[nodiscard]] std::vector<std::string> strategyNames();
/// Whether the strategy reads PriorKnowledge::rounding.
[[nodiscard]] bool usesRoundingErrors(const StrategySettings& settings);
[[nodiscard]] Result<std::unique_ptr<Strategy>> makeStrategy(
    const StrategySettings& settings, const DesignSpace& space,
    const std::vector<QuantityId>& objectives, const PriorKnowledge& knowledge = {});

}  // namespace bitloupe::exploration
