// SPDX-License-Identifier: Apache-2.0
// Included once per vector instruction set, as Highway's own -inl headers are: the guard is
// toggled.
#if defined(BITLOUPE_KERNEL_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BITLOUPE_KERNEL_LOOP_INL_H_
#undef BITLOUPE_KERNEL_LOOP_INL_H_
#else
#define BITLOUPE_KERNEL_LOOP_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/numerics/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Integers = hn::RebindToSigned<Floats>;
using Unsigned = hn::RebindToUnsigned<Floats>;
using FloatVector = hn::Vec<Floats>;
using IntegerVector = hn::Vec<Integers>;
using UnsignedVector = hn::Vec<Unsigned>;

/// Above this many bytes the output would push everything else out of the cache: write around it.
constexpr std::size_t kStreamBytes = std::size_t{8} << 20;

/// x / scale, correctly rounded; a power of two is multiplied by its exact reciprocal.
template <bool kDivide>
class Unscale {
public:
    explicit Unscale(float scale) : m_factor(hn::Set(Floats(), kDivide ? scale : 1 / scale)) {}
    HWY_INLINE FloatVector operator()(FloatVector x) const {
        if constexpr (kDivide) {
            return hn::Div(x, m_factor);
        } else {
            return hn::Mul(x, m_factor);
        }
    }

private:
    FloatVector m_factor;
};

/// Whether 1 / scale is exact and x * (1 / scale) is x / scale for every x.
inline bool hasExactReciprocal(float scale) {
    int exponent = 0;
    return std::frexp(scale, &exponent) == 0.5F && exponent > -126 && exponent < 127;
}

/// Random numbers of the elements counter, counter + 1, ...: two rounds of a full-avalanche integer
/// hash (xor, shift, multiply; the constants of "lowbias32"), each under its own key.
class RandomSource {
public:
    explicit RandomSource(const Spans& spans)
        : m_lanes(hn::Iota(Unsigned(), 0)), m_key(spans.key), m_counter(spans.counter) {}

    /// Uniform bits for the vector of elements that begins at `index`.
    HWY_INLINE UnsignedVector bits(std::size_t index) const {
        const Unsigned d;
        const UnsignedVector base = hn::Set(d, m_counter + static_cast<std::uint32_t>(index));
        const UnsignedVector counter = hn::Add(m_lanes, base);
        const UnsignedVector first = mixed(hn::Xor(counter, hn::Set(d, m_key.first)));
        return mixed(hn::Add(first, hn::Set(d, m_key.second)));
    }

    /// Uniform in [0, 1) in steps of 2^-24.
    HWY_INLINE FloatVector unit(std::size_t index) const {
        const IntegerVector high = hn::BitCast(Integers(), hn::ShiftRight<8>(bits(index)));
        return hn::Mul(hn::ConvertTo(Floats(), high), hn::Set(Floats(), 0x1p-24F));
    }

private:
    static HWY_INLINE UnsignedVector mixed(UnsignedVector x) {
        const Unsigned d;
        x = hn::Xor(x, hn::ShiftRight<16>(x));
        x = hn::Mul(x, hn::Set(d, 0x7FEB352DU));
        x = hn::Xor(x, hn::ShiftRight<15>(x));
        x = hn::Mul(x, hn::Set(d, 0x846CA68BU));
        return hn::Xor(x, hn::ShiftRight<16>(x));
    }

    UnsignedVector m_lanes;  // Highway makes an Iota through memory: once is enough
    RandomKey m_key;
    std::uint32_t m_counter;
};

/// A few elements at either end, through a buffer of one vector.
template <class Operation>
HWY_INLINE void roundPart(const Spans& spans, std::size_t begin, std::size_t count,
                          const Operation& operation) {
    const Floats d;
    HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)] = {};
    std::copy_n(spans.in + begin, count, buffer);
    hn::Store(operation(hn::Load(d, buffer), begin), d, buffer);
    std::copy_n(buffer, count, spans.out + begin);
}

/// How far ahead of its loads a loop asks for memory: the hardware stops at the end of a page, and
/// without this a kernel with some arithmetic waits for every new one.
constexpr std::size_t kPrefetchDistance = 512;

/// Whether the results of a call of this size go around the cache.
HWY_INLINE bool goesAroundCache(const Spans& spans) {
    return spans.in != spans.out && spans.count * sizeof(float) >= kStreamBytes;
}

/// out[i] = operation(in[i], i) for vectors of elements; i is the index of a vector's first
/// element.
template <class Operation>
HWY_INLINE void roundAll(const Spans& spans, const Operation& operation) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    if (goesAroundCache(spans)) {
        const auto misaligned = reinterpret_cast<std::uintptr_t>(spans.out) / sizeof(float) % lanes;
        if (misaligned != 0) {
            i = lanes - misaligned;
            roundPart(spans, 0, i, operation);
        }
        for (; i + lanes + kPrefetchDistance <= spans.count; i += lanes) {
            hwy::Prefetch(spans.in + i + kPrefetchDistance);
            hn::Stream(operation(hn::LoadU(d, spans.in + i), i), d, spans.out + i);
        }
        hwy::FlushStream();
    }
    for (; i + lanes <= spans.count; i += lanes) {
        hn::StoreU(operation(hn::LoadU(d, spans.in + i), i), d, spans.out + i);
    }
    if (i < spans.count) {
        roundPart(spans, i, spans.count - i, operation);
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // BITLOUPE_KERNEL_LOOP_INL_H_
