// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "core/base/random.h"

namespace bitloupe::generator {

inline constexpr int kJetFeatures = 16;
inline constexpr std::array<const char*, kJetFeatures> kJetFeatureNames = {
    "mass",  "multiplicity", "sum_zlogz", "c1_b0",    "c1_b1", "c1_b2", "c2_b1", "c2_b2",
    "d2_b1", "d2_b2",        "d2_a1_b1",  "d2_a1_b2", "m2_b1", "m2_b2", "n2_b1", "n2_b2"};
/// In the order in which a table's text classes are numbered.
inline constexpr std::array<const char*, 5> kJetClasses = {"g", "q", "t", "w", "z"};

/// One invented jet of class `jetClass`: numbers that overlap between classes as much as those of
/// real jets do (gluon against light quark, W against Z), from a formula and not from physics.
[[nodiscard]] std::array<double, kJetFeatures> makeJet(int jetClass, Random& random);

}  // namespace bitloupe::generator
