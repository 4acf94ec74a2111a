// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/exploration/exploration_run.h"
#include "core/exploration/scheme_side.h"

namespace bitloupe::exploration {

namespace {

using quantization::Quantizer;

/// Cells of the whole map that are not among the known ones.
std::vector<SensitivityCell> missingCells(const DesignSpace& space,
                                          const std::vector<SensitivityCell>& known) {
    std::vector<SensitivityCell> cells;
    for (const Slot& slot : space.layerSlots()) {
        for (const Quantizer& quantizer : space.choices(slot)) {
            const bool isKnown = std::any_of(known.begin(), known.end(), [&](const auto& cell) {
                return cell.layer == slot.layer && cell.side == slot.side &&
                       cell.quantizer == quantizer;
            });
            if (!isKnown && !quantizer.isIdentity()) {
                cells.push_back({.layer = slot.layer, .side = slot.side, .quantizer = quantizer});
            }
        }
    }
    return cells;
}

/// The yardstick of every format and side comes before the layers of it.
std::vector<LeaveOneInFloatCell> leaveOneInFloatCells(const DesignSpace& space) {
    std::vector<LeaveOneInFloatCell> yardsticks;
    std::vector<LeaveOneInFloatCell> cells;
    for (const SensitivityCell& cell : missingCells(space, {})) {
        const bool isNew =
            std::none_of(yardsticks.begin(), yardsticks.end(), [&](const auto& other) {
                return other.side == cell.side && other.quantizer == cell.quantizer;
            });
        if (isNew) {
            yardsticks.push_back({.side = cell.side, .quantizer = cell.quantizer});
        }
        cells.push_back({.layer = cell.layer, .side = cell.side, .quantizer = cell.quantizer});
    }
    cells.insert(cells.begin(), yardsticks.begin(), yardsticks.end());
    return cells;
}

/// Format by format, so that the channels of one format follow each other.
std::vector<ChannelCell> channelCells(const ExplorationPlan& plan) {
    std::vector<ChannelCell> cells;
    for (const ChannelMap& map : plan.channelMaps) {
        for (const Slot& slot : plan.space.layerSlots()) {
            if (slot.layer != map.layer) {
                continue;
            }
            for (const Quantizer& quantizer : plan.space.choices(slot)) {
                if (quantizer.isIdentity()) {
                    continue;
                }
                for (const ChannelGroup& group :
                     channelGroups(plan.layers, map.layer, slot.side, map.group)) {
                    cells.push_back({.probe = {.channels = group, .quantizer = quantizer}});
                }
            }
        }
    }
    return cells;
}

}  // namespace

template <typename Cell, typename Measure, typename Keep>
JobOutcome ExplorationRun::measureMap(std::vector<Cell> cells, std::size_t known,
                                      const Measure& measure, const Keep& keep) {
    if (cells.empty()) {
        return JobOutcome::Finished;
    }
    startPhase(Phase::Sensitivity, static_cast<std::int64_t>(known),
               static_cast<std::int64_t>(known + cells.size()));
    for (std::size_t begin = 0; begin < cells.size();) {
        const std::size_t count = std::min(m_sizer.size(), cells.size() - begin);
        const std::span<Cell> batch = std::span(cells).subspan(begin, count);
        const JobOutcome outcome = measure(batch);
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
        keep(batch);
        begin += count;
        reportProgress(static_cast<double>(known + begin));
    }
    return JobOutcome::Finished;
}

JobOutcome ExplorationRun::measureSensitivity() {
    if (!m_plan.sensitivityFirst) {
        return JobOutcome::Finished;
    }
    return measureMap(
        missingCells(m_plan.space, m_known.sensitivity), m_known.sensitivity.size(),
        [this](std::span<SensitivityCell> batch) { return measureCells(batch); },
        [this](std::span<const SensitivityCell> batch) {
            Failure::check(m_store.appendSensitivity(batch));
            m_known.sensitivity.insert(m_known.sensitivity.end(), batch.begin(), batch.end());
            const std::scoped_lock lock(m_sinkMutex);
            m_sink.sensitivityMeasured({batch.begin(), batch.end()});
        });
}

JobOutcome ExplorationRun::measureLeaveOneInFloat() {
    if (!m_plan.leaveOneInFloat) {
        return JobOutcome::Finished;
    }
    std::vector<LeaveOneInFloatCell>& known = m_known.leaveOneInFloat;
    std::vector<LeaveOneInFloatCell> cells = leaveOneInFloatCells(m_plan.space);
    std::erase_if(cells, [&known](const LeaveOneInFloatCell& cell) {
        return std::any_of(known.begin(), known.end(), [&cell](const auto& other) {
            return other.layer == cell.layer && other.side == cell.side &&
                   other.quantizer == cell.quantizer;
        });
    });
    return measureMap(
        std::move(cells), known.size(),
        [this](std::span<LeaveOneInFloatCell> batch) { return measureCells(batch); },
        [this, &known](std::span<const LeaveOneInFloatCell> batch) {
            Failure::check(m_store.appendLeaveOneInFloat(batch));
            known.insert(known.end(), batch.begin(), batch.end());
            const std::scoped_lock lock(m_sinkMutex);
            m_sink.leaveOneInFloatMeasured({batch.begin(), batch.end()});
        });
}

JobOutcome ExplorationRun::measureChannels() {
    std::vector<ChannelCell>& known = m_known.channels;
    std::vector<ChannelCell> cells = channelCells(m_plan);
    const std::size_t all = cells.size();
    std::erase_if(cells, [&known](const ChannelCell& cell) {
        return std::any_of(known.begin(), known.end(),
                           [&cell](const auto& other) { return other.probe == cell.probe; });
    });
    const std::size_t done = all - cells.size();
    return measureMap(
        std::move(cells), done,
        [this](std::span<ChannelCell> batch) { return measureCells(batch); },
        [this, &known](std::span<const ChannelCell> batch) {
            Failure::check(m_store.appendChannels(batch));
            known.insert(known.end(), batch.begin(), batch.end());
            const std::scoped_lock lock(m_sinkMutex);
            m_sink.channelsMeasured({batch.begin(), batch.end()});
        });
}

JobOutcome ExplorationRun::measureCells(std::span<SensitivityCell> cells) {
    std::vector<Assignment> population;
    for (const SensitivityCell& cell : cells) {
        Assignment assignment(m_plan.layers.size());
        sideOf(assignment.at(cell.layer), cell.side) = cell.quantizer;
        population.push_back(std::move(assignment));
    }
    std::vector<Measurement> measurements;
    double seconds = 0;
    const JobOutcome outcome = evaluate(population, measurements, seconds);
    if (outcome == JobOutcome::Finished) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            SensitivityCell& cell = cells[i];
            cell.measured = measurements[i];
            cell.sqnrDb = m_evaluator.roundingError(cell.layer, cell.side, cell.quantizer).sqnrDb;
        }
        m_sizer.learn(cells.size(), seconds);
    }
    return outcome;
}

