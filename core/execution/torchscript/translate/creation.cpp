// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

/// A tensor of one number, in the shape that argument `shape` lists.
void filled(Call& call, std::size_t shape, const std::string& number) {
    call.give(call.emit("Expand", {number, call.translation().shapeOf(call.value(shape)->items)}));
}

Translator filledWith(double number, std::size_t shape = 0) {
    return [=](Call& call) { filled(call, shape, call.number(number, call.resultType())); };
}

Translator filledLike(double number) {
    return [=](Call& call) {
        call.give(call.emit("Expand", {call.number(number, call.resultType()),
                                       call.emit("Shape", {call.edge(0)})}));
    };
}

void full(Call& call) {
    filled(call, 0, call.edgeAs(1, call.resultType()));
}

void newFull(Call& call) {
    filled(call, 1, call.edgeAs(2, call.resultType()));
}

void fullLike(Call& call) {
    call.give(call.emit("Expand",
                        {call.edgeAs(1, call.resultType()), call.emit("Shape", {call.edge(0)})}));
}

/// fill_(x, number): the same shape, another content.
void fill(Call& call) {
    fullLike(call);
}

/// arange(end), arange(start, end) and arange(start, end, step), each with options behind.
void range(Call& call) {
    const std::string overload = call.overload();
    const at::ScalarType type = call.resultType();
    const bool hasStart = overload.starts_with("start");
    const bool hasStep = overload == "start_step";
    const auto number = [&](std::size_t i) { return call.edgeAs(i, type); };
    call.give(
        call.emit("Range", {hasStart ? number(0) : call.number(0, type), number(hasStart ? 1 : 0),
                            hasStep ? number(2) : call.number(1, type)}));
}

/// The samples' values say nothing: an uninitialized tensor is filled before it is used.
void empty(Call& call) {
    filled(call, 0, call.number(0, call.resultType()));
}

}  // namespace

void addCreation(Translators& table) {
    table["aten::zeros"] = filledWith(0);
    table["aten::ones"] = filledWith(1);
    table["aten::empty"] = empty;
    table["aten::new_zeros"] = filledWith(0, 1);
    table["aten::new_ones"] = filledWith(1, 1);
    table["aten::new_full"] = newFull;
    table["aten::zeros_like"] = filledLike(0);
    table["aten::ones_like"] = filledLike(1);
    table["aten::empty_like"] = filledLike(0);
    table["aten::zero_"] = filledLike(0);
    table["aten::full"] = full;
    table["aten::full_like"] = fullLike;
    table["aten::fill"] = fill;
    table["aten::arange"] = range;
}

}  // namespace bitloupe::execution::torchscript
