// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/numerics/multipoint.h"
#include "core/quantization/channel_rows.h"
#include "core/quantization/posit_scale.h"
#include "core/quantization/post_training/adaround.h"
#include "core/quantization/post_training/bias_correction.h"
#include "core/quantization/post_training/gptq.h"
#include "core/quantization/scale_search.h"
#include "core/quantization/tensor_quantization.h"
#include "core/quantization/weight_grid.h"

namespace bitloupe::quantization {

using numerics::Family;
using numerics::RoundingOptions;
using numerics::Scaling;

namespace {

/// Elements a scale search looks at; more cost time and change nothing that can be seen.
constexpr std::size_t kSearchLimit = 65536;

Result<void> checkWeights(const Array& weights, int channelAxis, const Quantizer& quantizer) {
    if (weights.type() != ElementType::Float32) {
        return Error{"weights of type " + std::string(elementTypeName(weights.type())) +
                         " cannot be quantized",
                     "", "quantize float32 weights"};
    }
    const bool axisFits =
        channelAxis >= 0 &&
        (static_cast<std::size_t>(channelAxis) < weights.shape().size() || weights.shape().empty());
    if (!axisFits) {
        return Error{"the weights have no dimension " + std::to_string(channelAxis), "",
                     "name a channel dimension that exists"};
    }
    if (quantizer.range == RangeRule::Entropy && quantizer.format.family() != Family::Integer) {
        return Error{"the entropy rule needs an integer format", "quantizer " + quantizer.name(),
                     "use /mse with this format"};
    }
    if (quantizer.range == RangeRule::MovingAverage) {
        return Error{"a moving average is taken over batches of activations",
                     "quantizer " + quantizer.name(), "use /minmax for weights"};
    }
    const std::span<const float> values = weights.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            return Error{"a weight is not a finite number", "element " + std::to_string(i),
                         "check how the network was trained and saved"};
        }
    }
    return {};
}

Result<void> checkInputs(const ChannelRows& rows, const Quantizer& quantizer,
                         const InputRows* inputs) {
    if (!quantizer.needsInputs()) {
        return {};
    }
    const std::string where = "quantizer " + quantizer.name();
    if (inputs == nullptr || inputs->rows == 0) {
        return Error{"this method needs calibration inputs of the layer", where,
                     "give calibration samples, or leave out the method"};
    }
    if (inputs->length != rows.length || rows.count % inputs->groups != 0) {
        return Error{"the calibration inputs do not fit the weights of the layer", where,
                     "leave out the method for this layer"};
    }
    return {};
}

/// Elements that share a scale. Block formats find their own scales, but along a channel.
std::size_t groupLength(const Quantizer& quantizer, const ChannelRows& rows) {
    if (quantizer.granularity == Granularity::Group) {
        return std::min(rows.length, static_cast<std::size_t>(quantizer.groupSize));
    }
    const bool byRow = quantizer.granularity == Granularity::Channel ||
                       quantizer.format.family() == Family::Microscaling;
    return byRow ? rows.length : rows.count * rows.length;
}

/// Scaling and mode for weights that share a scale.
RoundingOptions optionsFor(std::span<const float> group, const Quantizer& quantizer,
                           const numerics::NumberFormat& format) {
    RoundingOptions options;
    options.narrow = format.family() == Family::Integer;
    if (quantizer.rounding == WeightRounding::Stochastic) {
        options.mode = numerics::RoundingMode::Stochastic;
    }
    const std::vector<float> sample = evenSample(group, kSearchLimit);
    if (quantizer.range == RangeRule::Sweep) {
        // The es is chosen for the whole tensor; here only the scale is.
        options.scaling.scale = static_cast<float>(sweepScale(sample, format, false).scale);
    } else if (isUnsigned(format)) {
        const auto [low, high] = std::minmax_element(group.begin(), group.end());
        options.scaling =
            group.empty() ? Scaling{} : affineScalingFor(sample, *low, *high, quantizer);
    } else {
        options.scaling = symmetricScaling(sample, quantizer, options.narrow);
    }
    return options;
}

/// The weights of one layer on their way to being rounded.
class Rounding {
public:
    Rounding(const Array& weights, int channelAxis, const Quantizer& quantizer,
             const InputRows* inputs)
        : m_quantizer(quantizer),
          m_inputs(inputs),
          m_rows(ChannelRows::of(weights.shape(), channelAxis)),
          m_original(m_rows.toRows(weights.as<float>())),
          m_values(m_original),
          m_pruned(pruningMask(m_original, m_rows.length, quantizer.pruning)),
          m_grid(chosenFormat(evenSample(m_original, kSearchLimit), quantizer)) {
        m_result.channelAxis = channelAxis;
        m_result.format = m_grid.format();
        m_result.scalings = {Scaling{}};
        m_result.storedBits = quantizer.storedBits();
    }

    QuantizedWeights run(const Shape& shape) {
        prune();
        if (!m_quantizer.format.isIdentity()) {
            makeGrid();
            round();
            prune();
        }
        if (m_quantizer.biasCorrection) {
            m_result.outputShift = outputShift(m_original, m_values, *m_inputs);
        }
        m_result.values = Array::of(shape, m_rows.fromRows(m_values));
        if (m_grid.format().family() == Family::Integer) {
            m_result.codes = Array::of(shape, m_rows.fromRows(codes()));
        }
        return std::move(m_result);
    }

private:
    static numerics::NumberFormat chosenFormat(std::span<const float> sample,
                                               const Quantizer& quantizer) {
        return quantizer.range == RangeRule::Sweep ? sweepScale(sample, quantizer.format).format
                                                   : quantizer.format;
    }

