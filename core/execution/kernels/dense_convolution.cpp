// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/channels_last_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/dense_convolution.cpp"
// Vectors of unknown size cannot stand in arrays, which the tile below is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "core/execution/kernels/vector_part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The sums of a tile stay in registers: 8 pixels x 3 vectors of the 32 that AVX-512 has.
inline constexpr std::size_t kPixels = HWY_TARGET <= HWY_AVX3 ? 8 : 4;
inline constexpr std::size_t kVectors = 3;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

/// Filters that are computed together. Those beyond the last filter are computed with weights of
/// zero and not stored.
struct FilterBlock {
    std::size_t vectors = 0;
    std::size_t lanes = 0;   ///< of all vectors
    std::size_t stored = 0;  ///< filters that exist
};

FilterBlock nextBlock(std::size_t left) {
    const std::size_t lanes = hn::Lanes(Floats());
    const std::size_t needed = (left + lanes - 1) / lanes;
    // Four are two and two rather than three and one: a lone vector reads as much of the image.
    const std::size_t vectors = needed == 4 ? 2 : std::min(needed, kVectors);
    return {vectors, vectors * lanes, std::min(left, vectors * lanes)};
}

/// What a tile needs besides its place.
struct TileContext {
    const DenseConvolution& shape;
    const float* packed;  ///< biases of the block, then its weights tap by tap
    std::size_t stored;
};

template <std::size_t kCount>
HWY_INLINE void storePixel(const Vector* sums, std::size_t stored, float* output) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kCount; ++v) {
        storePart(sums[v], stored - v * lanes, d, output + v * lanes);
    }
}

/// kTile neighbouring pixels of one row by kCount vectors of filters.
template <std::size_t kTile, std::size_t kCount>
HWY_INLINE void convolveTile(const TileContext& context, const float* HWY_RESTRICT image,
                             float* HWY_RESTRICT output) {
    const SlidingWindow& window = context.shape.window;
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t channels = context.shape.channels;
    const std::size_t step = window.strideWidth * channels;
    const float* HWY_RESTRICT packed = context.packed;
    Vector sums[kTile][kCount];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kCount; ++v) {
        const Vector bias = hn::LoadU(d, packed + v * lanes);
#pragma GCC unroll 8
        for (std::size_t p = 0; p < kTile; ++p) {
            sums[p][v] = bias;
        }
    }
    packed += kCount * lanes;
    // Neighbouring taps of a row are one run of values when they are not spread.
    const bool oneRun = window.dilationWidth == 1;
    const std::size_t runs = oneRun ? 1 : window.kernelWidth;
    const std::size_t length = oneRun ? window.kernelWidth * channels : channels;
    for (std::size_t ky = 0; ky < window.kernelHeight; ++ky) {
        const float* row = image + ky * window.dilationHeight * window.width * channels;
        for (std::size_t run = 0; run < runs; ++run) {
            const float* HWY_RESTRICT values = row + run * window.dilationWidth * channels;
            for (std::size_t i = 0; i < length; ++i) {
                Vector weights[kCount];
#pragma GCC unroll 8
                for (std::size_t v = 0; v < kCount; ++v) {
                    weights[v] = hn::LoadU(d, packed + v * lanes);
                }
                packed += kCount * lanes;
#pragma GCC unroll 8
                for (std::size_t p = 0; p < kTile; ++p) {
                    const Vector value = hn::Set(d, values[p * step + i]);
#pragma GCC unroll 8
                    for (std::size_t v = 0; v < kCount; ++v) {
                        sums[p][v] = hn::MulAdd(value, weights[v], sums[p][v]);
                    }
                }
            }
        }
    }
#pragma GCC unroll 8
    for (std::size_t p = 0; p < kTile; ++p) {
        storePixel<kCount>(sums[p], context.stored, output + p * context.shape.filters);
    }
}

/// `count` neighbouring pixels of one row, at most kTile.
template <std::size_t kTile, std::size_t kCount>
HWY_INLINE void convolveSome(const TileContext& context, const float* image, std::size_t count,
                             float* output) {
    if constexpr (kTile > 1) {
        if (count < kTile) {
            return convolveSome<kTile - 1, kCount>(context, image, count, output);
        }
    }
    convolveTile<kTile, kCount>(context, image, output);
}

