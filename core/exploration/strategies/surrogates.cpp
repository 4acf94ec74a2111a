// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/surrogates.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/exploration/strategies/linear_solve.h"

namespace bitloupe::exploration {

double distance(const Features& a, const Features& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return std::sqrt(sum);
}

double meanDistance(const std::vector<Features>& designs) {
    double sum = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < designs.size(); ++i) {
        for (std::size_t j = i + 1; j < designs.size(); ++j) {
            sum += distance(designs[i], designs[j]);
            pairs += 1;
        }
    }
    return pairs > 0 ? sum / pairs : 1;
}

std::vector<Features> standardized(std::vector<Features> designs) {
    const auto count = static_cast<double>(designs.size());
    for (std::size_t f = 0; !designs.empty() && f < designs.front().size(); ++f) {
        double mean = 0;
        double square = 0;
        for (const Features& design : designs) {
            mean += design[f] / count;
        }
        for (const Features& design : designs) {
            square += (design[f] - mean) * (design[f] - mean) / count;
        }
        const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
        for (Features& design : designs) {
            design[f] = (design[f] - mean) * scale;
        }
    }
    return designs;
}

namespace {

std::vector<std::vector<double>> distances(const std::vector<Features>& from,
                                           const std::vector<Features>& to) {
    std::vector<std::vector<double>> all(from.size(), std::vector<double>(to.size()));
    for (std::size_t i = 0; i < from.size(); ++i) {
        for (std::size_t j = 0; j < to.size(); ++j) {
            all[i][j] = distance(from[i], to[j]);
        }
    }
    return all;
}

}  // namespace

Geometry::Geometry(std::vector<Features> measured, std::vector<Features> asked)
    : known(std::move(measured)),
      wanted(std::move(asked)),
      knownDistances(distances(known, known)),
      wantedDistances(distances(wanted, known)) {}

std::vector<std::size_t> transductiveDesign(const std::vector<Features>& designs,
                                            std::size_t count) {
    constexpr double kRegularization = 1e-3;
    const std::size_t n = designs.size();
    double range = 0;
    for (std::size_t f = 0; n > 0 && f < designs.front().size(); ++f) {
        const auto less = [f](const Features& a, const Features& b) { return a[f] < b[f]; };
        const auto [low, high] = std::minmax_element(designs.begin(), designs.end(), less);
        range = std::max(range, (*high)[f] - (*low)[f]);
    }
    std::vector<std::vector<double>> kernel = distances(designs, designs);
    for (std::vector<double>& row : kernel) {
        for (double& value : row) {
            value = range > 0 ? std::exp(-value * value / (2 * range)) : 1;
        }
    }
    std::vector<std::size_t> chosen;
    while (chosen.size() < std::min(count, n)) {
        std::size_t best = n;
        double bestGain = -1;
        for (std::size_t v = 0; v < n; ++v) {
            const double gain =
                std::inner_product(kernel[v].begin(), kernel[v].end(), kernel[v].begin(), 0.0) /
                (kernel[v][v] + kRegularization);
            const bool isNew = std::find(chosen.begin(), chosen.end(), v) == chosen.end();
            // Symmetric designs tie but for rounding: the first one is taken.
            if (isNew && gain > bestGain * (1 + 1e-9)) {
                best = v;
                bestGain = gain;
            }
        }
        chosen.push_back(best);
        const std::vector<double> row = kernel[best];
        const double pivot = row[best] + kRegularization;
        for (std::size_t i = 0; i < n; ++i) {
            const double factor = row[i] / pivot;
            for (std::size_t j = 0; j < n; ++j) {
                kernel[i][j] -= factor * row[j];
            }
        }
    }
    return chosen;
}

namespace {

/// Adds up rounds of predictions for mean and spread.
class Rounds {
public:
    Rounds(std::size_t designs, std::size_t objectives)
        : m_sums(designs, Losses(objectives)), m_squares(designs, Losses(objectives)) {}

