// SPDX-License-Identifier: Apache-2.0
// Included once per vector instruction set, as Highway's own -inl headers are: the guard is
// toggled.
#if defined(BITLOUPE_VECTOR_PART_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef BITLOUPE_VECTOR_PART_INL_H
#undef BITLOUPE_VECTOR_PART_INL_H
#else
#define BITLOUPE_VECTOR_PART_INL_H
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

/// Whether the processor's masked loads and stores touch nothing but what the mask names.
inline constexpr bool kHasMasks = HWY_TARGET <= HWY_AVX2;

/// Reads `count` values, at most one for each lane, and nothing behind them; the other lanes are 0.
template <typename D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> loadPart(D d, std::size_t count, const float* from) {
    namespace hn = hwy::HWY_NAMESPACE;
    if (count >= hn::Lanes(d)) {
        return hn::LoadU(d, from);
    }
    if constexpr (kHasMasks) {
        return hn::MaskedLoad(hn::FirstN(d, count), d, from);
    } else {
        alignas(64) std::array<float, hn::MaxLanes(D())> all = {};
        std::memcpy(all.data(), from, count * sizeof(float));
        return hn::Load(d, all.data());
    }
}

/// Writes the first `count` lanes, at most all of them, and nothing behind them.
template <typename D>
HWY_INLINE void storePart(hwy::HWY_NAMESPACE::Vec<D> values, std::size_t count, D d,
                          float* HWY_RESTRICT to) {
    namespace hn = hwy::HWY_NAMESPACE;
    if (count >= hn::Lanes(d)) {
        hn::StoreU(values, d, to);
        return;
    }
    if constexpr (kHasMasks) {
        hn::BlendedStore(values, hn::FirstN(d, count), d, to);
    } else {
        alignas(64) std::array<float, hn::MaxLanes(D())> all;
        hn::Store(values, d, all.data());
        std::memcpy(to, all.data(), count * sizeof(float));
    }
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
