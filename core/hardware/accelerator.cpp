// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/accelerator.h"

namespace bitloupe::hardware {

std::string_view dataflowName(Dataflow dataflow) {
    switch (dataflow) {
        case Dataflow::OutputStationary:
            return "os";
        case Dataflow::WeightStationary:
            return "ws";
        case Dataflow::InputStationary:
            return "is";
    }
    return "";
}

Result<Dataflow> parseDataflow(std::string_view name) {
    for (const Dataflow dataflow : kAllDataflows) {
        if (name == dataflowName(dataflow)) {
            return dataflow;
        }
    }
    return Error{"unknown dataflow \"" + std::string(name) + "\"", "",
                 "use os, ws or is (outputs, weights or inputs stay in the array)"};
}

std::string Accelerator::name() const {
    return std::to_string(rows) + "x" + std::to_string(columns) + " " +
           std::string(dataflowName(dataflow));
}

Result<void> checkAccelerator(const Accelerator& accelerator) {
    for (const auto& [what, value] :
         {std::pair{"rows", accelerator.rows}, std::pair{"columns", accelerator.columns}}) {
        if (value < 1 || value > kMaximumArraySide) {
            return Error{"the array has " + std::to_string(value) + " " + what, "",
                         "give 1 to " + std::to_string(kMaximumArraySide)};
        }
    }
    return {};
}

}  // namespace bitloupe::hardware
