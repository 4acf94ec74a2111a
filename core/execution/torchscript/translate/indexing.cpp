// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

/// The numbers that slices and the like take, [1].
std::string asVector(Call& call, std::size_t i, std::int64_t otherwise) {
    return call.isNone(i) ? call.integers({otherwise})
                          : call.translation().shapeOf({call.value(i)});
}

/// slice(x, axis, start, end, step).
void slice(Call& call) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    const bool whole = (call.isNone(2) || (call.value(2)->fixed && call.integer(2) == 0)) &&
                       (call.isNone(3) || (call.value(3)->fixed && call.integer(3) == kEnd)) &&
                       (call.isNone(4) || call.integer(4) == 1);
    if (whole) {
        call.pass(0);
        return;
    }
    call.give(call.emit("Slice", {call.edge(0), asVector(call, 2, 0), asVector(call, 3, kEnd),
                                  call.integers({call.axis(1)}), asVector(call, 4, 1)}));
}

void select(Call& call) {
    call.give(
        call.emit("Gather", {call.edge(0), call.edgeAs(2, at::kLong)}, {{"axis", call.axis(1)}}));
}

void narrow(Call& call) {
    const std::string start = call.translation().shapeOf({call.value(2)});
    const std::string length = call.translation().shapeOf({call.value(3)});
    call.give(call.emit("Slice", {call.edge(0), start, call.emit("Add", {start, length}),
                                  call.integers({call.axis(1)})}));
}

void indexSelect(Call& call) {
    call.give(call.emit("Gather", {call.edge(0), call.edge(2)}, {{"axis", call.axis(1)}}));
}

void gather(Call& call) {
    call.give(call.emit("GatherElements", {call.edge(0), call.edge(2)}, {{"axis", call.axis(1)}}));
}

void scatter(Call& call) {
    if (!call.value(3)->isTensor()) {
        throw TranslationError("scatter of a number has no translation");
    }
    call.give(call.emit("ScatterElements", {call.edge(0), call.edge(2), call.edge(3)},
                        {{"axis", call.axis(1)}}));
}

void scatterAdd(Call& call) {
    call.give(call.emit("ScatterElements", {call.edge(0), call.edge(2), call.edge(3)},
                        {{"axis", call.axis(1)}, {"reduction", std::string("add")}}));
}

/// embedding(table, places, ...).
void embedding(Call& call) {
    call.give(call.emit("Gather", {call.edge(0), call.edge(1)}, {{"axis", std::int64_t{0}}}));
}

/// Boolean masks pick a number of elements that depends on the data.
void requireIntegers(const at::Tensor& index) {
    if (index.scalar_type() == at::kBool || index.scalar_type() == at::kByte) {
        throw TranslationError("picking elements by a mask has no translation");
    }
}

/// index(x, [i0, None, i2 ...]): one index along one axis is a Gather; several that stand together
/// at the front are a GatherND.
void index(Call& call) {
    std::vector<std::size_t> places;
    const std::vector<ValueRef>& indices = call.value(1)->items;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (!indices[i]->isNone()) {
            requireIntegers(indices[i]->sample().toTensor());
            places.push_back(i);
        }
    }
    if (places.size() == 1) {
        call.give(call.emit(
            "Gather", {call.edge(0), call.translation().edgeAs(indices[places[0]], at::kLong)},
            {{"axis", static_cast<std::int64_t>(places[0])}}));
        return;
    }
    if (places.empty() || places.back() + 1 != places.size()) {
        throw TranslationError(
            "indices along axes that do not stand at the front have no translation");
    }
    std::string shape;  // of all indices together
    for (const ValueRef& one : indices) {
        const std::string own = call.translation().edgeAs(one, at::kLong);
        shape = shape.empty() ? own : call.emit("Add", {shape, own});
    }
    shape = call.emit("Shape", {shape});
    std::vector<std::string> columns;
    for (const ValueRef& one : indices) {
        const std::string wide =
            call.emit("Expand", {call.translation().edgeAs(one, at::kLong), shape});
        columns.push_back(call.emit("Unsqueeze", {wide, call.integers({-1})}));
    }
    call.give(call.emit(
        "GatherND", {call.edge(0), call.emit("Concat", columns, {{"axis", std::int64_t{-1}}})}));
}

void triangle(Call& call, bool upper) {
    call.give(call.emit("Trilu", {call.edge(0), call.translation().integer(call.integer(1))},
                        {{"upper", std::int64_t{upper ? 1 : 0}}}));
}

void oneHot(Call& call) {
    const std::int64_t classes = call.result().size(-1);
    const std::string values =
        call.translation().store("constant", at::tensor(Integers{0, 1}, at::kLong));
    call.give(call.emit("OneHot", {call.edge(0), call.translation().integer(classes), values}));
}

/// A row of what a loop appended to a list.
void item(Call& call) {
    if (!call.value(0)->hasRows()) {
        throw TranslationError(
            "an element of a list that only the input decides has no translation");
    }
    call.give(call.emit("Gather", {call.value(0)->edge, call.edgeAs(1, at::kLong)}));
}

}  // namespace

void addIndexing(Translators& table) {
    table["aten::slice"] = slice;
    table["aten::select"] = select;
    table["aten::narrow"] = narrow;
    table["aten::index_select"] = indexSelect;
    table["aten::gather"] = gather;
    table["aten::scatter"] = scatter;
    table["aten::scatter_add"] = scatterAdd;
    table["aten::embedding"] = embedding;
    table["aten::index"] = index;
    table["aten::triu"] = [](Call& call) { triangle(call, true); };
    table["aten::tril"] = [](Call& call) { triangle(call, false); };
    table["aten::one_hot"] = oneHot;
    table["aten::__getitem__"] = item;
}

}  // namespace bitloupe::execution::torchscript
