// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/sherlock_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace bitloupe::exploration {

namespace {

constexpr double kRewardFactor = 10;
constexpr std::size_t kSmoothing = 5;

/// Beta(a, b) as a ratio of gamma variates (Marsaglia and Tsang 2000; a, b >= 1).
double drawGamma(double shape, Random& random) {
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = random.normal();
        const double v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
            return d * v;
        }
    }
}

double trailingMean(const std::vector<double>& values, std::size_t end) {
    const std::size_t count = std::min(end, kSmoothing);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(end);
    return std::accumulate(last - static_cast<std::ptrdiff_t>(count), last, 0.0) /
           static_cast<double>(count);
}

/// How far each row is ahead of the mean, summed over the objectives.
std::vector<double> scoresOf(const std::vector<Losses>& rows) {
    std::vector<double> scores(rows.size(), 0);
    for (std::size_t d = 0; d < rows.front().size(); ++d) {
        double mean = 0;
        for (const Losses& row : rows) {
            mean += row[d] / static_cast<double>(rows.size());
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            scores[i] += mean - rows[i][d];
        }
    }
    return scores;
}

}  // namespace

void SherlockSearch::prepare(const std::vector<Sample>& samples) {
    const auto count = static_cast<double>(samples.size());
    const std::size_t objectives = samples.front().losses.size();
    m_scale.assign(objectives, 1);
    m_reference = samples.front().losses;
    std::vector<Features> features;
    for (std::size_t d = 0; d < objectives; ++d) {
        double mean = 0;
        double square = 0;
        for (const Sample& sample : samples) {
            mean += sample.losses[d] / count;
            m_reference[d] = std::max(m_reference[d], sample.losses[d]);
        }
        for (const Sample& sample : samples) {
            square += (sample.losses[d] - mean) * (sample.losses[d] - mean) / count;
        }
        m_scale[d] = square > 0 ? 1 / std::sqrt(square) : 1;
    }
    for (const Sample& sample : samples) {
        features.push_back(sample.features);
    }
    const double width = meanDistance(features);
    m_arms.resize(4);
    m_arms[0].surrogate = makeRadialBasisConsensus(RadialBasis::ThinPlate, width);
    m_arms[1].surrogate = makeRadialBasisConsensus(RadialBasis::Multiquadric, width);
    m_arms[2].surrogate = makeRandomForest();
    m_arms[3].surrogate = makeGaussianProcess();
}

void SherlockSearch::reward(const std::vector<Sample>& samples) {
    std::vector<Losses> points;
    for (const Sample& sample : samples) {
        points.push_back(sample.losses);
    }
    const double volume = hypervolume(points, m_reference);
    if (m_lastArm.has_value()) {
        Arm& arm = m_arms[*m_lastArm];
        (volume > m_volume ? arm.wins : arm.defeats) += kRewardFactor;
    }
    m_volume = volume;
}

std::size_t SherlockSearch::drawArm() {
    std::size_t best = 0;
    double highest = -1;
    for (std::size_t i = 0; i < m_arms.size(); ++i) {
        const double wins = drawGamma(m_arms[i].wins, m_random);
        const double drawn = wins / (wins + drawGamma(m_arms[i].defeats, m_random));
        if (drawn > highest) {
            best = i;
            highest = drawn;
        }
    }
    return best;
}

void SherlockSearch::switchAction(const Arm& arm) {
    const std::size_t count = arm.scores.size();
    if (count >= 2 && trailingMean(arm.scores, count) < trailingMean(arm.scores, count - 1)) {
        m_action = m_action == Action::Exploit ? Action::Explore : Action::Exploit;
    }
}

std::vector<std::size_t> SherlockSearch::choose(const std::vector<Sample>& samples,
                                                const std::vector<Candidate>& candidates,
                                                std::size_t count) {
    if (candidates.empty()) {
        return {};
    }
    if (m_arms.empty()) {
        prepare(samples);
    }
    reward(samples);
    std::vector<Features> known;
    std::vector<Losses> losses;
    for (const Sample& sample : samples) {
        known.push_back(sample.features);
        losses.push_back(sample.losses);
        for (std::size_t d = 0; d < m_scale.size(); ++d) {
            losses.back()[d] *= m_scale[d];
        }
    }
    std::vector<Features> wanted;
    for (const Candidate& candidate : candidates) {
        wanted.push_back(candidate.features);
    }
    const Geometry geometry(std::move(known), std::move(wanted));
    m_lastArm = drawArm();
    Arm& arm = m_arms[*m_lastArm];
    Prediction prediction = arm.surrogate->predict(geometry, losses, m_random);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        for (std::size_t d = 0; d < candidates[i].known.size(); ++d) {
            if (!std::isnan(candidates[i].known[d])) {
                prediction.means[i][d] = candidates[i].known[d] * m_scale[d];
            }
        }
    }
    const std::vector<double> scores = scoresOf(prediction.means);
    std::vector<std::size_t> front = paretoFront(prediction.means);
    arm.scores.push_back(
        scores[*std::max_element(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
            return scores[a] < scores[b];
        })]);
    switchAction(arm);
    const std::vector<double>& order = m_action == Action::Exploit ? scores : prediction.spreads;
    std::stable_sort(front.begin(), front.end(),
                     [&](std::size_t a, std::size_t b) { return order[a] > order[b]; });
    front.resize(std::min(front.size(), count));
    return front;
}

}  // namespace bitloupe::exploration
