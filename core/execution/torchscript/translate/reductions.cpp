// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

/// The axes a list names; all of them when it is empty or missing.
Integers axesAt(Call& call, std::size_t i) {
    Integers axes = call.isNone(i) ? Integers() : call.integerList(i);
    for (std::int64_t& axis : axes) {
        axis = axis < 0 ? axis + call.rank(0) : axis;
    }
    return axes;
}

bool flagAt(Call& call, std::size_t i) {
    return i < call.arguments() && call.value(i)->sample().isBool() && call.flag(i);
}

std::string reduced(Call& call, const char* type, const std::string& edge, const Integers& axes,
                    bool keep) {
    std::vector<std::string> inputs = {edge};
    if (!axes.empty()) {
        inputs.push_back(call.integers(axes));
    }
    return call.emit(type, inputs, {{"keepdims", std::int64_t{keep ? 1 : 0}}});
}

/// Whether argument 1 says which axes: sum(x), sum(x, dtype) and sum(x, axes, keep, dtype).
bool namesAxes(Call& call) {
    const std::string overload = call.overload();
    return overload.find("dim") != std::string::npos ||
           overload.find("correction") != std::string::npos;
}

Translator reduce(const char* type) {
    return [type](Call& call) {
        const bool named = namesAxes(call);
        call.give(reduced(call, type, call.edgeAs(0, call.resultType()),
                          named ? axesAt(call, 1) : Integers(), named && flagAt(call, 2)));
    };
}

/// amax(x, axes, keep).
Translator reduceAlways(const char* type) {
    return [type](Call& call) {
        call.give(reduced(call, type, call.edge(0), axesAt(call, 1), flagAt(call, 2)));
    };
}

/// max(x), max(x, y), and max(x, axis, keep) with its places.
Translator extreme(const char* reduction, const char* between, const char* place) {
    return [=](Call& call) {
        if (call.arguments() == 1) {
            call.give(reduced(call, reduction, call.edge(0), {}, false));
        } else if (call.overload() == "other") {
            const at::ScalarType type = call.resultType();
            call.give(call.emit(between, {call.edgeAs(0, type), call.edgeAs(1, type)}));
        } else {
            const std::int64_t axis = call.axis(1);
            const std::string x = call.edge(0);
            const Attributes attributes = {{"axis", axis},
                                           {"keepdims", std::int64_t{call.flag(2) ? 1 : 0}}};
            call.giveMany({reduced(call, reduction, x, {axis}, call.flag(2)),
                           call.emit(place, {x}, attributes)});
        }
    };
}

/// argmax(x, axis, keep); without an axis the place in the flattened tensor.
Translator placeOfExtreme(const char* type) {
    return [type](Call& call) {
        const bool flat = call.isNone(1);
        const std::string x =
            flat ? call.emit("Reshape", {call.edge(0), call.integers({-1})}) : call.edge(0);
        call.give(call.emit(type, {x},
                            {{"axis", flat ? std::int64_t{0} : call.axis(1)},
                             {"keepdims", std::int64_t{!flat && call.flag(2) ? 1 : 0}}}));
    };
}

/// topk(x, k, axis, largest, sorted).
void topK(Call& call) {
    const std::string count = call.translation().shapeOf({call.value(1)});
    const std::vector<std::string> found = call.translation().emitMany(
        "TopK", {call.edge(0), count}, 2,
        {{"axis", call.axis(2)}, {"largest", std::int64_t{call.flag(3) ? 1 : 0}}});
    call.giveMany(found);
}

/// sort(x, axis, descending): all of them are the first k.
void sort(Call& call) {
    const std::size_t shift = call.overload() == "stable" ? 1 : 0;
    const std::int64_t axis = call.axis(1 + shift);
    const std::string length = call.emit(
        "Slice",
        {call.emit("Shape", {call.edge(0)}), call.integers({axis}), call.integers({axis + 1})});
    call.giveMany(call.translation().emitMany(
        "TopK", {call.edge(0), length}, 2,
        {{"axis", axis}, {"largest", std::int64_t{call.flag(2 + shift) ? 1 : 0}}}));
}

void cumulativeSum(Call& call) {
    call.give(call.emit(
        "CumSum", {call.edgeAs(0, call.resultType()), call.translation().integer(call.axis(1))}));
}

