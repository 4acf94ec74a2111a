// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/numerics/rounding.h"

/// The loops that round spans: one per shape of value set, each compiled for every vector
/// instruction set and chosen at run time. Plans are plain numbers; rounding.cpp derives them from
/// a format.
namespace bitloupe::numerics::kernels {

/// Key of the random numbers of one call; the number of element i is a hash of key and i.
struct RandomKey {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
};

/// What every kernel is given. `in` and `out` are the same memory or do not overlap.
struct Spans {
    const float* in = nullptr;
    float* out = nullptr;
    std::size_t count = 0;
    RandomKey key;
    /// Counter of element 0; counter + count does not pass 2^32.
    std::uint32_t counter = 0;
};

enum class GridRule { NearestEven, HalfUp, Floor, TowardZero, Stochastic };

/// Values at equal distances: out = step * (rule(clamp(x / unit - before)) + after); NaN counts as
/// 0. With `wrapUnits` > 0 the integer is taken modulo that power of two instead of clamped, into
/// low <= q < low + wrapUnits; an infinity then counts as 0.
struct GridPlan {
    float unit = 1;
    float step = 1;
    float low = 0;
    float high = 0;
    float before = 0;
    float after = 0;
    float wrapUnits = 0;
    GridRule rule = GridRule::NearestEven;
};
void roundToGrid(const Spans& spans, const GridPlan& plan);

using Direction = RoundingMode;

/// A sign and a mantissa of fixed length at every exponent from `minExponent` (its code is 1) up;
/// below it steps of the mantissa's last bit, or nothing but zero without subnormals.
struct FloatPlan {
    float scale = 1;
    int mantissaBits = 3;
    int minExponent = -6;
    float maxValue = 448;
    bool subnormals = true;
    bool negativeZero = true;
    bool keepsInfinity = false;
    bool keepsNan = true;
    Direction direction = Direction::Nearest;
};
void roundToFloat(const Spans& spans, const FloatPlan& plan);

struct PositPlan {
    float scale = 1;
    int bits = 8;
    int exponentBits = 1;
    Direction direction = Direction::Nearest;
};
void roundToPosit(const Spans& spans, const PositPlan& plan);

/// Blocks of `blockSize` elements of x / tensorScale under one scale each (block_format.h).
struct BlockPlan {
    bool elementIsFloat = true;
    FloatPlan element;  ///< its scale is not used
    GridPlan grid;      ///< of elements that are integers over a power of two
    float largestElement = 6;
    int largestElementExponent = 2;
    bool powerOfTwoScale = true;  ///< else fp8e4m3, by `blockScale`
    FloatPlan blockScale;
    std::size_t blockSize = 32;
    float tensorScale = 1;
    Direction direction = Direction::Nearest;
};
/// Rounds the whole blocks of the spans and returns how many elements those are: none where vectors
/// do not divide a block.
[[nodiscard]] std::size_t roundWholeBlocks(const Spans& spans, const BlockPlan& plan);

/// Any sorted values, 1 to 65,536 of them; thresholds[i] is the smallest float that rounds to
/// values[i + 1]. NaN counts as 0.
struct CodebookPlan {
    float scale = 1;
    const float* values = nullptr;
    const float* thresholds = nullptr;
    int size = 1;
    Direction direction = Direction::Nearest;
};
void roundToCodebook(const Spans& spans, const CodebookPlan& plan);

}  // namespace bitloupe::numerics::kernels
