// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

void pass(Call& call) {
    call.pass(0);
}

/// Whether both samples have the same length there.
bool sameLength(const ValueRef& tensor, std::int64_t axis) {
    return tensor->on[0].toTensor().size(axis) == tensor->on[1].toTensor().size(axis);
}

void giveSize(Call& call, const ValueRef& length, std::int64_t axis) {
    const std::string& tensor = call.edge(0);
    const std::string sizes = call.emit("Shape", {tensor});
    length->edge = call.emit("Gather", {sizes, call.translation().integer(axis)});
    length->sizeOfEdge = tensor;
    length->sizeOfAxis = axis;
}

/// size(x, axis), and size(x) as a list of which only what changes with the input is computed.
void size(Call& call) {
    if (!call.given()->isSequence) {
        giveSize(call, call.given(), call.axis(1));
        return;
    }
    const std::vector<ValueRef>& lengths = call.given()->items;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const auto axis = static_cast<std::int64_t>(i);
        if (sameLength(call.value(0), axis)) {
            lengths[i]->fixed = true;
        } else {
            giveSize(call, lengths[i], axis);
        }
    }
}

/// Reshape copies a dimension for 0 and finds one for -1: most shapes need no more.
std::string plainShape(Call& call, const std::vector<ValueRef>& lengths) {
    const std::string tensor = call.edge(0);
    Integers shape;
    std::size_t found = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const bool copied = !lengths[i]->edge.empty() && lengths[i]->sizeOfEdge == tensor &&
                            lengths[i]->sizeOfAxis == static_cast<std::int64_t>(i);
        if (!lengths[i]->fixed && !copied) {
            ++found;
            shape.push_back(-1);
        } else if (copied) {
            shape.push_back(0);
        } else {
            shape.push_back(lengths[i]->sample().toInt());
            found += shape.back() == -1 ? 1 : 0;
            found += shape.back() == 0 ? 2 : 0;  // a length of zero is not a copy
        }
    }
    return found <= 1 ? call.integers(shape) : std::string();
}

void reshape(Call& call) {
    const std::vector<ValueRef>& lengths = call.value(1)->items;
    std::string shape = plainShape(call, lengths);
    if (shape.empty()) {
        shape = call.translation().shapeOf(lengths);
    }
    call.give(call.emit("Reshape", {call.edge(0), shape}));
}

/// The shape of `wanted` without the dimensions that the samples agree on being computed: what is
/// fixed is written down, one free dimension is found by Reshape.
std::string shapeLike(Call& call, const OnSamples& wanted) {
    const at::Tensor first = wanted[0].toTensor();
    const at::Tensor second = wanted[1].toTensor();
    Integers shape;
    std::size_t free = 0;
    for (std::int64_t i = 0; i < first.dim(); ++i) {
        const bool same = first.size(i) == second.size(i);
        shape.push_back(same ? first.size(i) : -1);
        free += same && first.size(i) != 0 ? 0U : 1U;
    }
    return free <= 1 ? call.integers(shape) : std::string();
}

/// flatten(x, first, last).
void flatten(Call& call) {
    if (const std::string shape = shapeLike(call, call.results(0)); !shape.empty()) {
        call.give(call.emit("Reshape", {call.edge(0), shape}));
        return;
    }
    const std::int64_t first = call.axis(1);
    const std::int64_t last = call.axis(2);
    Integers shape(static_cast<std::size_t>(first), 0);
    shape.push_back(-1);
    if (last + 1 == call.rank(0)) {
        call.give(call.emit("Reshape", {call.edge(0), call.integers(shape)}));
        return;
    }
    const std::string sizes = call.emit("Shape", {call.edge(0)});
    const std::string tail =
        call.emit("Slice", {sizes, call.integers({last + 1}), call.integers({call.rank(0)})});
    call.give(call.emit("Reshape", {call.edge(0), call.emit("Concat", {call.integers(shape), tail},
                                                            {{"axis", std::int64_t{0}}})}));
}

void unflatten(Call& call) {
    const std::string shape = shapeLike(call, call.results(0));
    if (shape.empty()) {
        throw TranslationError("unflatten with several free dimensions has no translation");
    }
    call.give(call.emit("Reshape", {call.edge(0), shape}));
}

