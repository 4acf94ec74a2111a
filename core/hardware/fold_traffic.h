// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hardware/layer_cost.h"

namespace bitloupe::hardware {

/// Bytes that one fold of one matrix product moves. Used by the physical model alone.
struct FoldBytes {
    double ifmap = 0;
    double filter = 0;
    double partialReads = 0;
    double partialWrites = 0;
    double ofmap = 0;

    void add(const FoldBytes& other);
};

/// Which bytes move in which fold. Column folds are outermost. Of an operand that comes back in a
/// later fold, what fits into half of its buffer is kept; the rest is loaded again.
class FoldTraffic {
public:
    FoldTraffic(const Workload& workload, const Accelerator& accelerator, const Mapping& mapping,
                OnChip onChip);

    [[nodiscard]] FoldBytes fold(std::int64_t rowFold, std::int64_t columnFold) const;

private:
    [[nodiscard]] double inputs(double rows, double columns, bool firstPass) const;
    [[nodiscard]] double weights(double rows, double columns, bool firstRowFold,
                                 bool firstPass) const;
    void addPartials(FoldBytes& bytes, std::int64_t rowFold, double columns) const;

    Dataflow m_dataflow;
    Mapping m_mapping;
    std::int64_t m_rows;
    std::int64_t m_columns;
    OnChip m_onChip;
    double m_m, m_k, m_n;
    double m_kPerRow;  ///< values of k that one step of the folded k stands for
    double m_inputBytes, m_weightBytes, m_outputBytes, m_partialBytes;
    double m_distinct;     ///< distinct inputs
    double m_keptInputs;   ///< share of the distinct inputs that the buffer keeps
    double m_halo;         ///< share of the overlap of neighbouring windows that the buffer keeps
    double m_keptWeights;  ///< share of all weights that the buffer keeps
    double m_filterHalf;   ///< bytes of half a weight buffer
    double m_ofmapHalf;
};

}  // namespace bitloupe::hardware
