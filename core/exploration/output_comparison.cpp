// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/output_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace bitloupe::exploration {

namespace {

/// Probabilities are kept away from 0, or one rounded to 0 would make the divergence infinite.
constexpr double kLeastProbability = 1e-12;

void logSoftmax(std::span<const float> row, std::span<double> logs) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const float value : row) {
        largest = std::max(largest, static_cast<double>(value));
    }
    double total = 0;
    for (const float value : row) {
        total += std::exp(static_cast<double>(value) - largest);
    }
    const double shift = largest + std::log(total);
    for (std::size_t i = 0; i < row.size(); ++i) {
        logs[i] = static_cast<double>(row[i]) - shift;
    }
}

/// Log-probabilities of the classes of a row; `logs` has one entry more than a single output.
void logProbabilities(std::span<const float> row, OutputKind kind, std::span<double> logs) {
    if (row.size() == 1) {
        if (kind == OutputKind::Logits) {
            const std::array<float, 2> both = {0.0F, row[0]};
            logSoftmax(both, logs);
            return;
        }
        const auto value = static_cast<double>(row[0]);
        const double probability = kind == OutputKind::Probabilities ? value : std::exp(value);
        logs[0] = std::log(std::max(1 - probability, kLeastProbability));
        logs[1] = std::log(std::max(probability, kLeastProbability));
        return;
    }
    if (kind == OutputKind::Logits) {
        logSoftmax(row, logs);
        return;
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto value = static_cast<double>(row[i]);
        logs[i] = kind == OutputKind::LogProbabilities
                      ? std::max(value, std::log(kLeastProbability))
                      : std::log(std::max(value, kLeastProbability));
    }
}

double divergence(std::span<const double> reference, std::span<const double> other) {
    double sum = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        sum += std::exp(reference[i]) * (reference[i] - other[i]);
    }
    return sum;
}

}  // namespace

void OutputSums::add(const OutputSums& other) {
    correct += other.correct;
    kl += other.kl;
    squaredDifference += other.squaredDifference;
    squaredError += other.squaredError;
    rows += other.rows;
    outputs += other.outputs;
}

double rowKl(std::span<const float> reference, std::span<const float> outputs, OutputKind kind) {
    const std::size_t classes = std::max<std::size_t>(2, reference.size());
    std::vector<double> logs(2 * classes);
    const std::span<double> first(logs.data(), classes);
    const std::span<double> second(logs.data() + classes, classes);
    logProbabilities(reference, kind, first);
    logProbabilities(outputs, kind, second);
    return divergence(first, second);
}

std::int64_t vote(std::span<const float> row, OutputKind kind) {
    if (row.size() == 1) {
        const float middle = kind == OutputKind::Logits          ? 0.0F
                             : kind == OutputKind::Probabilities ? 0.5F
                                                                 : std::log(0.5F);
        return row[0] > middle ? 1 : 0;
    }
    std::int64_t best = 0;
    for (std::size_t i = 1; i < row.size(); ++i) {
        const float leader = row[static_cast<std::size_t>(best)];
        if (row[i] > leader || (std::isnan(leader) && !std::isnan(row[i]))) {
            best = static_cast<std::int64_t>(i);
        }
    }
    return best;
}

OutputSums compareOutputs(const OutputBatch& batch) {
    OutputSums sums;
    const std::size_t rows = batch.outputs.size() / batch.width;
    const std::size_t classes = std::max<std::size_t>(2, batch.width);
    std::vector<double> logs(2 * classes);
    const std::span<double> first(logs.data(), classes);
    const std::span<double> second(logs.data() + classes, classes);
    for (std::size_t row = 0; row < rows; ++row) {
        const auto outputs = batch.outputs.subspan(row * batch.width, batch.width);
        const auto reference = batch.reference.subspan(row * batch.width, batch.width);
        logProbabilities(reference, batch.kind, first);
        logProbabilities(outputs, batch.kind, second);
        sums.kl += divergence(first, second);
        const std::int64_t truth =
            batch.labels.empty() ? vote(reference, batch.kind) : batch.labels[row];
        sums.correct += vote(outputs, batch.kind) == truth ? 1 : 0;
        if (!batch.targets.empty()) {
            const double error =
                static_cast<double>(outputs[0]) - static_cast<double>(batch.targets[row]);
            sums.squaredError += error * error;
        }
        for (std::size_t i = 0; i < batch.width; ++i) {
            const double difference =
                static_cast<double>(outputs[i]) - static_cast<double>(reference[i]);
            sums.squaredDifference += difference * difference;
        }
    }
    sums.rows = static_cast<std::int64_t>(rows);
    sums.outputs = static_cast<std::int64_t>(batch.outputs.size());
    return sums;
}

}  // namespace bitloupe::exploration
