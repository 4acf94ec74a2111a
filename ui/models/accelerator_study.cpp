// SPDX-License-Identifier: Apache-2.0
#include "ui/models/accelerator_study.h"

#include "core/exploration/design_workloads.h"
#include "core/hardware/layer_energy.h"
#include "core/hardware/presets.h"

namespace bitloupe::ui {

AcceleratorStudy studyAccelerator(const network::Network& network,
                                  const exploration::Assignment& assignment,
                                  const hardware::Accelerator& accelerator, bool vectorUnit) {
    AcceleratorStudy study;
    study.accelerator = accelerator;
    study.workloads = exploration::designWorkloads(network, assignment);
    for (hardware::Workload& workload : study.workloads) {
        workload.vectorOperations = vectorUnit ? workload.vectorOperations : 0;
    }
    study.cost = hardware::networkCost(study.workloads, accelerator);
    study.roofline = hardware::rooflineOf(study.workloads, study.cost.layers, accelerator);
    const auto table = hardware::energyTable(hardware::energyTableNames().front());
    if (table.hasValue()) {
        study.energy =
            hardware::networkEnergy(study.cost, study.workloads, accelerator, table.value())
                .total();
    }
    for (std::size_t i = 0; i < study.sweeps.size(); ++i) {
        const auto resource = static_cast<hardware::Resource>(i);
        study.sweeps[i] = hardware::sweepResource(study.workloads, accelerator, resource,
                                                  hardware::sweepSizes(resource));
    }
    return study;
}

}  // namespace bitloupe::ui
