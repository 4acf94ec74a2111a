// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/execution/population_runner.h"
#include "core/quantization/input_rows.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::exploration {

/// What reaches each layer of the float network over the calibration samples, for the methods that
/// look at it. Collected in one run, on first use; as many whole samples a layer as 16 MiB hold
/// (all layers together 512 MiB). Not thread-safe.
class LayerInputs {
public:
    /// The runner must outlive this.
    LayerInputs(std::shared_ptr<const network::Network> network,
                const execution::PopulationRunner& runner, data::Samples calibration);

    /// Rows of one layer's inputs, beside them the same rows after `rounding` (null: none). Rows
    /// that no output depends on, such as padding behind a mask, are left out.
    Result<quantization::InputRows> rows(std::size_t layer,
                                         const quantization::ActivationRounding* rounding);

    /// Whole samples of one layer's inputs, one after another.
    Result<std::span<const float>> samples(std::size_t layer);
    /// Elements of one sample of a layer's input.
    [[nodiscard]] std::size_t sampleLength(std::size_t layer) const;

private:
    Result<void> collect();

    std::shared_ptr<const network::Network> m_network;
    const execution::PopulationRunner& m_runner;
    data::Samples m_calibration;
    std::vector<std::vector<float>> m_values;  ///< by layer, sample after sample; empty: not yet
    std::vector<std::vector<bool>> m_counts;   ///< by layer: values that count; empty: all
};

/// Rounds `values`, samples of `sampleLength` one after another, as the network does while it runs.
[[nodiscard]] std::vector<float> roundSamples(std::span<const float> values,
                                              std::size_t sampleLength,
                                              const quantization::ActivationRounding& rounding);

/// Whether blocks of the format must start afresh with every sample.
[[nodiscard]] bool roundsPerSample(const quantization::ActivationRounding& rounding);

}  // namespace bitloupe::exploration
