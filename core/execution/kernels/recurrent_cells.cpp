// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/recurrent_cells.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/recurrent_cells.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>  // must come behind it

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <typename D, typename V = hn::Vec<D>>
HWY_INLINE V keepNan(D /*d*/, V x, V result) {
    return hn::IfThenElse(hn::Eq(x, x), result, x);
}

template <typename D, typename V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
    // Beyond, the exponential overflows, and the sigmoid is below the least normal float.
    const V exponential = hn::Exp(d, hn::Neg(hn::Max(x, hn::Set(d, -88.0F))));
    const V one = hn::Set(d, 1.0F);
    return keepNan(d, x, hn::Div(one, hn::Add(one, exponential)));
}

template <typename D, typename V = hn::Vec<D>>
HWY_INLINE V tangent(D d, V x) {
    // It is 1 from 9.1 on; the exponential of a large value overflows.
    const V limit = hn::Set(d, 16.0F);
    const V inside = hn::Max(hn::Min(x, limit), hn::Neg(limit));
    return keepNan(d, x, hn::Tanh(d, inside));
}

/// The sum of both parts of gate number `gate`, at one place.
template <typename D>
struct Sums {
    const float* projected;
    const float* recurred;
    std::size_t size;

    HWY_INLINE hn::Vec<D> input(D d, std::size_t gate) const {
        return hn::LoadU(d, projected + gate * size);
    }
    HWY_INLINE hn::Vec<D> state(D d, std::size_t gate) const {
        return hn::LoadU(d, recurred + gate * size);
    }
    HWY_INLINE hn::Vec<D> both(D d, std::size_t gate) const {
        return hn::Add(input(d, gate), state(d, gate));
    }
};

/// `work` at places [place, size) of a row, in vectors of half the size where fewer are left.
template <typename D, typename Work>
HWY_INLINE void forRow(D d, std::size_t size, std::size_t place, const Work& work) {
    const std::size_t lanes = hn::Lanes(d);
    for (; place + lanes <= size; place += lanes) {
        work(d, place);
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
        if (place < size) {
            forRow(hn::CappedTag<float, hn::MaxLanes(D()) / 2>(), size, place, work);
        }
    }
}

struct RnnRow {
    const float* projected;
    const float* recurred;
    float* next;

    template <typename D>
    HWY_INLINE void operator()(D d, std::size_t i) const {
        const Sums<D> sums{projected + i, recurred + i, 0};
        hn::StoreU(tangent(d, sums.both(d, 0)), d, next + i);
    }
};

struct GruRow {
    const float* projected;
    const float* recurred;
    const float* hidden;
    float* next;
    std::size_t size;

    template <typename D>
    HWY_INLINE void operator()(D d, std::size_t i) const {
        const Sums<D> sums{projected + i, recurred + i, size};
        const hn::Vec<D> update = sigmoid(d, sums.both(d, 0));
        const hn::Vec<D> reset = sigmoid(d, sums.both(d, 1));
        const hn::Vec<D> fresh = tangent(d, hn::MulAdd(reset, sums.state(d, 2), sums.input(d, 2)));
        const hn::Vec<D> old = hn::LoadU(d, hidden + i);
        hn::StoreU(hn::MulAdd(update, hn::Sub(old, fresh), fresh), d, next + i);
    }
};

struct LstmRow {
    const float* projected;
    const float* recurred;
    const float* memory;
    float* nextMemory;
    float* nextHidden;
    std::size_t size;

    template <typename D>
    HWY_INLINE void operator()(D d, std::size_t i) const {
        const Sums<D> sums{projected + i, recurred + i, size};
        const hn::Vec<D> input = sigmoid(d, sums.both(d, 0));
        const hn::Vec<D> output = sigmoid(d, sums.both(d, 1));
        const hn::Vec<D> forget = sigmoid(d, sums.both(d, 2));
        const hn::Vec<D> fresh = tangent(d, sums.both(d, 3));
        const hn::Vec<D> kept = hn::Mul(forget, hn::LoadU(d, memory + i));
        const hn::Vec<D> now = hn::MulAdd(input, fresh, kept);
        hn::StoreU(now, d, nextMemory + i);
        hn::StoreU(hn::Mul(output, tangent(d, now)), d, nextHidden + i);
    }
};

void rnnRows(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             float* next) {
    forRow(hn::ScalableTag<float>(), rows * size, 0, RnnRow{projected, recurred, next});
}

void gruRows(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             const float* hidden, float* next) {
    for (std::size_t row = 0; row < rows; ++row) {
        const GruRow work{projected + row * 3 * size, recurred + row * 3 * size,
                          hidden + row * size, next + row * size, size};
        forRow(hn::ScalableTag<float>(), size, 0, work);
    }
}

void lstmRows(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
              const float* memory, float* nextMemory, float* nextHidden) {
    for (std::size_t row = 0; row < rows; ++row) {
        const LstmRow work{projected + row * 4 * size, recurred + row * 4 * size,
                           memory + row * size,        nextMemory + row * size,
                           nextHidden + row * size,    size};
        forRow(hn::ScalableTag<float>(), size, 0, work);
    }
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(rnnRows);
HWY_EXPORT(gruRows);
HWY_EXPORT(lstmRows);

void stepRnn(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             float* next) {
    HWY_DYNAMIC_DISPATCH(rnnRows)(rows, size, projected, recurred, next);
}

void stepGru(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             const float* hidden, float* next) {
    HWY_DYNAMIC_DISPATCH(gruRows)(rows, size, projected, recurred, hidden, next);
}

void stepLstm(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
              const float* memory, float* nextMemory, float* nextHidden) {
    HWY_DYNAMIC_DISPATCH(lstmRows)
    (rows, size, projected, recurred, memory, nextMemory, nextHidden);
}

}  // namespace bitloupe::execution::kernels
#endif
