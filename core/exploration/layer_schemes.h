// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
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
        std::shared_ptr<const void> registration;  ///< the runner forgets the variant with it
    };
    struct Activations {
        quantization::ActivationRounding rounding;
        std::optional<quantization::ActivationRounding> second;  ///< of attention's other operand
        int variant = execution::LayerVariant::kFloat;
    };

    /// What a population uses: rounded weights that are not given up before it ends.
    using Pins = std::vector<std::shared_ptr<const void>>;

    /// `statistics`: one a layer; `calibration`: for the methods that look at a layer's inputs. The
    /// runner must outlive the schemes. Rounded weights of more than `budget` bytes are given up,
    /// those that were not used longest first, and made again when they are needed.
    LayerSchemes(std::shared_ptr<const network::Network> network,
                 execution::PopulationRunner& runner, std::vector<OperandStatistics> statistics,
                 data::Samples calibration, std::size_t budget);

    /// What an assignment (empty: the float network) is to the runner, as long as `pins` live.
    /// `goesOn` (may be empty) is asked before every layer; after a no the rest stays float.
    Result<execution::VariantList> variants(const Assignment& assignment, Pins& pins,
                                            const std::function<bool()>& goesOn = {});
    /// The rounded weights of an assignment, by what tells them apart, with their bytes.
    [[nodiscard]] std::map<std::pair<std::size_t, std::string>, std::size_t> weightsOf(
        const Assignment& assignment) const;
    /// Bytes of the rounded weights that are kept.
    [[nodiscard]] std::size_t keptBytes() const;
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
    struct Kept {
        std::shared_ptr<const Weights> weights;
        std::uint64_t lastUse = 0;
    };

    [[nodiscard]] Key keyOf(std::size_t layer, const quantization::LayerScheme& scheme) const;
    [[nodiscard]] std::size_t bytesOf(std::size_t layer) const;
    /// Gives up what nobody uses until `bytes` more fit.
    void makeRoom(std::size_t bytes);

    std::shared_ptr<const network::Network> m_network;
    execution::PopulationRunner& m_runner;
    std::vector<OperandStatistics> m_statistics;
    mutable std::mutex m_mutex;
    LayerInputs m_inputs;
    std::size_t m_budget;
    std::size_t m_keptBytes = 0;
    std::uint64_t m_uses = 0;
    std::map<Key, Kept> m_weights;
    std::map<Key, std::shared_ptr<const Activations>> m_activations;
};

}  // namespace bitloupe::exploration
