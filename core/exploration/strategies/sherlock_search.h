// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/exploration/live_front.h"
#include "core/exploration/strategies/surrogates.h"

namespace bitloupe::exploration {

/// The engine of Sherlock (Gautier, Althoff, Crutchfield, Kastner, "Sherlock: a multi-objective
/// design space exploration framework", ACM TODAES 27(4), 2022), on plain numbers: any features,
/// any number of objectives, smaller is better.
///
/// After a start by transductive experimental design, every step lets a Thompson bandit choose one
/// of the surrogates and fits it to what is known. Its reward is that the hypervolume grew; old
/// rewards fade (Raj and Kalyani, "Taming non-stationary bandits", 2017), for gains become rare
/// while the front fills, and a surrogate that was lucky early must not rule to the end. All
/// surrogates foretell what is measured; what is drawn for one that errs more counts less. Exploit
/// takes
/// the designs whose predicted losses add most to the measured hypervolume; explore those that
/// would add most if they were better than predicted by one standard deviation in every objective.
/// It switches when the best predicted gain of the surrogate falls. (The original ranks the
/// predicted front by the distance from the mean, summed over the objectives, and by the spread:
/// that favours the front's middle and leaves its ends to chance.)
class SherlockSearch {
public:
    /// `limits`: the worst loss wanted of every objective, infinite where any will do; empty: no
    /// limits. Only what keeps them adds to a front. Until something measured does, the limited
    /// objectives alone are made better (Deb, "An efficient constraint handling method for genetic
    /// algorithms", 2000: what breaks a limit less is better than what breaks it more), what is
    /// known beforehand only up to its limit.
    explicit SherlockSearch(std::uint64_t seed, Losses limits = {})
        : m_random(seed), m_limits(std::move(limits)) {}

    /// What is known of a design.
    struct Sample {
        Features features;
        Losses losses;
    };

    /// A design that could be measured. Objectives that are known beforehand (costs) stand in
    /// `known`, NaN for those that must be predicted, the same for all candidates; an empty list:
    /// all must be.
    struct Candidate {
        Features features;
        Losses known = {};
    };

    /// Positions of up to `count` candidates to measure next. `samples` must not be empty.
    [[nodiscard]] std::vector<std::size_t> choose(const std::vector<Sample>& samples,
                                                  const std::vector<Candidate>& candidates,
                                                  std::size_t count);

private:
    enum class Action { Exploit, Explore };
    struct Arm {
        std::unique_ptr<Surrogate> surrogate;
        double wins = 1;
        double defeats = 1;
        double error = 0;           ///< of its predictions, squared, the latest ones weigh most
        std::vector<double> gains;  ///< best predicted gain of past steps
    };

    void prepare(const std::vector<Sample>& samples);
    /// Everything scaled; `learned`: the objectives that must be predicted.
    void reward(const std::vector<Features>& features, const std::vector<Losses>& measured,
                const Losses& limits, const std::vector<std::size_t>& learned);
    [[nodiscard]] std::size_t drawArm();
    void switchAction(const Arm& arm);

    Random m_random;
    Losses m_limits;
    std::vector<Arm> m_arms;
    std::size_t m_rewarded = 0;  ///< samples that the last choice knew
    std::optional<std::size_t> m_lastArm;
    Action m_action = Action::Exploit;
};

}  // namespace bitloupe::exploration
