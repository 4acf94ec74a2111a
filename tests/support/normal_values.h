// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace bitloupe::testing {

/// Standard normal values by Box and Muller's way, written out: the same on every standard library.
inline std::vector<float> normalValues(std::size_t count, unsigned seed) {
    std::mt19937 engine(seed);
    const auto uniform = [&] { return (static_cast<double>(engine()) + 0.5) / 4294967296.0; };
    std::vector<float> values(count);
    for (float& value : values) {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        value = static_cast<float>(radius * std::cos(6.283185307179586 * uniform()));
    }
    return values;
}

}  // namespace bitloupe::testing
