// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/top_values.h"

#include <bit>
#include <limits>

namespace bitloupe::execution::kernels {

namespace {

constexpr std::uint32_t kSign = 0x80000000U;

/// A number that grows with the value.
std::uint32_t rankOf(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);  // one zero only
    const std::uint32_t rank = (bits & kSign) != 0 ? ~bits : bits | kSign;
    return value == value ? rank : std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

TopValues::TopValues(std::size_t size, std::size_t count, bool largest)
    : m_size(size), m_largest(largest), m_best(count) {}

void TopValues::find(const float* row, std::int64_t* places) {
    const std::uint32_t flip = m_largest ? 0 : std::numeric_limits<std::uint32_t>::max();
    constexpr std::uint64_t kLastPlace = std::numeric_limits<std::uint32_t>::max();
    const std::size_t count = m_best.size();
    std::size_t kept = 0;
    // What a value must beat; of equal ones the earlier is kept.
    std::uint64_t limit = 0;
    for (std::size_t i = 0; i < m_size && count > 0; ++i) {
        const std::uint64_t candidate =
            (std::uint64_t{rankOf(row[i]) ^ flip} << 32) | (kLastPlace - i);
        if (kept == count && candidate < limit) {
            continue;
        }
        std::size_t place = kept < count ? kept++ : count - 1;
        for (; place > 0 && m_best[place - 1] < candidate; --place) {
            m_best[place] = m_best[place - 1];
        }
        m_best[place] = candidate;
        limit = m_best[kept - 1];
    }
    for (std::size_t i = 0; i < count; ++i) {
        places[i] = static_cast<std::int64_t>(kLastPlace - (m_best[i] & kLastPlace));
    }
}

}  // namespace bitloupe::execution::kernels
