// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/channels_last_kernels.h"
#include "core/execution/kernels/window_taps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/channelwise_windows.cpp"
// Vectors of unknown size cannot stand in arrays, which the tile below is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t kOutputs = 8;

/// Sum of weighted values, from the bias on. A block of packed numbers: biases, then weights tap by
/// tap, one for each channel of the vector.
struct WeightedSum {
    static constexpr bool kPacked = true;
    template <typename D>
    static HWY_INLINE hn::Vec<D> start(D d, const float* packed) {
        return hn::LoadU(d, packed);
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> weight(D d, const float* packed, std::size_t tap) {
        return hn::LoadU(d, packed + (1 + tap) * hn::Lanes(d));
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> add(D /*d*/, hn::Vec<D> so, hn::Vec<D> value, hn::Vec<D> weight) {
        return hn::MulAdd(value, weight, so);
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> finish(D /*d*/, hn::Vec<D> sum, std::size_t /*taps*/) {
        return sum;
    }
};

/// What rules without weights have in common.
struct Unweighted {
    static constexpr bool kPacked = false;
    template <typename D>
    static HWY_INLINE hn::Vec<D> weight(D d, const float* /*packed*/, std::size_t /*tap*/) {
        return hn::Zero(d);
    }
};

/// The largest value; a NaN when there is one.
struct Largest : Unweighted {
    template <typename D>
    static HWY_INLINE hn::Vec<D> start(D d, const float* /*packed*/) {
        return hn::Set(d, -std::numeric_limits<float>::infinity());
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> add(D /*d*/, hn::Vec<D> so, hn::Vec<D> value,
                                     hn::Vec<D> /*weight*/) {
        return hn::IfThenElse(hn::Or(hn::Gt(value, so), hn::Ne(value, value)), value, so);
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> finish(D /*d*/, hn::Vec<D> largest, std::size_t /*taps*/) {
        return largest;
    }
};

/// The mean of windows that lie inside the image.
struct Mean : Unweighted {
    template <typename D>
    static HWY_INLINE hn::Vec<D> start(D d, const float* /*packed*/) {
        return hn::Zero(d);
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> add(D /*d*/, hn::Vec<D> so, hn::Vec<D> value,
                                     hn::Vec<D> /*weight*/) {
        return hn::Add(so, value);
    }
    template <typename D>
    static HWY_INLINE hn::Vec<D> finish(D d, hn::Vec<D> sum, std::size_t taps) {
        return hn::Div(sum, hn::Set(d, static_cast<float>(taps)));
    }
};

/// One row of outputs.
struct RowContext {
    const ChannelwiseWindow& shape;
    const float* image;
    const float* packed;  ///< what the rule needs for the first channels
    std::ptrdiff_t top;   ///< row of the first tap
    TapRange rows;
};

/// Outputs [x, x + kTile) of the row, whose windows have the same taps inside the image: a vector
/// of channels from `channel` on. `packed` is what the rule needs for them, `output` where they go.
template <typename Rule, std::size_t kTile, typename D>
HWY_INLINE void computeTile(D d, const RowContext& context, std::size_t x, TapRange columns,
                            std::size_t channel, const float* packed, float* HWY_RESTRICT output) {
    using Vector = hn::Vec<D>;
    const SlidingWindow& window = context.shape.window;
    const auto channels = static_cast<std::ptrdiff_t>(context.shape.channels);
    const auto width = static_cast<std::ptrdiff_t>(window.width);
    const auto step = static_cast<std::ptrdiff_t>(window.strideWidth) * channels;
    const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(x * window.strideWidth) -
                                static_cast<std::ptrdiff_t>(context.shape.padLeft);
    Vector results[kTile];
#pragma GCC unroll 8
    for (std::size_t p = 0; p < kTile; ++p) {
        results[p] = Rule::start(d, packed);
    }
    for (std::size_t ky = context.rows.first; ky < context.rows.last; ++ky) {
        const std::ptrdiff_t y =
            context.top + static_cast<std::ptrdiff_t>(ky * window.dilationHeight);
        for (std::size_t kx = columns.first; kx < columns.last; ++kx) {
            const Vector weight = Rule::weight(d, packed, ky * window.kernelWidth + kx);
            const float* from =
                context.image + channel +
                (y * width + left + static_cast<std::ptrdiff_t>(kx * window.dilationWidth)) *
                    channels;
#pragma GCC unroll 8
            for (std::size_t p = 0; p < kTile; ++p) {
                const Vector value = hn::LoadU(d, from + static_cast<std::ptrdiff_t>(p) * step);
                results[p] = Rule::add(d, results[p], value, weight);
            }
        }
    }
#pragma GCC unroll 8
    for (std::size_t p = 0; p < kTile; ++p) {
        hn::StoreU(Rule::finish(d, results[p], window.taps()), d,
                   output + channel + static_cast<std::ptrdiff_t>(p) * channels);
    }
}

/// All channels from `channel` on, in vectors of half the size where fewer are left: nothing is
/// read or written beyond the image. Neighbouring outputs finish all their channels before the next
/// ones begin, so that memory is read and written in order.
template <typename Rule, std::size_t kTile, typename D>
HWY_INLINE void computeChannels(D d, const RowContext& context, std::size_t x, TapRange columns,
                                std::size_t channel, const float* packed, float* output) {
    const std::size_t lanes = hn::Lanes(d);
    for (; channel + lanes <= context.shape.channels; channel += lanes) {
        computeTile<Rule, kTile>(d, context, x, columns, channel, packed, output);
        packed += Rule::kPacked ? lanes * (1 + context.shape.window.taps()) : 0;
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
        if (channel < context.shape.channels) {
            computeChannels<Rule, kTile>(hn::CappedTag<float, hn::MaxLanes(D()) / 2>(), context, x,
                                         columns, channel, packed, output);
        }
    }
}

template <typename Rule, std::size_t kTile>
void computeOutputs(const RowContext& context, std::size_t x, TapRange columns, float* row) {
    computeChannels<Rule, kTile>(hn::ScalableTag<float>(), context, x, columns, 0, context.packed,
                                 row + x * context.shape.channels);
}

/// Outputs [x, end) of the row, whose windows lie inside the image.
template <typename Rule, std::size_t kTile>
void computeInside(const RowContext& context, std::size_t x, std::size_t end, float* row) {
    const TapRange all{0, context.shape.window.kernelWidth};
    for (; x + kTile <= end; x += kTile) {
        computeOutputs<Rule, kTile>(context, x, all, row);
    }
    if constexpr (kTile > 1) {
        if (x < end) {
            computeInside<Rule, kTile / 2>(context, x, end, row);
        }
    }
}

template <typename Rule>
void computeRow(const RowContext& context, float* row) {
    const SlidingWindow& window = context.shape.window;
    const auto columnsAt = [&](std::size_t x) {
        return tapsInside(static_cast<std::ptrdiff_t>(x * window.strideWidth) -
                              static_cast<std::ptrdiff_t>(context.shape.padLeft),
                          window.kernelWidth, window.dilationWidth, window.width);
    };
    const auto isInside = [&](std::size_t x) {
        const TapRange columns = columnsAt(x);
        return columns.first == 0 && columns.last == window.kernelWidth;
    };
    std::size_t first = 0;
    while (first < window.outputWidth && !isInside(first)) {
        ++first;
    }
    std::size_t last = window.outputWidth;
    while (last > first && !isInside(last - 1)) {
        --last;
    }
    for (std::size_t x = 0; x < first; ++x) {
        computeOutputs<Rule, 1>(context, x, columnsAt(x), row);
    }
    computeInside<Rule, kOutputs>(context, first, last, row);
    for (std::size_t x = last; x < window.outputWidth; ++x) {
        computeOutputs<Rule, 1>(context, x, columnsAt(x), row);
    }
}

template <typename Rule>
void computeImage(const ChannelwiseWindow& shape, const float* image, const float* packed,
                  float* output) {
    const SlidingWindow& window = shape.window;
    for (std::size_t y = 0; y < window.outputHeight; ++y) {
        const std::ptrdiff_t top = static_cast<std::ptrdiff_t>(y * window.strideHeight) -
                                   static_cast<std::ptrdiff_t>(shape.padTop);
        const TapRange rows =
            tapsInside(top, window.kernelHeight, window.dilationHeight, window.height);
        computeRow<Rule>({shape, image, packed, top, rows},
                         output + y * window.outputWidth * shape.channels);
    }
}

void sumWindows(const ChannelwiseWindow& shape, const float* image, const float* packed,
                float* output) {
    computeImage<WeightedSum>(shape, image, packed, output);
}

void largestInWindows(const ChannelwiseWindow& shape, const float* image, float* output) {
    computeImage<Largest>(shape, image, nullptr, output);
}

void meansInWindows(const ChannelwiseWindow& shape, const float* image, float* output) {
    computeImage<Mean>(shape, image, nullptr, output);
}

template <typename D>
void packChannels(D d, const ChannelwiseWindow& shape, const float* weights, const float* bias,
                  std::size_t channel, std::vector<float>& packed) {
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t taps = shape.window.taps();
    for (; shape.channels - channel >= lanes; channel += lanes) {
        for (std::size_t i = 0; i < lanes; ++i) {
            packed.push_back(bias == nullptr ? 0.0F : bias[channel + i]);
        }
        for (std::size_t tap = 0; tap < taps; ++tap) {
            for (std::size_t i = 0; i < lanes; ++i) {
                packed.push_back(weights[(channel + i) * taps + tap]);
            }
        }
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
        packChannels(hn::CappedTag<float, hn::MaxLanes(D()) / 2>(), shape, weights, bias, channel,
                     packed);
    }
}

std::vector<float> packWindows(const ChannelwiseWindow& shape, const float* weights,
                               const float* bias) {
    std::vector<float> packed;
    packed.reserve(shape.channels * (1 + shape.window.taps()));
    packChannels(hn::ScalableTag<float>(), shape, weights, bias, 0, packed);
    return packed;
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(sumWindows);
HWY_EXPORT(largestInWindows);
HWY_EXPORT(meansInWindows);
HWY_EXPORT(packWindows);

std::vector<float> packDepthwise(const ChannelwiseWindow& shape, const float* weights,
                                 const float* bias) {
    return HWY_DYNAMIC_DISPATCH(packWindows)(shape, weights, bias);
}

void convolveDepthwise(const ChannelwiseWindow& shape, const float* image,
                       const std::vector<float>& packed, float* output) {
    HWY_DYNAMIC_DISPATCH(sumWindows)(shape, image, packed.data(), output);
}

void maximaOfWindows(const ChannelwiseWindow& shape, const float* image, float* output) {
    HWY_DYNAMIC_DISPATCH(largestInWindows)(shape, image, output);
}

void meansOfWindows(const ChannelwiseWindow& shape, const float* image, float* output) {
    HWY_DYNAMIC_DISPATCH(meansInWindows)(shape, image, output);
}

}  // namespace bitloupe::execution::kernels
#endif