    void prune() {
        const auto count = std::count(m_pruned.begin(), m_pruned.end(), true);
        for (std::size_t i = 0; count > 0 && i < m_values.size(); ++i) {
            m_values[i] = m_pruned[i] ? 0.0F : m_values[i];
        }
        m_result.sparsity = m_values.empty()
                                ? 0
                                : static_cast<double>(count) / static_cast<double>(m_values.size());
    }

    /// The weights of a run that stay.
    [[nodiscard]] std::vector<float> keptOf(std::size_t begin, std::size_t end) const {
        std::vector<float> kept;
        kept.reserve(end - begin);
        for (std::size_t i = begin; i < end; ++i) {
            if (!m_pruned[i]) {
                kept.push_back(m_values[i]);
            }
        }
        return kept;
    }

    void makeGrid() {
        const std::size_t length = std::max<std::size_t>(1, groupLength(m_quantizer, m_rows));
        const std::size_t span =
            m_quantizer.granularity == Granularity::Group ? m_rows.length : m_values.size();
        double clipped = 0;
        double keptInAll = 0;
        for (std::size_t start = 0; start < m_values.size();) {
            // A group ends with its channel.
            const std::size_t end =
                std::min(start + length, span == 0 ? m_values.size() : (start / span + 1) * span);
            const std::vector<float> kept = keptOf(start, end);
            const RoundingOptions options = optionsFor(kept, m_quantizer, m_grid.format());
            m_grid.add(end, options);
            const auto count = static_cast<double>(kept.size());
            clipped += clippedShare(m_grid.format(), kept, options) * count;
            keptInAll += count;
            start = end;
        }
        m_result.clippedShare = keptInAll > 0 ? clipped / keptInAll : 0;
        if (takesScale(m_quantizer.format)) {
            m_result.scalings = m_grid.scalings();
        }
    }

    /// Multipoint, channel by channel, as many terms as the outputs need.
    void fitToOutputs() {
        const auto& format =
            std::get<numerics::MultipointParameters>(m_quantizer.format.parameters());
        const std::size_t share = m_values.size() / m_inputs->groups;
        double bits = 0;
        for (std::size_t group = 0; group < m_inputs->groups; ++group) {
            const std::span<float> rows = std::span(m_values).subspan(group * share, share);
            const numerics::MultipointLayer layer = numerics::fitMultipointLayer(
                format.element, rows, m_inputs->group(m_inputs->used(), group), m_rows.length,
                m_quantizer.outputError / 100, format.terms);
            auto place = rows.begin();
            for (const numerics::MultipointFit& fit : layer.channels) {
                place = std::copy(fit.reconstruction.begin(), fit.reconstruction.end(), place);
            }
            bits += layer.bitsPerValue / static_cast<double>(m_inputs->groups);
        }
        m_result.storedBits =
            bits * m_quantizer.pruning.density() + m_quantizer.pruning.indexBits();
    }

    void round() {
        if (m_quantizer.outputError > 0) {
            return fitToOutputs();
        }
        switch (m_quantizer.rounding) {
            case WeightRounding::Nearest:
            case WeightRounding::Stochastic:
                return m_grid.round(m_values);
            case WeightRounding::AdaRound:
                return roundByAdaRound(m_values, *m_inputs, m_grid, m_pruned);
            case WeightRounding::Gptq:
                m_values = m_original;  // what pruning takes away is moved on, too
                return roundByGptq(m_values, *m_inputs, m_grid, m_pruned, ColumnOrder::Stored);
            case WeightRounding::GptqOrdered:
                m_values = m_original;
                return roundByGptq(m_values, *m_inputs, m_grid, m_pruned, ColumnOrder::Activation);
        }
    }

    [[nodiscard]] std::vector<std::int32_t> codes() const {
        std::vector<std::int32_t> codes(m_values.size());
        m_grid.forEachRun([&](std::size_t begin, std::size_t end, const RoundingOptions& options) {
            for (std::size_t i = begin; i < end; ++i) {
                const double steps =
                    static_cast<double>(m_values[i]) / static_cast<double>(options.scaling.scale);
                codes[i] = static_cast<std::int32_t>(std::lround(steps) +
                                                     std::lround(options.scaling.zeroPoint));
            }
        });
        return codes;
    }

    const Quantizer& m_quantizer;
    const InputRows* m_inputs;
    ChannelRows m_rows;
    std::vector<float> m_original;
    std::vector<float> m_values;
    std::vector<bool> m_pruned;
    WeightGrid m_grid;
    QuantizedWeights m_result;
};

}  // namespace

Result<QuantizedWeights> quantizeWeights(const Array& weights, int channelAxis,
                                         const Quantizer& quantizer, const InputRows* inputs) {
    if (const Result<void> checked = checkWeights(weights, channelAxis, quantizer);
        checked.hasError()) {
        return checked.error();
    }
    const ChannelRows rows = ChannelRows::of(weights.shape(), channelAxis);
    if (const Result<void> checked = checkInputs(rows, quantizer, inputs); checked.hasError()) {
        return checked.error();
    }
    return Rounding(weights, channelAxis, quantizer, inputs).run(weights.shape());
}

}  // namespace bitloupe::quantization
