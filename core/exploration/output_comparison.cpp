// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/output_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/data/data_set.h"

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

/// `logs` and `values` are those of the reference.
double divergence(std::span<const double> logs, std::span<const double> values,
                  std::span<const double> other) {
    double sum = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        sum += values[i] * (logs[i] - other[i]);
    }
    return sum;
}

std::size_t classesOf(std::size_t width) {
    return std::max<std::size_t>(2, width);
}

}  // namespace

void OutputSums::add(const OutputSums& other) {
    correct += other.correct;
    correct5 += other.correct5;
    kl += other.kl;
    squaredDifference += other.squaredDifference;
    logLoss += other.logLoss;
    squaredLogLoss += other.squaredLogLoss;
    squaredErrors.resize(std::max(squaredErrors.size(), other.squaredErrors.size()), 0.0);
    for (std::size_t i = 0; i < other.squaredErrors.size(); ++i) {
        squaredErrors[i] += other.squaredErrors[i];
    }
    absoluteError += other.absoluteError;
    fourthPowers += other.fourthPowers;
    rows += other.rows;
    scored += other.scored;
    outputs += other.outputs;
    votes.insert(votes.end(), other.votes.begin(), other.votes.end());
    scores.insert(scores.end(), other.scores.begin(), other.scores.end());
    scoredLabels.insert(scoredLabels.end(), other.scoredLabels.begin(), other.scoredLabels.end());
    hits.insert(hits.end(), other.hits.begin(), other.hits.end());
}

ClassProbabilities classProbabilities(std::span<const float> outputs, std::size_t width,
                                      OutputKind kind) {
    const std::size_t classes = classesOf(width);
    const std::size_t rows = outputs.size() / width;
    ClassProbabilities made;
    made.logs.resize(rows * classes);
    made.values.resize(made.logs.size());
    for (std::size_t row = 0; row < rows; ++row) {
        logProbabilities(outputs.subspan(row * width, width), kind,
                         std::span(made.logs).subspan(row * classes, classes));
    }
    std::transform(made.logs.begin(), made.logs.end(), made.values.begin(),
                   [](double log) { return std::exp(log); });
    return made;
}

double rowKl(std::span<const float> reference, std::span<const float> outputs, OutputKind kind) {
    const ClassProbabilities known = classProbabilities(reference, reference.size(), kind);
    std::vector<double> logs(known.logs.size());
    logProbabilities(outputs, kind, logs);
    return divergence(known.logs, known.values, logs);
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

void rankScores(std::span<const float> row, OutputKind kind, std::span<float> scores) {
    if (row.size() == 1) {  // one output stands for the second of two classes
        scores[0] = -row[0];
        scores[1] = row[0];
        return;
    }
    if (kind != OutputKind::Logits) {
        std::copy(row.begin(), row.end(), scores.begin());
        return;
    }
    const std::size_t top = static_cast<std::size_t>(vote(row, kind));
    const auto largest = static_cast<double>(row[top]);
    double others = 0;  // than the largest one
    double second = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < row.size(); ++i) {
        others += i == top ? 0 : std::exp(static_cast<double>(row[i]) - largest);
        second = i == top ? second : std::max(second, static_cast<double>(row[i]));
    }
    double othersOfSecond = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        othersOfSecond += i == top ? 0 : std::exp(static_cast<double>(row[i]) - second);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const double own = static_cast<double>(row[i]) - largest;
        // Of the largest the rest may be too small to see beside it; of the others it is not.
        scores[i] = static_cast<float>(i == top ? largest - second - std::log(othersOfSecond)
                                                : own - std::log(1 + others - std::exp(own)));
    }
}

namespace {

bool isAmongFive(std::span<const float> row, std::int64_t label) {
    const float own = row[static_cast<std::size_t>(label)];
    std::size_t before = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        // Of equal outputs the earlier class goes first, as in vote().
        before += row[i] > own || (row[i] == own && i < static_cast<std::size_t>(label)) ? 1 : 0;
    }
    return !std::isnan(own) && before < 5;
}

