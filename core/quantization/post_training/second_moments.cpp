// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/post_training/second_moments.h"

#include <cmath>
#include <stdexcept>

namespace bitloupe::quantization {

SquareMatrix secondMoments(std::span<const float> rows, std::size_t length) {
    SquareMatrix sums(length);
    std::vector<double> row(length);
    for (std::size_t begin = 0; begin < rows.size(); begin += length) {
        for (std::size_t i = 0; i < length; ++i) {
            row[i] = static_cast<double>(rows[begin + i]);
        }
        for (std::size_t i = 0; i < length; ++i) {
            const double factor = row[i];
            if (factor == 0) {
                continue;  // half of what follows a ReLU
            }
            double* target = sums.elements.data() + i * length;
            for (std::size_t j = i; j < length; ++j) {
                target[j] += factor * row[j];
            }
        }
    }
    const double count = length == 0 ? 1 : static_cast<double>(rows.size() / length);
    for (std::size_t i = 0; i < length; ++i) {
        for (std::size_t j = i; j < length; ++j) {
            sums.at(i, j) /= count > 0 ? count : 1;
            sums.at(j, i) = sums.at(i, j);
        }
    }
    return sums;
}

std::vector<double> columnMeans(std::span<const float> rows, std::size_t length) {
    std::vector<double> means(length, 0.0);
    for (std::size_t begin = 0; begin < rows.size(); begin += length) {
        for (std::size_t i = 0; i < length; ++i) {
            means[i] += static_cast<double>(rows[begin + i]);
        }
    }
    const double count = length == 0 ? 1 : static_cast<double>(rows.size() / length);
    for (double& mean : means) {
        mean /= count > 0 ? count : 1;
    }
    return means;
}

namespace {

/// The lower Cholesky factor of the matrix with rows and columns in reverse order.
SquareMatrix reversedCholesky(const SquareMatrix& matrix) {
    const std::size_t n = matrix.size;
    SquareMatrix lower(n);
    for (std::size_t i = 0; i < n; ++i) {
        double* rowI = lower.elements.data() + i * n;
        for (std::size_t j = 0; j <= i; ++j) {
            const double* rowJ = lower.elements.data() + j * n;
            double sum = matrix.at(n - 1 - i, n - 1 - j);
            for (std::size_t k = 0; k < j; ++k) {
                sum -= rowI[k] * rowJ[k];
            }
            if (i == j) {
                if (!(sum > 0)) {
                    throw std::logic_error("the matrix is not positive definite");
                }
                rowI[i] = std::sqrt(sum);
            } else {
                rowI[j] = sum / rowJ[j];
            }
        }
    }
    return lower;
}

}  // namespace

// With R the reversal of order and L L^T = R A R, inverse(A) = (R inverse(L) R)^T (R inverse(L) R),
// and the reversal of a lower triangular matrix is upper triangular.
SquareMatrix inverseFactor(const SquareMatrix& matrix) {
    const std::size_t n = matrix.size;
    const SquareMatrix lower = reversedCholesky(matrix);
    SquareMatrix upper(n);
    std::vector<double> row(n);
    SquareMatrix inverse(n);
    for (std::size_t i = 0; i < n; ++i) {
        // Row i of inverse(L): (e_i - sum of L_ik times row k) / L_ii.
        row.assign(n, 0.0);
        for (std::size_t k = 0; k < i; ++k) {
            const double factor = lower.at(i, k);
            const double* known = inverse.elements.data() + k * n;
            for (std::size_t j = 0; j <= k; ++j) {
                row[j] -= factor * known[j];
            }
        }
        row[i] += 1;
        for (std::size_t j = 0; j <= i; ++j) {
            inverse.at(i, j) = row[j] / lower.at(i, i);
            upper.at(n - 1 - i, n - 1 - j) = inverse.at(i, j);
        }
    }
    return upper;
}

}  // namespace bitloupe::quantization
