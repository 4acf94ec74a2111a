// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/additive_fit.h"

#include <algorithm>
#include <cmath>

#include "core/exploration/strategies/linear_solve.h"

namespace bitloupe::exploration {

namespace {

/// Standard deviation of a choice's factor around 1, and of the noise relative to the loss.
constexpr double kFactorSpread = 0.5;
constexpr double kNoise = 0.1;
constexpr double kPriorShrinkage = 0.05;

double total(const SlotTable& scores, const LayerGenes& genes) {
    double sum = 0;
    for (std::size_t slot = 0; slot < genes.size(); ++slot) {
        sum += scores[slot][genes[slot]];
    }
    return sum;
}

/// Weighted ridge: rows are samples, `center` is what the coefficients are shrunk towards, and
/// coefficient j is held by `stiffness[j]`.
std::vector<double> ridge(const std::vector<std::vector<double>>& rows,
                          const std::vector<double>& targets, const std::vector<double>& weights,
                          const std::vector<double>& center, const std::vector<double>& stiffness) {
    const std::size_t n = center.size();
    SquareMatrix normal(n);
    std::vector<double> right(n);
    for (std::size_t i = 0; i < n; ++i) {
        normal.at(i, i) = stiffness[i];
        right[i] = stiffness[i] * center[i];
    }
    for (std::size_t s = 0; s < rows.size(); ++s) {
        for (std::size_t i = 0; i < n; ++i) {
            const double scaled = weights[s] * rows[s][i];
            if (scaled == 0) {
                continue;
            }
            right[i] += scaled * targets[s];
            for (std::size_t j = 0; j < n; ++j) {
                normal.at(i, j) += scaled * rows[s][j];
            }
        }
    }
    return Cholesky(std::move(normal)).solve(std::move(right));
}

/// Base and the share of every prior.
std::vector<double> fitShares(const std::vector<Prior>& priors,
                              std::span<const FitSample> samples) {
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    std::vector<double> weights;
    double weightSum = 0;
    double feature = 0;
    double target = 0;
    double base = samples.front().loss;
    for (const FitSample& sample : samples) {
        base = std::min(base, sample.loss);
    }
    for (const FitSample& sample : samples) {
        std::vector<double> row = {1};
        for (const Prior& prior : priors) {
            row.push_back(total(prior.scores, sample.genes));
            feature += sample.weight * row.back() / static_cast<double>(priors.size());
        }
        rows.push_back(std::move(row));
        targets.push_back(sample.loss);
        weights.push_back(sample.weight);
        weightSum += sample.weight;
        target += sample.weight * (sample.loss - base);
    }
    // Equal shares that explain the mean loss: what the fit is shrunk towards.
    const double share = feature > 0 ? target / feature / static_cast<double>(priors.size()) : 0;
    std::vector<double> center(priors.size() + 1, share);
    center[0] = base;
    std::vector<double> stiffness(priors.size() + 1);
    for (const std::vector<double>& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            stiffness[i] +=
                kPriorShrinkage * weightSum / static_cast<double>(rows.size()) * row[i] * row[i];
        }
    }
    return ridge(rows, targets, weights, center, stiffness);
}

}  // namespace

double AdditiveModel::predict(const LayerGenes& genes) const {
    return base + total(scores, genes);
}

AdditiveModel fitAdditive(const std::vector<Prior>& priors, std::span<const FitSample> samples) {
    AdditiveModel model;
    const std::vector<double> shares = fitShares(priors, samples);
    model.base = shares[0];
    model.scores = priors.front().scores;
    std::vector<std::size_t> offsets;
    std::size_t count = 1;
    for (std::size_t slot = 0; slot < model.scores.size(); ++slot) {
        offsets.push_back(count);
        count += model.scores[slot].size();
        for (std::size_t gene = 0; gene < model.scores[slot].size(); ++gene) {
            double score = 0;
            for (std::size_t p = 0; p < priors.size(); ++p) {
                score += shares[p + 1] * priors[p].scores[slot][gene];
            }
            model.scores[slot][gene] = std::max(score, 0.0);
        }
    }
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    std::vector<double> weights;
    for (const FitSample& sample : samples) {
        std::vector<double> row(count, 0);
        row[0] = 1;
        for (std::size_t slot = 0; slot < sample.genes.size(); ++slot) {
            const std::uint16_t gene = sample.genes[slot];
            row[offsets[slot] + gene] = model.scores[slot][gene];
        }
        rows.push_back(std::move(row));
        targets.push_back(sample.loss);
        // A weight is 1 / (typical loss)^2, so the noise below is relative to the loss.
        weights.push_back(sample.weight / (kNoise * kNoise));
    }
    std::vector<double> center(count, 1);
    center[0] = model.base;
    std::vector<double> stiffness(count, 1 / (kFactorSpread * kFactorSpread));
    stiffness[0] = 1e-6 * weights.front();
    const std::vector<double> factors = ridge(rows, targets, weights, center, stiffness);
    model.base = factors[0];
    for (std::size_t slot = 0; slot < model.scores.size(); ++slot) {
        for (std::size_t gene = 0; gene < model.scores[slot].size(); ++gene) {
            model.scores[slot][gene] *= std::max(factors[offsets[slot] + gene], 0.0);
        }
    }
    return model;
}

}  // namespace bitloupe::exploration