    void add(std::size_t design, std::size_t objective, double value) {
        m_sums[design][objective] += value;
        m_squares[design][objective] += value * value;
    }
    [[nodiscard]] Prediction finish(double rounds) && {
        Prediction prediction;
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            for (std::size_t d = 0; d < m_sums[i].size(); ++d) {
                m_sums[i][d] /= rounds;
                const double square = m_squares[i][d] / rounds;
                m_squares[i][d] = std::sqrt(std::max(square - m_sums[i][d] * m_sums[i][d], 0.0));
            }
        }
        prediction.means = std::move(m_sums);
        prediction.spreads = std::move(m_squares);
        return prediction;
    }

private:
    std::vector<Losses> m_sums;
    std::vector<Losses> m_squares;
};

class RadialBasisConsensus : public Surrogate {
public:
    RadialBasisConsensus(RadialBasis basis, double width) : m_basis(basis), m_width(width) {}

    Prediction predict(const Geometry& geometry, const std::vector<Losses>& losses,
                       Random& random) override {
        const std::size_t objectives = losses.front().size();
        const std::vector<std::vector<double>> known = kernelOf(geometry.knownDistances);
        const std::vector<std::vector<double>> wanted = kernelOf(geometry.wantedDistances);
        Rounds rounds(geometry.wanted.size(), objectives);
        std::vector<std::size_t> order(losses.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (int round = 0; round < kRounds; ++round) {
            random.shuffle(order);
            const auto used =
                static_cast<std::size_t>(std::ceil(kShare * static_cast<double>(order.size())));
            const std::vector<std::size_t> subset(
                order.begin(), order.begin() + static_cast<std::ptrdiff_t>(used));
            for (std::size_t d = 0; d < objectives; ++d) {
                addRound(known, wanted, losses, subset, d, rounds);
            }
        }
        return std::move(rounds).finish(kRounds);
    }

private:
    static constexpr int kRounds = 32;
    static constexpr double kShare = 0.6;

    /// Interpolates with a linear tail, without which these bases are not definite (Wendland,
    /// "Scattered data approximation", 2005, chapter 8): far from all known designs the trend
    /// stays.
    static void addRound(const std::vector<std::vector<double>>& known,
                         const std::vector<std::vector<double>>& wanted,
                         const std::vector<Losses>& losses, const std::vector<std::size_t>& subset,
                         std::size_t objective, Rounds& rounds) {
        // Interpolates what is left above the mean: far from all known designs the mean remains.
        double mean = 0;
        for (const std::size_t i : subset) {
            mean += losses[i][objective] / static_cast<double>(subset.size());
        }
        SquareMatrix matrix(subset.size());
        std::vector<double> right(subset.size());
        for (std::size_t i = 0; i < subset.size(); ++i) {
            for (std::size_t j = 0; j < subset.size(); ++j) {
                matrix.at(i, j) = known[subset[i]][subset[j]];
            }
            right[i] = losses[subset[i]][objective] - mean;
        }
        const std::vector<double> weights = solveGeneral(std::move(matrix), std::move(right));
        for (std::size_t w = 0; w < wanted.size(); ++w) {
            double value = mean;
            for (std::size_t i = 0; i < subset.size(); ++i) {
                value += weights[i] * wanted[w][subset[i]];
            }
            rounds.add(w, objective, value);
        }
    }

    [[nodiscard]] std::vector<std::vector<double>> kernelOf(
        std::vector<std::vector<double>> values) const {
        for (std::vector<double>& row : values) {
            for (double& r : row) {
                if (m_basis == RadialBasis::ThinPlate) {
                    r = r > 0 ? r * r * std::log(r) : 0;
                } else {
                    r = std::sqrt(r / m_width * (r / m_width) + 1);
                }
            }
        }
        return values;
    }

    RadialBasis m_basis;
    double m_width;
};

}  // namespace

std::unique_ptr<Surrogate> makeRadialBasisConsensus(RadialBasis basis, double width) {
    return std::make_unique<RadialBasisConsensus>(basis, width > 0 ? width : 1);
}

}  // namespace bitloupe::exploration