/// Of the axes that are named, those of length 1.
void squeeze(Call& call) {
    Integers axes;
    const at::Tensor x = call.tensor(0);
    if (call.arguments() > 1) {
        for (const std::int64_t given : call.integerList(1)) {
            const std::int64_t axis = given < 0 ? given + x.dim() : given;
            if (x.size(axis) == 1) {
                axes.push_back(axis);
            }
        }
    } else {
        for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
            if (x.size(axis) == 1) {
                axes.push_back(axis);
            }
        }
    }
    if (axes.empty()) {
        call.pass(0);
        return;
    }
    call.give(call.emit("Squeeze", {call.edge(0), call.integers(axes)}));
}

void unsqueeze(Call& call) {
    const std::int64_t given = call.integer(1);
    const std::int64_t axis = given < 0 ? given + call.rank(0) + 1 : given;
    call.give(call.emit("Unsqueeze", {call.edge(0), call.integers({axis})}));
}

void transpose(Call& call) {
    const std::int64_t rank = call.rank(0);
    Integers order(static_cast<std::size_t>(rank));
    for (std::int64_t i = 0; i < rank; ++i) {
        order[static_cast<std::size_t>(i)] = i;
    }
    const bool simple = call.arguments() < 3;  // t(x)
    if (rank >= 2) {
        const std::int64_t a = simple ? 0 : call.axis(1);
        const std::int64_t b = simple ? 1 : call.axis(2);
        std::swap(order[static_cast<std::size_t>(a)], order[static_cast<std::size_t>(b)]);
    }
    call.give(call.emit("Transpose", {call.edge(0)}, {{"perm", order}}));
}

void permute(Call& call) {
    Integers order = call.integerList(1);
    for (std::int64_t& axis : order) {
        axis = axis < 0 ? axis + call.rank(0) : axis;
    }
    call.give(call.emit("Transpose", {call.edge(0)}, {{"perm", order}}));
}

/// -1 keeps a dimension, which Expand writes as 1.
void expand(Call& call) {
    std::vector<ValueRef> lengths = call.value(1)->items;
    for (ValueRef& length : lengths) {
        if (length->fixed && length->sample().toInt() == -1) {
            length = fixedValue(std::int64_t{1});
        }
    }
    call.give(call.emit("Expand", {call.edge(0), call.translation().shapeOf(lengths)}));
}

void expandAs(Call& call) {
    call.give(call.emit("Expand", {call.edge(0), call.emit("Shape", {call.edge(1)})}));
}

void viewAs(Call& call) {
    call.give(call.emit("Reshape", {call.edge(0), call.emit("Shape", {call.edge(1)})}));
}

void repeat(Call& call) {
    const std::vector<ValueRef>& times = call.value(1)->items;
    std::string x = call.edge(0);
    const auto missing = static_cast<std::int64_t>(times.size()) - call.rank(0);
    if (missing > 0) {
        Integers axes;
        for (std::int64_t i = 0; i < missing; ++i) {
            axes.push_back(i);
        }
        x = call.emit("Unsqueeze", {x, call.integers(axes)});
    }
    call.give(call.emit("Tile", {x, call.translation().shapeOf(times)}));
}

std::vector<std::string> edgesOfItems(Call& call, at::ScalarType type) {
    std::vector<std::string> edges;
    for (const ValueRef& item : call.value(0)->items) {
        const bool empty =
            item->sample().toTensor().dim() == 1 && item->sample().toTensor().numel() == 0;
        if (!empty || call.result().dim() == 1) {  // PyTorch's cat skips empty vectors
            edges.push_back(call.translation().edgeAs(item, type));
        }
    }
    return edges;
}

