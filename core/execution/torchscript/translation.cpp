// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/translation.h"

#include <ATen/core/stack.h>
#include <torch/csrc/jit/api/object.h>

#include <algorithm>
#include <utility>

#include "core/execution/tensor_bridge.h"
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

namespace jit = torch::jit;

constexpr std::int64_t kOpset = 20;  // has Gelu and LayerNormalization
/// No sound network takes more; a script that loops forever must not fill the memory.
constexpr std::size_t kMostNodes = 200000;

/// The modules that the node was inlined from, "encoder.layer1".
std::string modulesOf(const jit::Node* node) {
    const auto stack = node->callstack();
    std::string path;
    for (const auto& entry : stack ? (*stack)->vec() : std::vector<jit::InlinedCallStackEntry>()) {
        const auto& instance = std::get<2>(entry);
        const std::string name = instance ? instance->instance_name() : std::string();
        const bool meaningful = !name.empty() && name != "SELF" &&
                                name.find("UNKNOWN") == std::string::npos &&
                                name.find("TOP") == std::string::npos;
        path += meaningful ? (path.empty() ? "" : ".") + name : std::string();
    }
    return path;
}

std::string placeOf(const jit::Node* node) {
    const auto place = node->sourceRange().file_line_col();
    return place ? std::get<0>(*place) + ", line " + std::to_string(std::get<1>(*place))
                 : std::string("line unknown");
}

/// Operators whose result only tells of shapes and types.
bool asksForShape(c10::Symbol kind) {
    static const std::set<std::string> kKinds = {"aten::size",
                                                 "aten::dim",
                                                 "aten::len",
                                                 "aten::numel",
                                                 "aten::is_floating_point",
                                                 "aten::stride",
                                                 "prim::dtype",
                                                 "prim::device",
                                                 "prim::layout",
                                                 "prim::is_cuda",
                                                 "aten::is_complex",
                                                 "prim::requires_grad",
                                                 "aten::sym_size",
                                                 "prim::is_quantized"};
    return kKinds.contains(kind.toQualString());
}

bool sameOnBoth(const OnSamples& on) {
    return !on[0].isTensor() && !on[0].isObject() && on[0] == on[1];
}

}  // namespace

Translation::Translation(std::string name) {
    m_graph.name = std::move(name);
    m_graph.opset = kOpset;
}

void Translation::bind(const jit::Value* value, ValueRef meaning) {
    m_meanings[value] = std::move(meaning);
}

ValueRef Translation::meaning(const jit::Value* value) const {
    const auto found = m_meanings.find(value);
    if (found == m_meanings.end()) {
        throw TranslationError("the script uses a value before it makes it");
    }
    return found->second;
}

void Translation::follow(const jit::Block* block) {
    for (const jit::Node* node : block->nodes()) {
        visit(node);
    }
}

void Translation::enter(const jit::Node* node) {
    const std::string kind = node->kind().toUnqualString();
    const std::string modules = modulesOf(node);
    m_scope = modules.empty() ? kind : modules + "/" + kind;
    m_place = placeOf(node);
}

