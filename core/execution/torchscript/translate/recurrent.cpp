// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

/// A kind of cell: ONNX's name, and where PyTorch keeps the gate that ONNX has at each place.
struct CellKind {
    const char* type = "RNN";
    Integers gates = {0};
};

const CellKind kRnn{"RNN", {0}};
const CellKind kGru{"GRU", {1, 0, 2}};       // z r n from PyTorch's r z n
const CellKind kLstm{"LSTM", {0, 3, 1, 2}};  // i o f c from PyTorch's i f g o

/// Gates of a weight or a bias in ONNX's order.
at::Tensor ordered(const at::Tensor& stored, const CellKind& kind) {
    const std::int64_t hidden = stored.size(0) / static_cast<std::int64_t>(kind.gates.size());
    std::vector<at::Tensor> parts;
    for (const std::int64_t gate : kind.gates) {
        parts.push_back(stored.narrow(0, gate * hidden, hidden));
    }
    return at::cat(parts, 0);
}

/// What is behind a value that must be a stored weight.
at::Tensor weightOf(const ValueRef& value) {
    if (!value->isTensor() || !value->fixed) {
        throw TranslationError("a recurrent layer whose weights are computed has no translation");
    }
    return value->sample().toTensor();
}

struct Stack {
    std::int64_t layers = 1;
    bool bias = true;
    bool bothWays = false;
    bool batchFirst = false;

    [[nodiscard]] std::size_t directions() const { return bothWays ? 2 : 1; }
    [[nodiscard]] std::size_t each() const { return bias ? 4 : 2; }
};

/// One layer's weights, W R (b c) for each direction, as ONNX stores them.
std::vector<std::string> layerWeights(Call& call, const CellKind& kind, const Stack& stack,
                                      const std::vector<ValueRef>& weights, std::size_t first) {
    std::vector<at::Tensor> inputs, states, biases;
    for (std::size_t direction = 0; direction < stack.directions(); ++direction) {
        const std::size_t at = first + direction * stack.each();
        if (at + stack.each() > weights.size()) {
            throw TranslationError("a recurrent layer does not have the weights it needs");
        }
        inputs.push_back(ordered(weightOf(weights[at]), kind));
        states.push_back(ordered(weightOf(weights[at + 1]), kind));
        if (stack.bias) {
            biases.push_back(at::cat({ordered(weightOf(weights[at + 2]), kind),
                                      ordered(weightOf(weights[at + 3]), kind)}));
        }
    }
    const auto named = [&](std::size_t which, const char* otherwise) {
        const std::string& path = weights[first + which]->path;
        return path.empty() ? std::string(otherwise) : path;
    };
    std::vector<std::string> stored = {call.translation().store(named(0, "W"), at::stack(inputs)),
                                       call.translation().store(named(1, "R"), at::stack(states)),
                                       ""};
    if (stack.bias) {
        stored[2] = call.translation().store(named(2, "B"), at::stack(biases));
    }
    return stored;
}

/// The part of the first states [layers * directions, batch, hidden] that belongs to a layer.
std::string statesOfLayer(Call& call, const std::string& states, std::int64_t layer,
                          const Stack& stack) {
    if (stack.layers == 1) {
        return states;
    }
    const auto directions = static_cast<std::int64_t>(stack.directions());
    return call.emit("Slice", {states, call.integers({layer * directions}),
                               call.integers({(layer + 1) * directions}), call.integers({0})});
}

std::string joinLayers(Call& call, const std::vector<std::string>& states) {
    return states.size() == 1 ? states.front()
                              : call.emit("Concat", states, {{"axis", std::int64_t{0}}});
}

