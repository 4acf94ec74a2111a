// SPDX-License-Identifier: Apache-2.0
#include "core/execution/layer_variants.h"

#include <algorithm>

#include "core/execution/tensor_bridge.h"
#include "core/network/graph_index.h"

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

/// Puts a variant where one was removed, else behind the others; where it is now.
template <typename Variant>
int keepIn(Variant variant, std::vector<Variant>& variants, std::vector<int>& removed) {
    if (removed.empty()) {
        variants.push_back(std::move(variant));
        return static_cast<int>(variants.size()) - 1;
    }
    const int index = removed.back();
    removed.pop_back();
    variants[static_cast<std::size_t>(index)] = std::move(variant);
    return index;
}

}  // namespace

LayerVariants::LayerVariants(std::shared_ptr<const network::Network> network,
                             std::shared_ptr<const Program> program)
    : m_network(std::move(network)),
      m_program(std::move(program)),
      m_layersOfStep(m_program->steps().size()),
      m_choices(m_network->layers.size()),
      m_freeWeights(m_network->layers.size()),
      m_freeRoundings(m_network->layers.size()) {
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
    findBias(layer, place);
    return place;
}

void LayerVariants::findBias(const network::Layer& layer, LayerPlace& place) const {
    const network::Node& node = m_network->graph->nodes[layer.node];
    const Step& step = m_program->steps()[place.step];
    const bool leftWeight = place.weightPosition < place.inputPosition;
    const bool channelsSecond =
        layer.operatorType == "Conv" || layer.operatorType == "ConvTranspose";
    place.channelAxis = channelsSecond ? 1 : leftWeight ? -2 : -1;
    constexpr std::size_t kBias = 2;
    if (layer.operatorType != "Conv" && layer.operatorType != "Gemm") {
        return;
    }
    if (layer.bias.empty() || step.inputs.size() <= kBias || node.inputs[kBias] != layer.bias ||
        network::attributeOr(node, "beta", 1.0F) != 1.0F) {
        return;
    }
    const at::Tensor& bias = m_program->constants()[static_cast<std::size_t>(step.inputs[kBias])];
    if (bias.defined() && bias.dim() == 1 && (channelsSecond || !leftWeight)) {
        place.biasPosition = kBias;
    }
}

Result<void> LayerVariants::addShift(std::size_t layer, std::span<const float> shift,
                                     WeightChoice& choice) const {
    if (shift.empty()) {
        return {};
    }
    const LayerPlace& place = m_places[layer];
    const at::Tensor values = at::from_blob(const_cast<float*>(shift.data()),
                                            {static_cast<std::int64_t>(shift.size())}, at::kFloat)
                                  .clone();
    const Step& step = m_program->steps()[place.step];
    if (place.biasPosition != kNone) {
        const at::Tensor& bias =
            m_program->constants()[static_cast<std::size_t>(step.inputs[place.biasPosition])];
        if (bias.numel() == values.numel()) {
            choice.bias = bias + values;
            return {};
        }
    }
    const Shape& output = m_network->layers[layer].outputShape;
    const auto rank = static_cast<std::int64_t>(output.size());
    const std::int64_t axis = place.channelAxis < 0 ? place.channelAxis + rank : place.channelAxis;
    if (axis < 0 || axis >= rank || output[static_cast<std::size_t>(axis)] != values.numel()) {
        return Error{"there is not one correction for each output channel",
                     "layer \"" + m_network->layers[layer].name + "\"",
                     "leave out the bias correction of this layer"};
    }
    Shape shape(output.size(), 1);
    shape[static_cast<std::size_t>(axis)] = values.numel();
    choice.shift = values.view(shape);
    return {};
}

Result<int> LayerVariants::addWeights(std::size_t layer, const Array& values,
                                      std::span<const float> shift) {
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
    WeightChoice choice{std::move(made).value(), {}, {}};
    if (const Result<void> added = addShift(layer, shift, choice); added.hasError()) {
        return added.error();
    }
    const std::scoped_lock lock(m_mutex);
    return keepIn(std::move(choice), m_choices[layer].weights, m_freeWeights[layer]);
}

int LayerVariants::addRounding(std::size_t layer, OperandRoundings roundings) {
    const std::scoped_lock lock(m_mutex);
    return keepIn(std::move(roundings), m_choices.at(layer).roundings, m_freeRoundings[layer]);
}

void LayerVariants::removeWeights(std::size_t layer, int variant) {
    const std::scoped_lock lock(m_mutex);
    m_choices.at(layer).weights.at(static_cast<std::size_t>(variant)) = {};
    m_freeWeights[layer].push_back(variant);
}

void LayerVariants::removeRounding(std::size_t layer, int variant) {
    const std::scoped_lock lock(m_mutex);
    m_choices.at(layer).roundings.at(static_cast<std::size_t>(variant)) = {};
    m_freeRoundings[layer].push_back(variant);
}

std::vector<LayerChoices> LayerVariants::snapshot() const {
    const std::scoped_lock lock(m_mutex);
    return m_choices;
}

}  // namespace bitloupe::execution
