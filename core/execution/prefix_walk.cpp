// SPDX-License-Identifier: Apache-2.0
#include "core/execution/prefix_walk.h"

namespace bitloupe::execution {

at::Tensor roundTensor(const at::Tensor& input, const InputRounding& rounding) {
    const at::Tensor plain = input.to(at::kFloat);
    const at::Tensor from =
        rounding.anyOrder && plain.is_non_overlapping_and_dense() ? plain : plain.contiguous();
    at::Tensor to = at::empty_like(from);
    const auto total = static_cast<std::size_t>(from.numel());
    const std::span<const float> in(from.data_ptr<float>(), total);
    const std::span<float> out(to.data_ptr<float>(), total);
    if (!rounding.perSample || from.dim() == 0 || total == 0) {
        rounding.round(in, out);
        return to;
    }
    const std::size_t length = total / static_cast<std::size_t>(from.size(0));
    for (std::size_t first = 0; first < total; first += length) {
        rounding.round(in.subspan(first, length), out.subspan(first, length));
    }
    return to;
}

PrefixWalk::PrefixWalk(const Program& program, const LayerVariants& layers,
                       const std::vector<LayerChoices>& choices, std::function<bool()> pulse)
    : m_program(program),
      m_layers(layers),
      m_choices(choices),
      m_pulse(std::move(pulse)),
      m_keys(program.edgeCount(), 0),
      m_signatures(program.steps().size()),
      m_rounded(choices.size()),
      m_roundedSecond(choices.size()),
      m_released(program.steps().size()) {
    findTransients();
}

/// An edge whose readers have nothing else that can change is read exactly when it is made: its
/// memory is given back after its last reader, and stays warm in the cache for the next value.
void PrefixWalk::findTransients() {
    const std::vector<Step>& steps = m_program.steps();
    std::vector<std::size_t> lastReader(m_program.edgeCount(), kNone);
    std::vector<bool> kept(m_program.edgeCount(), false);
    for (const Edge edge : m_program.outputs()) {
        kept[static_cast<std::size_t>(edge)] = true;
    }
    for (const Edge edge : m_program.inputs()) {
        kept[static_cast<std::size_t>(edge)] = true;
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::vector<Edge> varying;
        for (const Edge edge : steps[i].inputs) {
            if (edge != kNoEdge &&
                !m_program.constants()[static_cast<std::size_t>(edge)].defined() &&
                std::find(varying.begin(), varying.end(), edge) == varying.end()) {
                varying.push_back(edge);
            }
        }
        const bool followsOne = varying.size() == 1 && m_layers.layersOfStep()[i].empty();
        for (const Edge edge : varying) {
            lastReader[static_cast<std::size_t>(edge)] = i;
            kept[static_cast<std::size_t>(edge)] =
                kept[static_cast<std::size_t>(edge)] || !followsOne;
        }
    }
    for (std::size_t edge = 0; edge < lastReader.size(); ++edge) {
        if (!kept[edge] && lastReader[edge] != kNone) {
            m_released[lastReader[edge]].push_back(static_cast<Edge>(edge));
        }
    }
}

void PrefixWalk::begin(const Tensors& inputs) {
    m_values = m_program.constants();
    std::fill(m_keys.begin(), m_keys.end(), 0);
    for (Signature& signature : m_signatures) {
        signature.keys.clear();
    }
    std::fill(m_rounded.begin(), m_rounded.end(), RoundedInput());
    std::fill(m_roundedSecond.begin(), m_roundedSecond.end(), RoundedInput());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto edge = static_cast<std::size_t>(m_program.inputs()[i]);
        m_values[edge] = inputs[i];
        m_keys[edge] = m_nextKey++;
    }
}

void PrefixWalk::gatherVariants(std::size_t index, std::span<const LayerVariant> all) {
    m_stepVariants.clear();
    for (const std::size_t layer : m_layers.layersOfStep()[index]) {
        m_stepVariants.push_back(all.empty() ? LayerVariant{} : all[layer]);
    }
}

