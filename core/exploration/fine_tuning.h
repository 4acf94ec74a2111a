// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/execution/population_runner.h"
#include "core/execution/training/trainer.h"
#include "core/exploration/population_evaluator.h"
#include "core/exploration/strategy.h"

namespace bitloupe::exploration {

/// What quantization-aware training of a design does with each layer. Integer formats learn their
/// scales; others keep them, those of weights chosen again every epoch by their range rule. A layer
/// whose weights are float is frozen. `resolved`: the design's, from which training starts.
[[nodiscard]] std::vector<execution::LayerTraining> layerTraining(const network::Network& network,
                                                                  const Assignment& assignment,
                                                                  const ResolvedLayers& resolved);

/// The design with what training made of it: the network's weights replaced, the weights of its
/// layers rounded with the trained scales. Errors: tensors that are not the network's.
[[nodiscard]] Result<TunedDesign> tunedDesign(const network::Network& network,
                                              const Assignment& assignment,
                                              const ResolvedLayers& resolved,
                                              const execution::TrainedTensors& trained);

/// Makes a design's weights and roundings known to a runner of its network.
[[nodiscard]] Result<execution::VariantList> addVariants(const TunedDesign& design,
                                                         execution::PopulationRunner& runner);

/// Samples as training takes them.
[[nodiscard]] execution::TrainingSamples trainingSamples(const data::Samples& samples);

/// Fisher traces of the network's layers on labelled samples, by one backward pass over the first
/// 256 of them. Nothing where the network or the samples do not allow it: a prior can be missing.
[[nodiscard]] std::vector<FisherTrace> fisherTraces(std::shared_ptr<const network::Network> network,
                                                    const data::Samples& samples);

/// The loss that the labels or targets of `samples` ask for, and the form of the network's output.
/// Errors: neither labels nor targets.
[[nodiscard]] Result<execution::LossKind> lossFor(const data::Samples& samples);
[[nodiscard]] execution::OutputForm outputFormOf(const network::Graph& graph);

}  // namespace bitloupe::exploration
