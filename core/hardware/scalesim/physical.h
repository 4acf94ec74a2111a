// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/layer_cost.h"
#include "core/hardware/scalesim/configuration.h"
#include "core/hardware/scalesim/simulator.h"
#include "core/hardware/scalesim/topology.h"

/// SCALE-Sim's files as the input of the physical model.
namespace bitloupe::hardware::scalesim {

/// The array with its buffers in bytes. In USER mode the bandwidth is what the file says, in bytes
/// per cycle; in CALC mode the memory is never the limit.
[[nodiscard]] Accelerator physicalAccelerator(const Configuration& configuration);

/// The other way round, for saving: buffers in whole kB, rounded up, and bandwidth in whole words;
/// without a bandwidth the mode is CALC.
[[nodiscard]] Configuration configurationOf(const Accelerator& accelerator,
                                            const std::string& name);

[[nodiscard]] std::vector<Workload> physicalWorkloads(std::span<const Layer> layers,
                                                      const Configuration& configuration);

/// The cost of a layer in the columns of SCALE-Sim's reports. Words are values of their own width;
/// start and stop are the first and the last cycle in which a memory may be asked, from 0.
[[nodiscard]] LayerReport physicalReport(const LayerCost& cost, const Workload& workload,
                                         const Accelerator& accelerator);

/// What SCALE-Sim's reports have no column for: names, the matrix product, the bottleneck and the
/// distance to the roofline, bytes of every operand.
[[nodiscard]] std::string physicalReportText(std::span<const Workload> workloads,
                                             std::span<const LayerCost> costs);

}  // namespace bitloupe::hardware::scalesim
