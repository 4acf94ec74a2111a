// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/hardware/accelerator.h"
#include "core/hardware/gemm.h"

namespace bitloupe::hardware {

/// Compute cycles of one layer on the array, stall-free, counted (not the index of the last cycle:
/// SCALE-Sim reports this minus one). Folds are not overlapped and edge folds cost as much as full
/// ones.
///   os: ceil(m/R) ceil(n/C) (k + R + C - 2)
///   ws: ceil(k/R) ceil(n/C) (m + 2R + C - 2)
///   is: ceil(k/R) ceil(m/C) (n + 2R + C - 2)
/// times `count`. Samajdar et al., "A systematic methodology for characterizing scalability of DNN
/// accelerators using SCALE-Sim", ISPASS 2020.
[[nodiscard]] std::int64_t computeCycles(const Gemm& gemm, const Accelerator& accelerator);
/// The sum over the layers of a network.
[[nodiscard]] std::int64_t computeCycles(std::span<const Gemm> gemms,
                                         const Accelerator& accelerator);

/// The product as the elements step through it at these stored widths: k is shorter where one of
/// them does several multiplies a cycle, longer where it needs several cycles for one (see
/// multipliesPerCycle).
[[nodiscard]] Gemm foldedGemm(const Gemm& gemm, ProcessingElement element, double weightBits,
                              double activationBits);

/// Multiply-accumulates per processing element and cycle, 0 to 1.
[[nodiscard]] double utilization(const Gemm& gemm, const Accelerator& accelerator);
/// Of the whole network; 0 without any layer.
[[nodiscard]] double utilization(std::span<const Gemm> gemms, const Accelerator& accelerator);

/// What the bit width of a layer costs.
struct LayerPrecision {
    Gemm gemm;
    double weightBits = 32;      ///< stored bits of one weight
    double activationBits = 32;  ///< stored bits of one input value
    double density = 1;          ///< share of weights that are not zero, 0 to 1
};

/// Bit operations of a layer, Hawks et al., "Ps and Qs", 2021 (arXiv 2102.11289), per output
/// position: n k (density b_a b_w + b_a + b_w + log2 k), with k the fan-in, times m and count.
[[nodiscard]] double bitOperations(const LayerPrecision& layer);

}  // namespace bitloupe::hardware
