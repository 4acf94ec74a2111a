// SPDX-License-Identifier: Apache-2.0
// Included once per vector instruction set, as Highway's own -inl headers are: the guard is
// toggled.
#if defined(BITLOUPE_COUNT_BELOW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BITLOUPE_COUNT_BELOW_INL_H_
#undef BITLOUPE_COUNT_BELOW_INL_H_
#else
#define BITLOUPE_COUNT_BELOW_INL_H_
#endif

#include <cmath>
#include <span>

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
/// Three ways to tell how many of a few sorted borders are not above x, which is the index of the
/// value x belongs to. A NaN border is never reached; x is not NaN.
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

/// count + step where the border is reached.
HWY_INLINE IntegerVector stepped(IntegerVector count, FloatVector border, FloatVector x, int step) {
    const Integers d;
    const auto reached = hn::RebindMask(d, hn::Le(border, x));
    return hn::Add(count, hn::IfThenElseZero(reached, hn::Set(d, step)));
}

/// The borders, with NaN up to one less than a power of two.
class PaddedBorders {
public:
    explicit PaddedBorders(std::span<const float> borders) {
        while (m_half * 2 <= borders.size()) {
            m_half *= 2;
        }
        m_values.assign(2 * m_half - 1, std::nanf(""));
        std::copy(borders.begin(), borders.end(), m_values.begin());
    }
    [[nodiscard]] const float* data() const { return m_values.data(); }
    [[nodiscard]] std::size_t size() const { return m_values.size(); }
    /// The first stride of a binary search.
    [[nodiscard]] int half() const { return static_cast<int>(m_half); }

private:
    std::size_t m_half = 1;
    std::vector<float> m_values;
};

/// A binary search without branches, one lane per element.
class CountBySearch {
public:
    CountBySearch(const PaddedBorders& borders, std::span<const float> values)
        : m_borders(borders.data()), m_values(values.data()), m_half(borders.half()) {}

    HWY_INLINE IntegerVector operator()(FloatVector x) const {
        const Integers d;
        IntegerVector count = hn::Zero(d);
        for (int half = m_half; half > 0; half /= 2) {
            const IntegerVector probe = hn::Add(count, hn::Set(d, half - 1));
            count = stepped(count, hn::GatherIndex(Floats(), m_borders, probe), x, half);
        }
        return count;
    }
    HWY_INLINE FloatVector valueAt(IntegerVector index) const {
        return hn::GatherIndex(Floats(), m_values, index);
    }

private:
    const float* m_borders;
    const float* m_values;
    int m_half;
};

/// The same where everything fits into one register: no memory at all.
class CountInRegister {
public:
    CountInRegister(std::span<const float> borders, std::span<const float> values)
        : m_borders(loaded(PaddedBorders(borders))),
          m_values(loaded(values)),
          m_half(PaddedBorders(borders).half()) {}

    HWY_INLINE IntegerVector operator()(FloatVector x) const {
        const Integers d;
        IntegerVector count = hn::Zero(d);
        for (int half = m_half; half > 0; half /= 2) {
            const IntegerVector probe = hn::Add(count, hn::Set(d, half - 1));
            count = stepped(count, lookedUp(m_borders, probe), x, half);
        }
        return count;
    }
    HWY_INLINE FloatVector valueAt(IntegerVector index) const { return lookedUp(m_values, index); }

private:
    template <class Values>
    static FloatVector loaded(const Values& values) {
        HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)] = {};
        std::copy_n(values.data(), values.size(), lanes);
        return hn::Load(Floats(), lanes);
    }
    static HWY_INLINE FloatVector lookedUp(FloatVector table, IntegerVector index) {
        return hn::TableLookupLanes(table, hn::IndicesFromVec(Floats(), index));
    }

    FloatVector m_borders;
    FloatVector m_values;
    int m_half;
};

/// Fewer elements than this do not pay for a table.
constexpr std::size_t kLeastForBuckets = std::size_t{1} << 14;

/// Cuts the line into equal buckets so fine that a bucket holds a border or two. Which bucket x
/// falls into never decreases with x, rounding errors included, so the borders of earlier buckets
/// are all below x and those of later ones above: only the bucket's own need a look.
class BucketTable {
public:
    explicit BucketTable(std::span<const float> borders)
        : m_borders(borders.begin(), borders.end()) {
        const double width = static_cast<double>(borders.back()) - borders.front();
        m_first = borders.front();
        for (int buckets = kFewest; buckets <= kMost && m_looks != 1; buckets *= 2) {
            const auto perUnit = static_cast<float>(buckets / width);
            if (!(width > 0) || !std::isfinite(perUnit)) {
                return;
            }
            m_perUnit = perUnit;
            m_last = static_cast<float>(buckets - 1);
            fill(static_cast<std::size_t>(buckets));
        }
        m_borders.insert(m_borders.end(), static_cast<std::size_t>(m_looks), std::nanf(""));
    }

    /// Fewer looks than a binary search takes.
    [[nodiscard]] bool isUseful() const { return m_looks > 0 && m_looks <= 4; }
    [[nodiscard]] int looks() const { return m_looks; }
    [[nodiscard]] const float* borders() const { return m_borders.data(); }
    [[nodiscard]] const std::int32_t* earlier() const { return m_earlier.data(); }

    HWY_INLINE IntegerVector bucketOf(FloatVector x) const {
        const Floats d;
        const FloatVector at = hn::Mul(hn::Sub(x, hn::Set(d, m_first)), hn::Set(d, m_perUnit));
        const FloatVector inside = hn::Min(hn::Max(at, hn::Zero(d)), hn::Set(d, m_last));
        return hn::ConvertTo(Integers(), inside);
    }

private:
    static constexpr int kFewest = 1024;
    static constexpr int kMost = 16384;

    /// earlier()[b]: how many borders lie in the buckets before b.
    void fill(std::size_t buckets) {
        std::vector<std::int32_t> held(buckets, 0);
        for (const float border : m_borders) {
            const IntegerVector bucket = bucketOf(hn::Set(Floats(), border));
            ++held[static_cast<std::size_t>(hn::GetLane(bucket))];
        }
        m_earlier.assign(buckets, 0);
        for (std::size_t i = 1; i < buckets; ++i) {
            m_earlier[i] = m_earlier[i - 1] + held[i - 1];
        }
        m_looks = *std::max_element(held.begin(), held.end());
    }

    std::vector<float> m_borders;
    std::vector<std::int32_t> m_earlier;
    float m_first = 0;
    float m_perUnit = 0;
    float m_last = 0;
    int m_looks = 0;
};

class CountInBuckets {
public:
    CountInBuckets(const BucketTable& table, std::span<const float> values)
        : m_table(table), m_values(values.data()) {}

    HWY_INLINE IntegerVector operator()(FloatVector x) const {
        const Floats d;
        const Integers di;
        const IntegerVector earlier = hn::GatherIndex(di, m_table.earlier(), m_table.bucketOf(x));
        IntegerVector count = earlier;
        for (int look = 0; look < m_table.looks(); ++look) {
            const FloatVector border =
                hn::GatherIndex(d, m_table.borders(), hn::Add(earlier, hn::Set(di, look)));
            count = stepped(count, border, x, 1);
        }
        return count;
    }
    HWY_INLINE FloatVector valueAt(IntegerVector index) const {
        return hn::GatherIndex(Floats(), m_values, index);
    }

private:
    const BucketTable& m_table;
    const float* m_values;
};

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // BITLOUPE_COUNT_BELOW_INL_H_
