// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/simulator.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/hardware/scalesim/operand_stream.h"
#include "core/hardware/scalesim/read_buffer.h"
#include "core/hardware/scalesim/write_buffer.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kWordsPerKb = 1024;
constexpr std::int64_t kHitLatency = 1;

/// The rows of a fold in which results leave the array, and how many in each.
struct OfmapRows {
    std::int64_t first = 0;  ///< row of the fold in which the first column's first result leaves
    std::int64_t length = 0;
    std::int64_t columns = 0;

    [[nodiscard]] std::int64_t end() const { return first + length + columns - 1; }
    /// Results in row `t` of the fold; column c lags c rows behind.
    [[nodiscard]] std::int64_t count(std::int64_t t) const {
        const std::int64_t low = std::max<std::int64_t>(0, t - first - length + 1);
        const std::int64_t high = std::min(columns - 1, t - first);
        return std::max<std::int64_t>(0, high - low + 1);
    }
};

OfmapRows ofmapRows(const Mapping& mapping, const Accelerator& array, std::int64_t rowFold,
                    std::int64_t columnFold) {
    const std::int64_t columns =
        std::min(array.columns, mapping.spatialColumns - columnFold * array.columns);
    if (array.dataflow != Dataflow::OutputStationary) {
        return {2 * array.rows - 1, mapping.temporal, columns};
    }
    const std::int64_t rows = std::min(array.rows, mapping.spatialRows - rowFold * array.rows);
    return {mapping.temporal - 1 + array.rows - rows, rows, columns};
}

/// The clock of one read operand in USER mode: when the last refill arrived.
class RefillClock {
public:
    RefillClock(const PrefetchedReads& reads, Version version)
        : m_reads(reads), m_version(version) {}

    /// Cycles by which the requests of `row`, made in `cycle`, are answered late; 1 is a hit.
    std::int64_t serve(std::int64_t row, std::int64_t cycle) {
        if (m_next == m_reads.events.size() || m_reads.events[m_next].row != row) {
            return kHitLatency;
        }
        const std::int64_t refills = m_reads.events[m_next++].refills;
        m_refills += refills;
        const std::int64_t before = m_last;
        m_last += refills * m_reads.cyclesPerRefill;
        if (m_version == Version::V2) {
            return std::max(kHitLatency, m_last - cycle);
        }
        return m_last - cycle + surplus(before - cycle, refills);
    }

    [[nodiscard]] std::int64_t nextRow() const {
        return m_next < m_reads.events.size() ? m_reads.events[m_next].row : -1;
    }
    [[nodiscard]] AccessRecord dram() const {
        return {-m_reads.firstFill, -1 + m_refills * m_reads.cyclesPerRefill,
                m_reads.firstFill * m_reads.bandwidth + m_refills * m_reads.wordsPerRefill};
    }

private:
    /// v3 adds the wait of each refill and, if positive, adds it again. What is too much after one
    /// refill, s, becomes max(0, wait of the next - s).
    [[nodiscard]] std::int64_t surplus(std::int64_t before, std::int64_t refills) const {
        const std::int64_t refill = m_reads.cyclesPerRefill;
        const std::int64_t first = std::max<std::int64_t>(0, refill + before - kHitLatency);
        if (refills == 1) {
            return first;
        }
        const std::int64_t second = std::max<std::int64_t>(0, refill - first);
        return refills % 2 == 0 ? second : refill - second;
    }

    const PrefetchedReads& m_reads;
    Version m_version;
    std::size_t m_next = 0;
    std::int64_t m_last = -1;
    std::int64_t m_refills = 0;
};

/// The rows in which an operand is first and last asked for, and the cycles in which it came.
struct SramSpan {
    std::int64_t firstRow = 0;
    std::int64_t lastRow = 0;
    AccessRecord record;

    void see(std::int64_t row, std::int64_t cycle) {
        if (row == firstRow) {
            record.start = cycle;
        }
        if (row == lastRow) {
            record.stop = cycle;
        }
    }
};

SramSpan spanOf(const OperandStream& stream, const Mapping& mapping) {
    SramSpan span;
    if (stream.skewed) {
        span.firstRow = stream.delay;
    } else {
        span.firstRow = stream.rows - std::min(stream.rows, stream.length());
    }
    span.lastRow = lastDemandRow(stream, mapping);
    return span;
}

/// Walks through all rows with a clock that stops when an operand is late.
class Walk {
public:
    Walk(const LayerStreams& streams, const Configuration& configuration, Version version,
         const PrefetchedReads& ifmapReads, const PrefetchedReads& filterReads)
        : m_mapping(streams.mapping),
          m_array(configuration.array),
          m_version(version),
          m_ifmap(ifmapReads, version),
          m_filter(filterReads, version),
          m_ifmapSpan(spanOf(streams.ifmap, streams.mapping)),
          m_filterSpan(spanOf(streams.filter, streams.mapping)),
          m_output(configuration.ofmapKb * kWordsPerKb, configuration.mode == InterfaceMode::User
                                                            ? configuration.bandwidth
                                                            : configuration.array.columns) {}

