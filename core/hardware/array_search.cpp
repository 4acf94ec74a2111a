// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/array_search.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "core/hardware/array_space.h"
#include "core/hardware/cost.h"
#include "core/hardware/mapping.h"

namespace bitloupe::hardware {

namespace {

constexpr std::uint64_t kMaximumExhaustive = 10'000'000;
constexpr std::uint64_t kMaximumSpace = std::uint64_t{1} << 62U;
constexpr std::size_t kPopulation = 40;
constexpr double kFirstTemperature = 0.5;  // a design half again as costly is taken now and then
constexpr double kLastTemperature = 0.001;

/// A point of the space and what is to be made small.
struct Candidate {
    std::uint64_t index = 0;
    double score = 0;
    bool within = false;
};

bool better(const Candidate& a, const Candidate& b) {
    if (a.within != b.within) {
        return a.within;
    }
    return a.score != b.score ? a.score < b.score : a.index < b.index;
}

std::int64_t closedFormCycles(const Workload& workload, const Accelerator& accelerator) {
    const double speed = multipliesPerCycle(accelerator.element, workload.weightBits,
                                            workload.activationBits, workload.gemm.m == 1);
    const std::int64_t vector =
        ceilDivide(workload.vectorOperations, accelerator.effectiveVectorLanes());
    Gemm gemm = workload.gemm;
    if (gemm.macs() == 0) {
        return vector;
    }
    if (speed != 1) {
        gemm.k = std::max<std::int64_t>(
            1, static_cast<std::int64_t>(std::ceil(static_cast<double>(gemm.k) / speed)));
    }
    return computeCycles(gemm, accelerator) + vector;
}

double closedFormCycles(std::span<const Workload> workloads, Accelerator accelerator,
                        bool dataflowPerLayer) {
    std::int64_t total = 0;
    const Dataflow own = accelerator.dataflow;
    for (const Workload& workload : workloads) {
        accelerator.dataflow = own;
        std::int64_t cycles = closedFormCycles(workload, accelerator);
        if (dataflowPerLayer) {
            for (const Dataflow dataflow : kAllDataflows) {
                accelerator.dataflow = dataflow;
                cycles = std::min(cycles, closedFormCycles(workload, accelerator));
            }
        }
        total += cycles;
    }
    return static_cast<double>(total);
}

double scoreOf(const ArrayDesign& design, ArrayObjective objective) {
    const double cycles = static_cast<double>(design.cycles);
    if (objective == ArrayObjective::Cycles) {
        return cycles;
    }
    const double energy = design.energy ? design.energy->value : 0;
    return objective == ArrayObjective::Energy
               ? energy
               : energy * cycles / (design.accelerator.clockMhz * 1e6);
}

bool isWithin(const ArrayDesign& design, const ArrayLimits& limits) {
    if (limits.bandwidth &&
        !(design.accelerator.bandwidth > 0 && design.accelerator.bandwidth <= *limits.bandwidth)) {
        return false;
    }
    if (limits.areaUm2 && !(design.area && design.area->value <= *limits.areaUm2)) {
        return false;
    }
    const auto power = design.powerMilliwatts();
    return !limits.powerMilliwatts || (power && *power <= *limits.powerMilliwatts);
}

/// Scores points, on request with several threads; remembers nothing.
class Judge {
public:
    Judge(std::span<const Workload> workloads, const ArrayGrid& grid,
          const ArraySearchOptions& options)
        : m_workloads(workloads), m_grid(grid), m_options(options) {}

    void judge(Candidate& candidate) const {
        const Accelerator accelerator = m_grid.at(m_grid.point(candidate.index));
        const bool cyclesOnly = m_options.objective == ArrayObjective::Cycles &&
                                accelerator.bandwidth <= 0 && !m_options.limits.any();
        if (cyclesOnly) {
            candidate.score =
                closedFormCycles(m_workloads, accelerator, m_options.dataflowPerLayer);
            candidate.within = true;
            return;
        }
        const ArrayDesign design = assessArray(m_workloads, accelerator, m_options);
        candidate.score = design.score;
        candidate.within = isWithin(design, m_options.limits);
    }

    void judgeAll(std::span<Candidate> candidates) const {
        constexpr std::size_t kBatch = 16;
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t first = next.fetch_add(kBatch); first < candidates.size();
                 first = next.fetch_add(kBatch)) {
                const std::size_t last = std::min(first + kBatch, candidates.size());
                for (std::size_t i = first; i < last; ++i) {
                    judge(candidates[i]);
                }
            }
        };
        std::vector<std::jthread> helpers;
        for (int i = 1; i < m_options.threads; ++i) {
            helpers.emplace_back(work);
        }
        work();
    }

private:
    std::span<const Workload> m_workloads;
    const ArrayGrid& m_grid;
    const ArraySearchOptions& m_options;
};

std::vector<Candidate> searchExhaustively(const ArrayGrid& grid, const Judge& judge) {
    std::vector<Candidate> candidates(grid.size());
    for (std::uint64_t i = 0; i < candidates.size(); ++i) {
        candidates[i].index = i;
    }
    judge.judgeAll(candidates);
    return candidates;
}

