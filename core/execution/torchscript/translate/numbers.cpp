// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

/// A conversion between numbers, or between a number and a tensor that holds one.
void convert(Call& call) {
    const at::ScalarType type = call.resultType();
    std::string edge = call.edgeAs(0, type);
    if (call.value(0)->isTensor() && call.rank(0) > 0) {
        edge = call.emit("Reshape", {edge, call.integers({})});
    }
    call.give(edge);
}

void negate(Call& call) {
    call.give(call.emit("Neg", {call.edge(0)}));
}

void pass(Call& call) {
    call.pass(0);
}

/// len(x): the length of the first dimension.
void length(Call& call) {
    const bool rows = call.value(0)->hasRows();
    const std::string sizes = call.emit("Shape", {rows ? call.value(0)->edge : call.edge(0)});
    call.give(call.emit("Gather", {sizes, call.translation().integer(0)}));
}

void elementCount(Call& call) {
    call.give(call.emit("Size", {call.edge(0)}));
}

/// Iterations of range(start, stop, step): ceil((stop - start) / step), at least 0.
void rangeLength(Call& call) {
    const std::int64_t step = call.integer(2);
    if (step <= 0) {
        throw TranslationError("a range that counts down has no translation");
    }
    Translation& to = call.translation();
    const std::string way = call.emit("Sub", {call.edge(1), call.edge(0)});
    const std::string raised = call.emit("Add", {way, to.integer(step - 1)});
    const std::string count = call.emit("Div", {raised, to.integer(step)});
    call.give(call.emit("Max", {count, to.integer(0)}));
}

/// Element `i` of range(start, stop, step).
void rangeElement(Call& call) {
    const std::string way = call.emit("Mul", {call.edge(0), call.edge(2)});
    call.give(call.emit("Add", {call.edge(1), way}));
}

}  // namespace

void addNumbers(Translators& table) {
    for (const char* name :
         {"aten::Int", "aten::Float", "aten::Bool", "aten::IntImplicit", "aten::FloatImplicit",
          "aten::ScalarImplicit", "aten::item", "prim::NumToTensor", "aten::tensor",
          "aten::scalar_tensor", "aten::as_tensor"}) {
        table[name] = convert;
    }
    table["aten::neg"] = negate;
    table["prim::tolist"] = pass;
    table["aten::len"] = length;
    table["aten::numel"] = elementCount;
    table["aten::__range_length"] = rangeLength;
    table["aten::__derive_index"] = rangeElement;
}

}  // namespace bitloupe::execution::torchscript
