// SPDX-License-Identifier: Apache-2.0
#include "core/execution/layer_variants.h"

#include <algorithm>

#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

namespace {

/// Where `step` reads `edge`, from its input number `first` on; kNone when it does not.
std::size_t positionOf(const Step& step, Edge edge, std::size_t first) {
    for (std::size_t i = first; edge != kNoEdge && i < step.inputs.size(); ++i) {
        if (step.inputs[i] == edge) {
            return i;
        }
    }
    return kNone;
}

}  // namespace

LayerVariants::LayerVariants(std::shared_ptr<const network::Network> network,
                             std::shared_ptr<const Program> program)
    : m_network(std::move(network)),
      m_program(std::move(program)),
      m_layersOfStep(m_program->steps().size()),
      m_choices(m_network->layers.size()) {
    for (const network::Layer& layer : m_network->layers) {
        const LayerPlace place = find(layer);
        if (place.step != kNone) {
            m_layersOfStep[place.step].push_back(m_places.size());
        }
        m_places.push_back(place);
    }
}

LayerPlace LayerVariants::find(const network::Layer& layer) const {
    LayerPlace place;
    const std::vector<Step>& steps = m_program->steps();
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [&](const Step& step) { return step.node == layer.node; });
    if (found == steps.end()) {
        return place;  // computed once for all: nothing of it is left to vary
    }
    place.step = static_cast<std::size_t>(found - steps.begin());
    place.inputPosition = positionOf(*found, m_program->edge(layer.input), 0);
    // A matrix times itself: the second operand stands behind the first.
    place.secondPosition =
        layer.secondInput.empty()
            ? kNone
            : positionOf(*found, m_program->edge(layer.secondInput), place.inputPosition + 1);
    place.initializer = layer.weight.empty() ? kNoEdge : m_program->edge(layer.weight);
    if (place.initializer == kNoEdge) {
        return place;
    }
    const std::vector<bool> dependents = m_program->dependents(place.initializer);
    for (std::size_t i = 0; i < found->inputs.size(); ++i) {
        const Edge edge = found->inputs[i];
        if (i != place.inputPosition && edge != kNoEdge &&
            dependents[static_cast<std::size_t>(edge)]) {
            place.weightPosition = i;
            break;
        }
    }
    return place;
}

Result<int> LayerVariants::addWeights(std::size_t layer, const Array& values) {
    const network::Layer& description = m_network->layers.at(layer);
    const LayerPlace& place = m_places[layer];
    const std::string where = "layer \"" + description.name + "\"";
    if (place.weightPosition == kNone) {
        return Error{"the layer has no stored weight that could be replaced", where,
                     "leave its weights in float"};
    }
    if (values.shape() != description.weightShape || values.type() != ElementType::Float32) {
        return Error{"the new weights do not have the shape of the old ones", where,
                     "give float32 weights of the same shape"};
    }
    const Edge operand = m_program->steps()[place.step].inputs[place.weightPosition];
    Result<at::Tensor> made =
        m_program->constantGiven(place.initializer, borrowTensor(values).clone(), operand);
    if (made.hasError()) {
        return made.error();
    }
    const std::scoped_lock lock(m_mutex);
    m_choices[layer].weights.push_back(std::move(made).value());
    return static_cast<int>(m_choices[layer].weights.size()) - 1;
}

int LayerVariants::addRounding(std::size_t layer, OperandRoundings roundings) {
    const std::scoped_lock lock(m_mutex);
    m_choices.at(layer).roundings.push_back(std::move(roundings));
    return static_cast<int>(m_choices[layer].roundings.size()) - 1;
}

std::vector<LayerChoices> LayerVariants::snapshot() const {
    const std::scoped_lock lock(m_mutex);
    return m_choices;
}

}  // namespace bitloupe::execution
