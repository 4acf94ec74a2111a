// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/mapping.h"

namespace bitloupe::hardware {

Mapping mapGemm(const Gemm& gemm, const Accelerator& accelerator) {
    Mapping mapping;
    switch (accelerator.dataflow) {
        case Dataflow::OutputStationary:
            mapping = {.spatialRows = gemm.m, .spatialColumns = gemm.n, .temporal = gemm.k};
            break;
        case Dataflow::WeightStationary:
            mapping = {.spatialRows = gemm.k, .spatialColumns = gemm.n, .temporal = gemm.m};
            break;
        case Dataflow::InputStationary:
            mapping = {.spatialRows = gemm.k, .spatialColumns = gemm.m, .temporal = gemm.n};
            break;
    }
    mapping.rowFolds = ceilDivide(mapping.spatialRows, accelerator.rows);
    mapping.columnFolds = ceilDivide(mapping.spatialColumns, accelerator.columns);
    // A stationary operand is first shifted in, one row a cycle.
    const bool loads = accelerator.dataflow != Dataflow::OutputStationary;
    mapping.cyclesPerFold =
        mapping.temporal + (loads ? 2 : 1) * accelerator.rows + accelerator.columns - 2;
    return mapping;
}

}  // namespace bitloupe::hardware