/// The mean of the squared distances from the mean; unbiased divides by one less.
std::string variance(Call& call, const Integers& axes, bool unbiased, bool keep) {
    const std::string x = call.edge(0);
    const std::string centred = call.emit("Sub", {x, reduced(call, "ReduceMean", x, axes, true)});
    const std::string mean =
        reduced(call, "ReduceMean", call.emit("Mul", {centred, centred}), axes, keep);
    if (!unbiased) {
        return mean;
    }
    double count = 1;
    for (std::int64_t axis = 0; axis < call.rank(0); ++axis) {
        if (!axes.empty() && std::find(axes.begin(), axes.end(), axis) == axes.end()) {
            continue;
        }
        if (call.tensor(0).size(axis) != call.value(0)->on[1].toTensor().size(axis)) {
            throw TranslationError(
                "an unbiased variance along a free dimension has no translation");
        }
        count *= static_cast<double>(call.tensor(0).size(axis));
    }
    return call.emit("Mul", {mean, call.number(count / (count - 1))});
}

/// var(x, unbiased), var(x, axes, unbiased, keep) and var(x, axes, correction, keep).
std::string varianceAsGiven(Call& call, Integers& axes, bool& keep) {
    const bool named = namesAxes(call);
    axes = named ? axesAt(call, 1) : Integers();
    keep = named && flagAt(call, 3);
    const std::size_t place = named ? 2 : 1;
    const bool unbiased =
        call.isNone(place) ||
        (call.value(place)->sample().isBool() ? call.flag(place) : call.integer(place) == 1);
    return variance(call, axes, unbiased, keep);
}

Translator spread(bool root, bool withMean) {
    return [=](Call& call) {
        Integers axes;
        bool keep = false;
        std::string edge = varianceAsGiven(call, axes, keep);
        edge = root ? call.emit("Sqrt", {edge}) : edge;
        call.giveMany({edge, withMean ? reduced(call, "ReduceMean", call.edge(0), axes, keep)
                                      : std::string()});
    };
}

/// norm(x, p) and norm(x, p, axes, keep), of the first and second kind.
void norm(Call& call) {
    const double p = call.isNone(1) ? 2 : call.real(1);
    const bool named = call.arguments() > 2;
    if (p != 1 && p != 2) {
        throw TranslationError("a norm other than the first and the second has no translation");
    }
    call.give(reduced(call, p == 1 ? "ReduceL1" : "ReduceL2", call.edge(0),
                      named ? axesAt(call, 2) : Integers(), named && flagAt(call, 3)));
}

/// all(x) and any(x): the least and the largest of truth values.
Translator truth(const char* type) {
    return [type](Call& call) {
        const bool named = call.arguments() > 1;
        const std::string numbers = call.edgeAs(0, at::kLong);
        const Integers axes = named ? Integers{call.axis(1)} : Integers();
        const std::string found = reduced(call, type, numbers, axes, named && call.flag(2));
        call.give(call.translation().cast(found, at::kBool));
    };
}

}  // namespace

void addReductions(Translators& table) {
    table["aten::sum"] = reduce("ReduceSum");
    table["aten::mean"] = reduce("ReduceMean");
    table["aten::prod"] = reduce("ReduceProd");
    table["aten::logsumexp"] = reduceAlways("ReduceLogSumExp");
    table["aten::amax"] = reduceAlways("ReduceMax");
    table["aten::amin"] = reduceAlways("ReduceMin");
    table["aten::max"] = extreme("ReduceMax", "Max", "ArgMax");
    table["aten::min"] = extreme("ReduceMin", "Min", "ArgMin");
    table["aten::argmax"] = placeOfExtreme("ArgMax");
    table["aten::argmin"] = placeOfExtreme("ArgMin");
    table["aten::topk"] = topK;
    table["aten::sort"] = sort;
    table["aten::cumsum"] = cumulativeSum;
    table["aten::var"] = spread(false, false);
    table["aten::std"] = spread(true, false);
    table["aten::var_mean"] = spread(false, true);
    table["aten::std_mean"] = spread(true, true);
    table["aten::norm"] = norm;
    table["aten::frobenius_norm"] = norm;
    table["aten::all"] = truth("ReduceMin");
    table["aten::any"] = truth("ReduceMax");
}

}  // namespace bitloupe::execution::torchscript