void Translation::visit(const jit::Node* node) {
    enter(node);
    const c10::Symbol kind = node->kind();
    const auto input = [&](std::size_t i) { return meaning(node->input(i)); };
    if (kind == c10::prim::Constant) {
        bind(node->output(), fixedValue(*jit::toIValue(node->output()), node->output()->type()));
    } else if (kind == c10::prim::GetAttr) {
        getAttribute(node);
    } else if (kind == c10::prim::SetAttr) {
        setAttribute(node);
    } else if (kind == c10::prim::ListConstruct || kind == c10::prim::TupleConstruct) {
        std::vector<ValueRef> items;
        for (const jit::Value* item : node->inputs()) {
            items.push_back(meaning(item));
        }
        bind(node->output(), sequenceOf(std::move(items), node->output()->type()));
    } else if (kind == c10::prim::ListUnpack || kind == c10::prim::TupleUnpack) {
        const ValueRef sequence = input(0);
        if (sequence->items.size() != node->outputs().size()) {
            throw TranslationError("a list does not have as many elements as the script takes");
        }
        for (std::size_t i = 0; i < node->outputs().size(); ++i) {
            bind(node->output(i), sequence->items[i]);
        }
    } else if (kind == c10::prim::unchecked_cast || kind == c10::prim::unchecked_unwrap_optional ||
               kind == c10::aten::__getitem__) {
        // Of a list and a fixed number; the others are operators like any.
        const bool item = kind == c10::aten::__getitem__;
        if (item && (!input(0)->isSequence || input(0)->hasRows() || !input(1)->isFixed())) {
            operate(node);
            return;
        }
        ValueRef value = input(0);
        if (item) {
            const auto size = static_cast<std::int64_t>(value->items.size());
            const std::int64_t index = input(1)->sample().toInt();
            if (index >= size || index < -size) {
                throw TranslationError("the script reads beyond the end of a list");
            }
            value = value->items[static_cast<std::size_t>(index < 0 ? index + size : index)];
        }
        bind(node->output(), value);
    } else if (kind == c10::prim::TupleIndex) {
        bind(node->output(),
             input(0)->items.at(static_cast<std::size_t>(input(1)->sample().toInt())));
    } else if (kind == c10::prim::Uninitialized) {
        bind(node->output(), fixedValue(c10::IValue()));
    } else if (kind == c10::prim::If) {
        followIf(node);
    } else if (kind == c10::prim::Loop) {
        followLoop(node);
    } else if (kind == c10::prim::RaiseException) {
        throw TranslationError("the script raises an exception for inputs of this shape");
    } else if (kind == c10::aten::append) {
        if (input(0)->hasRows()) {
            throw TranslationError("a list that a loop filled is appended to");
        }
        input(0)->items.push_back(input(1));
        bind(node->output(), input(0));
    } else if (kind == c10::aten::slice && input(0)->isSequence) {
        sliceList(node);
    } else if (kind == c10::aten::list && input(0)->isSequence) {
        bind(node->output(), sequenceOf(input(0)->items, node->output()->type()));
    } else if (kind == c10::aten::warn || kind == c10::prim::Print) {
        return;
    } else {
        operate(node);
    }
}

/// list[start:end:step], of fixed numbers.
void Translation::sliceList(const jit::Node* node) {
    const ValueRef list = meaning(node->input(0));
    const auto size = static_cast<std::int64_t>(list->items.size());
    const auto number = [&](std::size_t i, std::int64_t otherwise) {
        const ValueRef value = meaning(node->input(i));
        if (value->isNone()) {
            return otherwise;
        }
        if (!value->fixed || list->hasRows()) {
            throw TranslationError(
                "a part of a list that only the input decides has no translation");
        }
        return value->sample().toInt();
    };
    const auto place = [&](std::int64_t given) {
        return std::clamp<std::int64_t>(given < 0 ? given + size : given, 0, size);
    };
    const std::int64_t step = number(3, 1);
    if (step < 1) {
        throw TranslationError("a list that is read backwards has no translation");
    }
    std::vector<ValueRef> items;
    for (std::int64_t i = place(number(1, 0)); i < place(number(2, size)); i += step) {
        items.push_back(list->items[static_cast<std::size_t>(i)]);
    }
    bind(node->output(), sequenceOf(std::move(items), node->output()->type()));
}

/// Attributes of modules are weights, numbers, lists, or modules again.
void Translation::getAttribute(const jit::Node* node) {
    const ValueRef owner = meaning(node->input());
    const std::string& name = node->s(c10::attr::name);
    if (!owner->sample().isObject()) {
        throw TranslationError("the script reads an attribute of something that is no module");
    }
    const c10::ivalue::Object& object = owner->sample().toObjectRef();
    if (const auto written = m_written.find({&object, name}); written != m_written.end()) {
        bind(node->output(), written->second);
        return;
    }
    const ValueRef value = fixedValue(object.getAttr(name), node->output()->type());
    value->path = owner->path.empty() ? name : owner->path + "." + name;
    for (std::size_t i = 0; i < value->items.size(); ++i) {
        value->items[i]->path = value->path + "." + std::to_string(i);
    }
    bind(node->output(), value);
}

