// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bitloupe::quantization {

/// A square matrix, row by row.
struct SquareMatrix {
    std::size_t size = 0;
    std::vector<double> elements;

    explicit SquareMatrix(std::size_t n = 0) : size(n), elements(n * n, 0.0) {}
    double& at(std::size_t row, std::size_t column) { return elements[row * size + column]; }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const {
        return elements[row * size + column];
    }
};

/// X^T X / rows of a matrix of `length` columns.
[[nodiscard]] SquareMatrix secondMoments(std::span<const float> rows, std::size_t length);

/// Column means.
[[nodiscard]] std::vector<double> columnMeans(std::span<const float> rows, std::size_t length);

/// The upper triangular U with U^T U = inverse of `matrix`, which must be symmetric and positive
/// definite (std::logic_error otherwise).
[[nodiscard]] SquareMatrix inverseFactor(const SquareMatrix& matrix);

}  // namespace bitloupe::quantization
