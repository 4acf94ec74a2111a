// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/exploration/format_conversions.h"
#include "core/exploration/strategies/allocation.h"

namespace bitloupe::exploration {

/// Allocation where decisions depend on each other: what later stages need of earlier ones is kept
/// in variables.
struct JointProblem {
    /// A way to decide a stage, which sets variables. One that is set already must have this very
    /// value, else the option is not open.
    struct Option {
        AllocationOption worth;
        std::vector<std::pair<std::size_t, std::uint16_t>> sets = {};
    };
    /// A variable that follows from others: the widest format among them.
    struct Join {
        std::size_t variable = 0;
        std::vector<std::size_t> operands;
    };
    /// Variables that are formats, and what each format among the readers' that is not the writer's
    /// adds.
    struct Charge {
        std::size_t writer = 0;
        std::vector<std::size_t> readers;
        AllocationOption each;
    };
    struct Stage {
        std::vector<Option> options;       ///< at least one
        std::optional<Join> join = {};     ///< decided after the option
        std::vector<Charge> charges = {};  ///< of variables that are set by then
    };

    std::size_t variables = 0;
    std::vector<double> formatBits;  ///< of every format that a join can see
    std::vector<Stage> stages;
};

/// The whole front, as allocate() gives it: `options` by stage. Dynamic programming over the stages
/// that keeps a front for every combination of values of the variables that a later stage needs
/// (Bertelè and Brioschi, "Nonserial dynamic programming", 1972): on a chain, one for every format
/// of the last tensor; where branches are open, one for every combination of theirs.
///
/// Exact as long as the fronts of a stage together hold no more than `mostStates`; else each is
/// thinned to its share, and when the combinations leave less than 16 to each, only those with the
/// best states are kept. What it then finds is a bound from above: real choices, perhaps not the
/// best.
[[nodiscard]] std::vector<AllocationPoint> allocateJointly(
    const JointProblem& problem, std::size_t mostStates = std::numeric_limits<std::size_t>::max());

}  // namespace bitloupe::exploration