/// What the two random searches share: a generator and a memory of what has been judged.
class Walker {
public:
    Walker(const ArrayGrid& grid, const Judge& judge, const ArraySearchOptions& options)
        : m_grid(grid), m_judge(judge), m_budget(options.evaluations), m_random(options.seed) {}

    [[nodiscard]] bool exhausted() const {
        return m_known.size() >= std::min<std::uint64_t>(m_budget, m_grid.size()) ||
               m_requests >= 20 * m_budget;
    }
    [[nodiscard]] double progress() const {
        return static_cast<double>(m_known.size()) / static_cast<double>(m_budget);
    }

    const Candidate& look(const ArrayGrid::Point& point) {
        ++m_requests;
        const std::uint64_t index = m_grid.index(point);
        const auto [entry, fresh] = m_known.try_emplace(index);
        if (fresh) {
            entry->second.index = index;
            m_judge.judge(entry->second);
        }
        return entry->second;
    }

    std::uint64_t below(std::uint64_t bound) { return m_random() % bound; }
    double unit() { return static_cast<double>(m_random() >> 11U) * 0x1.0p-53; }

    ArrayGrid::Point anywhere() {
        ArrayGrid::Point point{};
        for (std::size_t axis = 0; axis < point.size(); ++axis) {
            point[axis] = below(m_grid.extent()[axis]);
        }
        return point;
    }

    /// One axis moves: mostly to a neighbour, else anywhere.
    ArrayGrid::Point moved(ArrayGrid::Point point) {
        std::size_t axis = below(point.size());
        while (m_grid.extent()[axis] < 2 && m_grid.size() > 1) {
            axis = below(point.size());
        }
        const std::uint64_t extent = m_grid.extent()[axis];
        if (unit() < 0.3) {
            point[axis] = below(extent);
        } else {
            point[axis] = (point[axis] + (unit() < 0.5 ? 1 : extent - 1)) % extent;
        }
        return point;
    }

    [[nodiscard]] std::vector<Candidate> all() const {
        std::vector<Candidate> candidates;
        candidates.reserve(m_known.size());
        for (const auto& [index, candidate] : m_known) {
            candidates.push_back(candidate);
        }
        return candidates;
    }

private:
    const ArrayGrid& m_grid;
    const Judge& m_judge;
    std::uint64_t m_budget;
    std::uint64_t m_requests = 0;
    std::mt19937_64 m_random;
    std::map<std::uint64_t, Candidate> m_known;
};

/// Tournaments of two, uniform crossover, one move in two children, the better half survives.
std::vector<Candidate> searchGenetically(Walker& walker, const ArrayGrid& grid) {
    std::vector<Candidate> population;
    while (population.size() < kPopulation && !walker.exhausted()) {
        population.push_back(walker.look(walker.anywhere()));
    }
    const auto parent = [&]() -> const Candidate& {
        const Candidate& a = population[walker.below(population.size())];
        const Candidate& b = population[walker.below(population.size())];
        return better(a, b) ? a : b;
    };
    while (!walker.exhausted()) {
        for (std::size_t i = 0; i < kPopulation && !walker.exhausted(); ++i) {
            ArrayGrid::Point child = grid.point(parent().index);
            const ArrayGrid::Point other = grid.point(parent().index);
            for (std::size_t axis = 0; axis < child.size(); ++axis) {
                child[axis] = walker.unit() < 0.5 ? child[axis] : other[axis];
            }
            population.push_back(walker.look(walker.unit() < 0.5 ? walker.moved(child) : child));
        }
        std::sort(population.begin(), population.end(), better);
        population.resize(std::min(population.size(), kPopulation));
    }
    return walker.all();
}

/// Relative worsening is accepted with a probability that cools geometrically.
std::vector<Candidate> searchByAnnealing(Walker& walker, const ArrayGrid& grid) {
    Candidate current = walker.look(walker.anywhere());
    while (!walker.exhausted()) {
        const Candidate next = walker.look(walker.moved(grid.point(current.index)));
        const double temperature =
            kFirstTemperature *
            std::pow(kLastTemperature / kFirstTemperature, std::min(1.0, walker.progress()));
        const double worse =
            next.within || !current.within ? next.score / std::max(current.score, 1e-300) - 1 : 1e9;
        if (better(next, current) || walker.unit() < std::exp(-worse / temperature)) {
            current = next;
        }
    }
    return walker.all();
}

Result<void> checkSpace(const ArrayGrid& grid, const ArraySearchOptions& options) {
    const std::uint64_t size = grid.size();
    if (size == 0) {
        return Error{"there is no array to choose from", "", "give at least one shape"};
    }
    if (size > kMaximumSpace) {
        return Error{"the space has more than 2^62 arrays", "", "make its lists shorter"};
    }
    if (options.strategy == ArrayStrategy::Exhaustive && size > kMaximumExhaustive) {
        return Error{"the space has " + std::to_string(size) + " arrays", "",
                     "search at most 10000000 exhaustively, or choose genetic or annealing"};
    }
    for (std::size_t axis = 0; axis < ArrayGrid::kAxes; ++axis) {
        ArrayGrid::Point point{};
        for (point[axis] = 0; point[axis] < grid.extent()[axis]; ++point[axis]) {
            if (auto checked = checkAccelerator(grid.at(point)); checked.hasError()) {
                return checked;
            }
        }
    }
    return {};
}

