// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/post_training/adaround.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/quantization/post_training/second_moments.h"

namespace bitloupe::quantization {

namespace {

constexpr int kSteps = 600;
constexpr double kWarmUp = 0.2;   ///< share of the steps without the regularizer
constexpr double kStretch = 1.2;  ///< the sigmoid reaches from -0.1 to 1.1 and is cut to 0..1
constexpr double kMargin = 0.1;
/// Of the output error, in units of one step and one mean input, against the regularizer. More of
/// it leaves the variables where they start, since unrounded weights have no error; from 0.01 to
/// 0.1 the choices come out the same.
constexpr double kErrorWeight = 0.05;
constexpr double kRegularizer = 0.01;
constexpr double kFirstPower = 20;
constexpr double kLastPower = 2;
constexpr double kLearningRate = 0.02;

struct Soft {
    double share = 0;  ///< of the way from the lower to the upper value
    double slope = 0;  ///< with respect to the variable
};

Soft rectifiedSigmoid(double variable) {
    const double sigmoid = 1 / (1 + std::exp(-variable));
    const double stretched = sigmoid * kStretch - kMargin;
    const bool inside = stretched > 0 && stretched < 1;
    return {std::clamp(stretched, 0.0, 1.0), inside ? kStretch * sigmoid * (1 - sigmoid) : 0};
}

/// One output channel: its weights, their two candidates, and Adam's state.
class Channel {
public:
    Channel(std::span<float> weights, std::size_t first, const WeightGrid& grid,
            const std::vector<bool>& pruned, const SquareMatrix& moments)
        : m_weights(weights), m_moments(moments), m_size(weights.size()) {
        for (std::size_t i = 0; i < m_size; ++i) {
            const bool isPruned = !pruned.empty() && pruned[first + i];
            const std::pair<float, float> both =
                isPruned ? std::pair(0.0F, 0.0F) : grid.neighbours(first + i, weights[i]);
            const auto low = static_cast<double>(both.first);
            const double gap = static_cast<double>(both.second) - low;
            const double share =
                gap > 0 ? std::clamp((static_cast<double>(weights[i]) - low) / gap, 0.0, 1.0) : 0;
            m_low.push_back(low);
            m_gap.push_back(gap);
            const float rounded = isPruned ? 0.0F : grid.nearest(first + i, weights[i]);
            m_nearest.push_back(rounded);
            const double sigmoid = std::clamp((share + kMargin) / kStretch, 1e-3, 1 - 1e-3);
            m_variable.push_back(std::log(sigmoid / (1 - sigmoid)));
        }
        // In units of one step and one mean input, the error does not depend on the layer's scale.
        double steps = 0;
        double trace = 0;
        for (std::size_t i = 0; i < m_size; ++i) {
            steps += m_gap[i] * m_gap[i];
            trace += moments.at(i, i);
        }
        const double unit = steps * trace / static_cast<double>(m_size * m_size);
        m_unit = unit > 0 ? kErrorWeight / unit : 0;
    }

    void optimize() {
        std::vector<double> first(m_size, 0.0);
        std::vector<double> second(m_size, 0.0);
        std::vector<double> error(m_size);
        std::vector<double> gradient(m_size);
        std::vector<Soft> soft(m_size);
        for (int step = 0; step < kSteps && m_unit > 0; ++step) {
            for (std::size_t i = 0; i < m_size; ++i) {
                soft[i] = rectifiedSigmoid(m_variable[i]);
                error[i] = m_low[i] + m_gap[i] * soft[i].share - static_cast<double>(m_weights[i]);
            }
            multiply(error, gradient);
            const double annealed = (static_cast<double>(step) / kSteps - kWarmUp) / (1 - kWarmUp);
            const double power =
                kLastPower + (kFirstPower - kLastPower) * std::clamp(1 - annealed, 0.0, 1.0);
            for (std::size_t i = 0; i < m_size; ++i) {
                double slope = 2 * m_unit * gradient[i] * m_gap[i];
                if (annealed > 0) {
                    const double centred = 2 * soft[i].share - 1;
                    slope -= kRegularizer * 2 * power *
                             std::copysign(std::pow(std::fabs(centred), power - 1), centred);
                }
                slope *= soft[i].slope;
                first[i] = 0.9 * first[i] + 0.1 * slope;
                second[i] = 0.999 * second[i] + 0.001 * slope * slope;
                const double mean = first[i] / (1 - std::pow(0.9, step + 1));
                const double square = second[i] / (1 - std::pow(0.999, step + 1));
                m_variable[i] -= kLearningRate * mean / (std::sqrt(square) + 1e-8);
            }
        }
    }

    void finish() {
        std::vector<float> chosen(m_size);
        for (std::size_t i = 0; i < m_size; ++i) {
            const bool up = rectifiedSigmoid(m_variable[i]).share >= 0.5;
            chosen[i] = static_cast<float>(m_low[i] + (up ? m_gap[i] : 0));
        }
        const bool isWorse = outputError(chosen) > outputError(m_nearest);
        const std::vector<float>& best = isWorse ? m_nearest : chosen;
        std::copy(best.begin(), best.end(), m_weights.begin());
    }

private:
    void multiply(const std::vector<double>& vector, std::vector<double>& product) const {
        std::fill(product.begin(), product.end(), 0.0);
        for (std::size_t i = 0; i < m_size; ++i) {
            const double factor = vector[i];
            const double* row = m_moments.elements.data() + i * m_size;
            for (std::size_t j = 0; j < m_size; ++j) {
                product[j] += factor * row[j];
            }
        }
    }

    [[nodiscard]] double outputError(const std::vector<float>& rounded) const {
        std::vector<double> error(m_size);
        for (std::size_t i = 0; i < m_size; ++i) {
            error[i] = static_cast<double>(rounded[i]) - static_cast<double>(m_weights[i]);
        }
        std::vector<double> product(m_size);
        multiply(error, product);
        double sum = 0;
        for (std::size_t i = 0; i < m_size; ++i) {
            sum += error[i] * product[i];
        }
        return sum;
    }

    std::span<float> m_weights;
    const SquareMatrix& m_moments;
    std::size_t m_size;
    std::vector<double> m_low;
    std::vector<double> m_gap;
    std::vector<float> m_nearest;
    std::vector<double> m_variable;
    double m_unit = 0;
};

}  // namespace

void roundByAdaRound(std::span<float> weights, const InputRows& inputs, const WeightGrid& grid,
                     const std::vector<bool>& pruned) {
    const std::size_t length = inputs.length;
    if (length == 0 || weights.size() % (length * inputs.groups) != 0) {
        throw std::logic_error("AdaRound needs rows of inputs as long as the rows of weights");
    }
    const std::size_t channels = weights.size() / length / inputs.groups;
    for (std::size_t group = 0; group < inputs.groups; ++group) {
        const SquareMatrix moments = secondMoments(inputs.group(inputs.used(), group), length);
        for (std::size_t channel = group * channels; channel < (group + 1) * channels; ++channel) {
            const std::size_t first = channel * length;
            Channel one(weights.subspan(first, length), first, grid, pruned, moments);
            one.optimize();
            one.finish();
        }
    }
}

}  // namespace bitloupe::quantization
