// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/execution/batch_plan.h"
#include "core/execution/training/loss.h"
#include "core/execution/training/optimizer.h"
#include "core/execution/training/training_graph.h"

namespace bitloupe::execution {

/// Samples in the order of the program's inputs, with what is wanted of them.
struct BoundSamples {
    std::vector<Array> inputs;
    at::Tensor wanted;  ///< [samples, rows a sample]: Int64 labels or Float32 targets
    [[nodiscard]] std::int64_t count() const { return inputs.front().shape().front(); }
    /// The samples `indices`, by copy.
    [[nodiscard]] Tensors rows(const at::Tensor& indices) const;
};

/// The work of a Trainer.
class TrainingLoop {
public:
    TrainingLoop(TrainingPlan plan, std::shared_ptr<const Program> program, BatchPlan batches,
                 BoundSamples training, BoundSamples judging);

    TrainingLoop(const TrainingLoop&) = delete;  // its graph refers to its plan
    TrainingLoop& operator=(const TrainingLoop&) = delete;
    ~TrainingLoop() = default;

    [[nodiscard]] const network::Graph& programGraph() const { return m_program->graph(); }
    [[nodiscard]] const std::vector<EpochRecord>& records() const { return m_records; }
    [[nodiscard]] bool hasWork() const { return !m_optimizer.tensors().empty(); }

    Result<JobOutcome> run(const TrainingControl& control);

    [[nodiscard]] Result<std::vector<LayerFisher>> fisherTraces();

    [[nodiscard]] std::map<std::string, at::Tensor> state() const;
    Result<void> restore(const std::map<std::string, at::Tensor>& state);

    [[nodiscard]] TrainedTensors result() const;
    [[nodiscard]] Result<Array> outputs(const std::vector<Array>& inputs) const;

private:
    /// Where training stands.
    struct Place {
        std::int64_t epoch = 0;
        std::int64_t step = 0;  ///< in the epoch
        double loss = 0;        ///< summed over the epoch's rows so far
        double rows = 0;
    };

    [[nodiscard]] std::int64_t stepsPerEpoch() const;
    [[nodiscard]] std::int64_t totalSteps() const;
    [[nodiscard]] std::int64_t stepsDone() const;
    [[nodiscard]] double shareDone() const;
    [[nodiscard]] bool isOver() const;
    [[nodiscard]] at::Tensor orderOf(std::int64_t epoch) const;
    [[nodiscard]] double rowsOf(const at::Tensor& indices) const;
    Result<void> trainStep(const at::Tensor& indices, const TrainingControl& control);
    Result<double> accumulate(const at::Tensor& indices, const TrainingControl& control);
    Result<void> trainEpoch(const TrainingControl& control);
    Result<void> endEpoch(const TrainingControl& control);
    [[nodiscard]] Result<EpochRecord> judge(const TrainingControl& control) const;
    void remember(const EpochRecord& record);
    void report(const TrainingControl& control) const;

    TrainingPlan m_plan;
    std::shared_ptr<const Program> m_program;
    BatchPlan m_batches;
    BoundSamples m_training;
    BoundSamples m_judging;
    TrainingGraph m_graph;
    Optimizer m_optimizer;
    Place m_place;
    std::vector<EpochRecord> m_records;
    std::map<std::string, at::Tensor> m_best;  ///< with patience: the best epoch's tensors
    std::int64_t m_bestEpoch = -1;
};

}  // namespace bitloupe::execution
