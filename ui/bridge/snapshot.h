// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QMetaType>
#include <memory>
#include <optional>
#include <vector>

#include "core/exploration/explorer.h"
#include "ui/bridge/evaluation_log.h"

namespace bitloupe::ui {

enum class RunState { Idle, Running, Paused, Stopping };

/// All that is known of a study at one moment. Immutable once it is handed out; models keep the
/// pointer and read it without a lock.
struct Snapshot {
    EvaluationLog evaluations;
    /// Positions in `evaluations`, ascending; by the objectives, within the constraints.
    std::vector<std::size_t> front;
    std::vector<exploration::SensitivityCell> sensitivity;
    std::vector<exploration::LeaveOneInFloatCell> leaveOneInFloat;
    std::vector<exploration::ChannelCell> channels;
    std::optional<exploration::Measurement> reference;  ///< the float network
    std::optional<exploration::Costs> referenceCosts;   ///< the float network on the first array
    /// Where hypervolumes are measured from (exploration::referencePoint); empty where that is not
    /// known.
    std::vector<double> volumeReference;
    std::vector<exploration::QuantityId> objectives;
    std::vector<exploration::Constraint> constraints;
    exploration::Progress progress;
    RunState state = RunState::Idle;
    int generation = 0;  ///< rises when another study is shown: positions mean nothing across it

    [[nodiscard]] const exploration::Evaluation* find(std::int64_t id) const {
        const auto position = evaluations.find(id);
        return position ? &evaluations[*position] : nullptr;
    }
};
using SnapshotPointer = std::shared_ptr<const Snapshot>;

}  // namespace bitloupe::ui

Q_DECLARE_METATYPE(bitloupe::ui::SnapshotPointer)
Q_DECLARE_METATYPE(bitloupe::ui::RunState)
