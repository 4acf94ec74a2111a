// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/execution/population_runner.h"
#include "core/exploration/calibration.h"
#include "core/exploration/evaluator.h"
#include "core/exploration/layer_inputs.h"
#include "core/exploration/population_evaluator.h"

namespace bitloupe::exploration {

/// An activation's rounding as a runner takes it.
[[nodiscard]] execution::InputRounding runnersRounding(
    const quantization::ActivationRounding& rounding);

/// What rounding did to a tensor.
[[nodiscard]] RoundingError errorOf(std::span<const float> original,
                                    std::span<const float> rounded);

/// Rounded weights and activation ranges of the layers of one network, each made once, on first
/// use, and known to the runner from then on. Thread-safe.
class LayerSchemes {
public:
    struct Weights {
        quantization::QuantizedWeights rounded;
        int variant = execution::LayerVariant::kFloat;
    };
    struct Activations {
        quantization::ActivationRounding rounding;
        std::optional<quantization::ActivationRounding> second;  ///< of attention's other operand
        int variant = execution::LayerVariant::kFloat;
    };

    /// `statistics`: one a layer; `calibration`: for the methods that look at a layer's inputs. The
    /// runner must outlive the schemes.
    LayerSchemes(std::shared_ptr<const network::Network> network,
                 execution::PopulationRunner& runner, std::vector<OperandStatistics> statistics,
                 data::Samples calibration);

    /// What an assignment (empty: the float network) is to the runner.
    Result<execution::VariantList> variants(const Assignment& assignment);
    Result<ResolvedLayers> resolve(const Assignment& assignment);
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer);
    struct RoundedTensor {
        std::vector<float> original;
        std::vector<float> rounded;
    };
    /// The weights of a layer, or whole samples of what reaches it over the calibration samples.
    Result<RoundedTensor> roundedTensor(std::size_t layer, Side side,
                                        const quantization::Quantizer& quantizer);
    /// What calibration saw of a layer's first operand; nothing for a layer there is not.
    [[nodiscard]] const quantization::ValueStatistics* inputStatistics(std::size_t layer) const {
        return layer < m_statistics.size() ? &m_statistics[layer].first : nullptr;
    }

private:
    /// Methods that look at the layer's inputs see them as this scheme rounds them.
    Result<std::shared_ptr<const Weights>> weights(std::size_t layer,
                                                   const quantization::LayerScheme& scheme);
    Result<std::shared_ptr<const Weights>> makeWeights(
        std::size_t layer, const quantization::Quantizer& quantizer,
        const quantization::ActivationRounding* inputRounding);
    Result<std::shared_ptr<const Activations>> activations(
        std::size_t layer, const quantization::Quantizer& quantizer);
    Result<void> check(const Assignment& assignment) const;
    /// Whether the assignment rounds what the layer computes with; an embedding's places are not.
    [[nodiscard]] bool roundsInput(std::size_t layer, const Assignment& assignment) const;
    [[nodiscard]] std::string place(std::size_t layer) const;

    using Key = std::pair<std::size_t, std::string>;  ///< layer, quantizer or quantizers

    std::shared_ptr<const network::Network> m_network;
    execution::PopulationRunner& m_runner;
    std::vector<OperandStatistics> m_statistics;
    std::mutex m_mutex;
    LayerInputs m_inputs;
    std::map<Key, std::shared_ptr<const Weights>> m_weights;
    std::map<Key, std::shared_ptr<const Activations>> m_activations;
};

}  // namespace bitloupe::exploration
