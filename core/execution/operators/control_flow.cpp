// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "core/execution/operator_table.h"
#include "core/execution/program.h"
#include "core/network/graph_order.h"

namespace bitloupe::execution {

namespace {

/// A loop that has come this far will not end: while-loops name no other limit.
constexpr std::int64_t kMostRounds = 1'000'000;

/// A body of If, Loop or Scan, and what it takes from outside, as one program.
class Body {
public:
    Body(const Attributes& attributes, const std::string& name) {
        network::Graph whole = *attributes.graph(name);
        m_own = whole.inputs.size();
        m_results = whole.outputs.size();
        for (const std::string& edge : network::capturedEdges(whole)) {
            whole.inputs.push_back({edge, ElementType::Float32, {}});
            ++m_captured;
        }
        Result<std::shared_ptr<const Program>> program =
            Program::compile(std::make_shared<const network::Graph>(std::move(whole)));
        if (program.hasError()) {
            throw OperatorError("in its " + name + ": " + program.error().sentence());
        }
        m_program = std::move(program).value();
    }

    [[nodiscard]] std::size_t own() const { return m_own; }
    [[nodiscard]] std::size_t captured() const { return m_captured; }
    [[nodiscard]] std::size_t results() const { return m_results; }

    /// `inputs` are the body's own; `outside` is what it takes from outside.
    [[nodiscard]] Tensors run(Tensors inputs, std::span<const at::Tensor> outside) const {
        require(inputs.size() == m_own && outside.size() == m_captured,
                "the body has another number of inputs");
        inputs.insert(inputs.end(), outside.begin(), outside.end());
        Result<Tensors> outputs = m_program->run(inputs);
        if (outputs.hasError()) {
            throw OperatorError("in its body: " + outputs.error().sentence());
        }
        return std::move(outputs).value();
    }

private:
    std::shared_ptr<const Program> m_program;
    std::size_t m_own = 0;
    std::size_t m_captured = 0;
    std::size_t m_results = 0;
};

bool isTrue(const at::Tensor& condition) {
    require(condition.numel() == 1, "the condition must be one value");
    return condition.to(at::kBool).item<bool>();
}

Kernel makeIf(const Attributes& attributes) {
    const auto orElse = std::make_shared<const Body>(attributes, "else_branch");
    const auto then = std::make_shared<const Body>(attributes, "then_branch");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const bool chosen = isTrue(inputs[0]);  // attributes, and so bodies, are in order of name
        const std::span<const at::Tensor> outside = inputs.subspan(1);
        return chosen ? then->run({}, outside.subspan(orElse->captured()))
                      : orElse->run({}, outside.first(orElse->captured()));
    };
}

/// What the rounds of a loop made, one on top of the other along `axis`.
at::Tensor stacked(const Tensors& rounds, std::int64_t axis, bool backward) {
    require(!rounds.empty(), "the loop has no round that would say what it makes");
    const Tensors ordered = backward ? Tensors(rounds.rbegin(), rounds.rend()) : rounds;
    return at::stack(ordered, wrapAxis(axis, rounds.front().dim() + 1));
}

/// Without a round there is nothing to stack: an empty tensor of the rank the body declares.
at::Tensor stackedOrEmpty(const Tensors& rounds, const network::ValueInfo& declared) {
    if (!rounds.empty()) {
        return stacked(rounds, 0, false);
    }
    std::vector<std::int64_t> shape = {0};
    for (const network::Dimension& dimension : declared.shape) {
        shape.push_back(dimension.value.value_or(0));
    }
    return at::empty(shape, at::kFloat);
}

/// Inputs: most rounds, condition, the values carried from round to round; the body makes the next
/// condition, the next values, and what is collected.
Kernel makeLoop(const Attributes& attributes) {
    const auto body = std::make_shared<const Body>(attributes, "body");
    const auto graph = attributes.graph("body");
    require(body->own() >= 2, "the body of a Loop needs a counter and a condition");
    const std::size_t carried = body->own() - 2;
    require(body->results() >= carried + 1, "the body of a Loop makes too few values");
    const std::size_t own = attributes.node().inputs.size();
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor limit = optionalInput(inputs, 0);
        const at::Tensor start = optionalInput(inputs, 1);
        const std::int64_t rounds = limit.defined() ? integerValues(limit).at(0) : kMostRounds;
        Tensors values(inputs.begin() + 2, inputs.begin() + static_cast<std::ptrdiff_t>(own));
        require(own >= 2 && values.size() == carried, "the body has another number of values");
        std::vector<Tensors> collected(body->results() - 1 - carried);
        at::Tensor condition = start.defined() ? start : at::ones({}, at::kBool);
        for (std::int64_t round = 0; round < rounds && isTrue(condition); ++round) {
            require(round < kMostRounds, "the loop does not end");
            Tensors given = {at::full({}, round, at::kLong), condition};
            given.insert(given.end(), values.begin(), values.end());
            Tensors made = body->run(std::move(given), inputs.subspan(own));
            condition = made[0];
            values.assign(made.begin() + 1,
                          made.begin() + 1 + static_cast<std::ptrdiff_t>(carried));
            for (std::size_t i = 0; i < collected.size(); ++i) {
                collected[i].push_back(made[1 + carried + i]);
            }
        }
        for (std::size_t i = 0; i < collected.size(); ++i) {
            values.push_back(stackedOrEmpty(collected[i], graph->outputs[1 + carried + i]));
        }
        return values;
    };
}

