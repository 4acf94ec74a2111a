// SPDX-License-Identifier: Apache-2.0
#include "core/execution/sample_blocks.h"

#include <algorithm>
#include <set>
#include <string>

namespace bitloupe::execution {

namespace {

/// Of the largest value of a block, about a second-level cache: smaller blocks gain little and pay
/// more often for what each step costs by itself.
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20;
/// Where a chain's values have become this much smaller, more samples at a time are better.
constexpr std::int64_t kMuchSmaller = 4;

std::size_t place(Edge edge) {
    return static_cast<std::size_t>(edge);
}

std::int64_t bytesOfSample(const at::Tensor& tensor) {
    return static_cast<std::int64_t>(tensor.nbytes()) / tensor.size(0);
}

/// Steps that run block by block, and what they take from others.
struct Chain {
    std::size_t first = 0;
    std::size_t end = 0;
    std::int64_t samples = 0;
    std::int64_t bytes = 0;  ///< of one sample of the largest value that is known
    std::vector<Edge> inputs;
};

class ChainFinder {
public:
    ChainFinder(const Program& program, std::size_t first, const Tensors& values)
        : m_program(program), m_values(values), m_made(values.size(), false) {
        m_chain.first = m_chain.end = first;
    }

    Chain find() {
        const std::vector<Step>& steps = m_program.steps();
        while (m_chain.end < steps.size() && takes(steps[m_chain.end])) {
            for (const Edge edge : steps[m_chain.end].outputs) {
                m_made[place(edge)] = true;
            }
            ++m_chain.end;
        }
        return m_chain;
    }

private:
    bool takes(const Step& step) {
        if (!step.sampleBySample) {
            return false;
        }
        const bool stored = m_program.graph().nodes[step.node].operatorType == "Conv";
        for (const Edge edge : step.inputs) {
            if (edge == kNoEdge || m_made[place(edge)]) {
                continue;
            }
            const at::Tensor& constant = m_program.constants()[place(edge)];
            if (constant.defined()) {
                if (!stored && constant.dim() >= 4 &&
                    (constant.dim() > 4 || constant.size(0) != 1)) {
                    return false;
                }
            } else if (!takesFromOutside(edge)) {
                return false;
            }
        }
        return true;
    }

    bool takesFromOutside(Edge edge) {
        const at::Tensor& value = m_values[place(edge)];
        if (!value.defined() || value.dim() != 4 || value.numel() == 0 ||
            (m_chain.samples != 0 && value.size(0) != m_chain.samples)) {
            return false;
        }
        m_chain.samples = value.size(0);
        m_chain.bytes = std::max(m_chain.bytes, bytesOfSample(value));
        m_chain.inputs.push_back(edge);
        return true;
    }

    const Program& m_program;
    const Tensors& m_values;
    std::vector<bool> m_made;
    Chain m_chain;
};

/// Edges that steps of the chain make and later steps, or the caller, read.
std::vector<Edge> outputsOf(const Program& program, const Chain& chain) {
    std::set<Edge> left;
    for (std::size_t i = chain.first; i < chain.end; ++i) {
        const Step& step = program.steps()[i];
        left.insert(step.outputs.begin(), step.outputs.end());
        for (const Edge edge : step.lastUses) {
            left.erase(edge);
        }
    }
    return {left.begin(), left.end()};
}

at::Tensor wholeFor(const at::Tensor& part, std::int64_t samples) {
    std::vector<std::int64_t> shape = part.sizes().vec();
    shape[0] = samples;
    return at::empty(shape, part.options(), part.suggest_memory_format());
}

/// Runs the chain for `count` samples from `start` on. The first block sets how large the values
/// are, and may end the chain early.
Result<Tensors> runBlock(const Program& program, Chain& chain, const Tensors& values,
                         std::int64_t start, std::int64_t count) {
    Tensors part = program.constants();
    for (const Edge edge : chain.inputs) {
        part[place(edge)] = values[place(edge)].narrow(0, start, count);
    }
    for (std::size_t i = chain.first; i < chain.end; ++i) {
        const Step& step = program.steps()[i];
        Result<Tensors> made = program.invoke(step, takeInputs(step, part, step.lastUses));
        if (made.hasError()) {
            return made.error();
        }
        const at::Tensor& output = part[place(step.outputs.front())] =
            std::move(made.value().front());
        if (start == 0 && output.numel() > 0) {
            const std::int64_t bytes = bytesOfSample(output);
            chain.end = bytes * kMuchSmaller < chain.bytes ? i + 1 : chain.end;
            chain.bytes = std::max(chain.bytes, bytes);
        }
    }
    return part;
}

}  // namespace

bool worksSampleBySample(const network::Node& node, std::int64_t opset) {
    static const std::set<std::string, std::less<>> kOperators = {
        "Add",       "AveragePool", "Clip",    "Conv", "Div",   "Elu",  "GlobalAveragePool",
        "HardSwish", "LeakyRelu",   "MaxPool", "Mul",  "PRelu", "Relu", "Sigmoid",
        "Sub",       "Tanh"};
    constexpr std::int64_t kBroadcastsByRank = 7;
    return opset >= kBroadcastsByRank && node.domain.empty() && node.outputs.size() == 1 &&
           !node.outputs.front().empty() && kOperators.contains(node.operatorType);
}

Result<std::size_t> runInBlocks(const Program& program, std::size_t first, Tensors& values) {
    Chain chain = ChainFinder(program, first, values).find();
    if (chain.end < first + 2 || chain.samples < 2 || chain.bytes * chain.samples < kBlockBytes) {
        return first;
    }
    std::vector<Edge> outputs;
    std::int64_t count = 1;  // the first one shows how large the values become
    for (std::int64_t start = 0; start < chain.samples; start += count) {
        if (start > 0) {
            count = std::clamp<std::int64_t>(kBlockBytes / chain.bytes, 1, chain.samples - start);
        }
        const Result<Tensors> part = runBlock(program, chain, values, start, count);
        if (part.hasError()) {
            return part.error();
        }
        if (start == 0) {
            outputs = outputsOf(program, chain);
        }
        for (const Edge edge : outputs) {
            const at::Tensor& made = part.value()[place(edge)];
            if (start == 0) {
                values[place(edge)] = wholeFor(made, chain.samples);
            }
            values[place(edge)].narrow(0, start, count).copy_(made);
        }
    }
    for (std::size_t i = chain.first; i < chain.end; ++i) {
        for (const Edge edge : program.steps()[i].lastUses) {
            values[place(edge)].reset();
        }
    }
    return chain.end;
}

}  // namespace bitloupe::execution
