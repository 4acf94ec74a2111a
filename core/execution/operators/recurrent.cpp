// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>
#include <set>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

using Curve = std::function<at::Tensor(const at::Tensor&)>;

/// One direction of a recurrent layer: weights [gates*H, I], recurrences [gates*H, H], biases.
struct Cell {
    at::Tensor weight;
    at::Tensor recurrence;
    at::Tensor inputBias;
    at::Tensor stateBias;
    at::Tensor peephole;        ///< LSTM only: [3*H], gates i, o, f
    std::vector<Curve> curves;  ///< f, g and h of ONNX's equations, as many as the kind has
    double clip = 0;            ///< what goes into a curve is kept within +-clip; 0: no limit
    bool linearBeforeReset = false;
    bool inputForget = false;  ///< LSTM only: the forget gate is 1 less the input gate

    [[nodiscard]] at::Tensor curve(std::size_t which, const at::Tensor& x) const {
        return curves[which](clip > 0 ? at::clamp(x, -clip, clip) : x);
    }
};

struct State {
    at::Tensor hidden;
    at::Tensor memory;  ///< LSTM only
};

using CellStep = State (*)(const Cell&, const at::Tensor& projected, const State&);

/// `projected` is X_t W^T + Wb, [N, gates*H], made for all steps at once.
State stepRnn(const Cell& cell, const at::Tensor& projected, const State& state) {
    return {cell.curve(0, projected + at::linear(state.hidden, cell.recurrence, cell.stateBias)),
            {}};
}

/// Gates in ONNX's order z, r, h.
State stepGru(const Cell& cell, const at::Tensor& projected, const State& state) {
    const std::int64_t size = state.hidden.size(1);
    const auto part = [&](const at::Tensor& x, std::int64_t gate, std::int64_t axis) {
        return x.narrow(axis, gate * size, size);
    };
    const at::Tensor gates =
        cell.curve(0, projected.narrow(1, 0, 2 * size) +
                          at::linear(state.hidden, cell.recurrence.narrow(0, 0, 2 * size),
                                     cell.stateBias.narrow(0, 0, 2 * size)));
    const at::Tensor update = part(gates, 0, 1);
    const at::Tensor reset = part(gates, 1, 1);
    const at::Tensor recurrence = part(cell.recurrence, 2, 0);
    const at::Tensor bias = part(cell.stateBias, 2, 0);
    const at::Tensor recurrent = cell.linearBeforeReset
                                     ? reset * at::linear(state.hidden, recurrence, bias)
                                     : at::linear(reset * state.hidden, recurrence, bias);
    const at::Tensor fresh = cell.curve(1, part(projected, 2, 1) + recurrent);
    return {(1 - update) * fresh + update * state.hidden, {}};
}

/// Gates in ONNX's order i, o, f, c.
State stepLstm(const Cell& cell, const at::Tensor& projected, const State& state) {
    const std::int64_t size = state.hidden.size(1);
    const at::Tensor sums = projected + at::linear(state.hidden, cell.recurrence, cell.stateBias);
    const auto gate = [&](std::int64_t index) { return sums.narrow(1, index * size, size); };
    const auto peep = [&](std::int64_t index) {
        return cell.peephole.narrow(0, index * size, size);
    };
    const at::Tensor input = cell.curve(0, gate(0) + peep(0) * state.memory);
    const at::Tensor forget =
        cell.inputForget ? 1 - input : cell.curve(0, gate(2) + peep(2) * state.memory);
    const at::Tensor memory = forget * state.memory + input * cell.curve(1, gate(3));
    const at::Tensor output = cell.curve(0, gate(1) + peep(1) * memory);
    return {output * cell.curve(2, memory), memory};
}