/// The rows [turns, ...] of a loop joined along `axis` of a row, which comes to stand behind them.
void joinRows(Call& call, std::int64_t axis, bool merge) {
    const at::Tensor result = call.result();
    Integers order;
    for (std::int64_t i = 1; i <= axis; ++i) {
        order.push_back(i);
    }
    order.push_back(0);
    const std::int64_t rank = result.dim() + (merge ? 1 : 0);
    for (std::int64_t i = axis + 1; i < rank; ++i) {
        order.push_back(i);
    }
    std::string edge = call.value(0)->edge;
    edge = axis == 0 ? edge : call.emit("Transpose", {edge}, {{"perm", order}});
    if (merge) {
        Integers shape(static_cast<std::size_t>(axis), 0);
        shape.push_back(-1);
        for (std::int64_t i = axis + 1; i < result.dim(); ++i) {
            if (result.size(i) != call.results(0)[1].toTensor().size(i)) {
                throw TranslationError("joining rows of a free length has no translation");
            }
            shape.push_back(result.size(i));
        }
        edge = call.emit("Reshape", {edge, call.integers(shape)});
    }
    call.give(edge);
}

void concatenate(Call& call) {
    const std::int64_t given = call.integer(1);
    const std::int64_t axis = given < 0 ? given + call.result().dim() : given;
    if (call.value(0)->hasRows()) {
        joinRows(call, axis, true);
        return;
    }
    call.give(call.emit("Concat", edgesOfItems(call, call.resultType()), {{"axis", axis}}));
}

void stack(Call& call) {
    const std::int64_t given = call.integer(1);
    const std::int64_t axis = given < 0 ? given + call.result().dim() : given;
    if (call.value(0)->hasRows()) {
        joinRows(call, axis, false);
        return;
    }
    std::vector<std::string> raised;
    for (const ValueRef& item : call.value(0)->items) {
        raised.push_back(call.emit("Unsqueeze", {call.translation().edgeAs(item, call.resultType()),
                                                 call.integers({axis})}));
    }
    call.give(call.emit("Concat", raised, {{"axis", axis}}));
}

/// chunk, split and the like: the interpreter knows how long the parts are.
void split(Call& call, std::int64_t axis) {
    const std::vector<ValueRef>& parts = call.given()->items;
    Integers lengths;
    for (const ValueRef& part : parts) {
        if (!sameLength(part, axis)) {
            throw TranslationError(
                "a tensor is split into parts whose length changes with the input");
        }
        lengths.push_back(part->sample().toTensor().size(axis));
    }
    call.giveItems(call.translation().emitMany("Split", {call.edge(0), call.integers(lengths)},
                                               parts.size(), {{"axis", axis}}));
}

void splitAlongThird(Call& call) {
    split(call, call.axis(2));
}

void unbind(Call& call) {
    const std::int64_t axis = call.axis(1);
    std::vector<std::string> edges;
    for (std::size_t i = 0; i < call.given()->items.size(); ++i) {
        edges.push_back(call.emit(
            "Gather", {call.edge(0), call.translation().integer(static_cast<std::int64_t>(i))},
            {{"axis", axis}}));
    }
    call.giveItems(edges);
}

/// The spatial padding of PyTorch goes from the last dimension to the first, in pairs.
void pad(Call& call, const char* mode) {
    const Integers given = call.integerList(1);
    const auto rank = static_cast<std::size_t>(call.rank(0));
    Integers pads(2 * rank, 0);
    for (std::size_t i = 0; i < given.size() / 2 && i < rank; ++i) {
        pads[rank - 1 - i] = given[2 * i];
        pads[2 * rank - 1 - i] = given[2 * i + 1];
    }
    std::vector<std::string> inputs = {call.edge(0), call.integers(pads)};
    if (std::string(mode) == "constant") {
        const double value =
            call.isNone(2) || call.value(2)->sample().isString() ? 0 : call.real(2);
        inputs.push_back(call.number(value, call.type(0)));
    }
    call.give(call.emit("Pad", inputs, {{"mode", std::string(mode)}}));
}

/// pad(x, pads, mode, value).
void padByMode(Call& call) {
    const std::string mode = call.value(2)->sample().toStringRef();
    if (mode == "constant" && !call.isNone(3) && call.real(3) != 0) {
        throw TranslationError("padding with a number other than zero has no translation here");
    }
    pad(call, mode == "replicate" ? "edge" : mode == "circular" ? "wrap" : mode.c_str());
}