/// What the label of one row adds.
void score(const OutputBatch& batch, std::span<const float> row, std::span<const double> logs,
           std::int64_t label, OutputSums& sums) {
    const std::int64_t choice = vote(row, batch.kind);
    ++sums.scored;
    sums.correct += choice == label ? 1 : 0;
    if (batch.labels.empty()) {
        return;
    }
    const double loss = -logs[static_cast<std::size_t>(label)];
    sums.logLoss += loss;
    sums.squaredLogLoss += loss * loss;
    if (batch.metric == data::Metric::Top5) {
        sums.correct5 += row.size() < 5 || isAmongFive(row, label) ? 1 : 0;
    } else if (batch.metric == data::Metric::F1 || batch.metric == data::Metric::Miou) {
        addVote(sums.votes.back(), label, choice);
    } else if (batch.metric == data::Metric::Auc) {
        const std::size_t start = sums.scores.size();
        sums.scores.resize(start + logs.size());
        rankScores(row, batch.kind, std::span(sums.scores).subspan(start));
        sums.scoredLabels.push_back(label);
    }
}

/// What the metric counts; 0 of those that count nothing.
std::int64_t hitsOf(data::Metric metric, const OutputSums& sums) {
    return metric == data::Metric::Top5 ? sums.correct5 : sums.correct;
}

void addErrors(const OutputBatch& batch, OutputSums& sums) {
    sums.squaredErrors.assign(batch.targets.empty() ? 0 : batch.width * batch.rowsPerSample, 0.0);
    for (std::size_t i = 0; i < batch.targets.size(); ++i) {
        const double error =
            static_cast<double>(batch.outputs[i]) - static_cast<double>(batch.targets[i]);
        sums.squaredErrors[i % sums.squaredErrors.size()] += error * error;
        sums.absoluteError += std::abs(error);
        sums.fourthPowers += error * error * error * error;
    }
}

}  // namespace

OutputSums compareOutputs(const OutputBatch& batch) {
    OutputSums sums;
    const std::size_t rows = batch.outputs.size() / batch.width;
    const std::size_t classes = classesOf(batch.width);
    const bool countsVotes = batch.metric == data::Metric::F1 || batch.metric == data::Metric::Miou;
    std::vector<double> logs(classes);
    ClassProbabilities known;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto outputs = batch.outputs.subspan(row * batch.width, batch.width);
        const auto reference = batch.reference.subspan(row * batch.width, batch.width);
        if (countsVotes && row % batch.rowsPerSample == 0) {
            sums.votes.emplace_back();
        }
        std::span<const double> referenceLogs;
        std::span<const double> referenceValues;
        if (batch.referenceLogs.empty()) {
            known = classProbabilities(reference, batch.width, batch.kind);
            referenceLogs = known.logs;
            referenceValues = known.values;
        } else {
            referenceLogs = batch.referenceLogs.subspan(row * classes, classes);
            referenceValues = batch.referenceValues.subspan(row * classes, classes);
        }
        logProbabilities(outputs, batch.kind, logs);
        sums.kl += divergence(referenceLogs, referenceValues, logs);
        const std::int64_t label =
            batch.labels.empty() ? vote(reference, batch.kind) : batch.labels[row];
        const std::int64_t before = hitsOf(batch.metric, sums);
        if (label != data::kIgnoredLabel) {
            score(batch, outputs, logs, label, sums);
        }
        if (batch.keepsHits) {
            sums.hits.push_back(hitsOf(batch.metric, sums) > before ? 1 : 0);
        }
        for (std::size_t i = 0; i < batch.width; ++i) {
            const double difference =
                static_cast<double>(outputs[i]) - static_cast<double>(reference[i]);
            sums.squaredDifference += difference * difference;
        }
    }
    addErrors(batch, sums);
    sums.rows = static_cast<std::int64_t>(rows);
    sums.outputs = static_cast<std::int64_t>(batch.outputs.size());
    return sums;
}

OutputKind outputKindOf(const network::Graph& graph) {
    for (const network::Node& node : graph.nodes) {
        for (const std::string& output : node.outputs) {
            if (output != graph.outputs.front().name) {
                continue;
            }
            if (node.operatorType == "Softmax" || node.operatorType == "Sigmoid") {
                return OutputKind::Probabilities;
            }
            if (node.operatorType == "LogSoftmax") {
                return OutputKind::LogProbabilities;
            }
        }
    }
    return OutputKind::Logits;
}

}  // namespace bitloupe::exploration
