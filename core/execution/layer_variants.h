// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "core/execution/population_runner.h"
#include "core/execution/program.h"

namespace bitloupe::execution {

inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// Where a layer sits in its program.
struct LayerPlace {
    std::size_t step = kNone;            ///< index into Program::steps
    std::size_t inputPosition = kNone;   ///< which of the step's inputs is rounded
    std::size_t secondPosition = kNone;  ///< the other computed operand, rounded too
    std::size_t weightPosition = kNone;
    Edge initializer = kNoEdge;        ///< the stored weight; the operand may be made from it
    std::size_t biasPosition = kNone;  ///< the step's own bias, one value a channel
    std::int64_t channelAxis = 1;      ///< of the step's output; counted from the end if negative
};

/// Other weights of a layer, with what they add to its output.
struct WeightChoice {
    at::Tensor weight;
    at::Tensor bias;   ///< instead of the step's own; undefined: that one
    at::Tensor shift;  ///< added to the step's output; undefined: nothing
};

/// Everything a layer can use; a snapshot is read without locks while a population runs.
struct LayerChoices {
    std::vector<WeightChoice> weights;
    std::vector<OperandRoundings> roundings;
};

/// The layers of a network in its program, and the variants added to them.
class LayerVariants {
public:
    LayerVariants(std::shared_ptr<const network::Network> network,
                  std::shared_ptr<const Program> program);

    [[nodiscard]] const std::vector<LayerPlace>& places() const { return m_places; }
    /// The layers at each step: none, one, or the two of a recurrent cell.
    [[nodiscard]] const std::vector<std::vector<std::size_t>>& layersOfStep() const {
        return m_layersOfStep;
    }

    Result<int> addWeights(std::size_t layer, const Array& values, std::span<const float> shift);
    int addRounding(std::size_t layer, OperandRoundings roundings);
    void removeWeights(std::size_t layer, int variant);
    void removeRounding(std::size_t layer, int variant);
    [[nodiscard]] std::vector<LayerChoices> snapshot() const;

private:
    [[nodiscard]] LayerPlace find(const network::Layer& layer) const;
    void findBias(const network::Layer& layer, LayerPlace& place) const;
    [[nodiscard]] Result<void> addShift(std::size_t layer, std::span<const float> shift,
                                        WeightChoice& choice) const;

    std::shared_ptr<const network::Network> m_network;
    std::shared_ptr<const Program> m_program;
    std::vector<LayerPlace> m_places;
    std::vector<std::vector<std::size_t>> m_layersOfStep;
    mutable std::mutex m_mutex;
    std::vector<LayerChoices> m_choices;
    std::vector<std::vector<int>> m_freeWeights;  ///< by layer: indices of removed variants
    std::vector<std::vector<int>> m_freeRoundings;
};

}  // namespace bitloupe::execution