/// lstm(x, [h, c], weights, bias, layers, dropout, training, both ways, batch first) and, with one
/// state, gru and rnn.
void recurrent(Call& call, const CellKind& kind, const char* activation) {
    if (call.overload() != "input") {
        throw TranslationError("a recurrent layer of packed sequences has no translation");
    }
    const bool memory = std::string(kind.type) == "LSTM";
    const Stack stack{call.integer(4), call.flag(3), call.flag(7), call.flag(8)};
    if (call.flag(6) && call.real(5) > 0) {
        throw TranslationError("the network is saved for training; call eval() before you save it");
    }
    const std::vector<ValueRef> weights = call.value(2)->items;
    std::vector<std::string> first;
    if (memory) {
        first = {call.translation().edgeOf(call.value(1)->items.at(0)),
                 call.translation().edgeOf(call.value(1)->items.at(1))};
    } else {
        first = {call.edge(1)};
    }
    std::string x = call.edge(0);
    if (stack.batchFirst) {
        x = call.emit("Transpose", {x}, {{"perm", Integers{1, 0, 2}}});
    }
    std::vector<std::string> hiddens, memories;
    for (std::int64_t layer = 0; layer < stack.layers; ++layer) {
        const std::size_t at = static_cast<std::size_t>(layer) * stack.directions() * stack.each();
        const std::vector<std::string> stored = layerWeights(call, kind, stack, weights, at);
        std::vector<std::string> inputs = {
            x, stored[0], stored[1], stored[2], "", statesOfLayer(call, first[0], layer, stack)};
        if (memory) {
            inputs.push_back(statesOfLayer(call, first[1], layer, stack));
        }
        Attributes attributes = {
            {"hidden_size", weightOf(weights[at + 1]).size(1)},
            {"direction", std::string(stack.bothWays ? "bidirectional" : "forward")}};
        if (std::string(kind.type) == "GRU") {
            attributes["linear_before_reset"] = std::int64_t{1};
        }
        if (activation != nullptr) {
            attributes["activations"] =
                std::vector<std::string>(stack.directions(), std::string(activation));
        }
        const std::vector<std::string> made =
            call.translation().emitMany(kind.type, inputs, memory ? 3 : 2, attributes);
        // [time, directions, batch, hidden] -> [time, batch, directions * hidden]
        x = stack.bothWays
                ? call.emit("Reshape",
                            {call.emit("Transpose", {made[0]}, {{"perm", Integers{0, 2, 1, 3}}}),
                             call.integers({0, 0, -1})})
                : call.emit("Squeeze", {made[0], call.integers({1})});
        hiddens.push_back(made[1]);
        if (memory) {
            memories.push_back(made[2]);
        }
    }
    if (stack.batchFirst) {
        x = call.emit("Transpose", {x}, {{"perm", Integers{1, 0, 2}}});
    }
    std::vector<std::string> results = {x, joinLayers(call, hiddens)};
    if (memory) {
        results.push_back(joinLayers(call, memories));
    }
    call.giveMany(results);
}

/// lstm_cell(x, [h, c], W, R, b, c) and, with one state, gru_cell and rnn_tanh_cell: a layer of one
/// step.
void cell(Call& call, const CellKind& kind, const char* activation) {
    const bool memory = std::string(kind.type) == "LSTM";
    const std::vector<ValueRef> weights = {call.value(2), call.value(3), call.value(4),
                                           call.value(5)};
    Stack stack;
    stack.bias = !call.isNone(4);
    const auto raised = [&](const std::string& edge) {
        return call.emit("Unsqueeze", {edge, call.integers({0})});
    };
    const std::vector<std::string> stored = layerWeights(call, kind, stack, weights, 0);
    std::vector<std::string> inputs = {raised(call.edge(0)), stored[0], stored[1], stored[2], ""};
    if (memory) {
        inputs.push_back(raised(call.translation().edgeOf(call.value(1)->items.at(0))));
        inputs.push_back(raised(call.translation().edgeOf(call.value(1)->items.at(1))));
    } else {
        inputs.push_back(raised(call.edge(1)));
    }
    Attributes attributes = {{"hidden_size", weightOf(weights[1]).size(1)}};
    if (std::string(kind.type) == "GRU") {
        attributes["linear_before_reset"] = std::int64_t{1};
    }
    if (activation != nullptr) {
        attributes["activations"] = std::vector<std::string>{activation};
    }
    const std::vector<std::string> made =
        call.translation().emitMany(kind.type, inputs, memory ? 3 : 2, attributes);
    std::vector<std::string> results;
    for (std::size_t i = 1; i < made.size(); ++i) {
        results.push_back(call.emit("Squeeze", {made[i], call.integers({0})}));
    }
    call.giveMany(results);
}

}  // namespace

void addRecurrent(Translators& table) {
    table["aten::lstm"] = [](Call& call) { recurrent(call, kLstm, nullptr); };
    table["aten::gru"] = [](Call& call) { recurrent(call, kGru, nullptr); };
    table["aten::rnn_tanh"] = [](Call& call) { recurrent(call, kRnn, nullptr); };
    table["aten::rnn_relu"] = [](Call& call) { recurrent(call, kRnn, "Relu"); };
    table["aten::lstm_cell"] = [](Call& call) { cell(call, kLstm, nullptr); };
    table["aten::gru_cell"] = [](Call& call) { cell(call, kGru, nullptr); };
    table["aten::rnn_tanh_cell"] = [](Call& call) { cell(call, kRnn, nullptr); };
    table["aten::rnn_relu_cell"] = [](Call& call) { cell(call, kRnn, "Relu"); };
}

}  // namespace bitloupe::execution::torchscript