/// Every call of the network is a first call: what one writes, it alone reads.
void Translation::setAttribute(const jit::Node* node) {
    const ValueRef owner = meaning(node->input(0));
    const std::string& name = node->s(c10::attr::name);
    if (!owner->sample().isObject() || m_bodies > 0) {
        throw TranslationError("the network keeps \"" + name +
                               "\" where the input decides: that has no translation");
    }
    m_written[{&owner->sample().toObjectRef(), name}] = meaning(node->input(1));
}

void Translation::operate(const jit::Node* node) {
    const jit::Operator* known = node->maybeOperator();
    const std::string name = node->kind().toQualString();
    if (known == nullptr) {
        throw TranslationError("the operator " + name + " has no translation");
    }
    Call call(*this, node);
    call.run();
    const bool allFixed = call.inputsAreFixed() && !node->isNondeterministic();
    const bool shapeOnly = asksForShape(node->kind());
    std::vector<ValueRef> results;
    for (std::size_t i = 0; i < node->outputs().size(); ++i) {
        const OnSamples& on = call.results(i);
        results.push_back(
            madeValue(on, allFixed || (shapeOnly && sameOnBoth(on)), node->output(i)->type()));
    }
    const bool fixed = std::all_of(results.begin(), results.end(),
                                   [](const ValueRef& result) { return result->isFixed(); });
    if (!fixed) {
        call.translate(results);
    }
    const bool inPlace = name.ends_with('_') && !name.ends_with("__") && !results.empty();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i == 0 && inPlace) {
            *call.value(0) = *results[0];
            results[0] = call.value(0);
        }
        bind(node->output(i), results[i]);
    }
}

network::Graph Translation::takeGraph() {
    m_graph.initializers = std::move(m_initializers);
    return std::move(m_graph);
}

std::string Translation::freshName(const std::string& wish) {
    std::string name = wish;
    for (int number = 2; !m_names.insert(name).second; ++number) {
        name = wish + "_" + std::to_string(number);
    }
    return name;
}

std::vector<std::string> Translation::emitMany(const std::string& type,
                                               std::vector<std::string> inputs, std::size_t outputs,
                                               Attributes attributes) {
    if (m_graph.nodes.size() >= kMostNodes) {
        throw TranslationError("the network has more than " + std::to_string(kMostNodes) +
                               " operations");
    }
    network::Node node;
    node.name = freshName(m_scope);
    node.operatorType = type;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i) {
        node.outputs.push_back(freshName(node.name + ":" + std::to_string(i)));
    }
    m_graph.nodes.push_back(node);
    return node.outputs;
}

std::string Translation::emit(const std::string& type, std::vector<std::string> inputs,
                              Attributes attributes) {
    return emitMany(type, std::move(inputs), 1, std::move(attributes)).front();
}

std::string Translation::store(const std::string& wish, const at::Tensor& tensor) {
    const std::string name = freshName(wish);
    const at::Tensor plain =
        tensor.is_quantized() ? tensor.dequantize() : tensor.detach().resolve_conj();
    m_initializers.insert_or_assign(name, toArray(plain));
    return name;
}

std::string Translation::integers(const std::vector<std::int64_t>& values) {
    std::string key = "[";
    for (const std::int64_t value : values) {
        key += std::to_string(value) + " ";
    }
    std::string& name = m_constants[key];
    if (name.empty()) {
        name = store("integers", at::tensor(values, at::kLong));
    }
    return name;
}

std::string Translation::integer(std::int64_t value) {
    std::string& name = m_constants[std::to_string(value)];
    if (name.empty()) {
        name = store("integer", at::scalar_tensor(value, at::kLong));
    }
    return name;
}

std::string Translation::edgeOf(const ValueRef& value) {
    if (value->isSequence) {
        throw TranslationError("a list stands where a tensor is needed");
    }
    if (value->edge.empty()) {
        const bool tensor = value->sample().isTensor();
        if (!value->fixed || !(tensor || isNumber(value->sample()))) {
            throw TranslationError("a value cannot be written down as a tensor");
        }
        value->edge = store(value->path.empty() ? "constant" : value->path,
                            tensor ? value->sample().toTensor() : numberTensor(value->sample()));
    }
    return value->edge;
}

