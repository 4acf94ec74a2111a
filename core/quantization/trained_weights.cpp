// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/trained_weights.h"

#include <algorithm>
#include <cmath>

#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

using numerics::Family;
using numerics::RoundingOptions;

namespace {

/// Where runs of weights that are rounded together end, the output channels as rows: as
/// quantizeWeights() has them.
std::vector<std::size_t> runEnds(const Quantizer& quantizer, const ChannelRows& rows) {
    const std::size_t total = rows.count * rows.length;
    std::size_t length = std::max<std::size_t>(1, total);
    if (quantizer.granularity == Granularity::Group) {
        length = static_cast<std::size_t>(quantizer.groupSize);
    } else if (quantizer.granularity == Granularity::Channel ||
               quantizer.format.family() == Family::Microscaling) {
        length = rows.length;
    }
    const bool endsWithChannel = quantizer.granularity == Granularity::Group;
    std::vector<std::size_t> ends;
    for (std::size_t begin = 0; begin < total; begin = ends.back()) {
        const std::size_t most = endsWithChannel ? (begin / rows.length + 1) * rows.length : total;
        ends.push_back(std::min(begin + length, most));
    }
    return ends;
}

/// What is pruned when `done` of the training is behind.
Pruning pruningAt(const Pruning& pruning, double done) {
    using Pattern = Pruning::Pattern;
    if (pruning.pattern == Pattern::None || pruning.pattern == Pattern::NOfM) {
        return pruning;
    }
    Pruning now = pruning;
    const double left = 1 - std::min(1.0, 2 * done);
    now.percent *= 1 - left * left * left;
    return now.percent > 0 ? now : Pruning{};
}

}  // namespace

WeightScales::WeightScales(const Shape& shape, const Quantizer& quantizer,
                           const QuantizedWeights& before)
    : m_shape(shape),
      m_quantizer(quantizer),
      m_format(before.format),
      m_channelAxis(before.channelAxis),
      m_rows(ChannelRows::of(shape, before.channelAxis)),
      m_scalings(before.scalings),
      m_ends(runEnds(quantizer, m_rows)) {}

std::vector<float> WeightScales::initial() const {
    std::vector<float> scales;
    if (takesScale(m_format)) {
        for (const numerics::Scaling& scaling : m_scalings) {
            scales.push_back(scaling.scale);
        }
    }
    return scales;
}

std::vector<std::int64_t> WeightScales::scaleOf() const {
    std::vector<std::int64_t> rows;
    for (std::size_t run = 0; run < m_ends.size(); ++run) {
        rows.resize(m_ends[run], static_cast<std::int64_t>(m_scalings.size() > 1 ? run : 0));
    }
    return m_rows.fromRows(rows);
}

RoundingOptions WeightScales::options(std::size_t run, std::span<const float> scales) const {
    const std::size_t place = m_scalings.size() > 1 ? run : 0;
    RoundingOptions options;
    options.narrow = m_format.family() == Family::Integer;
    options.scaling = m_scalings[place];
    if (!scales.empty()) {
        options.scaling.scale = scales[place];
    }
    return options;
}

void WeightScales::round(std::span<const float> weights, std::span<const float> scales, double done,
                         std::span<float> rounded) const {
    std::vector<float> values = m_rows.toRows(weights);
    const std::vector<bool> pruned =
        pruningMask(values, m_rows.length, pruningAt(m_quantizer.pruning, done));
    const auto prune = [&values, &pruned] {
        for (std::size_t i = 0; i < pruned.size(); ++i) {
            values[i] = pruned[i] ? 0.0F : values[i];
        }
    };
    prune();
    std::size_t begin = 0;
    for (std::size_t run = 0; run < m_ends.size(); ++run) {
        const std::span<float> part = std::span(values).subspan(begin, m_ends[run] - begin);
        numerics::roundSpan(m_format, part, part, options(run, scales));
        begin = m_ends[run];
    }
    prune();  // a format without a zero
    const std::vector<float> tensor = m_rows.fromRows(values);
    std::copy(tensor.begin(), tensor.end(), rounded.begin());
}

QuantizedWeights WeightScales::quantized(const Array& weights,
                                         std::span<const float> scales) const {
    std::vector<float> values(static_cast<std::size_t>(weights.size()));
    round(weights.as<float>(), scales, 1, values);
    QuantizedWeights result;
    result.channelAxis = m_channelAxis;
    result.format = m_format;
    result.sparsity = 1 - m_quantizer.pruning.density();
    result.scalings = m_scalings;
    for (std::size_t i = 0; i < scales.size(); ++i) {
        result.scalings[i].scale = scales[i];
    }
    if (m_format.family() == Family::Integer) {
        const std::vector<std::int64_t> places = scaleOf();
        std::vector<std::int32_t> codes(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const numerics::Scaling& scaling = result.scalings[static_cast<std::size_t>(places[i])];
            codes[i] = static_cast<std::int32_t>(
                std::lround(static_cast<double>(values[i]) / static_cast<double>(scaling.scale)) +
                std::lround(scaling.zeroPoint));
        }
        result.codes = Array::of(m_shape, codes);
    }
    result.values = Array::of(m_shape, values);
    return result;
}

}  // namespace bitloupe::quantization
