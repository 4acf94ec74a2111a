// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/image_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/image_kernels.cpp"
// Vectors of unknown size cannot stand in arrays, which the tile below is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "core/execution/kernels/vector_part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

/// A vector's worth of neighbouring outputs of one row.
struct Slot {
    std::size_t input = 0;   ///< offset of the first output's first tap
    std::size_t output = 0;  ///< offset in a filter's plane
    std::size_t lanes = 0;
};

inline constexpr std::size_t kSlots = 4;

/// kFilters filters by kCount slots, held in registers over all taps: the loops over them must be
/// unrolled for that, which not every level of optimization does by itself.
template <std::size_t kFilters, std::size_t kCount>
HWY_INLINE void convolveTile(const DirectConvolution& shape, const float* HWY_RESTRICT image,
                             const float* HWY_RESTRICT weights, const float* bias,
                             const Slot* slots, float* HWY_RESTRICT output) {
    const Floats d;
    Vector sums[kFilters][kCount];
#pragma GCC unroll 8
    for (std::size_t f = 0; f < kFilters; ++f) {
#pragma GCC unroll 8
        for (std::size_t s = 0; s < kCount; ++s) {
            sums[f][s] = hn::Set(d, bias == nullptr ? 0.0F : bias[f]);
        }
    }
    for (std::size_t c = 0; c < shape.channels; ++c) {
        for (std::size_t ky = 0; ky < shape.kernelHeight; ++ky) {
            const float* row = image + (c * shape.height + ky * shape.dilationHeight) * shape.width;
            for (std::size_t kx = 0; kx < shape.kernelWidth; ++kx) {
                Vector inputs[kCount];
#pragma GCC unroll 8
                for (std::size_t s = 0; s < kCount; ++s) {
                    inputs[s] = hn::LoadU(d, row + kx * shape.dilationWidth + slots[s].input);
                }
#pragma GCC unroll 8
                for (std::size_t f = 0; f < kFilters; ++f) {
                    const Vector weight = hn::Set(d, weights[f]);
#pragma GCC unroll 8
                    for (std::size_t s = 0; s < kCount; ++s) {
                        sums[f][s] = hn::MulAdd(inputs[s], weight, sums[f][s]);
                    }
                }
                weights += kFilters;
            }
        }
    }
    const std::size_t plane = shape.outputHeight() * shape.outputWidth();
#pragma GCC unroll 8
    for (std::size_t f = 0; f < kFilters; ++f) {
#pragma GCC unroll 8
        for (std::size_t s = 0; s < kCount; ++s) {
            storePart(sums[f][s], slots[s].lanes, d, output + f * plane + slots[s].output);
        }
    }
}

template <std::size_t kFilters>
void convolveSlots(const DirectConvolution& shape, const float* image, const float* weights,
                   const float* bias, const Slot* slots, std::size_t count, float* output) {
    switch (count) {
        case 1:
            return convolveTile<kFilters, 1>(shape, image, weights, bias, slots, output);
        case 2:
            return convolveTile<kFilters, 2>(shape, image, weights, bias, slots, output);
        case 3:
            return convolveTile<kFilters, 3>(shape, image, weights, bias, slots, output);
        default:
            return convolveTile<kFilters, kSlots>(shape, image, weights, bias, slots, output);
    }
}

/// All filters, six, four, two or one at a time, for up to kSlots slots.
void convolveFilters(const DirectConvolution& shape, const float* image, const float* weights,
                     const float* bias, const Slot* slots, std::size_t count, float* output) {
    const std::size_t plane = shape.outputHeight() * shape.outputWidth();
    for (std::size_t f = 0; f < shape.filters;) {
        const std::size_t left = shape.filters - f;
        const std::size_t block = left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
        const float* w = weights + f * shape.taps();
        const float* b = bias == nullptr ? nullptr : bias + f;
        float* to = output + f * plane;
        switch (block) {
            case 6:
                convolveSlots<6>(shape, image, w, b, slots, count, to);
                break;
            case 4:
                convolveSlots<4>(shape, image, w, b, slots, count, to);
                break;
            case 2:
                convolveSlots<2>(shape, image, w, b, slots, count, to);
                break;
            default:
                convolveSlots<1>(shape, image, w, b, slots, count, to);
                break;
        }
        f += block;
    }
}

void convolveImage(const DirectConvolution& shape, const float* image, const float* weights,
                   const float* bias, float* output) {
    const std::size_t lanes = hn::Lanes(Floats());
    std::array<Slot, kSlots> slots;
    std::size_t count = 0;
    for (std::size_t y = 0; y < shape.outputHeight(); ++y) {
        for (std::size_t x = 0; x < shape.outputWidth(); x += lanes) {
            slots[count++] = {y * shape.width + x, y * shape.outputWidth() + x,
                              std::min(lanes, shape.outputWidth() - x)};
            if (count == kSlots) {
                convolveFilters(shape, image, weights, bias, slots.data(), count, output);
                count = 0;
            }
        }
    }
    if (count > 0) {
        convolveFilters(shape, image, weights, bias, slots.data(), count, output);
    }
}

/// Means of `columns` pairs of two rows, in vectors of half the size where fewer are left.
template <typename D>
void averageRow(D d, const float* upper, const float* lower, std::size_t columns, float* to) {
    const std::size_t lanes = hn::Lanes(d);
    for (; columns >= lanes; columns -= lanes) {
        hn::Vec<D> a;
        hn::Vec<D> b;
        hn::Vec<D> c;
        hn::Vec<D> e;
        hn::LoadInterleaved2(d, upper, a, b);
        hn::LoadInterleaved2(d, lower, c, e);
        hn::StoreU(hn::Mul(hn::Add(hn::Add(hn::Add(a, b), c), e), hn::Set(d, 0.25F)), d, to);
        upper += 2 * lanes;
        lower += 2 * lanes;
        to += lanes;
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
        if (columns > 0) {
            averageRow(hn::CappedTag<float, hn::MaxLanes(D()) / 2>(), upper, lower, columns, to);
        }
    }
}

void averagePairsOf(const float* plane, std::size_t height, std::size_t width, float* output) {
    for (std::size_t y = 0; y + 1 < height; y += 2) {
        const float* upper = plane + y * width;
        averageRow(Floats(), upper, upper + width, width / 2, output + (y / 2) * (width / 2));
    }
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(convolveImage);
HWY_EXPORT(averagePairsOf);

std::vector<float> packFilters(const DirectConvolution& shape, const float* weights) {
    const std::size_t taps = shape.taps();
    std::vector<float> packed;
    packed.reserve(shape.filters * taps);
    for (std::size_t f = 0; f < shape.filters;) {
        const std::size_t left = shape.filters - f;
        const std::size_t block = left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            for (std::size_t i = 0; i < block; ++i) {
                packed.push_back(weights[(f + i) * taps + tap]);
            }
        }
        f += block;
    }
    return packed;
}

void convolve(const DirectConvolution& shape, const float* image, const std::vector<float>& packed,
              const float* bias, float* output) {
    HWY_DYNAMIC_DISPATCH(convolveImage)(shape, image, packed.data(), bias, output);
}

void averagePairs(const float* plane, std::size_t height, std::size_t width, float* output) {
    HWY_DYNAMIC_DISPATCH(averagePairsOf)(plane, height, width, output);
}

}  // namespace bitloupe::execution::kernels
#endif
