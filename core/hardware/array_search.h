// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/layer_energy.h"

namespace bitloupe::hardware {

/// The accelerators to choose from: every combination of the lists. An empty list means the value
/// of `base`. Rows and columns are the factor pairs of `processingElements` when that is above 0.
struct ArraySpace {
    Accelerator base;
    std::int64_t processingElements = 0;
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> columns;
    std::vector<Dataflow> dataflows;
    std::vector<ProcessingElement> elements;
    std::vector<std::int64_t> ifmapBytes;
    std::vector<std::int64_t> filterBytes;
    std::vector<std::int64_t> ofmapBytes;
    std::vector<double> bandwidths;

    /// How many combinations there are.
    [[nodiscard]] std::uint64_t size() const;
};

enum class ArrayObjective { Cycles, Energy, EnergyDelay };
enum class ArrayStrategy { Exhaustive, Genetic, Annealing };

/// "cycles", "energy", "edp" and "exhaustive", "genetic", "annealing".
[[nodiscard]] Result<ArrayObjective> parseArrayObjective(std::string_view name);
[[nodiscard]] Result<ArrayStrategy> parseArrayStrategy(std::string_view name);

/// Designs beyond a limit are left out.
struct ArrayLimits {
    std::optional<double> areaUm2;
    std::optional<double> powerMilliwatts;
    std::optional<double> bandwidth;  ///< bytes per cycle

    [[nodiscard]] bool any() const { return areaUm2 || powerMilliwatts || bandwidth; }
};

struct ArraySearchOptions {
    ArrayObjective objective = ArrayObjective::Cycles;
    ArrayStrategy strategy = ArrayStrategy::Exhaustive;
    ArrayLimits limits;
    const EnergyTable* energy = nullptr;  ///< needed for all but cycles without limits
    bool dataflowPerLayer = false;        ///< each layer in its best dataflow
    bool reuse = false;                   ///< outputs may stay on the chip, see networkCost
    std::size_t keep = 100;               ///< designs in the result
    std::uint64_t evaluations = 2000;     ///< of the genetic search and annealing
    std::uint64_t seed = 1;
    int threads = 1;
};

struct ArrayDesign {
    Accelerator accelerator;
    std::vector<Dataflow> dataflows;  ///< one per layer, with dataflowPerLayer only
    std::int64_t cycles = 0;
    std::int64_t stallCycles = 0;
    double utilization = 0;
    std::optional<Figure> energy;  ///< pJ
    std::optional<Figure> area;    ///< um2, arithmetic only
    double score = 0;              ///< of the objective; smaller is better

    /// Of the energy over the time; absent without an energy.
    [[nodiscard]] std::optional<double> powerMilliwatts() const;
};

struct ArraySearchResult {
    std::vector<ArrayDesign> designs;  ///< best first; equal scores in the order of the space
    std::uint64_t evaluated = 0;
    std::uint64_t withinLimits = 0;
};

/// Every cost of one accelerator.
[[nodiscard]] ArrayDesign assessArray(std::span<const Workload> workloads,
                                      const Accelerator& accelerator,
                                      const ArraySearchOptions& options);

/// The best accelerators of `space` for the workloads. The exhaustive search sees everything (at
/// most ten million combinations); the others see `evaluations` of it, the same ones for the same
/// seed. While only cycles count and the bandwidth is unlimited, the closed form is used
/// throughout. Errors: an empty or too large space, a value out of its range, an objective or limit
/// for which there is no published figure.
[[nodiscard]] Result<ArraySearchResult> searchArrays(std::span<const Workload> workloads,
                                                     const ArraySpace& space,
                                                     const ArraySearchOptions& options);

}  // namespace bitloupe::hardware
