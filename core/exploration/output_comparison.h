// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace bitloupe::exploration {

/// What the rows of an output mean. Softmax stands for logits; the other kinds are what a network
/// that ends in that operator puts out.
enum class OutputKind { Logits, Probabilities, LogProbabilities };

/// Sums over some samples; they are added up in the order of the batches.
struct OutputSums {
    std::int64_t correct = 0;  ///< samples whose largest output is the label, or the float one's
    double kl = 0;             ///< of all rows
    double squaredDifference = 0;  ///< of all outputs to the float network's
    double squaredError = 0;       ///< regression: of all targets
    std::int64_t rows = 0;
    std::int64_t outputs = 0;

    void add(const OutputSums& other);
};

/// Rows of `width` outputs of a design beside the float network's. A sample has one row or several
/// (a sequence); `labels` (may be empty: the float network's largest output stands in) and
/// `targets` (may be empty) are those of the rows.
struct OutputBatch {
    std::span<const float> outputs;
    std::span<const float> reference;
    std::size_t width = 1;
    OutputKind kind = OutputKind::Logits;
    std::span<const std::int64_t> labels;
    std::span<const float> targets;
};

[[nodiscard]] OutputSums compareOutputs(const OutputBatch& batch);

/// KL(softmax(reference) || softmax(outputs)) of one row in nat, in double. One logit stands for
/// the log-odds of two classes.
[[nodiscard]] double rowKl(std::span<const float> reference, std::span<const float> outputs,
                           OutputKind kind);

/// The class a row votes for; a single output votes 1 when it is above the middle. NaN never wins.
[[nodiscard]] std::int64_t vote(std::span<const float> row, OutputKind kind);

}  // namespace bitloupe::exploration
