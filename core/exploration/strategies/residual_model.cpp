// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/residual_model.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::exploration {

namespace {

/// Scores are scaled to a mean of 1; below this share a choice is as good as float.
constexpr double kSmallestScore = 0x1p-20;

void standardize(std::vector<double>& values) {
    double mean = 0;
    double square = 0;
    const auto count = static_cast<double>(values.size());
    for (const double value : values) {
        mean += value / count;
    }
    for (const double value : values) {
        square += (value - mean) * (value - mean) / count;
    }
    for (double& value : values) {
        value = square > 0 ? (value - mean) / std::sqrt(square) : 0;
    }
}

}  // namespace

ResidualModel::ResidualModel(const std::vector<Prior>& priors, double smallest)
    : m_smallest(smallest) {
    if (priors.empty()) {
        return;
    }
    m_features = priors.front().scores;
    for (std::size_t slot = 0; slot < m_features.size(); ++slot) {
        for (std::size_t gene = 0; gene < m_features[slot].size(); ++gene) {
            double score = 0;
            for (const Prior& prior : priors) {
                score += prior.scores[slot][gene] / static_cast<double>(priors.size());
            }
            m_features[slot][gene] = std::log(std::max(score, kSmallestScore));
        }
        standardize(m_features[slot]);
    }
}

std::vector<ExpectedLoss> ResidualModel::predict(const AdditiveModel& model,
                                                 std::span<const FitSample> samples,
                                                 std::span<const LayerGenes> wanted,
                                                 Random& random) {
    const auto additive = [&](const LayerGenes& genes) {
        return std::log(std::max(model.predict(genes), m_smallest));
    };
    const auto featuresOf = [&](const LayerGenes& genes) {
        Features features;
        for (std::size_t slot = 0; slot < genes.size(); ++slot) {
            features.push_back(m_features[slot][genes[slot]]);
        }
        features.push_back(additive(genes));
        return features;
    };
    std::vector<Features> known;
    std::vector<Losses> residuals;
    for (const FitSample& sample : samples) {
        known.push_back(featuresOf(sample.genes));
        residuals.push_back({std::log(std::max(sample.loss, m_smallest)) - known.back().back()});
    }
    std::vector<Features> asked;
    std::transform(wanted.begin(), wanted.end(), std::back_inserter(asked), featuresOf);
    const Geometry geometry(std::move(known), std::move(asked));
    const Prediction prediction = m_process->predict(geometry, residuals, random);
    std::vector<ExpectedLoss> expected;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        expected.push_back({.mean = geometry.wanted[i].back() + prediction.means[i][0],
                            .spread = prediction.spreads[i][0]});
    }
    return expected;
}

}  // namespace bitloupe::exploration
