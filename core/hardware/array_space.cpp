// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/array_space.h"

#include <algorithm>

#include "core/hardware/array_shapes.h"

namespace bitloupe::hardware {

namespace {

template <typename T>
std::vector<T> orBase(const std::vector<T>& list, T base) {
    return list.empty() ? std::vector<T>{base} : list;
}

/// An empty list allows everything.
bool isAmong(std::int64_t value, const std::vector<std::int64_t>& list) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

std::vector<std::pair<std::int64_t, std::int64_t>> shapesOf(const ArraySpace& space) {
    if (space.processingElements > 0) {
        std::vector<std::pair<std::int64_t, std::int64_t>> pairs =
            factorPairs(space.processingElements);
        std::erase_if(pairs, [&](const auto& pair) {
            return !isAmong(pair.first, space.rows) || !isAmong(pair.second, space.columns);
        });
        return pairs;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> shapes;
    for (const std::int64_t rows : orBase(space.rows, space.base.rows)) {
        for (const std::int64_t columns : orBase(space.columns, space.base.columns)) {
            shapes.emplace_back(rows, columns);
        }
    }
    return shapes;
}

}  // namespace

std::uint64_t ArraySpace::size() const {
    return ArrayGrid(*this).size();
}

ArrayGrid::ArrayGrid(const ArraySpace& space)
    : m_base(space.base),
      m_shapes(shapesOf(space)),
      m_dataflows(orBase(space.dataflows, space.base.dataflow)),
      m_elements(orBase(space.elements, space.base.element)),
      m_ifmapBytes(orBase(space.ifmapBytes, space.base.ifmapBytes)),
      m_filterBytes(orBase(space.filterBytes, space.base.filterBytes)),
      m_ofmapBytes(orBase(space.ofmapBytes, space.base.ofmapBytes)),
      m_bandwidths(orBase(space.bandwidths, space.base.bandwidth)),
      m_extent{m_shapes.size(),      m_dataflows.size(),  m_elements.size(),  m_ifmapBytes.size(),
               m_filterBytes.size(), m_ofmapBytes.size(), m_bandwidths.size()} {}

std::uint64_t ArrayGrid::size() const {
    std::uint64_t product = 1;
    for (const std::uint64_t count : m_extent) {
        if (__builtin_mul_overflow(product, count, &product)) {
            return ~std::uint64_t{0};
        }
    }
    return product;
}

ArrayGrid::Point ArrayGrid::point(std::uint64_t index) const {
    Point point{};
    for (std::size_t axis = kAxes; axis-- > 0;) {
        point[axis] = index % m_extent[axis];
        index /= m_extent[axis];
    }
    return point;
}

std::uint64_t ArrayGrid::index(const Point& point) const {
    std::uint64_t index = 0;
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
        index = index * m_extent[axis] + point[axis];
    }
    return index;
}

Accelerator ArrayGrid::at(const Point& point) const {
    Accelerator accelerator = m_base;
    accelerator.rows = m_shapes[point[0]].first;
    accelerator.columns = m_shapes[point[0]].second;
    accelerator.dataflow = m_dataflows[point[1]];
    accelerator.element = m_elements[point[2]];
    accelerator.ifmapBytes = m_ifmapBytes[point[3]];
    accelerator.filterBytes = m_filterBytes[point[4]];
    accelerator.ofmapBytes = m_ofmapBytes[point[5]];
    accelerator.bandwidth = m_bandwidths[point[6]];
    return accelerator;
}

}  // namespace bitloupe::hardware
