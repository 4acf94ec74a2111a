// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/execution/training/tensor_rounding.h"
#include "core/execution/training/training_settings.h"
#include "core/network/network.h"

namespace bitloupe::execution {

/// Cross-entropy takes one class a row (a sample, or a token of a sequence); the squared error one
/// target a row.
enum class LossKind { CrossEntropy, MeanSquaredError };

/// What the network puts out.
enum class OutputForm { Logits, Probabilities, LogProbabilities };

/// Samples to train or to judge on. `labels` (-1: not scored) or `targets`, one a row of outputs.
struct TrainingSamples {
    std::map<std::string, Array> inputs;  ///< by graph input name; first dimension = samples
    std::vector<std::int64_t> labels;
    std::vector<float> targets;
};

struct TrainingPlan {
    std::shared_ptr<const network::Network> network;
    TrainingSamples training;
    TrainingSamples judging;  ///< the search split: the metric of every epoch
    LossKind loss = LossKind::CrossEntropy;
    OutputForm outputs = OutputForm::Logits;
    std::vector<LayerTraining> layers;  ///< by layer; empty: everything in float
    /// Training from nothing: batch normalization uses the batch's statistics and remembers their
    /// running means (momentum 0.1), and Dropout drops. Else both behave as in inference.
    bool fromNothing = false;
    TrainingSettings settings;
};

/// One epoch, as it is shown and stored.
struct EpochRecord {
    double loss = 0;         ///< mean over the training samples, while they were trained on
    double metric = 0;       ///< on the judging samples: share of right rows, or R^2
    double judgingLoss = 0;  ///< mean over the judging samples
    friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

/// The trace of the empirical Fisher information of one layer: the expected sum of the squared
/// gradients of a sample's loss by its weights, and by its computed input. A trace times the mean
/// square error of rounding is, to second order, twice what the rounding adds to the loss
/// (Zandonati et al., "FIT: a metric for model sensitivity", ICLR 2023). 0 where there is nothing
/// to round.
struct LayerFisher {
    double weights = 0;
    double input = 0;
};

struct TrainingProgress {
    std::int64_t epoch = 0;  ///< in work, from 0
    std::int64_t epochs = 0;
    std::int64_t step = 0;  ///< of all, finished
    std::int64_t steps = 0;
    double loss = 0;  ///< mean of this epoch so far
    double learningRate = 0;
    std::vector<EpochRecord> finished;  ///< epochs
};

/// What training changed.
struct TrainedTensors {
    std::map<std::string, Array> initializers;  ///< Float32, with the graph's names and shapes
    struct LayerScales {
        std::vector<float> weights;  ///< as many as the layer's rounding has
        std::vector<float> input;
        std::vector<float> second;
    };
    std::vector<LayerScales> scales;  ///< by layer; empty without layers in the plan
};

/// Everything that training goes on from, as named tensors: parameters, running statistics, scales,
/// the optimizer's memory, the best epoch, the epochs so far and the place in the one in work.
/// Random numbers are drawn from the seed and the place: there is no other state of them.
using TrainingState = std::map<std::string, Array>;

struct TrainingControl {
    std::stop_token stop;
    /// Called every few milliseconds of work, from the training thread; may block (pause).
    std::function<void()> pulse;
    /// Called after every step and every epoch.
    std::function<void(const TrainingProgress&)> progress;
    /// Called after every epoch: a place to keep state(). May be empty.
    std::function<Result<void>()> epochDone;
};

/// Trains the parameters of a graph by gradients of the very operators that inference runs.
/// Deterministic for a seed at a given number of threads; draws nothing from a global generator.
class Trainer {
public:
    /// Errors: a network that cannot run on the samples, labels that are none of its classes,
    /// nothing that could be trained.
    static Result<Trainer> prepare(TrainingPlan plan);

    Trainer(Trainer&&) noexcept;
    Trainer& operator=(Trainer&&) noexcept;
    ~Trainer();

    /// Goes on from a state(). Errors: it belongs to another network or to other settings.
    Result<void> restore(const TrainingState& state);

    /// Runs to the end of the settings. Cancelled within 200 ms of a stop request: the step in work
    /// is dropped, and a run that goes on from state() ends with the same result as one that was
    /// not stopped. Errors: a loss that is not finite.
    Result<JobOutcome> run(const TrainingControl& control);

    /// By layer, over the training samples; changes nothing that is trained. One backward pass over
    /// the samples, a few at a time: the squares of small groups' gradients stand for those of
    /// single samples, which is right where the mean gradient is small, as in a trained network.
    [[nodiscard]] Result<std::vector<LayerFisher>> fisherTraces();

    [[nodiscard]] TrainingState state() const;
    [[nodiscard]] const std::vector<EpochRecord>& epochs() const;
    [[nodiscard]] TrainedTensors result() const;

    /// First output for `inputs`, as inference computes it with what was trained so far.
    [[nodiscard]] Result<Array> outputs(const std::map<std::string, Array>& inputs) const;

private:
    class Impl;
    explicit Trainer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bitloupe::execution
