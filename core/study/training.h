// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/data/data_set.h"
#include "core/execution/training/trainer.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// The study's training samples (loadTrainingSamples) as `graph` takes them. `data`: the study's
/// other splits, already read.
[[nodiscard]] Result<data::Samples> fittedTrainingSamples(const StudyDescription& study,
                                                          const data::DataSet& data,
                                                          const network::Graph& graph);

struct Trained {
    JobOutcome outcome = JobOutcome::Finished;
    std::vector<execution::EpochRecord> epochs;
    std::shared_ptr<const network::Graph> graph;  ///< when finished: as written, with the weights
};

/// Trains the study's network, from the weights it has or from drawn ones, by its `training`
/// settings; batch normalization is not folded before. The checkpoint at `checkpoint` is taken up,
/// and left there by a stop. `threads`: 0 for one per core.
[[nodiscard]] Result<Trained> trainNetwork(const StudyDescription& study,
                                           const std::string& checkpoint, int threads,
                                           const execution::TrainingControl& control);

/// Writes the stored tensors of a trained architecture, which has them under the names of its state
/// dict.
[[nodiscard]] Result<void> saveWeights(const network::Graph& graph, const std::string& path);

/// `threads` as training takes it.
[[nodiscard]] int trainingThreads(int threads);

}  // namespace bitloupe::study