Assignment ExplorationRun::leftInFloat(const LeaveOneInFloatCell& cell) const {
    Assignment assignment(m_plan.layers.size());
    for (const Slot& slot : m_plan.space.layerSlots()) {
        const std::vector<Quantizer>& choices = m_plan.space.choices(slot);
        if (slot.side == cell.side && cell.layer != slot.layer &&
            std::find(choices.begin(), choices.end(), cell.quantizer) != choices.end()) {
            sideOf(assignment.at(slot.layer), slot.side) = cell.quantizer;
        }
    }
    return assignment;
}

JobOutcome ExplorationRun::measureCells(std::span<LeaveOneInFloatCell> cells) {
    std::vector<Assignment> population;
    for (const LeaveOneInFloatCell& cell : cells) {
        population.push_back(leftInFloat(cell));
    }
    std::vector<Measurement> measurements;
    double seconds = 0;
    const JobOutcome outcome = evaluate(population, measurements, seconds);
    if (outcome == JobOutcome::Finished) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            cells[i].measured = measurements[i];
        }
        m_sizer.learn(cells.size(), seconds);
    }
    return outcome;
}

JobOutcome ExplorationRun::measureCells(std::span<ChannelCell> cells) {
    std::vector<ChannelProbe> probes;
    for (const ChannelCell& cell : cells) {
        probes.push_back(cell.probe);
    }
    std::vector<Measurement> measurements;
    double seconds = 0;
    const JobOutcome outcome = evaluate(
        probes.size(),
        [&](const Progressed& progressed) {
            return m_evaluator.evaluateChannels(probes, m_stop, progressed);
        },
        measurements, seconds);
    if (outcome == JobOutcome::Finished) {
        const std::vector<RoundingError> errors = m_evaluator.channelRoundingErrors(probes);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            cells[i].measured = measurements[i];
            cells[i].sqnrDb = errors.at(i).sqnrDb;
        }
        m_sizer.learn(cells.size(), seconds);
    }
    return outcome;
}

}  // namespace bitloupe::exploration
