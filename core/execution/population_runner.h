// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/network.h"

namespace bitloupe::execution {

/// How a layer's input is rounded while the network runs. Called from several threads at once.
struct InputRounding {
    std::function<void(std::span<const float> in, std::span<float> out)> round;
    bool perSample = false;  ///< one call a sample instead of one a batch: blocks start afresh
    bool anyOrder = false;   ///< each value is rounded alone: they may come in another order
};

/// How the computed operands of a layer are rounded. The second one is that of attention's
/// products; without a function it stays as it is.
struct OperandRoundings {
    InputRounding first;
    InputRounding second = {};
};

/// The operands of a layer that can be rounded while the network runs.
enum class Operand { First, Second };

/// What one layer uses: indices given by PopulationRunner::addWeights and addRounding.
struct LayerVariant {
    static constexpr int kFloat = -1;
    int input = kFloat;
    int weights = kFloat;
    friend auto operator<=>(const LayerVariant&, const LayerVariant&) = default;
};

/// One variant per layer, in the network's layer order.
using VariantList = std::vector<LayerVariant>;

/// The network's first output for one batch: row-major, first dimension = samples of the batch.
struct BatchOutput {
    std::size_t design = 0;  ///< index into the population
    std::size_t batch = 0;
    std::int64_t firstSample = 0;
    std::int64_t samples = 0;
    std::size_t width = 1;          ///< size of the last dimension; 1 when it is the first
    std::span<const float> values;  ///< valid during the call only
    std::span<const std::int64_t> shape = {};  ///< of the output as the network gives it
};

/// A population to run over samples.
struct PopulationJob {
    const std::map<std::string, Array>* inputs = nullptr;  ///< by graph input name
    std::span<const VariantList> population;
    std::span<const std::size_t> batches = {};  ///< which ones are run; empty: all
    int threads = 1;
    std::stop_token stop;
    /// Gets each design's output of each batch once, in no particular order, from any thread.
    std::function<void(const BatchOutput&)> output;
    /// Called at least every 50 ms by every thread that works, with the done share; may block.
    std::function<void(double)> progress;
};

/// How a population's run ended, and how much of it had to be computed.
struct PopulationRun {
    JobOutcome outcome = JobOutcome::Finished;
    std::uint64_t stepsRun = 0;  ///< nodes computed, over all batches
};

/// Runs many variants of one network over the same samples. Within a batch the variants are walked
/// in lexicographic order, and only what differs from the one before is computed again: the walk of
/// the trie of their prefixes, depth first, with one set of activations per thread.
///
/// The output of a variant for a batch does not depend on the rest of the population, on the order
/// or on the number of threads.
class PopulationRunner {
public:
    /// Errors: an unsupported operator or a node that fails on zeros, by name.
    static Result<PopulationRunner> prepare(std::shared_ptr<const network::Network> network);

    PopulationRunner(PopulationRunner&&) noexcept;
    PopulationRunner& operator=(PopulationRunner&&) noexcept;
    ~PopulationRunner();

    /// Samples run at a time: as many as keep the activations in the processor's cache; what the
    /// file says when it fixes the first dimension and the network cannot take another.
    [[nodiscard]] std::int64_t batchSize() const;
    [[nodiscard]] std::size_t batchCount(std::int64_t samples) const;
    /// About what one thread keeps while it runs: the activations of a batch, rounded ones too.
    [[nodiscard]] std::size_t bytesOfThread() const;

    /// Another value for the stored weight of a layer (same shape), and one value for each output
    /// channel (or none) that is added to the layer's output. Thread-safe. Errors: the layer has no
    /// stored weight, or it takes part in the network in a way that cannot be replaced.
    Result<int> addWeights(std::size_t layer, const Array& values,
                           std::span<const float> outputShift = {});
    /// Another way to round the computed operands of a layer. Thread-safe.
    int addRounding(std::size_t layer, OperandRoundings roundings);
    /// Gives the memory of a variant back; its index may be given out again. Runs that have begun
    /// keep it until they end. Thread-safe.
    void removeWeights(std::size_t layer, int variant);
    void removeRounding(std::size_t layer, int variant);

    /// `counts`: which of the values the network's output depends on, see output_reach.h; empty:
    /// all of them.
    using VisitOperand =
        std::function<void(std::size_t layer, Operand operand, std::span<const float> values,
                           const std::vector<bool>& counts)>;

    /// Runs the float network and shows the computed operands of every layer, batch by batch, in
    /// order.
    Result<void> visitLayerInputs(const std::map<std::string, Array>& inputs,
                                  const VisitOperand& visit) const;

    Result<PopulationRun> run(const PopulationJob& job) const;

private:
    struct State;
    explicit PopulationRunner(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace bitloupe::execution