void pixelShuffle(Call& call) {
    call.give(call.emit("DepthToSpace", {call.edge(0)},
                        {{"blocksize", call.integer(1)}, {"mode", std::string("CRD")}}));
}

void flip(Call& call) {
    Integers starts, ends, axes, steps;
    for (const std::int64_t axis : call.integerList(1)) {
        starts.push_back(-1);
        ends.push_back(std::numeric_limits<std::int64_t>::min());
        axes.push_back(axis < 0 ? axis + call.rank(0) : axis);
        steps.push_back(-1);
    }
    call.give(call.emit("Slice", {call.edge(0), call.integers(starts), call.integers(ends),
                                  call.integers(axes), call.integers(steps)}));
}

/// roll(x, shifts, axes): the end of an axis comes to its front.
void roll(Call& call) {
    const Integers shifts = call.integerList(1);
    const Integers axes = call.integerList(2);
    std::string x = call.edge(0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axes[i] < 0 ? axes[i] + call.rank(0) : axes[i];
        const auto part = [&](std::int64_t from, std::int64_t to) {
            return call.emit(
                "Slice", {x, call.integers({from}), call.integers({to}), call.integers({axis})});
        };
        if (shifts[i] != 0) {
            const std::string end = part(-shifts[i], std::numeric_limits<std::int64_t>::max());
            const std::string front = part(0, -shifts[i]);
            x = call.emit("Concat", {end, front}, {{"axis", axis}});
        }
    }
    call.give(x);
}

/// Conversions to another type; a device or a memory layout means nothing here.
void convertType(Call& call) {
    call.give(call.edgeAs(0, call.resultType()));
}

}  // namespace

void addShapes(Translators& table) {
    for (const char* name :
         {"aten::contiguous", "aten::clone", "aten::detach", "aten::alias", "aten::cpu",
          "aten::cuda", "aten::requires_grad_", "aten::lift_fresh"}) {
        table[name] = pass;
    }
    for (const char* name : {"aten::to", "aten::type_as", "aten::float", "aten::long", "aten::int",
                             "aten::_cast_Float", "prim::convert_element_type"}) {
        table[name] = convertType;
    }
    table["aten::size"] = size;
    table["aten::reshape"] = reshape;
    table["aten::view"] = reshape;
    table["aten::_unsafe_view"] = reshape;
    table["aten::flatten"] = flatten;
    table["aten::unflatten"] = unflatten;
    table["aten::squeeze"] = squeeze;
    table["aten::unsqueeze"] = unsqueeze;
    table["aten::transpose"] = transpose;
    table["aten::swapaxes"] = transpose;
    table["aten::t"] = transpose;
    table["aten::numpy_T"] = transpose;
    table["aten::permute"] = permute;
    table["aten::expand"] = expand;
    table["aten::broadcast_to"] = expand;
    table["aten::expand_as"] = expandAs;
    table["aten::view_as"] = viewAs;
    table["aten::reshape_as"] = viewAs;
    table["aten::repeat"] = repeat;
    table["aten::tile"] = repeat;
    table["aten::cat"] = concatenate;
    table["aten::concat"] = concatenate;
    table["aten::stack"] = stack;
    table["aten::chunk"] = splitAlongThird;
    table["aten::split"] = splitAlongThird;
    table["aten::split_with_sizes"] = splitAlongThird;
    table["aten::tensor_split"] = splitAlongThird;
    table["aten::unbind"] = unbind;
    table["aten::constant_pad_nd"] = [](Call& call) { pad(call, "constant"); };
    for (const char* dimensions : {"1d", "2d", "3d"}) {
        table[std::string("aten::reflection_pad") + dimensions] = [](Call& call) {
            pad(call, "reflect");
        };
        table[std::string("aten::replication_pad") + dimensions] = [](Call& call) {
            pad(call, "edge");
        };
    }
    table["aten::pad"] = padByMode;
    table["aten::pixel_shuffle"] = pixelShuffle;
    table["aten::flip"] = flip;
    table["aten::roll"] = roll;
}

}  // namespace bitloupe::execution::torchscript
