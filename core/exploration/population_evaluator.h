// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/data/data_set.h"
#include "core/exploration/evaluator.h"
#include "core/network/network.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::exploration {

/// What a design does to each layer, in the network's layer order; nothing where a side is float.
struct ResolvedLayers {
    std::vector<std::optional<quantization::QuantizedWeights>> weights;
    std::vector<std::optional<quantization::ActivationRounding>> activations;
    /// The other operand of attention's products; nothing elsewhere.
    std::vector<std::optional<quantization::ActivationRounding>> secondActivations = {};
};

/// A design with weights of its own: a network that was trained for it, and how it is rounded.
struct TunedDesign {
    std::shared_ptr<const network::Network> network;
    ResolvedLayers layers;
};

/// Measures designs by running the network on samples, a population at a time: within a batch of
/// samples, designs that agree up to a layer share the work up to there. Weights are rounded once
/// for each layer and quantizer; activation ranges come from the calibration samples.
///
/// What is measured is the metric (see metrics.h). KL and output MSE always compare with the float
/// network and need no labels.
///
/// May be used from several threads at once.
class PopulationEvaluator : public Evaluator {
public:
    /// Rounded weights and activation ranges of one design, the very ones that evaluate() uses.
    virtual Result<ResolvedLayers> resolve(const Assignment& assignment) = 0;
    /// The network's first output under a design, all samples that evaluate() runs, one after
    /// another.
    virtual Result<std::vector<float>> outputs(const Assignment& assignment) = 0;
    /// The same for a design with weights of its own: one measurement, compared with the float
    /// network that evaluate() compares with.
    virtual Answer measure(const TunedDesign& design, const std::stop_token& stop,
                           const std::function<void(double)>& progress) = 0;
    /// What calibration saw reach a layer, from which its activation ranges follow; nothing where
    /// that is not known. Lives as long as the evaluator.
    [[nodiscard]] virtual const quantization::ValueStatistics* inputStatistics(
        std::size_t /*layer*/) const {
        return nullptr;
    }
    /// Samples that evaluate() runs at a time.
    [[nodiscard]] virtual std::int64_t batchSize() const = 0;
    /// Whether race() may stop a design: the metric counts hits, and every sample has one label.
    [[nodiscard]] virtual bool canRace() const = 0;
    /// What Measurement::metric is.
    [[nodiscard]] virtual data::Metric metric() const = 0;
};

/// Runs the float network over `calibration` (once, now) and keeps `evaluation` to measure on.
/// `threads`: 0 for one per core. Errors: an unsupported operator or a node that cannot run on the
/// samples (named), labels or targets that do not fit the network's output, no samples, outputs of
/// more than 8 GiB. `metric`: nothing for what the samples suggest. `memory`: bytes that rounded
/// weights, activations and sums may take together, 0 for a quarter of the machine's; with less,
/// populations are split, weights are rounded anew and fewer threads work, and the results keep
/// every bit. One design at a time, on one thread, always has its room.
[[nodiscard]] Result<std::unique_ptr<PopulationEvaluator>> makePopulationEvaluator(
    std::shared_ptr<const network::Network> network, const data::Samples& calibration,
    const data::Samples& evaluation, int threads, std::optional<data::Metric> metric = {},
    std::size_t memory = 0);

}  // namespace bitloupe::exploration
