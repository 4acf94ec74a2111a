// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/execution/torchscript/control_flow.h"
#include "core/execution/torchscript/translation.h"

namespace bitloupe::execution::torchscript {

namespace {

namespace jit = torch::jit;

/// Turns of a loop that are written down one after the other.
constexpr std::int64_t kMostTurns = 10000;

bool liesIn(const jit::Value* value, const jit::Block* block) {
    for (const jit::Block* at = value->node()->owningBlock(); at != nullptr;
         at = at->owningNode() == nullptr ? nullptr : at->owningNode()->owningBlock()) {
        if (at == block) {
            return true;
        }
    }
    return false;
}

/// Lists from outside that the loop appends to.
std::vector<const jit::Value*> listsAppendedIn(const jit::Block* body) {
    std::vector<const jit::Value*> lists;
    for (const jit::Node* node : body->nodes()) {
        if (node->kind() == c10::aten::append && !liesIn(node->input(0), body)) {
            lists.push_back(node->input(0));
        }
    }
    return lists;
}

/// As many free dimensions as the value has.
std::vector<network::Dimension> freeShape(const ValueRef& value) {
    return std::vector<network::Dimension>(
        value->isTensor() ? static_cast<std::size_t>(value->sample().toTensor().dim()) : 0);
}

[[noreturn]] void refuseEnd() {
    throw TranslationError("a loop whose end depends on the data has no translation");
}

}  // namespace

/// A loop whose number of turns is known is written down turn by turn; another becomes Loop.
void Translation::followLoop(const jit::Node* node) {
    const ValueRef most = meaning(node->input(0));
    ValueRef goesOn = meaning(node->input(1));
    if (!most->isFixed() || !goesOn->isFixed()) {
        followCountedLoop(node);
        return;
    }
    const jit::Block* body = node->blocks()[0];
    std::vector<ValueRef> carried = carriedInto(node);
    const std::int64_t turns = most->sample().toInt();
    for (std::int64_t turn = 0; turn < turns && truthOf(goesOn, 0); ++turn) {
        if (turn >= kMostTurns) {
            throw TranslationError("a loop takes more than " + std::to_string(kMostTurns) +
                                   " turns");
        }
        bind(body->inputs()[0], fixedValue(turn));
        goesOn = followTurn(body, carried);
        if (!goesOn->isFixed()) {
            refuseEnd();
        }
    }
    for (std::size_t i = 0; i < carried.size(); ++i) {
        bind(node->output(i), carried[i]);
    }
}

std::vector<ValueRef> Translation::carriedInto(const jit::Node* node) const {
    std::vector<ValueRef> carried;
    for (std::size_t i = 2; i < node->inputs().size(); ++i) {
        carried.push_back(meaning(node->input(i)));
    }
    return carried;
}

ValueRef Translation::followTurn(const jit::Block* body, std::vector<ValueRef>& carried) {
    for (std::size_t i = 0; i < carried.size(); ++i) {
        bind(body->inputs()[i + 1], carried[i]);
    }
    follow(body);
    for (std::size_t i = 0; i < carried.size(); ++i) {
        carried[i] = meaning(body->outputs()[i + 1]);
    }
    return meaning(body->outputs()[0]);
}

/// for i in range(n) with an n that depends on the input. What the turns append to a list comes out
/// of the Loop as the rows of one tensor.
void Translation::followCountedLoop(const jit::Node* node) {
    const jit::Block* body = node->blocks()[0];
    const ValueRef most = meaning(node->input(0));
    if (!meaning(node->input(1))->isFixed() || !truthOf(meaning(node->input(1)), 0)) {
        refuseEnd();
    }
    std::vector<ValueRef> carried = carriedInto(node);
    requireEdges(carried, "a loop");
    std::vector<std::string> inputs = {edgeAs(most, at::kLong), ""};
    for (const ValueRef& value : carried) {
        inputs.push_back(edgeOf(value));
    }
    std::vector<ValueRef> lists;
    for (const jit::Value* list : listsAppendedIn(body)) {
        lists.push_back(meaning(list));
        if (!lists.back()->items.empty()) {
            throw TranslationError(
                "a loop that appends to a list with elements has no translation");
        }
    }
    // The first turn is written down as the body; then the samples are taken through the others.
    network::Graph graph = inBody([&] {
        const ValueRef turn = computedValue({std::int64_t{0}, std::int64_t{0}}, "");
        declareInput("turn", turn, {});
        bind(body->inputs()[0], turn);
        const ValueRef goOn = computedValue({true, true}, "");
        declareInput("go_on", goOn, {});
        for (ValueRef& value : carried) {
            value = computedValue(value->on, "");
            declareInput("carried", value, freeShape(value));
        }
        if (!followTurn(body, carried)->isFixed()) {
            refuseEnd();
        }
        std::vector<ValueRef> outputs = {goOn};
        outputs.insert(outputs.end(), carried.begin(), carried.end());
        for (const ValueRef& list : lists) {
            if (list->items.size() != 1) {
                throw TranslationError(
                    "a loop that appends several things to a list has no translation");
            }
            outputs.push_back(list->items.front());
        }
        requireEdges(outputs, "a loop");
        declareBodyOutputs(outputs);
    });
    takeSamplesThrough(node, carried, lists);
    enter(node);
    const std::vector<std::string> edges = emitMany("Loop", inputs, carried.size() + lists.size(),
                                                    {{"body", share(std::move(graph))}});
    for (std::size_t i = 0; i < carried.size(); ++i) {
        bind(node->output(i), computedValue(carried[i]->on, edges[i]));
    }
    for (std::size_t i = 0; i < lists.size(); ++i) {
        lists[i]->edge = edges[carried.size() + i];
    }
}

/// All turns but the first, which nobody writes down: the samples' values at the end, and what they
/// appended.
void Translation::takeSamplesThrough(const jit::Node* node, std::vector<ValueRef>& carried,
                                     const std::vector<ValueRef>& lists) {
    const jit::Block* body = node->blocks()[0];
    const ValueRef most = meaning(node->input(0));
    std::array<std::int64_t, kSamples> turns = {};
    for (std::size_t sample = 0; sample < kSamples; ++sample) {
        turns[sample] = most->interpreted(sample).toInt();
        if (turns[sample] < 1 || turns[sample] > kMostTurns) {
            throw TranslationError("a loop takes no turn, or too many, on a sample of the input");
        }
    }
    using Rows = std::array<std::vector<c10::IValue>, kSamples>;
    std::vector<Rows> rows(lists.size());
    const auto takeRow = [&](std::size_t sample) {
        for (std::size_t i = 0; i < lists.size(); ++i) {
            rows[i][sample].push_back(lists[i]->items.back()->interpreted(sample));
        }
    };
    const auto emptyLists = [&] {
        for (const ValueRef& list : lists) {
            list->items.clear();
        }
    };
    takeRow(0);
    takeRow(1);
    emptyLists();
    const network::Graph unused = inBody([&] {
        for (std::int64_t turn = 1; turn < std::max(turns[0], turns[1]); ++turn) {
            const std::vector<ValueRef> before = carried;
            for (ValueRef& value : carried) {
                value = computedValue(value->on, "unused");
            }
            bind(body->inputs()[0], computedValue({turn, turn}, "unused"));
            followTurn(body, carried);
            for (std::size_t sample = 0; sample < kSamples; ++sample) {
                if (turn < turns[sample]) {
                    takeRow(sample);
                    continue;
                }
                for (std::size_t i = 0; i < carried.size(); ++i) {
                    carried[i] = computedValue(carried[i]->on, "unused");
                    carried[i]->on[sample] = before[i]->on[sample];
                }
            }
            emptyLists();
        }
    });
    static_cast<void>(unused);
    for (std::size_t i = 0; i < lists.size(); ++i) {
        lists[i]->rows = std::move(rows[i]);
    }
}

}  // namespace bitloupe::execution::torchscript
