// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/exploration/design.h"
#include "core/hardware/energy_table.h"
#include "core/hardware/resource_sweep.h"
#include "core/hardware/roofline.h"
#include "core/network/network.h"

namespace bitloupe::ui {

/// What there is to say about one network, in the formats of one design, on one accelerator, by the
/// physical model. Immutable once made.
struct AcceleratorStudy {
    hardware::Accelerator accelerator;
    std::vector<hardware::Workload> workloads;
    hardware::NetworkCost cost;
    hardware::Roofline roofline;
    std::optional<hardware::Figure> energy;  ///< pJ a sample; absent where a figure is missing
    std::array<hardware::ResourceSweep, 4> sweeps;  ///< in the order of hardware::Resource
};

/// An empty assignment is the float network. `vectorUnit`: element-wise work counts as well. Large
/// networks on small arrays take seconds: not for the interface's thread.
[[nodiscard]] AcceleratorStudy studyAccelerator(const network::Network& network,
                                                const exploration::Assignment& assignment,
                                                const hardware::Accelerator& accelerator,
                                                bool vectorUnit);

}  // namespace bitloupe::ui