    void run(LayerReport& report) {
        std::int64_t row = 0;
        for (std::int64_t columnFold = 0; columnFold < m_mapping.columnFolds; ++columnFold) {
            for (std::int64_t rowFold = 0; rowFold < m_mapping.rowFolds; ++rowFold) {
                runFold(row, ofmapRows(m_mapping, m_array, rowFold, columnFold));
                row += m_mapping.cyclesPerFold;
            }
        }
        m_output.empty(m_lastWritten);
        report.totalCycles = m_lastWritten;
        report.stallCycles = m_stalls;
        report.sramIfmap = m_ifmapSpan.record;
        report.sramFilter = m_filterSpan.record;
        report.sramOfmap = m_ofmap;
        report.dramIfmap = m_ifmap.dram();
        report.dramFilter = m_filter.dram();
        report.dramOfmap = {
            m_output.dramStart(),
            m_version == Version::V2 ? m_output.lastDramStop() : m_output.latestDramStop(),
            m_output.dramWrites()};
    }

private:
    void runFold(std::int64_t firstRow, const OfmapRows& results) {
        for (std::int64_t t = 0; t < m_mapping.cyclesPerFold; ++t) {
            const std::int64_t row = firstRow + t;
            const std::int64_t cycle = row + m_stalls;
            const std::int64_t ifmap = m_ifmap.serve(row, cycle);
            const std::int64_t filter = m_filter.serve(row, cycle);
            m_ifmapSpan.see(row, cycle + ifmap);
            m_filterSpan.see(row, cycle + filter);
            m_lastWritten = cycle;
            const std::int64_t count =
                t >= results.first && t < results.end() ? results.count(t) : 0;
            if (count > 0) {
                m_lastWritten = m_output.write(cycle, count);
                m_ofmap.start = m_ofmapSeen ? m_ofmap.start : m_lastWritten;
                m_ofmapSeen = true;
                m_ofmap.stop = m_lastWritten;
            }
            m_stalls += std::max(std::max(ifmap, filter) - kHitLatency, m_lastWritten - cycle);
        }
    }

    const Mapping& m_mapping;
    const Accelerator& m_array;
    Version m_version;
    RefillClock m_ifmap;
    RefillClock m_filter;
    SramSpan m_ifmapSpan;
    SramSpan m_filterSpan;
    WriteBuffer m_output;
    AccessRecord m_ofmap;
    bool m_ofmapSeen = false;
    std::int64_t m_stalls = 0;
    std::int64_t m_lastWritten = 0;
};

AccessRecord recordOf(const EstimatedReads& reads) {
    return {reads.dramStart, reads.dramStop, reads.dramReads};
}

void countSramAccesses(const Gemm& gemm, const Mapping& mapping, const Accelerator& array,
                       LayerReport& report) {
    const std::int64_t ifmap = gemm.m * gemm.k;
    const std::int64_t filter = gemm.n * gemm.k;
    const std::int64_t ofmap = gemm.m * gemm.n;
    switch (array.dataflow) {
        case Dataflow::OutputStationary:
            report.sramIfmap.count = ifmap * mapping.columnFolds;
            report.sramFilter.count = filter * mapping.rowFolds;
            // SCALE-Sim adds the two sides of the array to the writes of every fold.
            report.sramOfmap.count = ofmap + mapping.folds() * (array.rows + array.columns);
            break;
        case Dataflow::WeightStationary:
            report.sramIfmap.count = ifmap * mapping.columnFolds;
            report.sramFilter.count = filter;
            report.sramOfmap.count = ofmap * mapping.rowFolds;
            break;
        case Dataflow::InputStationary:
            report.sramIfmap.count = ifmap;
            report.sramFilter.count = filter * mapping.columnFolds;
            report.sramOfmap.count = ofmap * mapping.rowFolds;
            break;
    }
}

SparseRecord sparseRecord(const Layer& layer, const Mapping& mapping,
                          const Configuration& configuration) {
    constexpr double kWordBits = 32;
    const Gemm dense = layer.gemm();
    const std::int64_t kept = layer.sparseGemm().k * dense.n;
    SparseRecord record;
    record.form = configuration.sparseForm;
    record.originalWords = dense.k * dense.n;
    const double values = static_cast<double>(kept);
    switch (record.form) {
        case SparseForm::Csr:
            record.metadataWords = static_cast<double>(kept + dense.k + 1);
            break;
        case SparseForm::Csc:
            record.metadataWords = static_cast<double>(kept + dense.n + 1);
            break;
        case SparseForm::EllpackBlock:
            record.metadataWords =
                values * std::ceil(std::log2(static_cast<double>(layer.blockSize))) / kWordBits;
            break;
    }
    record.storedWords = values + record.metadataWords;
    if (configuration.array.dataflow == Dataflow::WeightStationary) {
        // Summed fold by fold, so that the last digits agree.
        const double again =
            static_cast<double>(layer.blockSize) / static_cast<double>(layer.keptOfBlock);
        double reads = 0;
        for (std::int64_t fold = 0; fold < mapping.folds(); ++fold) {
            const std::int64_t rows =
                std::min(configuration.array.rows,
                         mapping.spatialRows - fold % mapping.rowFolds * configuration.array.rows);
            reads += static_cast<double>(dense.m * rows) * again;
        }
        record.ifmapReads = reads;
    }
    return record;
}