Error missingFigure(const std::string& what, ProcessingElement element,
                    const std::string& alternative) {
    return {"there is no published " + what + " for these formats on " +
                std::string(processingElementName(element)) + " elements",
            "", "choose another energy table, or " + alternative};
}

/// An objective or a limit without a figure would be a guess. Which figures there are does not
/// depend on how much a layer costs.
Result<void> checkFigures(std::span<const Workload> workloads, const ArrayGrid& grid,
                          const ArraySearchOptions& options) {
    const EnergyTable none;
    const EnergyTable& table = options.energy != nullptr ? *options.energy : none;
    const bool energy =
        options.objective != ArrayObjective::Cycles || options.limits.powerMilliwatts.has_value();
    for (std::uint64_t element = 0; element < grid.extent()[2]; ++element) {
        const Accelerator accelerator = grid.at({0, 0, element});
        const auto priced = [&](const Workload& workload) {
            return layerEnergy({}, workload, accelerator, table).total().has_value();
        };
        if (energy && !std::all_of(workloads.begin(), workloads.end(), priced)) {
            return missingFigure("energy", accelerator.element, "search for cycles");
        }
        if (options.limits.areaUm2 && !arithmeticArea(workloads, accelerator, table)) {
            return missingFigure("area", accelerator.element, "drop the limit on area");
        }
    }
    return {};
}

}  // namespace

Result<ArrayObjective> parseArrayObjective(std::string_view name) {
    if (name == "cycles") {
        return ArrayObjective::Cycles;
    }
    if (name == "energy") {
        return ArrayObjective::Energy;
    }
    if (name == "edp") {
        return ArrayObjective::EnergyDelay;
    }
    return Error{"unknown objective \"" + std::string(name) + "\"", "",
                 "use cycles, energy or edp"};
}

Result<ArrayStrategy> parseArrayStrategy(std::string_view name) {
    if (name == "exhaustive") {
        return ArrayStrategy::Exhaustive;
    }
    if (name == "genetic") {
        return ArrayStrategy::Genetic;
    }
    if (name == "annealing") {
        return ArrayStrategy::Annealing;
    }
    return Error{"unknown strategy \"" + std::string(name) + "\"", "",
                 "use exhaustive, genetic or annealing"};
}

std::optional<double> ArrayDesign::powerMilliwatts() const {
    if (!energy || cycles == 0) {
        return std::nullopt;
    }
    // pJ per us is uW.
    return energy->value * accelerator.clockMhz / static_cast<double>(cycles) * 1e-3;
}

ArrayDesign assessArray(std::span<const Workload> workloads, const Accelerator& accelerator,
                        const ArraySearchOptions& options) {
    ArrayDesign design;
    design.accelerator = accelerator;
    NetworkCost cost;
    if (options.dataflowPerLayer) {
        design.dataflows = bestDataflows(workloads, accelerator);
        cost = networkCost(workloads, accelerator, design.dataflows, options.reuse);
    } else {
        cost = networkCost(workloads, accelerator, options.reuse);
    }
    design.cycles = cost.cycles;
    design.stallCycles = cost.stallCycles;
    design.utilization = cost.utilization;
    if (options.energy != nullptr) {
        design.energy = networkEnergy(cost, workloads, accelerator, *options.energy).total();
        design.area = arithmeticArea(workloads, accelerator, *options.energy);
    }
    design.score = scoreOf(design, options.objective);
    return design;
}

Result<ArraySearchResult> searchArrays(std::span<const Workload> workloads, const ArraySpace& space,
                                       const ArraySearchOptions& options) {
    const ArrayGrid grid(space);
    if (const auto checked = checkSpace(grid, options); checked.hasError()) {
        return checked.error();
    }
    if (const auto checked = checkFigures(workloads, grid, options); checked.hasError()) {
        return checked.error();
    }
    const Judge judge(workloads, grid, options);
    std::vector<Candidate> candidates;
    if (options.strategy == ArrayStrategy::Exhaustive) {
        candidates = searchExhaustively(grid, judge);
    } else {
        Walker walker(grid, judge, options);
        candidates = options.strategy == ArrayStrategy::Genetic ? searchGenetically(walker, grid)
                                                                : searchByAnnealing(walker, grid);
    }
    ArraySearchResult result;
    result.evaluated = candidates.size();
    result.withinLimits = static_cast<std::uint64_t>(std::count_if(
        candidates.begin(), candidates.end(), [](const Candidate& c) { return c.within; }));
    const std::size_t kept = std::min<std::size_t>(options.keep, result.withinLimits);
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                      candidates.end(), better);
    for (std::size_t i = 0; i < kept; ++i) {
        result.designs.push_back(
            assessArray(workloads, grid.at(grid.point(candidates[i].index)), options));
    }
    return result;
}

}  // namespace bitloupe::hardware
