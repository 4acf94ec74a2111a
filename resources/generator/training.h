// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/data_set.h"
#include "core/network/graph.h"

namespace bitloupe::generator {

struct TrainingSettings {
    int epochs = 10;
    int batchSize = 64;
    double learningRate = 2e-3;  ///< Adam's at the start; falls to nothing along a cosine
    double weightDecay = 1e-4;
};

/// Trains the weights of `graph` (Conv, AveragePool, Relu, Flatten and Gemm in a row) to classify
/// `samples`, and returns the graph with them. Deterministic on one thread.
[[nodiscard]] network::Graph train(network::Graph graph, const data::Samples& samples,
                                   const TrainingSettings& settings);

/// Share of samples whose largest output is their label.
[[nodiscard]] double accuracy(const network::Graph& graph, const data::Samples& samples);

}  // namespace bitloupe::generator
