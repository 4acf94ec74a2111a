// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitloupe::execution::kernels {

/// The first few of a row of floats in order of their size, as a stable sort would give them: equal
/// values (the two zeros are equal) in the order of the row, NaN as the largest value.
class TopValues {
public:
    /// `count` of `size` values, the largest or the smallest ones; count is at most size, and size
    /// below 2^32. Takes time in proportion to size + count^2 log(size / count): for small counts.
    TopValues(std::size_t size, std::size_t count, bool largest);

    /// `row` has `size` values; writes the places of the first `count`.
    void find(const float* row, std::int64_t* places);

private:
    std::size_t m_size;
    bool m_largest;
    std::vector<std::uint64_t> m_best;  ///< the best so far, the best first
};

}  // namespace bitloupe::execution::kernels
