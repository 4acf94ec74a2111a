// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/votes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/exploration/intervals.h"

namespace bitloupe::exploration {

namespace {

/// Hits, labels and votes of a class, over all samples.
struct ClassTotal {
    double hits = 0;
    double labels = 0;
    double votes = 0;
};

std::vector<ClassTotal> totalsOf(std::span<const SampleVotes> samples, std::size_t classes) {
    std::vector<ClassTotal> totals(classes);
    for (const SampleVotes& sample : samples) {
        for (const VoteCount& cell : sample) {
            const auto count = static_cast<double>(cell.count);
            totals[static_cast<std::size_t>(cell.label)].labels += count;
            totals[static_cast<std::size_t>(cell.vote)].votes += count;
            totals[static_cast<std::size_t>(cell.label)].hits +=
                cell.label == cell.vote ? count : 0;
        }
    }
    return totals;
}

/// Mean over the classes of a * hits / (labels + votes - b * hits), whose derivatives give the
/// influence of each sample.
Estimate meanOfRatios(std::span<const SampleVotes> samples, std::size_t classes, double a,
                      double b) {
    const std::vector<ClassTotal> totals = totalsOf(samples, classes);
    std::vector<double> ratios(classes, 0.0);
    std::vector<double> below(classes, 0.0);
    double sum = 0;
    double occurring = 0;
    for (std::size_t i = 0; i < classes; ++i) {
        below[i] = totals[i].labels + totals[i].votes - b * totals[i].hits;
        ratios[i] = below[i] > 0 ? a * totals[i].hits / below[i] : 0;
        sum += ratios[i];
        occurring += below[i] > 0 ? 1 : 0;
    }
    if (occurring == 0) {
        return {0, {0, 1}};
    }
    double variance = 0;
    for (const SampleVotes& sample : samples) {
        double influence = 0;
        for (const VoteCount& cell : sample) {
            const auto label = static_cast<std::size_t>(cell.label);
            const auto vote = static_cast<std::size_t>(cell.vote);
            const auto count = static_cast<double>(cell.count);
            influence -= count * ratios[label] / below[label];
            influence -= count * ratios[vote] / below[vote];
            influence += label == vote ? count * (a + b * ratios[label]) / below[label] : 0;
        }
        variance += influence * influence;
    }
    const double value = sum / occurring;
    return {value, normalInterval(value, std::sqrt(variance) / occurring, 0, 1)};
}

/// The area of one class and what each row adds to its error.
class ClassArea {
public:
    ClassArea(std::span<const float> scores, std::span<const std::int64_t> labels,
              std::size_t classes, std::size_t wanted)
        : m_order(labels.size()) {
        std::iota(m_order.begin(), m_order.end(), std::size_t{0});
        // NaN is taken as the lowest score, or the order would not be one.
        const auto scoreOf = [&](std::size_t row) {
            const float score = scores[row * classes + wanted];
            return std::isnan(score) ? -std::numeric_limits<float>::infinity() : score;
        };
        std::sort(m_order.begin(), m_order.end(), [&](std::size_t one, std::size_t other) {
            return scoreOf(one) < scoreOf(other) || (scoreOf(one) == scoreOf(other) && one < other);
        });
        for (const std::int64_t label : labels) {
            (label == static_cast<std::int64_t>(wanted) ? m_positives : m_negatives) += 1;
        }
        if (!isDefined()) {
            return;
        }
        m_placements.resize(labels.size());
        double positivesBelow = 0;
        double negativesBelow = 0;
        for (std::size_t begin = 0; begin < m_order.size();) {
            std::size_t end = begin;
            double tiedPositives = 0;
            double tiedNegatives = 0;
            for (; end < m_order.size() && scoreOf(m_order[end]) == scoreOf(m_order[begin]);
                 ++end) {
                const bool positive = labels[m_order[end]] == static_cast<std::int64_t>(wanted);
                (positive ? tiedPositives : tiedNegatives) += 1;
            }
            for (std::size_t i = begin; i < end; ++i) {
                const bool positive = labels[m_order[i]] == static_cast<std::int64_t>(wanted);
                m_placements[m_order[i]] =
                    positive ? (negativesBelow + tiedNegatives / 2) / m_negatives
                             : 1 - (positivesBelow + tiedPositives / 2) / m_positives;
            }
            m_area += tiedPositives * (negativesBelow + tiedNegatives / 2);
            positivesBelow += tiedPositives;
            negativesBelow += tiedNegatives;
            begin = end;
        }
        m_area /= m_positives * m_negatives;
    }

    [[nodiscard]] bool isDefined() const { return m_positives > 0 && m_negatives > 0; }
    [[nodiscard]] double area() const { return m_area; }
    [[nodiscard]] double influence(std::size_t row, bool positive) const {
        return (m_placements[row] - m_area) / (positive ? m_positives : m_negatives);
    }

private:
    std::vector<std::size_t> m_order;
    std::vector<double> m_placements;
    double m_positives = 0;
    double m_negatives = 0;
    double m_area = 0;
};

}  // namespace

void addVote(SampleVotes& votes, std::int64_t label, std::int64_t vote) {
    const auto l = static_cast<std::int32_t>(label);
    const auto v = static_cast<std::int32_t>(vote);
    // Kept sorted: pixels of one image fall into few of many possible cells.
    const auto place = std::lower_bound(votes.begin(), votes.end(), std::pair{l, v},
                                        [](const VoteCount& cell, const auto& wanted) {
                                            return std::pair{cell.label, cell.vote} < wanted;
                                        });
    if (place != votes.end() && place->label == l && place->vote == v) {
        ++place->count;
    } else {
        votes.insert(place, {l, v, 1});
    }
}

Estimate macroF1(std::span<const SampleVotes> samples, std::size_t classes) {
    return meanOfRatios(samples, classes, 2, 0);
}

Estimate meanIou(std::span<const SampleVotes> samples, std::size_t classes) {
    return meanOfRatios(samples, classes, 1, 1);
}

Estimate macroAuc(std::span<const float> scores, std::span<const std::int64_t> labels,
                  std::size_t classes) {
    std::vector<double> influences(labels.size(), 0.0);
    double sum = 0;
    double defined = 0;
    for (std::size_t i = 0; i < classes; ++i) {
        const ClassArea area(scores, labels, classes, i);
        if (!area.isDefined()) {
            continue;
        }
        sum += area.area();
        defined += 1;
        for (std::size_t row = 0; row < labels.size(); ++row) {
            influences[row] += area.influence(row, labels[row] == static_cast<std::int64_t>(i));
        }
    }
    if (defined == 0) {
        return {0.5, {0, 1}};
    }
    double variance = 0;
    for (const double influence : influences) {
        variance += influence * influence;
    }
    const double value = sum / defined;
    return {value, normalInterval(value, std::sqrt(variance) / defined, 0, 1)};
}

}  // namespace bitloupe::exploration
