// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "core/execution/torchscript/control_flow.h"
#include "core/execution/torchscript/translation.h"

namespace bitloupe::execution::torchscript {

namespace {

namespace jit = torch::jit;

/// Whether following the block can only end in an exception.
bool alwaysRaises(const jit::Block* block) {
    return std::any_of(block->nodes().begin(), block->nodes().end(), [](const jit::Node* node) {
        return node->kind() == c10::prim::RaiseException;
    });
}

}  // namespace

bool truthOf(const ValueRef& condition, std::size_t sample) {
    const c10::IValue value = condition->interpreted(sample);
    return value.isTensor() ? value.toTensor().item<bool>() : value.toBool();
}

std::shared_ptr<const network::Graph> share(network::Graph graph) {
    return std::make_shared<const network::Graph>(std::move(graph));
}

ValueRef computedValue(const OnSamples& on, const std::string& edge) {
    auto value = std::make_shared<ScriptValue>();
    value->on = on;
    value->edge = edge;
    return value;
}

void requireEdges(const std::vector<ValueRef>& values, const char* where) {
    for (const ValueRef& value : values) {
        if (value->isSequence || !(value->sample().isTensor() || isNumber(value->sample()))) {
            throw TranslationError(
                std::string("a value that is neither a tensor nor a number comes out of ") + where +
                " that depends on the input");
        }
    }
}

void Translation::followIf(const jit::Node* node) {
    const ValueRef condition = meaning(node->input());
    const auto results = [&](const jit::Block* block) {
        std::vector<ValueRef> values;
        for (const jit::Value* output : block->outputs()) {
            values.push_back(meaning(output));
        }
        return values;
    };
    const jit::Block* yes = node->blocks()[0];
    const jit::Block* no = node->blocks()[1];
    const bool decided = condition->isFixed() || alwaysRaises(yes) || alwaysRaises(no);
    if (decided) {
        const jit::Block* taken = alwaysRaises(yes) && !condition->isFixed()  ? no
                                  : alwaysRaises(no) && !condition->isFixed() ? yes
                                  : truthOf(condition, 0)                     ? yes
                                                                              : no;
        follow(taken);
        const std::vector<ValueRef> values = results(taken);
        for (std::size_t i = 0; i < values.size(); ++i) {
            bind(node->output(i), values[i]);
        }
        return;
    }
    std::array<std::vector<ValueRef>, 2> made;
    std::array<std::shared_ptr<const network::Graph>, 2> bodies;
    for (std::size_t branch = 0; branch < 2; ++branch) {
        const jit::Block* block = branch == 0 ? yes : no;
        bodies[branch] = share(inBody([&] {
            follow(block);
            made[branch] = results(block);
            requireEdges(made[branch], "a branch");
            declareBodyOutputs(made[branch]);
        }));
    }
    enter(node);
    const std::vector<std::string> edges =
        emitMany("If", {edgeAs(condition, at::kBool)}, node->outputs().size(),
                 {{"then_branch", bodies[0]}, {"else_branch", bodies[1]}});
    for (std::size_t i = 0; i < edges.size(); ++i) {
        OnSamples on;
        for (std::size_t sample = 0; sample < kSamples; ++sample) {
            on[sample] = made[truthOf(condition, sample) ? 0 : 1][i]->on[sample];
        }
        bind(node->output(i), computedValue(on, edges[i]));
    }
}

}  // namespace bitloupe::execution::torchscript
