// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/jet_table.h"

#include <cmath>

namespace bitloupe::generator {
namespace {

/// What a class is like: its mass, how many particles and prongs, how wide.
struct Kind {
    double mass;
    double massSpread;
    double particles;
    double prongs;
    double width;
};

constexpr std::array<Kind, kJetClasses.size()> kKinds = {
    {{.mass = 62, .massSpread = 30, .particles = 46, .prongs = 1.15, .width = 0.55},
     {.mass = 44, .massSpread = 28, .particles = 30, .prongs = 1.0, .width = 0.38},
     {.mass = 158, .massSpread = 24, .particles = 54, .prongs = 2.75, .width = 0.62},
     {.mass = 80, .massSpread = 9.5, .particles = 33, .prongs = 2.0, .width = 0.34},
     {.mass = 92, .massSpread = 9.5, .particles = 34, .prongs = 2.0, .width = 0.36}}};

}  // namespace

std::array<double, kJetFeatures> makeJet(int jetClass, Random& random) {
    const Kind& kind = kKinds.at(static_cast<std::size_t>(jetClass));
    const auto spread = [&random](double sigma) { return sigma * random.normal(); };
    // A tenth of the jets lost a part of themselves and look like something lighter.
    const double lost = random.uniform() < 0.1 ? 0.55 + 0.4 * random.uniform() : 1.0;
    const double mass = lost * std::abs(kind.mass + spread(kind.massSpread));
    const double particles =
        std::max(4.0, std::round(lost * kind.particles * std::exp(spread(0.3))));
    const double prongs = std::max(0.6, lost * kind.prongs + spread(0.42));
    const double width = kind.width * std::exp(spread(0.28)) + 0.0012 * mass;
    const double balance = 0.5 + 0.12 * std::tanh(prongs - 1.5) + spread(0.06);
    const auto ratio = [&](double power, double noise) {
        return std::pow(width, power) * (1.1 - 0.24 * prongs) + spread(noise);
    };
    return {mass,
            particles,
            -std::log(particles) * (0.78 + 0.1 * balance) + spread(0.12),
            0.42 + 0.03 * std::log(particles) - 0.1 / prongs + spread(0.02),
            0.25 * width * (1 + 0.1 * prongs) + spread(0.02),
            0.12 * width * width + spread(0.01),
            0.1 * width * std::sqrt(prongs) + spread(0.015),
            0.04 * width * width * prongs + spread(0.008),
            2.2 * ratio(0.3, 0.12),
            2.9 * ratio(0.6, 0.16),
            1.7 * ratio(0.4, 0.14),
            2.1 * ratio(0.7, 0.18),
            0.09 * width / prongs + spread(0.012),
            0.03 * width * width / prongs + spread(0.006),
            0.3 - 0.05 * prongs + 0.05 * width + spread(0.03),
            0.22 - 0.04 * prongs + 0.03 * balance + spread(0.025)};
}

}  // namespace bitloupe::generator
