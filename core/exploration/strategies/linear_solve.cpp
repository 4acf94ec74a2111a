// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/linear_solve.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bitloupe::exploration {

namespace {

constexpr double kTiny = 1e-12;

}  // namespace

Cholesky::Cholesky(SquareMatrix matrix) : m_lower(std::move(matrix)) {
    double largest = 0;
    for (std::size_t i = 0; i < m_lower.size; ++i) {
        largest = std::max(largest, m_lower.at(i, i));
    }
    for (std::size_t column = 0; column < m_lower.size; ++column) {
        for (std::size_t row = column; row < m_lower.size; ++row) {
            double value = m_lower.at(row, column);
            for (std::size_t k = 0; k < column; ++k) {
                value -= m_lower.at(row, k) * m_lower.at(column, k);
            }
            m_lower.at(row, column) = row == column
                                          ? std::sqrt(std::max(value, kTiny * largest + 1e-300))
                                          : value / m_lower.at(column, column);
        }
    }
}

std::vector<double> Cholesky::forward(std::vector<double> right) const {
    for (std::size_t row = 0; row < m_lower.size; ++row) {
        for (std::size_t k = 0; k < row; ++k) {
            right[row] -= m_lower.at(row, k) * right[k];
        }
        right[row] /= m_lower.at(row, row);
    }
    return right;
}

std::vector<double> Cholesky::solve(std::vector<double> right) const {
    right = forward(std::move(right));
    for (std::size_t row = m_lower.size; row > 0; --row) {
        for (std::size_t k = row; k < m_lower.size; ++k) {
            right[row - 1] -= m_lower.at(k, row - 1) * right[k];
        }
        right[row - 1] /= m_lower.at(row - 1, row - 1);
    }
    return right;
}

double Cholesky::logDeterminant() const {
    double sum = 0;
    for (std::size_t i = 0; i < m_lower.size; ++i) {
        sum += 2 * std::log(m_lower.at(i, i));
    }
    return sum;
}

std::vector<double> solveGeneral(SquareMatrix matrix, std::vector<double> right) {
    const std::size_t n = matrix.size;
    double largest = 0;
    for (const double value : matrix.values) {
        largest = std::max(largest, std::abs(value));
    }
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t row = column + 1; row < n; ++row) {
            if (std::abs(matrix.at(row, column)) > std::abs(matrix.at(pivot, column))) {
                pivot = row;
            }
        }
        if (std::abs(matrix.at(pivot, column)) <= kTiny * largest) {
            continue;
        }
        for (std::size_t k = 0; k < n; ++k) {
            std::swap(matrix.at(pivot, k), matrix.at(column, k));
        }
        std::swap(right[pivot], right[column]);
        for (std::size_t row = column + 1; row < n; ++row) {
            const double factor = matrix.at(row, column) / matrix.at(column, column);
            for (std::size_t k = column; k < n; ++k) {
                matrix.at(row, k) -= factor * matrix.at(column, k);
            }
            right[row] -= factor * right[column];
        }
    }
    for (std::size_t row = n; row > 0; --row) {
        const double diagonal = matrix.at(row - 1, row - 1);
        for (std::size_t k = row; k < n; ++k) {
            right[row - 1] -= matrix.at(row - 1, k) * right[k];
        }
        right[row - 1] = std::abs(diagonal) <= kTiny * largest ? 0 : right[row - 1] / diagonal;
    }
    return right;
}

}  // namespace bitloupe::exploration
