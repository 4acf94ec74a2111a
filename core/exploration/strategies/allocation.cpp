// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/allocation.h"

#include <algorithm>

#include "core/exploration/strategies/allocation_states.h"

namespace bitloupe::exploration {

bool comesBefore(const AllocationState& a, const AllocationState& b) {
    if (a.cost != b.cost) {
        return a.cost < b.cost;
    }
    if (a.score != b.score) {
        return a.score < b.score;
    }
    return a.parent != b.parent ? a.parent < b.parent : a.option < b.option;
}

void keepFront(std::vector<AllocationState>& states) {
    std::size_t kept = 0;
    for (const AllocationState& state : states) {
        if (kept == 0 || state.score < states[kept - 1].score) {
            states[kept++] = state;
        }
    }
    states.resize(kept);
}

void thin(std::vector<AllocationState>& states, std::size_t mostStates) {
    if (states.size() <= mostStates) {
        return;
    }
    const double low = states.front().cost;
    const double step = (states.back().cost - low) / static_cast<double>(mostStates);
    // The last state of every step has its best score.
    std::vector<AllocationState> kept = {states.front()};
    for (std::size_t i = 1; i < states.size(); ++i) {
        const bool isLast = i + 1 == states.size();
        if (isLast || static_cast<std::size_t>((states[i].cost - low) / step) !=
                          static_cast<std::size_t>((states[i + 1].cost - low) / step)) {
            kept.push_back(states[i]);
        }
    }
    states = std::move(kept);
}

namespace {

using State = AllocationState;

/// The options of a group that can stand on a front at all.
std::vector<State> usefulOptions(const std::vector<AllocationOption>& group) {
    std::vector<State> options;
    for (std::size_t i = 0; i < group.size(); ++i) {
        options.push_back({.cost = group[i].cost,
                           .score = group[i].score,
                           .parent = 0,
                           .option = static_cast<std::uint32_t>(i)});
    }
    std::sort(options.begin(), options.end(), comesBefore);
    keepFront(options);
    return options;
}

/// Sorted stretches that follow each other, merged pairwise.
void mergeStretches(std::vector<State>& states, std::size_t stretch) {
    for (std::size_t width = stretch; width < states.size(); width *= 2) {
        for (std::size_t begin = 0; begin + width < states.size(); begin += 2 * width) {
            const auto first = states.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto middle = first + static_cast<std::ptrdiff_t>(width);
            const std::size_t end = std::min(begin + 2 * width, states.size());
            std::inplace_merge(first, middle, states.begin() + static_cast<std::ptrdiff_t>(end),
                               comesBefore);
        }
    }
}

std::vector<State> extend(const std::vector<State>& states, const std::vector<State>& options) {
    std::vector<State> extended;
    extended.reserve(states.size() * options.size());
    for (const State& option : options) {
        for (std::size_t i = 0; i < states.size(); ++i) {
            extended.push_back({.cost = states[i].cost + option.cost,
                                .score = states[i].score + option.score,
                                .parent = static_cast<std::uint32_t>(i),
                                .option = option.option});
        }
    }
    mergeStretches(extended, states.size());
    keepFront(extended);
    return extended;
}

}  // namespace

std::vector<AllocationPoint> allocate(std::span<const std::vector<AllocationOption>> groups,
                                      std::size_t mostStates) {
    std::vector<std::vector<State>> stages = {{State{}}};
    for (const std::vector<AllocationOption>& group : groups) {
        stages.push_back(extend(stages.back(), usefulOptions(group)));
        thin(stages.back(), mostStates);
    }
    std::vector<AllocationPoint> front;
    front.reserve(stages.back().size());
    for (const State& last : stages.back()) {
        AllocationPoint point{.cost = last.cost,
                              .score = last.score,
                              .options = std::vector<std::uint32_t>(groups.size())};
        State state = last;
        for (std::size_t i = groups.size(); i > 0; --i) {
            point.options[i - 1] = state.option;
            state = stages[i - 1][state.parent];
        }
        front.push_back(std::move(point));
    }
    return front;
}

}  // namespace bitloupe::exploration
