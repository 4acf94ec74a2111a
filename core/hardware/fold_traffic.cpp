// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/fold_traffic.h"

#include <algorithm>

namespace bitloupe::hardware {

namespace {

constexpr double kBitsPerByte = 8;

double real(std::int64_t value) {
    return static_cast<double>(value);
}

/// The share of `needed` that `held` can take.
double share(double held, double needed) {
    return needed <= held ? 1 : held / needed;
}

}  // namespace

void FoldBytes::add(const FoldBytes& other) {
    ifmap += other.ifmap;
    filter += other.filter;
    partialReads += other.partialReads;
    partialWrites += other.partialWrites;
    ofmap += other.ofmap;
}

FoldTraffic::FoldTraffic(const Workload& workload, const Accelerator& accelerator,
                         const Mapping& mapping, OnChip onChip)
    : m_dataflow(accelerator.dataflow),
      m_mapping(mapping),
      m_rows(accelerator.rows),
      m_columns(accelerator.columns),
      m_onChip(onChip),
      m_m(real(workload.gemm.m)),
      m_k(real(workload.gemm.k)),
      m_n(real(workload.gemm.n)),
      m_kPerRow(m_k / real(m_dataflow == Dataflow::OutputStationary ? mapping.temporal
                                                                    : mapping.spatialRows)),
      m_inputBytes(workload.activationBits / kBitsPerByte),
      m_weightBytes(workload.weightBits * workload.density / kBitsPerByte),
      m_outputBytes(workload.outputBits / kBitsPerByte),
      m_partialBytes(workload.accumulatorBits / kBitsPerByte),
      m_distinct(real(workload.distinctInputs())) {
    const double ifmapHalf = real(accelerator.ifmapBytes) / 2;
    m_filterHalf = real(accelerator.filterBytes) / 2;
    m_ofmapHalf = real(accelerator.ofmapBytes) / 2;
    const double halo = workload.haloElements > 0 ? real(workload.haloElements) : m_k;
    m_keptInputs = share(ifmapHalf, m_distinct * m_inputBytes);
    m_halo = share(ifmapHalf, std::min(halo, m_distinct) * m_inputBytes);
    m_keptWeights = share(m_filterHalf, m_k * m_n * m_weightBytes);
}

/// A block of `rows` outputs' windows times `columns` of their elements. Loaded alone it is `whole`
/// values; its fair part of the distinct inputs is `fair`, never more than `whole`.
double FoldTraffic::inputs(double rows, double columns, bool firstPass) const {
    if (m_onChip.input) {
        return 0;
    }
    const double whole = std::min(rows * columns, m_distinct);
    const double fair = m_distinct * rows * columns / (m_m * m_k);
    if (m_dataflow == Dataflow::WeightStationary) {
        // Slices of k: a distinct input comes back for every kernel element it meets.
        const double again = (1 - m_keptInputs) * whole;
        return (firstPass ? again + m_keptInputs * fair : again) * m_inputBytes;
    }
    const double once = whole - m_halo * (whole - fair);
    return (firstPass ? once : (1 - m_keptInputs) * once) * m_inputBytes;
}

double FoldTraffic::weights(double rows, double columns, bool firstRowFold, bool firstPass) const {
    const double bytes = rows * columns * m_weightBytes;
    switch (m_dataflow) {
        case Dataflow::OutputStationary:  // the same columns for all row folds
            return firstRowFold ? bytes : std::max(0.0, bytes - m_filterHalf);
        case Dataflow::WeightStationary:  // every weight once
            return bytes;
        case Dataflow::InputStationary:  // all weights again for every column fold
            return firstPass ? bytes : (1 - m_keptWeights) * bytes;
    }
    return bytes;
}

void FoldTraffic::addPartials(FoldBytes& bytes, std::int64_t rowFold, double columns) const {
    const double values = m_dataflow == Dataflow::InputStationary ? columns * m_n : m_m * columns;
    const double spilled = std::max(0.0, values * m_partialBytes - m_ofmapHalf);
    bytes.partialReads = rowFold > 0 ? spilled : 0;
    if (rowFold + 1 < m_mapping.rowFolds) {
        bytes.partialWrites = spilled;
    } else if (!m_onChip.output) {
        bytes.ofmap = values * m_outputBytes;
    }
}

FoldBytes FoldTraffic::fold(std::int64_t rowFold, std::int64_t columnFold) const {
    const double rows = real(std::min(m_rows, m_mapping.spatialRows - rowFold * m_rows));
    const double columns =
        real(std::min(m_columns, m_mapping.spatialColumns - columnFold * m_columns));
    const bool firstPass = columnFold == 0;
    FoldBytes bytes;
    switch (m_dataflow) {
        case Dataflow::OutputStationary:
            bytes.ifmap = inputs(rows, m_k, firstPass);
            bytes.filter = weights(m_k, columns, rowFold == 0, firstPass);
            bytes.ofmap = m_onChip.output ? 0 : rows * columns * m_outputBytes;
            break;
        case Dataflow::WeightStationary:
            bytes.ifmap = inputs(m_m, rows * m_kPerRow, firstPass);
            bytes.filter = weights(rows * m_kPerRow, columns, rowFold == 0, firstPass);
            addPartials(bytes, rowFold, columns);
            break;
        case Dataflow::InputStationary:
            // Every block of inputs is used once only: all passes are first ones.
            bytes.ifmap = inputs(columns, rows * m_kPerRow, true);
            bytes.filter = weights(rows * m_kPerRow, m_n, rowFold == 0, firstPass);
            addPartials(bytes, rowFold, columns);
            break;
    }
    return bytes;
}

}  // namespace bitloupe::hardware
