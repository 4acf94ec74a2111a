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
#include "core/exploration/format_conversions.h"
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

/// A limit on a quantity, in its own unit; both ends belong to what is allowed.
struct Constraint {
    QuantityId quantity = QuantityId::Bops;
    std::optional<double> atLeast = {};
    std::optional<double> atMost = {};
    [[nodiscard]] bool holds(double value) const {
        return value >= atLeast.value_or(value) && value <= atMost.value_or(value);
    }
    friend bool operator==(const Constraint&, const Constraint&) = default;
};

/// Layers that must use the same formats, of weights, of activations or of both.
struct TieGroup {
    std::vector<std::string> layers;
    bool weights = true;
    bool activations = true;
    friend bool operator==(const TieGroup&, const TieGroup&) = default;
};

/// What every design that is asked for keeps to. Limits on costs leave designs out before anything
/// is measured; limits on what is measured say which designs are worth a search, and which may
/// stand on the front in the end (isAllowed).
struct SearchRules {
    std::vector<Constraint> constraints = {};
    std::vector<TieGroup> ties = {};
    friend bool operator==(const SearchRules&, const SearchRules&) = default;
};

/// Whether an evaluation keeps all the limits.
[[nodiscard]] bool isAllowed(const Evaluation& evaluation, std::span<const Constraint> constraints);

struct StrategySettings {
    std::string name = "portfolio";  ///< see strategyNames()
    std::uint64_t seed = 1;
    /// bisection: the least accuracy wanted (or the largest KL, output error: the study's first
    /// measured objective, in its unit); nothing: its limit among the rules, or one point below the
    /// most precise design.
    std::optional<double> target = {};
    SearchRules rules = {};
};

/// How strongly the loss bends along the values of a layer: the sum of the squared gradients of a
/// sample's loss.
struct FisherTrace {
    double weights = 0;
    double activations = 0;
};

/// What is known before the first evaluation; each part may be missing.
struct PriorKnowledge {
    std::vector<network::Layer> layers = {};        ///< for costs in closed form
    std::vector<SensitivityCell> sensitivity = {};  ///< each layer alone
    std::vector<LayerRoundingError> rounding = {};  ///< each tensor alone
    /// By layer; empty: not known.
    std::vector<FisherTrace> fisher = {};
    FormatConversions conversions = {};  ///< between those layers
};

[[nodiscard]] std::vector<std::string> strategyNames();
/// Whether the strategy reads PriorKnowledge::rounding.
[[nodiscard]] bool usesRoundingErrors(const StrategySettings& settings);
/// Errors: an unknown name; a tie of unknown layers, or of layers with different choices.
[[nodiscard]] Result<std::unique_ptr<Strategy>> makeStrategy(
    const StrategySettings& settings, const DesignSpace& space,
    const std::vector<QuantityId>& objectives, const PriorKnowledge& knowledge = {});

}  // namespace bitloupe::exploration
