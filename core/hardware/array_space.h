// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/hardware/array_search.h"

namespace bitloupe::hardware {

/// An ArraySpace with its lists filled in, addressed by one index per axis. Used by the search
/// alone.
class ArrayGrid {
public:
    static constexpr std::size_t kAxes = 7;
    using Point = std::array<std::uint64_t, kAxes>;

    explicit ArrayGrid(const ArraySpace& space);

    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] const Point& extent() const { return m_extent; }
    [[nodiscard]] Point point(std::uint64_t index) const;
    [[nodiscard]] std::uint64_t index(const Point& point) const;
    [[nodiscard]] Accelerator at(const Point& point) const;

private:
    Accelerator m_base;
    std::vector<std::pair<std::int64_t, std::int64_t>> m_shapes;  ///< rows, columns
    std::vector<Dataflow> m_dataflows;
    std::vector<ProcessingElement> m_elements;
    std::vector<std::int64_t> m_ifmapBytes;
    std::vector<std::int64_t> m_filterBytes;
    std::vector<std::int64_t> m_ofmapBytes;
    std::vector<double> m_bandwidths;
    Point m_extent{};
};

}  // namespace bitloupe::hardware