/// The activation functions that ONNX lets a cell name, with their two numbers.
Curve curveOf(const std::string& name, std::optional<float> a, std::optional<float> b) {
    const auto alpha = [&](double otherwise) { return a ? static_cast<double>(*a) : otherwise; };
    const auto beta = [&](double otherwise) { return b ? static_cast<double>(*b) : otherwise; };
    if (name == "Affine") {
        return [=, x = alpha(1), y = beta(0)](const at::Tensor& t) { return t * x + y; };
    }
    if (name == "LeakyRelu") {
        return [x = alpha(0.01F)](const at::Tensor& t) { return at::leaky_relu(t, x); };
    }
    if (name == "ThresholdedRelu") {
        return [x = alpha(1)](const at::Tensor& t) { return at::threshold(t, x, 0); };
    }
    if (name == "ScaledTanh") {
        return [x = alpha(1), y = beta(1)](const at::Tensor& t) { return at::tanh(t * y) * x; };
    }
    if (name == "HardSigmoid") {
        return [x = alpha(0.2F), y = beta(0.5)](const at::Tensor& t) {
            return at::clamp(t * x + y, 0, 1);
        };
    }
    if (name == "Elu") {
        return [x = alpha(1)](const at::Tensor& t) { return at::elu(t, x); };
    }
    static const std::map<std::string, at::Tensor (*)(const at::Tensor&)> kPlain = {
        {"Relu", [](const at::Tensor& t) { return at::relu(t); }},
        {"Tanh", [](const at::Tensor& t) { return at::tanh(t); }},
        {"Sigmoid", [](const at::Tensor& t) { return at::sigmoid(t); }},
        {"Softsign", [](const at::Tensor& t) { return t / (1 + at::abs(t)); }},
        {"Softplus", [](const at::Tensor& t) { return at::softplus(t); }}};
    const auto found = kPlain.find(name);
    require(found != kPlain.end(), "the activation \"" + name + "\" is not known");
    return found->second;
}

struct Recurrence {
    CellStep step = nullptr;
    std::int64_t gates = 0;
    std::int64_t hidden = 0;
    bool hasMemory = false;
    bool backwardFirst = false;
    bool bothWays = false;
    bool batchFirst = false;
    bool linearBeforeReset = false;
    bool inputForget = false;
    double clip = 0;
    std::vector<std::vector<Curve>> curves;  ///< by direction
};

Cell readCell(const Recurrence& kind, std::span<const at::Tensor> inputs, std::int64_t direction) {
    Cell cell;
    cell.weight = inputs[1][direction];
    cell.recurrence = inputs[2][direction];
    const std::int64_t width = kind.gates * kind.hidden;
    require(cell.weight.dim() == 2 && cell.weight.size(0) == width &&
                cell.recurrence.size(0) == width && cell.recurrence.size(1) == kind.hidden,
            "the weights do not fit hidden_size");
    const at::Tensor bias = optionalInput(inputs, 3);
    const at::Tensor both = bias.defined() ? bias[direction] : at::zeros({2 * width});
    cell.inputBias = both.narrow(0, 0, width);
    cell.stateBias = both.narrow(0, width, width);
    const at::Tensor peephole = kind.hasMemory ? optionalInput(inputs, 7) : at::Tensor();
    cell.peephole = peephole.defined() ? peephole[direction] : at::zeros({3 * kind.hidden});
    cell.linearBeforeReset = kind.linearBeforeReset;
    cell.inputForget = kind.inputForget;
    cell.clip = kind.clip;
    cell.curves = kind.curves[static_cast<std::size_t>(direction)];
    return cell;
}

State firstState(const Recurrence& kind, std::span<const at::Tensor> inputs, std::int64_t direction,
                 std::int64_t batch) {
    const auto initial = [&](std::size_t input) {
        const at::Tensor given = optionalInput(inputs, input);
        if (!given.defined()) {
            return at::zeros({batch, kind.hidden});
        }
        return kind.batchFirst ? given.select(1, direction) : given[direction];
    };
    return {initial(5), kind.hasMemory ? initial(6) : at::Tensor()};
}

/// Rows of the batch whose sequence has ended keep their state and give zeros.
struct Sequences {
    at::Tensor lengths;  ///< [N, 1] or undefined

    [[nodiscard]] at::Tensor running(std::int64_t time) const { return lengths > time; }
};

at::Tensor runDirection(const Recurrence& kind, const Cell& cell, const at::Tensor& x,
                        const Sequences& sequences, bool backward, State& state) {
    const at::Tensor projected = at::linear(x, cell.weight, cell.inputBias);  // [T, N, gates*H]
    const std::int64_t steps = x.size(0);
    Tensors outputs(static_cast<std::size_t>(steps));
    for (std::int64_t i = 0; i < steps; ++i) {
        const std::int64_t time = backward ? steps - 1 - i : i;
        State next = kind.step(cell, projected[time], state);
        at::Tensor output = next.hidden;
        if (sequences.lengths.defined()) {
            const at::Tensor running = sequences.running(time);
            output = at::where(running, next.hidden, at::zeros_like(next.hidden));
            next.hidden = at::where(running, next.hidden, state.hidden);
            if (kind.hasMemory) {
                next.memory = at::where(running, next.memory, state.memory);
            }
        }
        state = next;
        outputs[static_cast<std::size_t>(time)] = output;
    }
    return at::stack(outputs, 0);
}

