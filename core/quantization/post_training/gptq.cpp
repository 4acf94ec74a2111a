// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/post_training/gptq.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "core/quantization/post_training/second_moments.h"

namespace bitloupe::quantization {

namespace {

constexpr double kDamping = 0.01;

/// Inputs in the order in which their weights are rounded.
std::vector<std::size_t> columnsInOrder(const SquareMatrix& moments, ColumnOrder order) {
    std::vector<std::size_t> columns(moments.size);
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    if (order == ColumnOrder::Activation) {
        std::stable_sort(columns.begin(), columns.end(), [&](std::size_t a, std::size_t b) {
            return moments.at(a, a) > moments.at(b, b);
        });
    }
    return columns;
}

/// The factor by which an error moves on, for moments in the order of `columns`.
SquareMatrix errorFactor(const SquareMatrix& moments, const std::vector<std::size_t>& columns) {
    const std::size_t n = moments.size;
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) {
        mean += moments.at(i, i) / static_cast<double>(n);
    }
    const double damping = mean > 0 ? kDamping * mean : 1;  // inputs that are always 0 stay apart
    SquareMatrix ordered(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            ordered.at(i, j) = moments.at(columns[i], columns[j]);
        }
        ordered.at(i, i) += damping;
    }
    return inverseFactor(ordered);
}

}  // namespace

void roundByGptq(std::span<float> weights, const InputRows& inputs, const WeightGrid& grid,
                 const std::vector<bool>& pruned, ColumnOrder order) {
    const std::size_t length = inputs.length;
    if (length == 0 || weights.size() % (length * inputs.groups) != 0) {
        throw std::logic_error("GPTQ needs rows of inputs as long as the rows of weights");
    }
    const std::size_t channels = weights.size() / length / inputs.groups;
    std::vector<double> row(length);
    for (std::size_t group = 0; group < inputs.groups; ++group) {
        const SquareMatrix moments = secondMoments(inputs.group(inputs.used(), group), length);
        const std::vector<std::size_t> columns = columnsInOrder(moments, order);
        const SquareMatrix factor = errorFactor(moments, columns);
        for (std::size_t channel = group * channels; channel < (group + 1) * channels; ++channel) {
            const std::size_t first = channel * length;
            for (std::size_t i = 0; i < length; ++i) {
                row[i] = static_cast<double>(weights[first + columns[i]]);
            }
            for (std::size_t i = 0; i < length; ++i) {
                const std::size_t place = first + columns[i];
                const bool isPruned = !pruned.empty() && pruned[place];
                weights[place] = isPruned ? 0.0F : grid.nearest(place, static_cast<float>(row[i]));
                const double* moves = factor.elements.data() + i * length;
                const double error = (row[i] - static_cast<double>(weights[place])) / moves[i];
                for (std::size_t j = i + 1; j < length; ++j) {
                    row[j] -= error * moves[j];
                }
            }
        }
    }
}

}  // namespace bitloupe::quantization
