// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace bitloupe::exploration {

/// A square matrix, row by row.
struct SquareMatrix {
    explicit SquareMatrix(std::size_t rows) : size(rows), values(rows * rows, 0) {}
    [[nodiscard]] double& at(std::size_t row, std::size_t column) {
        return values[row * size + column];
    }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const {
        return values[row * size + column];
    }

    std::size_t size;
    std::vector<double> values;
};

/// The lower factor of a symmetric positive definite matrix. Pivots that rounding made too small
/// are raised to a tiny positive value, so a matrix that is only nearly definite still works.
class Cholesky {
public:
    explicit Cholesky(SquareMatrix matrix);
    [[nodiscard]] std::vector<double> solve(std::vector<double> right) const;
    /// The first half of a solve: L^-1 right.
    [[nodiscard]] std::vector<double> forward(std::vector<double> right) const;
    /// Logarithm of the determinant of the matrix.
    [[nodiscard]] double logDeterminant() const;

private:
    SquareMatrix m_lower;
};

/// Gaussian elimination with partial pivoting, for matrices that are not definite. Columns without
/// a pivot get 0.
[[nodiscard]] std::vector<double> solveGeneral(SquareMatrix matrix, std::vector<double> right);

}  // namespace bitloupe::exploration
