// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/hardware/scalesim/configuration.h"
#include "core/hardware/scalesim/topology.h"

namespace bitloupe::hardware::scalesim {

/// One memory stream of the access report: first and last cycle, and words.
struct AccessRecord {
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t count = 0;
};

/// What v3 says of a layer when sparsity is on, in words.
struct SparseRecord {
    SparseForm form = SparseForm::EllpackBlock;
    std::int64_t originalWords = 0;
    double storedWords = 0;  ///< kept weights and metadata
    double metadataWords = 0;
    /// Weight stationary only: each input is read M/N times, and counted in fractions.
    std::optional<double> ifmapReads;
};

/// All that SCALE-Sim's three reports say of a layer, its faults included.
struct LayerReport {
    std::int64_t totalCycles = 0;  ///< the index of the last cycle, stalls included
    std::int64_t stallCycles = 0;
    double overallUtilization = 0;  ///< %
    double mappingEfficiency = 0;   ///< %
    double computeUtilization = 0;  ///< %
    AccessRecord sramIfmap;
    AccessRecord sramFilter;
    AccessRecord sramOfmap;
    AccessRecord dramIfmap;
    AccessRecord dramFilter;
    AccessRecord dramOfmap;
    std::optional<SparseRecord> sparse;

    /// v3's "Total Cycles (incl. prefetch)".
    [[nodiscard]] std::int64_t totalWithPrefetch() const;
};

/// Exactly what SCALE-Sim of that version reports, without building its operand matrices: the two
/// read buffers are simulated on address generators, the output buffer on word counts.
[[nodiscard]] LayerReport simulateLayer(const Layer& layer, const Configuration& configuration,
                                        Version version);

/// All layers on `threads` threads (at least 1). `progress(done)` is called from any of them.
[[nodiscard]] std::vector<LayerReport> simulateLayers(
    std::span<const Layer> layers, const Configuration& configuration, Version version, int threads,
    const std::function<void(std::size_t)>& progress = {});

}  // namespace bitloupe::hardware::scalesim
