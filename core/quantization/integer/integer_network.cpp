// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/integer_network.h"

#include <algorithm>

namespace bitloupe::quantization {

namespace {

/// Sizes of a layer's input and output for one sample.
std::size_t inputSize(const IntegerLayer& layer) {
    return layer.window ? layer.length / layer.window->taps() * layer.groups * layer.window->area()
                        : layer.rows * layer.length;
}
std::size_t outputSize(const IntegerLayer& layer) {
    return layer.channels * (layer.window ? layer.window->places() : layer.rows);
}

/// The number of elements a step makes of inputs of these sizes; nothing when they do not fit.
struct SizeAfter {
    std::span<const std::size_t> inputs;

    std::optional<std::size_t> operator()(const IntegerLayer& layer) const {
        if (layer.window && (!layer.window->isUsable() || layer.length < layer.window->taps())) {
            return std::nullopt;
        }
        const bool fits = layer.channels * layer.length == layer.weights.size() &&
                          layer.bias.size() == layer.channels && layer.groups > 0 &&
                          layer.channels % layer.groups == 0 && inputs[0] == inputSize(layer) &&
                          (!layer.window || layer.length % layer.window->taps() == 0) &&
                          (layer.input.fromReal || isWhole(layer.input.factors, inputs[0]));
        return fits ? std::optional(outputSize(layer)) : std::nullopt;
    }
    std::optional<std::size_t> operator()(const IntegerClamp& clamp) const {
        const bool fits = isWhole(clamp.low, inputs[0]) && isWhole(clamp.high, inputs[0]);
        return fits ? std::optional(inputs[0]) : std::nullopt;
    }
    std::optional<std::size_t> operator()(const IntegerPool& pool) const {
        return pool.window.isUsable() && inputs[0] == pool.channels * pool.window.area()
                   ? std::optional(pool.channels * pool.window.places())
                   : std::nullopt;
    }
    std::optional<std::size_t> operator()(const IntegerAdd& add) const {
        const bool fits = inputs.size() == 2 && inputs[0] == inputs[1] && !add.left.empty() &&
                          !add.right.empty() && isWhole(add.left, inputs[0]) &&
                          isWhole(add.right, inputs[0]);
        return fits ? std::optional(inputs[0]) : std::nullopt;
    }
    std::optional<std::size_t> operator()(const IntegerGather& gather) const {
        const bool within =
            std::all_of(gather.from.begin(), gather.from.end(), [this](std::int64_t from) {
                return from >= IntegerGather::kZero && from < static_cast<std::int64_t>(inputs[0]);
            });
        return !within ? std::nullopt
                       : std::optional(gather.from.empty() ? inputs[0] : gather.from.size());
    }

    template <typename T>
    static bool isWhole(const PerChannel<T>& values, std::size_t elements) {
        return values.repeat > 0 && (values.values.size() <= 1 || elements % values.repeat == 0);
    }
};

}  // namespace

std::int64_t IntegerLayer::wholeBias(std::size_t channel) const {
    const std::int64_t half = fractionBits == 0 ? 0 : std::int64_t{1} << (fractionBits - 1);
    return (bias[channel] + half) >> fractionBits;
}

std::int64_t IntegerLayer::passedOn(std::int64_t sum, std::size_t channel) const {
    const std::int64_t unit = std::int64_t{1} << fractionBits;
    return (sum - wholeBias(channel)) * unit + bias[channel];
}

void IntegerLayer::findWorstCase() {
    for (std::size_t c = 0; c < channels; ++c) {
        const IntegerRange range =
            worstCase(std::span(weights).subspan(c * length, length), input.codes, wholeBias(c));
        if (c == 0) {
            worst = range;
        }
        worst.include(range.least);
        worst.include(range.most);
    }
}

std::vector<std::string> IntegerNetwork::overflowWarnings(const Accumulator& accumulator) const {
    std::vector<std::string> warnings;
    for (const IntegerStep& step : steps) {
        const auto* layer = std::get_if<IntegerLayer>(&step.work);
        if (layer != nullptr &&
            !(accumulator.holds(layer->worst.least) && accumulator.holds(layer->worst.most))) {
            warnings.push_back("layer \"" + layer->name + "\": its sums can need " +
                               std::to_string(layer->worst.bits()) +
                               " bits and the accumulator has " + std::to_string(accumulator.bits));
        }
    }
    return warnings;
}

Result<void> IntegerNetwork::check() const {
    std::vector<std::size_t> sizes(edges, 0);
    constexpr double kMostElements = 1 << 28;
    double elements = 1;
    for (const std::int64_t size : input) {
        elements *= static_cast<double>(size);
    }
    if (sizes.empty() || steps.empty() || elements < 1 || elements > kMostElements) {
        return Error{"there is no step, or the input is too large", "", "export the design again"};
    }
    sizes[0] = sampleLength();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Error misfit{"a step does not fit what comes before it",
                           "step " + std::to_string(i + 1), "export the design again"};
        std::vector<std::size_t> inputs;
        for (const std::size_t edge : steps[i].inputs) {
            if (edge >= sizes.size() || sizes[edge] == 0) {
                return misfit;
            }
            inputs.push_back(sizes[edge]);
        }
        const auto* layer = std::get_if<IntegerLayer>(&steps[i].work);
        const bool readsReal = layer != nullptr && layer->input.fromReal;
        const auto after =
            inputs.empty() ? std::nullopt : std::visit(SizeAfter{inputs}, steps[i].work);
        const bool realInput =
            std::find(steps[i].inputs.begin(), steps[i].inputs.end(), 0U) != steps[i].inputs.end();
        if (!after || *after == 0 || steps[i].output == 0 || steps[i].output >= sizes.size() ||
            readsReal != realInput) {
            return misfit;
        }
        sizes[steps[i].output] = *after;
    }
    return {};
}

}  // namespace bitloupe::quantization