/// The attributes of Scan; missing axes and directions are 0.
struct ScanShape {
    std::size_t scanned = 0;  ///< inputs that are walked along
    std::size_t states = 0;
    std::vector<std::int64_t> inputAxes, outputAxes, inputBackward, outputBackward;
};

ScanShape readScan(const Attributes& attributes, const Body& body) {
    ScanShape scan;
    const std::int64_t scanned = attributes.integer("num_scan_inputs", 0);
    require(scanned > 0 && scanned <= static_cast<std::int64_t>(body.own()),
            "num_scan_inputs does not fit the body");
    scan.scanned = static_cast<std::size_t>(scanned);
    scan.states = body.own() - scan.scanned;
    require(body.results() >= scan.states, "the body of a Scan makes too few values");
    scan.inputAxes = attributes.integers("scan_input_axes");
    scan.inputAxes.resize(scan.scanned, 0);
    scan.inputBackward = attributes.integers("scan_input_directions");
    if (attributes.opset() < 9) {
        scan.inputBackward = attributes.integers("directions");
    }
    scan.inputBackward.resize(scan.scanned, 0);
    scan.outputAxes = attributes.integers("scan_output_axes");
    scan.outputAxes.resize(body.results() - scan.states, 0);
    scan.outputBackward = attributes.integers("scan_output_directions");
    scan.outputBackward.resize(body.results() - scan.states, 0);
    return scan;
}

Tensors runScan(const ScanShape& scan, const Body& body, Tensors states, const Tensors& sequences,
                std::span<const at::Tensor> outside) {
    std::vector<Tensors> collected(body.results() - scan.states);
    std::vector<std::int64_t> axes;
    for (std::size_t i = 0; i < scan.scanned; ++i) {
        axes.push_back(wrapAxis(scan.inputAxes[i], sequences[i].dim()));
        require(sequences[i].size(axes[i]) == sequences[0].size(axes[0]),
                "the sequences of a Scan have different lengths");
    }
    const std::int64_t rounds = sequences[0].size(axes[0]);
    for (std::int64_t round = 0; round < rounds; ++round) {
        Tensors given = states;
        for (std::size_t i = 0; i < scan.scanned; ++i) {
            const bool backward = scan.inputBackward[i] != 0;
            given.push_back(
                sequences[i].select(axes[i], backward ? rounds - 1 - round : round).contiguous());
        }
        const Tensors made = body.run(std::move(given), outside);
        states.assign(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(scan.states));
        for (std::size_t i = 0; i < collected.size(); ++i) {
            collected[i].push_back(made[scan.states + i]);
        }
    }
    for (std::size_t i = 0; i < collected.size(); ++i) {
        states.push_back(stacked(collected[i], scan.outputAxes[i], scan.outputBackward[i] != 0));
    }
    return states;
}

/// Before opset 9 the first input gives lengths and every value has a batch dimension in front.
Tensors runBatchedScan(const ScanShape& scan, const Body& body, std::span<const at::Tensor> inputs,
                       std::span<const at::Tensor> outside) {
    require(inputs.size() == scan.states + scan.scanned + 1, "Scan has too few inputs");
    const std::int64_t batch = inputs.back().size(0);
    std::vector<Tensors> results(body.results());
    for (std::int64_t sample = 0; sample < batch; ++sample) {
        Tensors states;
        Tensors sequences;
        for (std::size_t i = 1; i < inputs.size(); ++i) {
            at::Tensor one = inputs[i][sample];
            if (i <= scan.states) {
                states.push_back(one);
                continue;
            }
            if (inputs[0].defined()) {
                one =
                    one.narrow(0, 0, integerValues(inputs[0]).at(static_cast<std::size_t>(sample)));
            }
            sequences.push_back(one);
        }
        const Tensors made = runScan(scan, body, std::move(states), sequences, outside);
        for (std::size_t i = 0; i < results.size(); ++i) {
            results[i].push_back(made[i]);
        }
    }
    Tensors batched;
    for (const Tensors& result : results) {
        batched.push_back(at::stack(result, 0));
    }
    return batched;
}

Kernel makeScan(const Attributes& attributes) {
    const auto body = std::make_shared<const Body>(attributes, "body");
    const ScanShape scan = readScan(attributes, *body);
    const bool batched = attributes.opset() < 9;
    const std::size_t own = attributes.node().inputs.size();
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        if (batched) {
            return runBatchedScan(scan, *body, inputs.first(own), inputs.subspan(own));
        }
        require(own == scan.states + scan.scanned, "Scan has another number of inputs");
        const auto middle = inputs.begin() + static_cast<std::ptrdiff_t>(scan.states);
        return runScan(scan, *body, Tensors(inputs.begin(), middle),
                       Tensors(middle, inputs.begin() + static_cast<std::ptrdiff_t>(own)),
                       inputs.subspan(own));
    };
}

}  // namespace

void addControlFlowOperators(OperatorTable& table) {
    table["If"] = makeIf;
    table["Loop"] = makeLoop;
    table["Scan"] = makeScan;
}

}  // namespace bitloupe::execution