bool PrefixWalk::isUpToDate(std::size_t index) {
    m_scratch.clear();
    m_scratch.push_back(0);  // a step that ran has a signature, even without inputs
    for (const Edge edge : m_program.steps()[index].inputs) {
        m_scratch.push_back(edge == kNoEdge ? 0 : m_keys[static_cast<std::size_t>(edge)]);
    }
    Signature& signature = m_signatures[index];
    if (signature.variants == m_stepVariants && signature.keys == m_scratch) {
        return true;
    }
    signature.variants = m_stepVariants;
    signature.keys = m_scratch;
    return false;
}

void PrefixWalk::roundOperand(RoundedInput& rounded, int variant, const InputRounding& rounding,
                              Key key, at::Tensor& operand) {
    if (rounded.rounding != variant || rounded.key != key || !rounded.value.defined()) {
        rounded.value.reset();
        rounded.value = roundTensor(operand, rounding);
        rounded.rounding = variant;
        rounded.key = key;
    }
    operand = rounded.value;
}

void PrefixWalk::applyVariant(std::size_t layer, const LayerVariant& variant, const Step& step,
                              Tensors& inputs) {
    const LayerPlace& place = m_layers.places()[layer];
    if (variant.weights != LayerVariant::kFloat && place.weightPosition != kNone) {
        const WeightChoice& choice =
            m_choices[layer].weights[static_cast<std::size_t>(variant.weights)];
        inputs[place.weightPosition] = choice.weight;
        if (choice.bias.defined()) {
            inputs[place.biasPosition] = choice.bias;
        }
    }
    if (variant.input == LayerVariant::kFloat) {
        return;
    }
    const OperandRoundings& roundings =
        m_choices[layer].roundings[static_cast<std::size_t>(variant.input)];
    const auto keyAt = [&](std::size_t position) {
        return m_keys[static_cast<std::size_t>(step.inputs[position])];
    };
    if (place.inputPosition != kNone) {
        roundOperand(m_rounded[layer], variant.input, roundings.first, keyAt(place.inputPosition),
                     inputs[place.inputPosition]);
    }
    if (place.secondPosition != kNone && roundings.second.round) {
        roundOperand(m_roundedSecond[layer], variant.input, roundings.second,
                     keyAt(place.secondPosition), inputs[place.secondPosition]);
    }
}

at::Tensor PrefixWalk::shiftOf(std::size_t layer, int weights) const {
    return weights == LayerVariant::kFloat
               ? at::Tensor()
               : m_choices[layer].weights[static_cast<std::size_t>(weights)].shift;
}

Result<bool> PrefixWalk::runStep(std::size_t index) {
    const Step& step = m_program.steps()[index];
    Tensors inputs = takeInputs(step, m_values, m_released[index]);
    for (std::size_t i = 0; i < m_stepVariants.size(); ++i) {
        applyVariant(m_layers.layersOfStep()[index][i], m_stepVariants[i], step, inputs);
    }
    for (const Edge edge : step.outputs) {
        if (edge != kNoEdge) {
            m_values[static_cast<std::size_t>(edge)].reset();  // its memory serves the new value
        }
    }
    Result<Tensors> made = m_program.invoke(step, inputs);
    if (made.hasError()) {
        return made.error();
    }
    for (std::size_t i = 0; i < m_stepVariants.size(); ++i) {
        const at::Tensor shift =
            shiftOf(m_layers.layersOfStep()[index][i], m_stepVariants[i].weights);
        if (shift.defined()) {
            made.value().front() = made.value().front() + shift;
        }
    }
    for (std::size_t i = 0; i < step.outputs.size(); ++i) {
        if (const Edge edge = step.outputs[i]; edge != kNoEdge) {
            m_values[static_cast<std::size_t>(edge)] = std::move(made.value()[i]);
            m_keys[static_cast<std::size_t>(edge)] = m_nextKey++;
        }
    }
    ++m_stepsRun;
    return m_pulse();
}

Result<bool> PrefixWalk::advance(std::span<const LayerVariant> variants) {
    for (std::size_t i = 0; i < m_program.steps().size(); ++i) {
        gatherVariants(i, variants);
        if (isUpToDate(i)) {
            continue;
        }
        const Result<bool> ran = runStep(i);
        if (ran.hasError() || !ran.value()) {
            return ran;
        }
    }
    return true;
}

at::Tensor PrefixWalk::output() const {
    return m_values[static_cast<std::size_t>(m_program.outputs().front())];
}

}  // namespace bitloupe::execution