/// `count` neighbouring pixels of one row, in tiles of about one size: a tile of a few pixels waits
/// for its own sums.
template <std::size_t kCount>
void convolveRun(const TileContext& context, const float* image, std::size_t count, float* output) {
    const std::size_t step = context.shape.window.strideWidth * context.shape.channels;
    for (std::size_t tiles = (count + kPixels - 1) / kPixels; tiles > 0; --tiles) {
        const std::size_t pixels = (count + tiles - 1) / tiles;
        convolveSome<kPixels, kCount>(context, image, pixels, output);
        image += pixels * step;
        output += pixels * context.shape.filters;
        count -= pixels;
    }
}

template <std::size_t kCount>
void convolveBlock(const TileContext& context, const float* image, float* output) {
    const SlidingWindow& window = context.shape.window;
    const std::size_t rowStep = window.strideHeight * window.width * context.shape.channels;
    // A kernel of one pixel sees the rows of a whole image as one.
    const bool oneRow = window.taps() == 1 && window.strideHeight == 1 && window.strideWidth == 1 &&
                        window.outputWidth == window.width;
    const std::size_t rows = oneRow ? 1 : window.outputHeight;
    const std::size_t count =
        oneRow ? window.outputHeight * window.outputWidth : window.outputWidth;
    for (std::size_t y = 0; y < rows; ++y) {
        convolveRun<kCount>(context, image + y * rowStep, count,
                            output + y * count * context.shape.filters);
    }
}

void convolveDense(const DenseConvolution& shape, const float* image, const float* packed,
                   float* output) {
    for (std::size_t filter = 0; filter < shape.filters;) {
        const FilterBlock block = nextBlock(shape.filters - filter);
        const TileContext context{shape, packed, block.stored};
        if (block.vectors == 1) {
            convolveBlock<1>(context, image, output + filter);
        } else if (block.vectors == 2) {
            convolveBlock<2>(context, image, output + filter);
        } else {
            convolveBlock<kVectors>(context, image, output + filter);
        }
        packed += block.lanes * (1 + shape.window.taps() * shape.channels);
        filter += block.stored;
    }
}

std::vector<float> packFiltersOf(const DenseConvolution& shape, const float* weights,
                                 const float* bias) {
    const std::size_t taps = shape.window.taps();
    const std::size_t length = taps * shape.channels;
    std::vector<float> packed;
    packed.reserve((shape.filters + kVectors * hn::MaxLanes(Floats())) * (1 + length));
    for (std::size_t filter = 0; filter < shape.filters;) {
        const FilterBlock block = nextBlock(shape.filters - filter);
        for (std::size_t i = 0; i < block.lanes; ++i) {
            packed.push_back(i < block.stored && bias != nullptr ? bias[filter + i] : 0.0F);
        }
        for (std::size_t tap = 0; tap < taps; ++tap) {
            for (std::size_t c = 0; c < shape.channels; ++c) {
                const float* from = weights + filter * length + c * taps + tap;
                for (std::size_t i = 0; i < block.lanes; ++i) {
                    packed.push_back(i < block.stored ? from[i * length] : 0.0F);
                }
            }
        }
        filter += block.stored;
    }
    return packed;
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(convolveDense);
HWY_EXPORT(packFiltersOf);

std::vector<float> packDense(const DenseConvolution& shape, const float* weights,
                             const float* bias) {
    return HWY_DYNAMIC_DISPATCH(packFiltersOf)(shape, weights, bias);
}

void convolvePixels(const DenseConvolution& shape, const float* image,
                    const std::vector<float>& packed, float* output) {
    convolvePixels(shape, image, packed.data(), output);
}

void convolvePixels(const DenseConvolution& shape, const float* image, const float* packed,
                    float* output) {
    HWY_DYNAMIC_DISPATCH(convolveDense)(shape, image, packed, output);
}

}  // namespace bitloupe::execution::kernels
#endif