/// Means over the folds, summed in SCALE-Sim's order so that the last digits agree.
void utilizations(const Gemm& gemm, const Mapping& mapping, const Accelerator& array,
                  LayerReport& report) {
    const bool outputs = array.dataflow == Dataflow::OutputStationary;
    // SCALE-Sim measures the fold of a stationary operand as if it were skewed.
    const std::int64_t measured = mapping.cyclesPerFold + (outputs ? 0 : array.columns - 1);
    const double elements = static_cast<double>(array.processingElements());
    double mapped = 0;
    double busy = 0;
    for (std::int64_t columnFold = 0; columnFold < mapping.columnFolds; ++columnFold) {
        const std::int64_t columns =
            std::min(array.columns, mapping.spatialColumns - columnFold * array.columns);
        for (std::int64_t rowFold = 0; rowFold < mapping.rowFolds; ++rowFold) {
            const std::int64_t used =
                columns * std::min(array.rows, mapping.spatialRows - rowFold * array.rows);
            mapped += static_cast<double>(used) / elements;
            busy += static_cast<double>(used * mapping.temporal) /
                    static_cast<double>(array.processingElements() * measured);
        }
    }
    const double folds = static_cast<double>(mapping.folds());
    report.mappingEfficiency = mapped / folds * 100;
    report.computeUtilization = busy / folds * 100;
    report.overallUtilization =
        static_cast<double>(gemm.macs() * 100) /
        static_cast<double>(report.totalCycles * array.processingElements());
}

}  // namespace

std::int64_t LayerReport::totalWithPrefetch() const {
    return dramOfmap.stop - std::min(dramIfmap.start, dramFilter.start);
}

LayerReport simulateLayer(const Layer& described, const Configuration& configuration,
                          Version version) {
    const bool sparse = version == Version::V3 && configuration.sparsity;
    Layer layer = described;
    if (!sparse) {
        layer.keptOfBlock = layer.blockSize = 1;
    }
    const LayerStreams streams = makeStreams(layer, configuration.array);
    const bool user = configuration.mode == InterfaceMode::User;
    const std::int64_t ifmapWords = configuration.ifmapKb * kWordsPerKb;
    const std::int64_t filterWords = configuration.filterKb * kWordsPerKb;
    PrefetchedReads ifmap;
    PrefetchedReads filter;
    if (user) {
        const auto bandwidth = [&](std::int64_t bank) {
            return version == Version::V3 && bank > 0 ? bank : configuration.bandwidth;
        };
        ifmap = prefetchReads(streams.ifmap, streams.mapping, ifmapWords,
                              bandwidth(configuration.ifmapBankBandwidth));
        filter = prefetchReads(streams.filter, streams.mapping, filterWords,
                               bandwidth(configuration.filterBankBandwidth));
    }
    LayerReport report;
    Walk(streams, configuration, version, ifmap, filter).run(report);
    if (!user) {
        report.dramIfmap = recordOf(estimateReads(streams.ifmap, streams.mapping, ifmapWords));
        report.dramFilter = recordOf(estimateReads(streams.filter, streams.mapping, filterWords));
    }
    countSramAccesses(layer.sparseGemm(), streams.mapping, configuration.array, report);
    utilizations(layer.gemm(), streams.mapping, configuration.array, report);
    if (sparse) {
        report.sparse = sparseRecord(layer, streams.mapping, configuration);
    }
    return report;
}

std::vector<LayerReport> simulateLayers(std::span<const Layer> layers,
                                        const Configuration& configuration, Version version,
                                        int threads,
                                        const std::function<void(std::size_t)>& progress) {
    std::vector<LayerReport> reports(layers.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> done = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < layers.size(); i = next++) {
            reports[i] = simulateLayer(layers[i], configuration, version);
            const std::size_t finished = ++done;
            if (progress) {
                progress(finished);
            }
        }
    };
    const std::size_t helpers =
        std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)),
                              std::max<std::size_t>(layers.size(), 1)) -
        1;
    std::vector<std::jthread> pool;
    pool.reserve(helpers);
    for (std::size_t i = 0; i < helpers; ++i) {
        pool.emplace_back(work);
    }
    work();
    pool.clear();  // joins
    return reports;
}

}  // namespace bitloupe::hardware::scalesim
