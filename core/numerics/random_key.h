// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/numerics/kernels/kernels.h"
#include "core/numerics/rounding.h"

/// Splits 64-bit element indices into the 32-bit counters the kernels count with.
namespace bitloupe::numerics {

struct CounterRun {
    kernels::RandomKey key;
    std::uint32_t counter = 0;
};

/// The key of the elements whose index has these upper 32 bits (splitmix64, Steele et al. 2014).
[[nodiscard]] inline kernels::RandomKey randomKey(std::uint64_t seed, std::uint64_t upperIndex) {
    std::uint64_t z = seed + (2 * upperIndex + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return {static_cast<std::uint32_t>(z), static_cast<std::uint32_t>(z >> 32)};
}

/// Calls work(begin, count, run) for the parts of `count` elements within which the lower 32 bits
/// of the index do not wrap around.
template <typename Work>
void forEachCounterRun(const RoundingOptions& options, std::size_t count, const Work& work) {
    for (std::size_t begin = 0; begin < count;) {
        const std::uint64_t index = options.firstIndex + begin;
        const auto counter = static_cast<std::uint32_t>(index);
        const std::uint64_t untilWrap = (std::uint64_t{1} << 32) - counter;
        const std::size_t part =
            static_cast<std::size_t>(std::min<std::uint64_t>(untilWrap, count - begin));
        work(begin, part, CounterRun{randomKey(options.seed, index >> 32), counter});
        begin += part;
    }
}

}  // namespace bitloupe::numerics
