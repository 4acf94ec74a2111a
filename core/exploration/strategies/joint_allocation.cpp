// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/joint_allocation.h"

#include <algorithm>
#include <map>

#include "core/exploration/strategies/allocation_states.h"

namespace bitloupe::exploration {

namespace {

using Values = std::vector<std::uint16_t>;  ///< of all variables
using States = std::vector<AllocationState>;

constexpr std::uint16_t kUnset = std::numeric_limits<std::uint16_t>::max();
/// A front of fewer states says too little: rather fewer fronts.
constexpr std::size_t kFewestStates = 16;

/// The front of one combination of values; its states stand together in the list of the stage.
struct Branch {
    Values values;
    std::size_t first = 0;
    std::size_t count = 0;
};

/// The stage behind which no variable is needed any more, by variable.
std::vector<std::size_t> lastUses(const JointProblem& problem) {
    std::vector<std::size_t> last(problem.variables, 0);
    for (std::size_t s = 0; s < problem.stages.size(); ++s) {
        const JointProblem::Stage& stage = problem.stages[s];
        for (const JointProblem::Option& option : stage.options) {
            for (const auto& [variable, value] : option.sets) {
                last[variable] = s;
            }
        }
        if (stage.join.has_value()) {
            last[stage.join->variable] = s;
            for (const std::size_t operand : stage.join->operands) {
                last[operand] = s;
            }
        }
        for (const JointProblem::Charge& charge : stage.charges) {
            last[charge.writer] = s;
            for (const std::size_t reader : charge.readers) {
                last[reader] = s;
            }
        }
    }
    return last;
}

std::vector<FormatId> valuesAt(const std::vector<std::size_t>& variables, const Values& values) {
    std::vector<FormatId> found;
    std::transform(variables.begin(), variables.end(), std::back_inserter(found),
                   [&values](std::size_t variable) { return values[variable]; });
    return found;
}

class Program {
public:
    Program(const JointProblem& problem, std::size_t mostStates)
        : m_problem(problem), m_mostStates(mostStates), m_lastUses(lastUses(problem)) {}

    std::vector<AllocationPoint> solve() {
        m_stages = {{AllocationState{}}};
        std::vector<Branch> branches = {
            {.values = Values(m_problem.variables, kUnset), .first = 0, .count = 1}};
        for (std::size_t s = 0; s < m_problem.stages.size(); ++s) {
            branches = extend(s, branches);
        }
        std::vector<AllocationPoint> front;
        for (const AllocationState& last : m_stages.back()) {
            AllocationPoint point{.cost = last.cost,
                                  .score = last.score,
                                  .options = std::vector<std::uint32_t>(m_problem.stages.size())};
            AllocationState state = last;
            for (std::size_t s = m_problem.stages.size(); s > 0; --s) {
                point.options[s - 1] = state.option;
                state = m_stages[s - 1][state.parent];
            }
            front.push_back(std::move(point));
        }
        return front;
    }

private:
    /// What one option adds to every state of a branch, by the values it leads to.
    using Steps = std::map<Values, States>;

    [[nodiscard]] Steps stepsFrom(std::size_t s, const Values& before) const {
        const JointProblem::Stage& stage = m_problem.stages[s];
        Steps steps;
        for (std::size_t i = 0; i < stage.options.size(); ++i) {
            const JointProblem::Option& option = stage.options[i];
            Values values = before;
            bool isOpen = true;
            for (const auto& [variable, value] : option.sets) {
                isOpen = isOpen && (values[variable] == kUnset || values[variable] == value);
                values[variable] = value;
            }
            if (!isOpen) {
                continue;
            }
            if (stage.join.has_value()) {
                values[stage.join->variable] =
                    widest(valuesAt(stage.join->operands, values), m_problem.formatBits);
            }
            AllocationState step{.cost = option.worth.cost,
                                 .score = option.worth.score,
                                 .parent = 0,
                                 .option = static_cast<std::uint32_t>(i)};
            for (const JointProblem::Charge& charge : stage.charges) {
                const auto times = static_cast<double>(
                    conversionsOf(values[charge.writer], valuesAt(charge.readers, values)));
                step.cost += times * charge.each.cost;
                step.score += times * charge.each.score;
            }
            for (std::size_t variable = 0; variable < values.size(); ++variable) {
                if (m_lastUses[variable] <= s) {
                    values[variable] = kUnset;
                }
            }
            steps[std::move(values)].push_back(step);
        }
        for (auto& [values, options] : steps) {
            std::sort(options.begin(), options.end(), comesBefore);
            keepFront(options);
        }
        return steps;
    }

    std::vector<Branch> extend(std::size_t s, const std::vector<Branch>& branches) {
        const States& before = m_stages.back();
        std::map<Values, States> extended;
        for (const Branch& branch : branches) {
            for (const auto& [values, options] : stepsFrom(s, branch.values)) {
                States& states = extended[values];
                for (const AllocationState& option : options) {
                    for (std::size_t i = branch.first; i < branch.first + branch.count; ++i) {
                        states.push_back({.cost = before[i].cost + option.cost,
                                          .score = before[i].score + option.score,
                                          .parent = static_cast<std::uint32_t>(i),
                                          .option = option.option});
                    }
                }
            }
        }
        std::size_t total = 0;
        for (auto& [values, states] : extended) {
            std::sort(states.begin(), states.end(), comesBefore);
            keepFront(states);
            total += states.size();
        }
        if (total > m_mostStates) {
            limit(extended);
        }
        States all;
        std::vector<Branch> next;
        for (auto& [values, states] : extended) {
            next.push_back({.values = values, .first = all.size(), .count = states.size()});
            all.insert(all.end(), states.begin(), states.end());
        }
        m_stages.push_back(std::move(all));
        return next;
    }

    void limit(std::map<Values, States>& extended) const {
        const std::size_t mostBranches = std::max<std::size_t>(1, m_mostStates / kFewestStates);
        if (extended.size() > mostBranches) {
            keepBest(extended, mostBranches);
        }
        for (auto& [values, states] : extended) {
            thin(states, std::max<std::size_t>(1, m_mostStates / extended.size()));
        }
    }

    /// The branches with the most states that no other branch beats; of two with as many, the one
    /// with the least score.
    static void keepBest(std::map<Values, States>& extended, std::size_t count) {
        States all;
        std::vector<const Values*> names;
        for (const auto& [values, states] : extended) {
            for (AllocationState state : states) {
                state.parent = static_cast<std::uint32_t>(names.size());
                all.push_back(state);
            }
            names.push_back(&values);
        }
        std::sort(all.begin(), all.end(), comesBefore);
        keepFront(all);
        std::vector<std::size_t> wins(names.size(), 0);
        for (const AllocationState& state : all) {
            ++wins[state.parent];
        }
        std::vector<std::size_t> order(names.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return wins[a] != wins[b]
                       ? wins[a] > wins[b]
                       : extended.at(*names[a]).back().score < extended.at(*names[b]).back().score;
        });
        std::map<Values, States> kept;
        for (std::size_t i = 0; i < count; ++i) {
            kept.insert(extended.extract(*names[order[i]]));
        }
        extended = std::move(kept);
    }

    const JointProblem& m_problem;
    std::size_t m_mostStates;
    std::vector<std::size_t> m_lastUses;
    std::vector<States> m_stages;
};

}  // namespace

std::vector<AllocationPoint> allocateJointly(const JointProblem& problem, std::size_t mostStates) {
    return Program(problem, mostStates).solve();
}

}  // namespace bitloupe::exploration
