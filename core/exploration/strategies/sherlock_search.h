// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/exploration/live_front.h"
#include "core/exploration/strategies/surrogates.h"

namespace bitloupe::exploration {

/// The engine of Sherlock (Gautier, Althoff, Crutchfield, Kastner, "Sherlock: a multi-objective
/// design space exploration framework", ACM TODAES 27(4), 2022), on plain numbers: any features,
/// any number of objectives, smaller is better.
///
/// After a start by transductive experimental design, every step lets a Thompson bandit choose one
/// of the surrogates (its reward: the hypervolume grew), fits it to what is known, and takes from
/// the designs that it predicts to be on the front the one that is furthest ahead of the mean
/// (exploit) or the one it knows least about (explore); it switches when its best score falls.
class SherlockSearch {
public:
    explicit SherlockSearch(std::uint64_t seed) : m_random(seed) {}

    /// What is known of a design.
    struct Sample {
        Features features;
        Losses losses;
    };

    /// A design that could be measured. Objectives that are known beforehand (costs) stand in
    /// `known`, NaN for those that must be predicted; an empty list: all must be.
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
        std::vector<double> scores;  ///< best predicted score of past steps
    };

    void prepare(const std::vector<Sample>& samples);
    void reward(const std::vector<Sample>& samples);
    [[nodiscard]] std::size_t drawArm();
    void switchAction(const Arm& arm);

    Random m_random;
    std::vector<Arm> m_arms;
    Losses m_scale;      ///< of the objectives: their spread in the first samples
    Losses m_reference;  ///< for hypervolume: the worst of the first samples
    double m_volume = 0;
    std::optional<std::size_t> m_lastArm;
    Action m_action = Action::Exploit;
};

}  // namespace bitloupe::exploration
