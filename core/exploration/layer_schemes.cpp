// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/layer_schemes.h"

#include <algorithm>

namespace bitloupe::exploration {

using quantization::Quantizer;

namespace {

/// fp32 is no quantizer at all: the layer stays what it was, bit for bit.
bool rounds(const std::optional<Quantizer>& quantizer) {
    return quantizer && !quantizer->isIdentity();
}

/// Whether a value becomes the same wherever it stands among the others.
bool roundsValuesAlone(const quantization::ActivationRounding& rounding) {
    const numerics::Family family = rounding.format.family();
    return rounding.options.mode != numerics::RoundingMode::Stochastic &&
           family != numerics::Family::Microscaling && family != numerics::Family::Codebook &&
           family != numerics::Family::Multipoint;
}

}  // namespace

RoundingError errorOf(std::span<const float> original, std::span<const float> rounded) {
    double total = 0;
    for (std::size_t i = 0; i < original.size(); ++i) {
        const double difference =
            static_cast<double>(rounded[i]) - static_cast<double>(original[i]);
        total += difference * difference;
    }
    return {original.empty() ? 0 : total / static_cast<double>(original.size()),
            quantization::sqnrDb(original, rounded)};
}

execution::InputRounding runnersRounding(const quantization::ActivationRounding& rounding) {
    return {
        [rounding](std::span<const float> in, std::span<float> out) { rounding.apply(in, out); },
        roundsPerSample(rounding), roundsValuesAlone(rounding)};
}

LayerSchemes::LayerSchemes(std::shared_ptr<const network::Network> network,
                           execution::PopulationRunner& runner,
                           std::vector<OperandStatistics> statistics, data::Samples calibration,
                           std::size_t budget)
    : m_network(std::move(network)),
      m_runner(runner),
      m_statistics(std::move(statistics)),
      m_inputs(m_network, runner, std::move(calibration)),
      m_budget(budget) {}

std::string LayerSchemes::place(std::size_t layer) const {
    return "layer \"" + m_network->layers[layer].name + "\"";
}

LayerSchemes::Key LayerSchemes::keyOf(std::size_t layer,
                                      const quantization::LayerScheme& scheme) const {
    std::string name = scheme.weights->name();
    if (scheme.weights->needsInputs() && rounds(scheme.activations)) {
        name += ' ' + scheme.activations->name();
    }
    return {layer, std::move(name)};
}

std::size_t LayerSchemes::bytesOf(std::size_t layer) const {
    // Values and codes here, values once more in the runner.
    constexpr std::size_t kBytesOfWeight = 2 * sizeof(float) + sizeof(std::int32_t);
    return kBytesOfWeight *
           static_cast<std::size_t>(elementCount(m_network->layers[layer].weightShape));
}

std::map<std::pair<std::size_t, std::string>, std::size_t> LayerSchemes::weightsOf(
    const Assignment& assignment) const {
    std::map<Key, std::size_t> needed;
    for (std::size_t layer = 0; layer < std::min(assignment.size(), m_network->layers.size());
         ++layer) {
        if (rounds(assignment[layer].weights)) {
            needed.emplace(keyOf(layer, assignment[layer]), bytesOf(layer));
        }
    }
    return needed;
}

std::size_t LayerSchemes::keptBytes() const {
    const std::scoped_lock lock(m_mutex);
    return m_keptBytes;
}

void LayerSchemes::makeRoom(std::size_t bytes) {
    while (m_keptBytes + bytes > m_budget) {
        auto oldest = m_weights.end();
        for (auto entry = m_weights.begin(); entry != m_weights.end(); ++entry) {
            const bool isUsed = entry->second.weights.use_count() > 1;
            if (!isUsed &&
                (oldest == m_weights.end() || entry->second.lastUse < oldest->second.lastUse)) {
                oldest = entry;
            }
        }
        if (oldest == m_weights.end()) {
            return;
        }
        m_keptBytes -= bytesOf(oldest->first.first);
        m_weights.erase(oldest);
    }
}

Result<std::shared_ptr<const LayerSchemes::Weights>> LayerSchemes::weights(
    std::size_t layer, const quantization::LayerScheme& scheme) {
    std::shared_ptr<const Activations> input;
    if (scheme.weights->needsInputs() && rounds(scheme.activations)) {
        const auto entry = activations(layer, *scheme.activations);
        if (entry.hasError()) {
            return entry.error();
        }
        input = entry.value();
    }
    const Key key = keyOf(layer, scheme);
    const std::scoped_lock lock(m_mutex);
    auto known = m_weights.find(key);
    if (known == m_weights.end()) {
        makeRoom(bytesOf(layer));
        auto made =
            makeWeights(layer, *scheme.weights, input == nullptr ? nullptr : &input->rounding);
        if (made.hasError()) {
            return made.error();
        }
        known = m_weights.emplace(key, Kept{.weights = std::move(made).value()}).first;
        m_keptBytes += bytesOf(layer);
    }
    known->second.lastUse = ++m_uses;
    return known->second.weights;
}

Result<std::shared_ptr<const LayerSchemes::Weights>> LayerSchemes::makeWeights(
    std::size_t layer, const Quantizer& quantizer,
    const quantization::ActivationRounding* inputRounding) {
    const network::Layer& description = m_network->layers[layer];
    const auto stored = m_network->graph->initializers.find(description.weight);
    if (stored == m_network->graph->initializers.end()) {
        return Error{"the layer has no stored weights", place(layer), "leave its weights in float"};
    }
    std::optional<quantization::InputRows> inputs;
    if (quantizer.needsInputs()) {
        Result<quantization::InputRows> rows = m_inputs.rows(layer, inputRounding);
        if (rows.hasError()) {
            return rows.error();
        }
        inputs = std::move(rows).value();
    }
    Result<quantization::QuantizedWeights> rounded = quantization::quantizeWeights(
        stored->second, description.channelAxis, quantizer, inputs ? &*inputs : nullptr);
    if (rounded.hasError()) {
        return rounded.error().within(place(layer));
    }
    const Result<int> variant =
        m_runner.addWeights(layer, rounded.value().values, rounded.value().outputShift);
    if (variant.hasError()) {
        return variant.error();
    }
    std::shared_ptr<const void> registration(
        nullptr, [&runner = m_runner, layer, index = variant.value()](const void*) {
            runner.removeWeights(layer, index);
        });
    return std::make_shared<const Weights>(
        Weights{std::move(rounded).value(), variant.value(), std::move(registration)});
}

Result<std::shared_ptr<const LayerSchemes::Activations>> LayerSchemes::activations(
    std::size_t layer, const Quantizer& quantizer) {
    const std::scoped_lock lock(m_mutex);
    std::shared_ptr<const Activations>& known = m_activations[{layer, quantizer.name()}];
    if (known != nullptr) {
        return known;
    }
    const OperandStatistics& seen = m_statistics[layer];
    Result<quantization::ActivationRounding> first =
        quantization::chooseActivationRounding(seen.first, quantizer);
    if (first.hasError()) {
        return first.error().within(place(layer));
    }
    Activations made{std::move(first).value(), {}, execution::LayerVariant::kFloat};
    execution::OperandRoundings roundings{runnersRounding(made.rounding)};
    if (!m_network->layers[layer].secondInput.empty()) {
        Result<quantization::ActivationRounding> second =
            quantization::chooseActivationRounding(seen.second, quantizer);
        if (second.hasError()) {
            return second.error().within(place(layer));
        }
        made.second = std::move(second).value();
        roundings.second = runnersRounding(*made.second);
    }
    made.variant = m_runner.addRounding(layer, std::move(roundings));
    known = std::make_shared<const Activations>(std::move(made));
    return known;
}

Result<void> LayerSchemes::check(const Assignment& assignment) const {
    if (!assignment.empty() && assignment.size() != m_network->layers.size()) {
        return Error{"the design has " + std::to_string(assignment.size()) +
                         " layers and the network " + std::to_string(m_network->layers.size()),
                     "network \"" + m_network->name + "\"",
                     "use a design that was made for this network"};
    }
    return {};
}

bool LayerSchemes::roundsInput(std::size_t layer, const Assignment& assignment) const {
    return rounds(assignment[layer].activations) && !m_network->layers[layer].input.empty();
}

Result<execution::VariantList> LayerSchemes::variants(const Assignment& assignment, Pins& pins,
                                                      const std::function<bool()>& goesOn) {
    if (const Result<void> checked = check(assignment); checked.hasError()) {
        return checked.error();
    }
    execution::VariantList variants(m_network->layers.size());
    for (std::size_t layer = 0; layer < assignment.size(); ++layer) {
        if (goesOn && !goesOn()) {
            break;
        }
        if (rounds(assignment[layer].weights)) {
            const auto entry = weights(layer, assignment[layer]);
            if (entry.hasError()) {
                return entry.error();
            }
            variants[layer].weights = entry.value()->variant;
            pins.push_back(entry.value());
        }
        if (roundsInput(layer, assignment)) {
            const auto entry = activations(layer, *assignment[layer].activations);
            if (entry.hasError()) {
                return entry.error();
            }
            variants[layer].input = entry.value()->variant;
        }
    }
    return variants;
}

Result<ResolvedLayers> LayerSchemes::resolve(const Assignment& assignment) {
    if (const Result<void> checked = check(assignment); checked.hasError()) {
        return checked.error();
    }
    ResolvedLayers resolved;
    resolved.weights.resize(m_network->layers.size());
    resolved.activations.resize(m_network->layers.size());
    resolved.secondActivations.resize(m_network->layers.size());
    for (std::size_t layer = 0; layer < assignment.size(); ++layer) {
        if (rounds(assignment[layer].weights)) {
            const auto entry = weights(layer, assignment[layer]);
            if (entry.hasError()) {
                return entry.error();
            }
            resolved.weights[layer] = entry.value()->rounded;
        }
        if (roundsInput(layer, assignment)) {
            const auto entry = activations(layer, *assignment[layer].activations);
            if (entry.hasError()) {
                return entry.error();
            }
            resolved.activations[layer] = entry.value()->rounding;
            resolved.secondActivations[layer] = entry.value()->second;
        }
    }
    return resolved;
}

RoundingError LayerSchemes::roundingError(std::size_t layer, Side side,
                                          const Quantizer& quantizer) {
    if (layer >= m_network->layers.size()) {
        return {};
    }
    if (side == Side::Weights) {
        const auto entry = weights(layer, {quantizer, std::nullopt});
        if (entry.hasError()) {
            return {};
        }
        const Array& stored = m_network->graph->initializers.at(m_network->layers[layer].weight);
        return errorOf(stored.as<float>(), entry.value()->rounded.values.as<float>());
    }
    const auto entry = activations(layer, quantizer);
    if (entry.hasError()) {
        return {};
    }
    const std::vector<float>& sample = m_statistics[layer].first.sample;
    std::vector<float> rounded(sample.size());
    entry.value()->rounding.apply(sample, rounded);
    return errorOf(sample, rounded);
}

Result<LayerSchemes::RoundedTensor> LayerSchemes::roundedTensor(std::size_t layer, Side side,
                                                                const Quantizer& quantizer) {
    const network::Layer& description = m_network->layers.at(layer);
    if (side == Side::Weights) {
        const auto entry = weights(layer, {quantizer, std::nullopt});
        if (entry.hasError()) {
            return entry.error();
        }
        const Array& stored = m_network->graph->initializers.at(description.weight);
        const std::span<const float> original = stored.as<float>();
        const std::span<const float> rounded = entry.value()->rounded.values.as<float>();
        return RoundedTensor{{original.begin(), original.end()}, {rounded.begin(), rounded.end()}};
    }
    const auto entry = activations(layer, quantizer);
    if (entry.hasError()) {
        return entry.error();
    }
    const std::scoped_lock lock(m_mutex);
    const Result<std::span<const float>> inputs = m_inputs.samples(layer);
    if (inputs.hasError()) {
        return inputs.error();
    }
    const std::span<const float> original = inputs.value();
    return RoundedTensor{
        {original.begin(), original.end()},
        roundSamples(original, m_inputs.sampleLength(layer), entry.value()->rounding)};
}

}  // namespace bitloupe::exploration
