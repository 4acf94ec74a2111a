// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/exploration/strategies/linear_solve.h"
#include "core/exploration/strategies/surrogates.h"

namespace bitloupe::exploration {

namespace {

/// The likelihood is climbed on at most this many designs, spread over all of them.
constexpr std::size_t kMostForLikelihood = 200;
constexpr int kFirstSweeps = 6;  ///< later fits start from the last one and need one

/// Logarithms of the length of every feature, then of the noise variance.
using Parameters = std::vector<double>;

/// Matern 3/2 over features that are divided by their lengths.
class Kernel {
public:
    explicit Kernel(const Parameters& parameters) {
        for (std::size_t f = 0; f + 1 < parameters.size(); ++f) {
            m_inverse.push_back(std::exp(-2 * parameters[f]));
        }
    }
    [[nodiscard]] double operator()(const Features& a, const Features& b) const {
        double square = 0;
        for (std::size_t f = 0; f < m_inverse.size(); ++f) {
            square += (a[f] - b[f]) * (a[f] - b[f]) * m_inverse[f];
        }
        const double scaled = std::sqrt(3 * square);
        return (1 + scaled) * std::exp(-scaled);
    }

private:
    std::vector<double> m_inverse;
};

Cholesky factorOf(const std::vector<Features>& known, const Parameters& parameters) {
    const Kernel kernel(parameters);
    SquareMatrix matrix(known.size());
    for (std::size_t i = 0; i < matrix.size; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            matrix.at(i, j) = kernel(known[i], known[j]);
            matrix.at(j, i) = matrix.at(i, j);
        }
        matrix.at(i, i) = 1 + std::exp(parameters.back());
    }
    return Cholesky(std::move(matrix));
}

double squareSum(const std::vector<double>& values) {
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/// Of a column with mean 0; the amplitude of the kernel is at its optimum. A log-normal prior of
/// the parameters (spread 2 in the logarithm) keeps those that few designs say nothing about.
double logPosterior(const std::vector<Features>& known, const std::vector<double>& column,
                    const Parameters& parameters, const Parameters& center) {
    constexpr double kPriorSpread = 2;
    const Cholesky factor = factorOf(known, parameters);
    const auto count = static_cast<double>(column.size());
    const double amplitude = squareSum(factor.forward(column)) / count;
    double value = -0.5 * (factor.logDeterminant() + count * std::log(amplitude + 1e-300));
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const double off = (parameters[p] - center[p]) / kPriorSpread;
        value -= 0.5 * off * off;
    }
    return value;
}

/// Every n-th of the values, so that few enough are left.
template <typename T>
std::vector<T> thinned(const std::vector<T>& values) {
    const std::size_t step = (values.size() + kMostForLikelihood - 1) / kMostForLikelihood;
    std::vector<T> kept;
    for (std::size_t i = 0; i < values.size(); i += step) {
        kept.push_back(values[i]);
    }
    return kept;
}

/// The process of one objective.
class Process {
public:
    void fit(const std::vector<Features>& known, const std::vector<double>& losses);
    /// Mean and standard deviation.
    [[nodiscard]] std::pair<double, double> predict(const std::vector<Features>& known,
                                                    const Features& wanted) const;

private:
    void climb(const std::vector<Features>& known, const std::vector<double>& column);

    Parameters m_parameters;
    double m_step = 1;  ///< of the climb, in the logarithm
    double m_mean = 0;
    double m_amplitude = 1;
    Cholesky m_factor{SquareMatrix(0)};
    std::vector<double> m_weights;
};

/// Pattern search, one parameter after the other.
void Process::climb(const std::vector<Features>& known, const std::vector<double>& column) {
    Parameters center(known.front().size() + 1, std::log(2.0));
    center.back() = std::log(1e-3);
    const bool isFirst = m_parameters.empty();
    if (isFirst) {
        m_parameters = center;
    }
    double best = logPosterior(known, column, m_parameters, center);
    for (int sweep = 0; sweep < (isFirst ? kFirstSweeps : 1); ++sweep) {
        bool hasMoved = false;
        for (double& parameter : m_parameters) {
            for (const double step : {m_step, -m_step}) {
                const double before = std::exchange(parameter, parameter + step);
                const double here = logPosterior(known, column, m_parameters, center);
                if (here > best) {
                    best = here;
                    hasMoved = true;
                    break;
                }
                parameter = before;
            }
        }
        // Small steps grow again: what is likely changes while designs are measured.
        m_step = hasMoved ? std::min(m_step * 2, 1.0) : std::max(m_step / 2, 0.1);
    }
}

void Process::fit(const std::vector<Features>& known, const std::vector<double>& losses) {
    m_mean =
        std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
    std::vector<double> column = losses;
    for (double& value : column) {
        value -= m_mean;
    }
    climb(thinned(known), thinned(column));
    m_factor = factorOf(known, m_parameters);
    m_amplitude = squareSum(m_factor.forward(column)) / static_cast<double>(column.size());
    m_weights = m_factor.solve(std::move(column));
}

std::pair<double, double> Process::predict(const std::vector<Features>& known,
                                           const Features& wanted) const {
    const Kernel kernel(m_parameters);
    std::vector<double> row;
    row.reserve(known.size());
    for (const Features& design : known) {
        row.push_back(kernel(wanted, design));
    }
    const double mean = m_mean + std::inner_product(row.begin(), row.end(), m_weights.begin(), 0.0);
    const double left = 1 - squareSum(m_factor.forward(std::move(row)));
    return {mean, std::sqrt(std::max(m_amplitude * left, 0.0))};
}

class GaussianProcess : public Surrogate {
public:
    Prediction predict(const Geometry& geometry, const std::vector<Losses>& losses,
                       Random& /*random*/) override {
        const std::size_t objectives = losses.front().size();
        m_processes.resize(objectives);
        Prediction prediction{
            .means = std::vector<Losses>(geometry.wanted.size(), Losses(objectives)),
            .spreads = std::vector<Losses>(geometry.wanted.size(), Losses(objectives))};
        for (std::size_t d = 0; d < objectives; ++d) {
            std::vector<double> column;
            for (const Losses& row : losses) {
                column.push_back(row[d]);
            }
            m_processes[d].fit(geometry.known, column);
            for (std::size_t i = 0; i < geometry.wanted.size(); ++i) {
                std::tie(prediction.means[i][d], prediction.spreads[i][d]) =
                    m_processes[d].predict(geometry.known, geometry.wanted[i]);
            }
        }
        return prediction;
    }

private:
    std::vector<Process> m_processes;
};

}  // namespace

std::unique_ptr<Surrogate> makeGaussianProcess() {
    return std::make_unique<GaussianProcess>();
}

}  // namespace bitloupe::exploration