std::string Translation::edgeAs(const ValueRef& value, at::ScalarType type) {
    const at::ScalarType own = scalarTypeOf(value->sample());
    if (own == type) {
        return edgeOf(value);
    }
    if (value->fixed && value->edge.empty()) {
        const at::Tensor tensor =
            value->sample().isTensor() ? value->sample().toTensor() : numberTensor(value->sample());
        return store(value->path.empty() ? "constant" : value->path, tensor.to(type));
    }
    return cast(edgeOf(value), type);
}

std::string Translation::cast(const std::string& edge, at::ScalarType type) {
    return emit("Cast", {edge}, {{"to", onnxType(type)}});
}

std::string Translation::shapeOf(const std::vector<ValueRef>& lengths) {
    std::vector<std::int64_t> known;
    for (const ValueRef& length : lengths) {
        if (!length->fixed) {
            break;
        }
        known.push_back(length->sample().isTensor()
                            ? length->sample().toTensor().item<std::int64_t>()
                            : length->sample().toInt());
    }
    if (known.size() == lengths.size()) {
        return integers(known);
    }
    std::vector<std::string> parts;
    for (const ValueRef& length : lengths) {
        const std::string edge = edgeAs(length, at::kLong);
        parts.push_back(emit("Reshape", {edge, integers({1})}));
    }
    return parts.size() == 1 ? parts.front() : emit("Concat", parts, {{"axis", std::int64_t{0}}});
}

std::int64_t onnxType(at::ScalarType type) {
    switch (type) {
        case at::kFloat:
            return 1;
        case at::kByte:
            return 2;
        case at::kChar:
            return 3;
        case at::kShort:
            return 5;
        case at::kInt:
            return 6;
        case at::kLong:
            return 7;
        case at::kBool:
            return 9;
        case at::kHalf:
            return 10;
        case at::kDouble:
            return 11;
        case at::kBFloat16:
            return 16;
        default:
            throw TranslationError(std::string("tensors of type ") + c10::toString(type) +
                                   " have no translation");
    }
}

bool isNumber(const c10::IValue& value) {
    return value.isInt() || value.isDouble() || value.isBool();
}

at::ScalarType scalarTypeOf(const c10::IValue& value) {
    if (value.isTensor()) {
        return value.toTensor().scalar_type();
    }
    return value.isInt() ? at::kLong : value.isBool() ? at::kBool : at::kFloat;
}

at::Tensor numberTensor(const c10::IValue& value) {
    return at::scalar_tensor(value.toScalar(), scalarTypeOf(value));
}

namespace {

ElementType elementTypeOf(at::ScalarType type) {
    return toArray(at::empty({0}, type)).type();
}

}  // namespace

void Translation::declareInput(const std::string& name, const ValueRef& value,
                               const std::vector<network::Dimension>& shape) {
    value->edge = freshName(name);
    network::ValueInfo info;
    info.name = value->edge;
    info.type = elementTypeOf(scalarTypeOf(value->sample()));
    info.shape = shape;
    m_graph.inputs.push_back(std::move(info));
}

void Translation::declareOutput(const std::string& name, const ValueRef& value) {
    m_scope = name;
    network::ValueInfo info;
    info.name = emit("Identity", {edgeOf(value)});
    info.type = elementTypeOf(scalarTypeOf(value->sample()));
    if (value->isTensor()) {
        const at::Tensor first = value->on[0].toTensor();
        const at::Tensor second = value->on[1].toTensor();
        for (std::int64_t i = 0; i < first.dim(); ++i) {
            const bool same = second.dim() == first.dim() && first.size(i) == second.size(i);
            info.shape.push_back({same ? std::optional(first.size(i)) : std::nullopt, ""});
        }
    }
    m_graph.outputs.push_back(std::move(info));
}

void Translation::declareBodyOutputs(const std::vector<ValueRef>& values) {
    for (const ValueRef& value : values) {
        network::ValueInfo info;
        info.name = emit("Identity", {edgeOf(value)});
        info.type = elementTypeOf(scalarTypeOf(value->sample()));
        m_graph.outputs.push_back(std::move(info));
    }
}

}  // namespace bitloupe::execution::torchscript
