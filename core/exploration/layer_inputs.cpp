// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/layer_inputs.h"

#include <algorithm>

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kValuesOfLayer = std::size_t{1} << 22;
constexpr std::size_t kValuesOfNetwork = std::size_t{1} << 27;

/// More rows than this move no rounding that can be seen.
std::size_t rowLimit(std::size_t length) {
    return std::clamp<std::size_t>(16 * length, 4096, 16384);
}

}  // namespace

bool roundsPerSample(const quantization::ActivationRounding& rounding) {
    return rounding.format.family() == numerics::Family::Microscaling;
}

std::vector<float> roundSamples(std::span<const float> values, std::size_t sampleLength,
                                const quantization::ActivationRounding& rounding) {
    std::vector<float> rounded(values.size());
    const std::size_t step =
        roundsPerSample(rounding) && sampleLength > 0 ? sampleLength : values.size();
    for (std::size_t first = 0; first < values.size(); first += step) {
        const std::size_t count = std::min(step, values.size() - first);
        rounding.apply(values.subspan(first, count), std::span(rounded).subspan(first, count));
    }
    return rounded;
}

LayerInputs::LayerInputs(std::shared_ptr<const network::Network> network,
                         const execution::PopulationRunner& runner, data::Samples calibration)
    : m_network(std::move(network)), m_runner(runner), m_calibration(std::move(calibration)) {}

std::size_t LayerInputs::sampleLength(std::size_t layer) const {
    return static_cast<std::size_t>(elementCount(m_network->layers[layer].inputShape));
}

Result<void> LayerInputs::collect() {
    const std::size_t layers = m_network->layers.size();
    const std::size_t most =
        std::min(kValuesOfLayer, kValuesOfNetwork / std::max<std::size_t>(1, layers));
    std::vector<std::vector<float>> values(layers);
    std::vector<std::vector<bool>> counts(layers);
    const Result<void> visited = m_runner.visitLayerInputs(
        m_calibration.inputs, [&](std::size_t layer, execution::Operand operand,
                                  std::span<const float> batch, const std::vector<bool>& counted) {
            if (operand != execution::Operand::First) {
                return;
            }
            const std::size_t length = std::max<std::size_t>(1, sampleLength(layer));
            const std::size_t room = std::max(most / length, std::size_t{1}) * length;
            const std::size_t taken =
                std::min(batch.size(), room - std::min(room, values[layer].size()));
            if (!counted.empty() || !counts[layer].empty()) {
                std::vector<bool>& flags = counts[layer];
                flags.resize(values[layer].size(), true);  // batches before, in which all count
                flags.insert(flags.end(), counted.begin(), counted.end());
                flags.resize(values[layer].size() + taken, true);
            }
            values[layer].insert(values[layer].end(), batch.begin(),
                                 batch.begin() + static_cast<std::ptrdiff_t>(taken));
        });
    if (visited.hasError()) {
        return visited.error().within("calibration samples");
    }
    m_values = std::move(values);
    m_counts = std::move(counts);
    return {};
}

Result<std::span<const float>> LayerInputs::samples(std::size_t layer) {
    if (m_values.empty()) {
        if (const Result<void> collected = collect(); collected.hasError()) {
            return collected.error();
        }
    }
    return std::span<const float>(m_values.at(layer));
}

Result<quantization::InputRows> LayerInputs::rows(
    std::size_t layer, const quantization::ActivationRounding* rounding) {
    const Result<std::span<const float>> inputs = samples(layer);
    if (inputs.hasError()) {
        return inputs.error();
    }
    const Shape& weight = m_network->layers.at(layer).weightShape;
    const auto channels = weight.empty() ? 1 : std::max<std::int64_t>(1, weight.front());
    const std::size_t limit = rowLimit(static_cast<std::size_t>(elementCount(weight) / channels));
    Result<quantization::InputRows> rows =
        quantization::inputRows(*m_network, layer, inputs.value(), m_counts.at(layer), limit);
    if (rows.hasError() || rounding == nullptr) {
        return rows;
    }
    const std::vector<float> rounded = roundSamples(inputs.value(), sampleLength(layer), *rounding);
    Result<quantization::InputRows> others =
        quantization::inputRows(*m_network, layer, rounded, m_counts.at(layer), limit);
    if (others.hasError()) {
        return others;
    }
    rows.value().rounded = std::move(others.value().original);
    return rows;
}

}  // namespace bitloupe::exploration
