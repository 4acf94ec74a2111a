// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ui/charts/curve_view.h"
#include "ui/charts/shape_map.h"
#include "ui/models/accelerator_study.h"

namespace bitloupe::ui {

/// The roof of the accelerator and a point for each layer that reads from DRAM.
[[nodiscard]] charts::CurveData rooflineChart(const AcceleratorStudy& study);
/// Cycles over bandwidth, with the knee named.
[[nodiscard]] charts::CurveData bandwidthChart(const AcceleratorStudy& study);
/// DRAM traffic over the size of each buffer alone, with the knees named.
[[nodiscard]] charts::CurveData bufferChart(const AcceleratorStudy& study);

/// Rows and columns of the shape map.
inline constexpr std::array<std::int64_t, 8> kMapSides = {2, 4, 8, 16, 32, 64, 128, 256};
/// Cycles of the network over rows and columns, all else as in `shown`, stall-free.
[[nodiscard]] charts::ShapeMapData shapeMap(std::span<const hardware::Gemm> gemms,
                                            const hardware::Accelerator& shown);

}  // namespace bitloupe::ui