Tensors runRecurrence(const Recurrence& kind, std::span<const at::Tensor> inputs) {
    require(inputs.size() >= 3 && inputs[0].dim() == 3,
            "the input must be [time, batch, features]");
    const at::Tensor x = kind.batchFirst ? inputs[0].transpose(0, 1) : inputs[0];
    require(x.size(0) > 0, "the sequence is empty");
    Sequences sequences;
    if (const at::Tensor lengths = optionalInput(inputs, 4); lengths.defined()) {
        sequences.lengths = lengths.to(at::kLong).reshape({-1, 1});
    }
    Tensors outputs, hiddens, memories;
    const std::int64_t directions = kind.bothWays ? 2 : 1;
    for (std::int64_t direction = 0; direction < directions; ++direction) {
        const Cell cell = readCell(kind, inputs, direction);
        State state = firstState(kind, inputs, direction, x.size(1));
        const bool backward = direction == 1 || kind.backwardFirst;
        outputs.push_back(runDirection(kind, cell, x, sequences, backward, state));
        hiddens.push_back(state.hidden);
        if (kind.hasMemory) {
            memories.push_back(state.memory);
        }
    }
    const at::Tensor sequence = at::stack(outputs, 1);  // [T, D, N, H]
    const std::int64_t stateAxis = kind.batchFirst ? 1 : 0;
    Tensors result = {kind.batchFirst ? sequence.permute({2, 0, 1, 3}).contiguous() : sequence,
                      at::stack(hiddens, stateAxis)};
    if (kind.hasMemory) {
        result.push_back(at::stack(memories, stateAxis));
    }
    return result;
}

/// The activations of each direction; `usual` when the file names none. The lists of numbers are
/// used up in order by those activations that take one.
std::vector<std::vector<Curve>> readCurves(const Attributes& attributes,
                                           const std::vector<std::string>& usual,
                                           std::size_t directions) {
    std::vector<std::string> names = attributes.texts("activations");
    const bool named = !names.empty();
    for (std::size_t i = 0; !named && i < directions; ++i) {
        names.insert(names.end(), usual.begin(), usual.end());
    }
    require(names.size() == usual.size() * directions,
            "the number of activations does not fit the cell");
    const std::vector<float> alphas = attributes.reals("activation_alpha");
    const std::vector<float> betas = attributes.reals("activation_beta");
    static const std::set<std::string> kTakeAlpha = {"Affine",     "LeakyRelu",   "ThresholdedRelu",
                                                     "ScaledTanh", "HardSigmoid", "Elu"};
    static const std::set<std::string> kTakeBeta = {"Affine", "ScaledTanh", "HardSigmoid"};
    std::size_t alpha = 0;
    std::size_t beta = 0;
    const auto next = [](const std::vector<float>& values, std::size_t& at) {
        return at < values.size() ? std::optional<float>(values[at++]) : std::nullopt;
    };
    std::vector<std::vector<Curve>> curves(directions);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto a = kTakeAlpha.contains(names[i]) ? next(alphas, alpha) : std::nullopt;
        const auto b = kTakeBeta.contains(names[i]) ? next(betas, beta) : std::nullopt;
        curves[i / usual.size()].push_back(curveOf(names[i], a, b));
    }
    return curves;
}

KernelMaker recurrent(CellStep step, std::int64_t gates, bool hasMemory,
                      std::vector<std::string> usualActivations) {
    return [=](const Attributes& attributes) -> Kernel {
        Recurrence kind;
        kind.step = step;
        kind.gates = gates;
        kind.hasMemory = hasMemory;
        const std::string direction = attributes.text("direction", "forward");
        kind.hidden = attributes.integer("hidden_size", 0);
        require(kind.hidden > 0, "the attribute \"hidden_size\" must be positive");
        kind.backwardFirst = direction == "reverse";
        kind.bothWays = direction == "bidirectional";
        kind.batchFirst = attributes.integer("layout", 0) != 0;
        kind.linearBeforeReset = attributes.integer("linear_before_reset", 0) != 0;
        kind.inputForget = attributes.integer("input_forget", 0) != 0;
        kind.clip = attributes.real("clip", 0);
        kind.curves = readCurves(attributes, usualActivations, kind.bothWays ? 2 : 1);
        return [kind](std::span<const at::Tensor> inputs) { return runRecurrence(kind, inputs); };
    };
}

}  // namespace

void addRecurrentOperators(OperatorTable& table) {
    table["RNN"] = recurrent(stepRnn, 1, false, {"Tanh"});
    table["GRU"] = recurrent(stepGru, 3, false, {"Sigmoid", "Tanh"});
    table["LSTM"] = recurrent(stepLstm, 4, true, {"Sigmoid", "Tanh", "Tanh"});
}

}  // namespace bitloupe::execution
