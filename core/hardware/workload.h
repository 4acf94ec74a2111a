// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/hardware/gemm.h"

namespace bitloupe::hardware {

/// What arithmetic a format asks for, as far as its energy and area differ.
/// Table is a value looked up in a list (a codebook), or a sum of several.
enum class Arithmetic { Integer, Float, Posit, Logarithmic, PowerOfTwo, Binary, Table };

/// One layer as the accelerator sees it: a matrix product, element-wise work, or both.
/// Padding, dilation and groups are in the sizes already.
struct Workload {
    std::string name;
    Gemm gemm;  ///< m, k, n of 0: no matrix product
    /// Distinct input values of one product; 0: m k (nothing is used twice, as in a dense layer).
    std::int64_t inputElements = 0;
    /// Input values that two neighbouring output rows share and that must be held to load each only
    /// once: kernel height * input width * channels; 0: one row of k.
    std::int64_t haloElements = 0;
    /// Element-wise operations (activation, normalization, residual), done on the vector unit.
    std::int64_t vectorOperations = 0;
    double weightBits = 8;        ///< stored bits of a weight, shared scales included
    double activationBits = 8;    ///< of an input value
    double outputBits = 8;        ///< of an output value as it is stored
    double accumulatorBits = 32;  ///< of a partial sum
    double density = 1;           ///< share of weights that are not zero
    Arithmetic arithmetic = Arithmetic::Integer;
    bool inputIsPreviousOutput = false;  ///< reads exactly what the workload before it wrote

    [[nodiscard]] std::int64_t distinctInputs() const {
        return inputElements > 0 ? std::min(inputElements, gemm.m * gemm.k) : gemm.m * gemm.k;
    }
    [[nodiscard]] std::int64_t outputElements() const { return gemm.m * gemm.n; }
};

}  // namespace bitloupe::hardware
