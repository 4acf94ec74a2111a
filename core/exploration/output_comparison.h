// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/data/metric.h"
#include "core/exploration/votes.h"
#include "core/network/graph.h"

namespace bitloupe::exploration {

/// What the rows of an output mean. Softmax stands for logits; the other kinds are what a network
/// that ends in that operator puts out.
enum class OutputKind { Logits, Probabilities, LogProbabilities };

/// What the first output of `graph` means, from the operator that makes it.
[[nodiscard]] OutputKind outputKindOf(const network::Graph& graph);

/// Sums over some samples; they are added up in the order of the batches.
struct OutputSums {
    std::int64_t correct =
        0;  ///< scored rows whose largest output is the label, or the float one's
    std::int64_t correct5 = 0;     ///< scored rows whose label is among the five largest outputs
    double kl = 0;                 ///< of all rows
    double squaredDifference = 0;  ///< of all outputs to the float network's
    double logLoss = 0;            ///< of the labels of the scored rows, in nat
    double squaredLogLoss = 0;     ///< sum of the squares of the same
    std::vector<double> squaredErrors;  ///< regression: of each target
    double absoluteError = 0;           ///< regression: of all targets
    double fourthPowers = 0;            ///< regression: of the errors
    std::int64_t rows = 0;
    std::int64_t scored = 0;  ///< rows with a label that counts, or all without labels
    std::int64_t outputs = 0;
    std::vector<SampleVotes> votes;          ///< F1 and mIoU
    std::vector<float> scores;               ///< AUC: rankScores() of each scored row
    std::vector<std::int64_t> scoredLabels;  ///< AUC: the labels of those rows
    std::vector<std::uint8_t> hits;  ///< when asked for: 1 for each row that is right, else 0

    void add(const OutputSums& other);
};

/// Of the classes of each row, one row behind the other; a single output stands for two classes.
struct ClassProbabilities {
    std::vector<double> logs;
    std::vector<double> values;
};

[[nodiscard]] ClassProbabilities classProbabilities(std::span<const float> outputs,
                                                    std::size_t width, OutputKind kind);

/// Rows of `width` outputs of a design beside the float network's. A sample has one row or several
/// (a sequence, the pixels of an image); `labels` (may be empty: the float network's largest output
/// stands in; kIgnoredLabel: not scored) are those of the rows, `targets` (may be empty) those of
/// the outputs.
struct OutputBatch {
    std::span<const float> outputs;
    std::span<const float> reference;
    /// The reference's class probabilities, where they are kept; empty: computed again.
    std::span<const double> referenceLogs = {};
    std::span<const double> referenceValues = {};
    std::size_t width = 1;
    OutputKind kind = OutputKind::Logits;
    std::span<const std::int64_t> labels;
    std::span<const float> targets;
    data::Metric metric = data::Metric::Accuracy;  ///< decides what else is kept than sums
    std::size_t rowsPerSample = 1;
    bool keepsHits = false;
};

[[nodiscard]] OutputSums compareOutputs(const OutputBatch& batch);

/// KL(softmax(reference) || softmax(outputs)) of one row in nat, in double. One logit stands for
/// the log-odds of two classes.
[[nodiscard]] double rowKl(std::span<const float> reference, std::span<const float> outputs,
                           OutputKind kind);

/// For each class a number that orders rows as the probability of the class does, without its
/// rounding to 0 and 1: the log-odds.
void rankScores(std::span<const float> row, OutputKind kind, std::span<float> scores);

/// The class a row votes for; a single output votes 1 when it is above the middle. NaN never wins.
[[nodiscard]] std::int64_t vote(std::span<const float> row, OutputKind kind);

}  // namespace bitloupe::exploration
