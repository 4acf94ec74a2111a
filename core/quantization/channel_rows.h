// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "core/base/array.h"

namespace bitloupe::quantization {

/// A weight tensor with its output channels as rows: how to get there and back.
struct ChannelRows {
    std::size_t count = 1;   ///< output channels
    std::size_t length = 0;  ///< weights of one
    std::size_t outer = 1;   ///< runs of one channel
    std::size_t inner = 1;   ///< elements of a run

    static ChannelRows of(const Shape& shape, int channelAxis) {
        ChannelRows rows;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const auto size = static_cast<std::size_t>(shape[i]);
            const auto axis = static_cast<std::size_t>(channelAxis);
            (i < axis ? rows.outer : i == axis ? rows.count : rows.inner) *= size;
        }
        rows.length = rows.outer * rows.inner;
        return rows;
    }

    /// The tensor's elements, row by row.
    template <typename T>
    [[nodiscard]] std::vector<T> toRows(std::span<const T> tensor) const {
        std::vector<T> copy(tensor.size());
        forEachRun([&](std::size_t from, std::size_t to) {
            std::copy_n(tensor.begin() + static_cast<std::ptrdiff_t>(from), inner,
                        copy.begin() + static_cast<std::ptrdiff_t>(to));
        });
        return copy;
    }

    template <typename T>
    [[nodiscard]] std::vector<T> fromRows(const std::vector<T>& copy) const {
        std::vector<T> tensor(copy.size());
        forEachRun([&](std::size_t to, std::size_t from) {
            std::copy_n(copy.begin() + static_cast<std::ptrdiff_t>(from), inner,
                        tensor.begin() + static_cast<std::ptrdiff_t>(to));
        });
        return tensor;
    }

private:
    /// Calls visit(position in the tensor, position in the row-major copy) for each run.
    template <typename Visit>
    void forEachRun(Visit visit) const {
        for (std::size_t o = 0; o < outer; ++o) {
            for (std::size_t row = 0; row < count; ++row) {
                visit((o * count + row) * inner, row * length + o * inner);
            }
        }
    }
};

}  // namespace bitloupe::quantization
