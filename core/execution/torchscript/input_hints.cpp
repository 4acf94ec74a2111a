// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/input_hints.h"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

namespace bitloupe::execution::torchscript {

namespace {

namespace jit = torch::jit;

/// Lengths of sides of images, and of sequences, that networks are made for.
constexpr std::int64_t kSides[] = {32, 28, 224, 64,  96,  128, 256, 299,
                                   16, 48, 320, 416, 640, 8,   512};
constexpr std::int64_t kLengths[] = {128, 512, 16, 1024, 64, 256, 32, 16000, 8, 4096, 100, 490};

/// The module, attributes of modules, constants, and weights that are only turned.
std::optional<c10::IValue> storedValue(const Script& script, const jit::Value* value) {
    const jit::Node* node = value->node();
    if (value == script.graph->inputs()[0]) {
        return script.module._ivalue();
    }
    if (node->kind() == c10::prim::Constant) {
        return jit::toIValue(value);
    }
    if (node->kind() == c10::aten::t) {
        const auto matrix = storedValue(script, node->input(0));
        return matrix && matrix->isTensor() ? std::optional<c10::IValue>(matrix->toTensor().t())
                                            : std::nullopt;
    }
    if (node->kind() == c10::prim::GetAttr) {
        const auto owner = storedValue(script, node->input());
        return owner && owner->isObject() ? std::optional<c10::IValue>(owner->toObjectRef().getAttr(
                                                node->s(c10::attr::name)))
                                          : std::nullopt;
    }
    return std::nullopt;
}

std::optional<at::Tensor> storedTensor(const Script& script, const jit::Value* value) {
    const auto stored = storedValue(script, value);
    return stored && stored->isTensor() ? std::optional<at::Tensor>(stored->toTensor())
                                        : std::nullopt;
}

void addImages(InputCandidates& found, std::int64_t channels, std::size_t places) {
    for (const std::int64_t side :
         places == 1 ? std::vector<std::int64_t>(std::begin(kLengths), std::end(kLengths))
                     : std::vector<std::int64_t>(std::begin(kSides), std::end(kSides))) {
        Shape shape = {2, channels};
        shape.insert(shape.end(), places, side);
        found.shapes.push_back(shape);
    }
}

void addFeatures(InputCandidates& found, std::int64_t features) {
    found.shapes.push_back({2, features});
    for (const std::int64_t length : {16, 128, 8, 197}) {
        found.shapes.push_back({2, length, features});
    }
}

/// Nothing is known: small vectors, matrices, sequences and images.
void addAnything(InputCandidates& found) {
    found.shapes.push_back({2});
    for (const std::int64_t features : {1, 2, 3, 4, 8, 10, 16}) {
        found.shapes.push_back({2, features});
    }
    for (const std::int64_t channels : {1, 2, 3, 4}) {
        found.shapes.push_back({2, channels, 128});
    }
    for (const std::int64_t channels : {3, 1}) {
        addImages(found, channels, 2);
    }
    for (const std::int64_t length : kLengths) {
        found.shapes.push_back({2, length});
    }
}

/// What the use of a value tells of it; nothing when it tells nothing.
std::optional<InputCandidates> hintOf(const Script& script, const jit::Use& use) {
    const jit::Node* node = use.user;
    const std::string kind = node->kind().toQualString();
    const auto tensorAt = [&](std::size_t i) { return storedTensor(script, node->input(i)); };
    InputCandidates found;
    const bool convolution = kind.starts_with("aten::conv") || kind == "aten::_convolution";
    if (convolution && use.offset == 0) {
        if (const auto weight = tensorAt(1)) {
            const bool transposed = kind.find("transpose") != std::string::npos;
            const std::size_t groupsAt = kind.ends_with("d") ? 6 : 8;
            const auto groups = storedValue(script, node->input(groupsAt));
            const std::int64_t channels =
                transposed ? weight->size(0)
                           : weight->size(1) * (groups && groups->isInt() ? groups->toInt() : 1);
            addImages(found, channels, static_cast<std::size_t>(weight->dim()) - 2);
            return found;
        }
    }
    if (kind == "aten::linear" && use.offset == 0 && tensorAt(1)) {
        addFeatures(found, tensorAt(1)->size(1));
        return found;
    }
    if ((kind == "aten::matmul" || kind == "aten::mm") && use.offset == 0 && tensorAt(1)) {
        addFeatures(found, tensorAt(1)->size(0));
        return found;
    }
    if (kind == "aten::addmm" && use.offset == 1 && tensorAt(2)) {
        addFeatures(found, tensorAt(2)->size(0));
        return found;
    }
    if (kind == "aten::embedding" && use.offset == 1 && tensorAt(0)) {
        found.words = tensorAt(0)->size(0);
        for (const std::int64_t length : {16, 8, 32, 64, 128}) {
            found.shapes.push_back({2, length});
        }
        found.shapes.push_back({2});
        return found;
    }
    if (kind == "aten::batch_norm" && use.offset == 0 && tensorAt(3)) {
        const std::int64_t channels = tensorAt(3)->numel();
        addImages(found, channels, 1);
        found.shapes.push_back({2, channels});
        addImages(found, channels, 2);
        return found;
    }
    if (kind == "aten::layer_norm" && use.offset == 0 && tensorAt(2)) {
        addFeatures(found, tensorAt(2)->size(-1));
        return found;
    }
    const bool recurrent =
        kind == "aten::lstm" || kind == "aten::gru" || kind.starts_with("aten::rnn_");
    if (recurrent && use.offset == 0 && !kind.ends_with("cell")) {
        const jit::Node* list = node->input(2)->node();
        const auto held = storedValue(script, node->input(2));
        const auto weight =
            held && held->isTensorList() ? std::optional<at::Tensor>(held->toTensorVector().at(0))
            : list->kind() == c10::prim::ListConstruct ? storedTensor(script, list->input(0))
                                                       : std::nullopt;
        if (weight) {
            for (const std::int64_t length : {16, 8}) {
                found.shapes.push_back({2, length, weight->size(1)});
            }
            return found;
        }
    }
    if (kind.ends_with("_cell") && use.offset == 0 && tensorAt(2)) {
        found.shapes.push_back({2, tensorAt(2)->size(1)});
        return found;
    }
    return std::nullopt;
}

/// Operators whose result has the shape of what goes in.
bool keepsShape(const std::string& kind) {
    static const std::set<std::string> kKinds = {
        "aten::relu",    "aten::to",          "aten::contiguous",
        "aten::float",   "aten::add",         "aten::sub",
        "aten::mul",     "aten::div",         "aten::dropout",
        "aten::clamp",   "aten::detach",      "aten::clone",
        "aten::sigmoid", "aten::tanh",        "aten::neg",
        "aten::type_as", "aten::masked_fill", "prim::unchecked_cast",
        "aten::log",     "aten::log1p",       "aten::cpu",
        "aten::long"};
    return kKinds.contains(kind);
}

}  // namespace

InputCandidates candidatesFor(const Script& script, const jit::Value* input) {
    std::deque<const jit::Value*> waiting = {input};
    std::set<const jit::Value*> seen;
    while (!waiting.empty()) {
        const jit::Value* value = waiting.front();
        waiting.pop_front();
        if (!seen.insert(value).second) {
            continue;
        }
        for (const jit::Use& use : value->uses()) {
            if (auto hint = hintOf(script, use)) {
                return *hint;
            }
            if (use.user->kind() == c10::prim::Return) {  // of a branch
                const jit::Node* owner = use.user->owningBlock()->owningNode();
                if (owner != nullptr && owner->kind() == c10::prim::If) {
                    waiting.push_back(owner->output(use.offset));
                }
            } else if (use.offset == 0 && keepsShape(use.user->kind().toQualString())) {
                // (The second operand of a product may be a mask, which is stretched.)
                waiting.push_back(use.user->output(0));
            }
        }
    }
    InputCandidates anything;
    addAnything(anything);
    return anything;
}

std::vector<std::int64_t> numbersFor(const jit::Value* input) {
    std::vector<std::int64_t> numbers;
    for (const jit::Use& use : input->uses()) {
        const c10::Symbol kind = use.user->kind();
        if (kind != c10::aten::eq && kind != c10::aten::ne) {
            continue;
        }
        const auto number = jit::constant_as<std::int64_t>(use.user->input(1 - use.offset));
        if (number && std::find(numbers.begin(), numbers.end(), *number) == numbers.end()) {
            numbers.push_back(*number);
        }
    }
    return numbers;
}

}  // namespace bitloupe::execution::torchscript
