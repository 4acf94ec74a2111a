// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "core/execution/operator_table.h"
#include "core/execution/operators/recurrent_steps.h"

namespace bitloupe::execution {

namespace {

using Curve = std::function<at::Tensor(const at::Tensor&)>;

/// One direction of a recurrent layer: weights [gates*H, I], recurrences [gates*H, H], biases.
struct Cell {
    at::Tensor weight;
    at::Tensor recurrence;
    at::Tensor bias;            ///< what is added to every projection
    at::Tensor lateBias;        ///< what is added behind the product with the state; GRU only
    at::Tensor peephole;        ///< LSTM only: [3*H], gates i, o, f; or undefined
    std::vector<Curve> curves;  ///< f, g and h of ONNX's equations, as many as the kind has
    double clip = 0;            ///< what goes into a curve is kept within +-clip; 0: no limit
    bool linearBeforeReset = false;
    bool inputForget = false;  ///< LSTM only: the forget gate is 1 less the input gate

    [[nodiscard]] at::Tensor curve(std::size_t which, const at::Tensor& x) const {
        return curves[which](clip > 0 ? at::clamp(x, -clip, clip) : x);
    }
};

using State = RecurrentState;
using CellStep = State (*)(const Cell&, const at::Tensor& projected, const State&);

/// `projected` is X_t W^T + Wb + Rb, [N, gates*H], made for all steps at once.
State stepRnn(const Cell& cell, const at::Tensor& projected, const State& state) {
    return {cell.curve(0, at::addmm(projected, state.hidden, cell.recurrence.t())), {}};
}

/// Gates in ONNX's order z, r, h. Where the reset gate comes behind the product, the h gate's Rb is
/// left out of `projected`: the gate multiplies it too.
State stepGru(const Cell& cell, const at::Tensor& projected, const State& state) {
    const std::int64_t size = state.hidden.size(1);
    const auto both = [&](const at::Tensor& x, std::int64_t axis) {
        return x.narrow(axis, 0, 2 * size);
    };
    const auto last = [&](const at::Tensor& x, std::int64_t axis) {
        return x.narrow(axis, 2 * size, size);
    };
    at::Tensor sums;
    at::Tensor gates;
    if (cell.linearBeforeReset) {
        sums = at::addmm(cell.lateBias, state.hidden, cell.recurrence.t());
        gates = cell.curve(0, both(projected, 1) + both(sums, 1));
    } else {
        gates = cell.curve(
            0, at::addmm(both(projected, 1), state.hidden, both(cell.recurrence, 0).t()));
    }
    const at::Tensor update = gates.narrow(1, 0, size);
    const at::Tensor reset = gates.narrow(1, size, size);
    const at::Tensor inner =
        cell.linearBeforeReset
            ? at::addcmul(last(projected, 1), reset, last(sums, 1))
            : at::addmm(last(projected, 1), reset * state.hidden, last(cell.recurrence, 0).t());
    return {at::lerp(cell.curve(1, inner), state.hidden, update), {}};
}

/// Gates in ONNX's order i, o, f, c.
State stepLstm(const Cell& cell, const at::Tensor& projected, const State& state) {
    const std::int64_t size = state.hidden.size(1);
    const at::Tensor sums = at::addmm(projected, state.hidden, cell.recurrence.t());
    const auto gate = [&](std::int64_t index) { return sums.narrow(1, index * size, size); };
    const auto peeped = [&](std::int64_t index, std::int64_t peep, const at::Tensor& memory) {
        return cell.peephole.defined()
                   ? at::addcmul(gate(index), cell.peephole.narrow(0, peep * size, size), memory)
                   : gate(index);
    };
    const at::Tensor input = cell.curve(0, peeped(0, 0, state.memory));
    const at::Tensor forget =
        cell.inputForget ? 1 - input : cell.curve(0, peeped(2, 2, state.memory));
    const at::Tensor memory = at::addcmul(forget * state.memory, input, cell.curve(1, gate(3)));
    const at::Tensor output = cell.curve(0, peeped(1, 1, memory));
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
    std::optional<PlainCell> plain;          ///< the kind, when it is one of those
    /// Weights and recurrences by direction, for a cell of a plain kind.
    std::shared_ptr<std::array<PackedWeights, 4>> packed =
        std::make_shared<std::array<PackedWeights, 4>>();
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
    const at::Tensor stateBias = both.narrow(0, width, width);
    if (kind.linearBeforeReset) {
        const at::Tensor early = stateBias.narrow(0, 0, 2 * kind.hidden);
        const at::Tensor late = stateBias.narrow(0, 2 * kind.hidden, kind.hidden);
        cell.lateBias = at::cat({at::zeros_like(early), late});
        cell.bias = both.narrow(0, 0, width) + at::cat({early, at::zeros_like(late)});
    } else {
        cell.bias = both.narrow(0, 0, width) + stateBias;
    }
    const at::Tensor peephole = kind.hasMemory ? optionalInput(inputs, 7) : at::Tensor();
    cell.peephole = peephole.defined() ? peephole[direction] : peephole;
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
    const at::Tensor projected = at::linear(x, cell.weight, cell.bias);  // [T, N, gates*H]
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

/// Whether one product and one pass a step will do.
bool isPlain(const Recurrence& kind, std::span<const at::Tensor> inputs) {
    if (!kind.plain || optionalInput(inputs, 4).defined() || optionalInput(inputs, 7).defined()) {
        return false;
    }
    for (const at::Tensor& input : inputs) {
        if (input.defined() && (input.scalar_type() != at::kFloat || input.numel() == 0 ||
                                (at::GradMode::is_enabled() && input.requires_grad()))) {
            return false;
        }
    }
    return PackedProduct::pays(inputs[1][0]) && PackedProduct::pays(inputs[2][0]);
}

at::Tensor runPlainDirection(const Recurrence& kind, const Cell& cell,
                             std::span<const at::Tensor> inputs, const at::Tensor& x,
                             std::int64_t direction, State& state) {
    const at::Tensor bias = optionalInput(inputs, 3);
    const auto first = static_cast<std::size_t>(2 * direction);
    const PackedProduct input(cell.weight, /*transposed=*/false, cell.bias,
                              {inputs[1], bias, kind.packed->at(first)});
    const PackedProduct recurrence(cell.recurrence, /*transposed=*/false, cell.lateBias,
                                   {inputs[2], bias, kind.packed->at(first + 1)});
    state.hidden = state.hidden.contiguous();
    state.memory = kind.hasMemory ? state.memory.contiguous() : state.memory;
    return runPlainCell(*kind.plain, input, recurrence, x.contiguous(),
                        direction == 1 || kind.backwardFirst, state);
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
    const bool plain = isPlain(kind, inputs);
    Tensors outputs, hiddens, memories;
    const std::int64_t directions = kind.bothWays ? 2 : 1;
    for (std::int64_t direction = 0; direction < directions; ++direction) {
        const Cell cell = readCell(kind, inputs, direction);
        State state = firstState(kind, inputs, direction, x.size(1));
        const bool backward = direction == 1 || kind.backwardFirst;
        outputs.push_back(plain ? runPlainDirection(kind, cell, inputs, x, direction, state)
                                : runDirection(kind, cell, x, sequences, backward, state));
        hiddens.push_back(state.hidden);
        if (kind.hasMemory) {
            memories.push_back(state.memory);
        }
    }
    const at::Tensor sequence = directions == 1  // [T, D, N, H]
                                    ? outputs[0].unsqueeze(1)
                                    : at::stack(outputs, 1);
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

/// Nothing where an attribute asks for more than the usual.
std::optional<PlainCell> plainKind(const Recurrence& kind, const Attributes& attributes) {
    if (!attributes.texts("activations").empty() || kind.clip > 0 || kind.inputForget ||
        (kind.gates == 3 && !kind.linearBeforeReset)) {
        return std::nullopt;
    }
    return kind.gates == 1 ? PlainCell::Rnn : kind.gates == 3 ? PlainCell::Gru : PlainCell::Lstm;
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
        kind.linearBeforeReset = gates == 3 && attributes.integer("linear_before_reset", 0) != 0;
        kind.inputForget = attributes.integer("input_forget", 0) != 0;
        kind.clip = attributes.real("clip", 0);
        kind.plain = plainKind(kind, attributes);
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
