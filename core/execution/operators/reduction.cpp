// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/execution/kernels/top_values.h"
#include "core/execution/operator_table.h"
#include "core/execution/operators/reordered_sums.h"

namespace bitloupe::execution {

namespace {

using Reduce = at::Tensor (*)(const at::Tensor&, at::IntArrayRef, bool);

/// Axes come from an attribute in old opsets and from the second input in new ones.
Kernel makeReduction(const Attributes& attributes, Reduce function) {
    const std::vector<std::int64_t> fixed = attributes.integers("axes");
    const bool keep = attributes.integer("keepdims", 1) != 0;
    const bool emptyMeansNone = attributes.integer("noop_with_empty_axes", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        std::vector<std::int64_t> axes = fixed;
        if (const at::Tensor given = optionalInput(inputs, 1); given.defined()) {
            axes = integerValues(given);
        }
        if (axes.empty()) {
            if (emptyMeansNone) {
                return {function(x.unsqueeze(0), {0}, false)};
            }
            for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
                axes.push_back(axis);
            }
        }
        for (std::int64_t& axis : axes) {
            axis = wrapAxis(axis, x.dim());
        }
        return {axes.empty() ? function(x.unsqueeze(0), {0}, false) : function(x, axes, keep)};
    };
}

void addReduction(OperatorTable& table, const char* name, Reduce function) {
    table[name] = [function](const Attributes& attributes) {
        return makeReduction(attributes, function);
    };
}

at::Tensor sum(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    if (const std::optional<at::Tensor> sums = sumReordered(x, axes, keep)) {
        return *sums;
    }
    return at::sum(x, axes, keep, x.scalar_type());
}

at::Tensor product(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    std::vector<std::int64_t> order = axes.vec();
    std::sort(order.rbegin(), order.rend());
    at::Tensor result = x;
    for (const std::int64_t axis : order) {
        result = at::prod(result, axis, keep, x.scalar_type());
    }
    return result;
}

at::Tensor mean(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    if (std::optional<at::Tensor> sums = sumReordered(x, axes, keep)) {
        return sums->mul_(static_cast<double>(sums->numel()) / static_cast<double>(x.numel()));
    }
    return at::isFloatingType(x.scalar_type())
               ? at::mean(x, axes, keep)
               : at::mean(x.to(at::kDouble), axes, keep).to(x.scalar_type());
}

at::Tensor l2(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    return at::sqrt(sum(x * x, axes, keep)).to(x.scalar_type());
}

at::Scalar lowestOf(const at::Tensor& x) {
    if (at::isFloatingType(x.scalar_type())) {
        return -std::numeric_limits<double>::infinity();
    }
    switch (x.scalar_type()) {
        case at::kChar:
            return std::numeric_limits<std::int8_t>::min();
        case at::kInt:
            return std::numeric_limits<std::int32_t>::min();
        case at::kLong:
            return std::numeric_limits<std::int64_t>::min();
        default:
            return 0;
    }
}

at::Scalar highestOf(const at::Tensor& x) {
    if (at::isFloatingType(x.scalar_type())) {
        return std::numeric_limits<double>::infinity();
    }
    switch (x.scalar_type()) {
        case at::kChar:
            return std::numeric_limits<std::int8_t>::max();
        case at::kByte:
            return std::numeric_limits<std::uint8_t>::max();
        case at::kInt:
            return std::numeric_limits<std::int32_t>::max();
        case at::kLong:
            return std::numeric_limits<std::int64_t>::max();
        default:
            return 1;
    }
}

/// What ONNX says the extreme of an empty set is, in the shape of the reduction.
at::Tensor ofNothing(const at::Tensor& x, at::IntArrayRef axes, bool keep,
                     const at::Scalar& value) {
    return at::full_like(at::sum(x, axes, keep, x.scalar_type()), value);
}

Kernel makeArg(const Attributes& attributes, bool largest) {
    const std::int64_t axis = attributes.integer("axis", 0);
    const bool keep = attributes.integer("keepdims", 1) != 0;
    const bool last = attributes.integer("select_last_index", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t at = wrapAxis(axis, inputs[0].dim());
        const at::Tensor x = last ? at::flip(inputs[0], {at}) : inputs[0];
        at::Tensor found = largest ? at::argmax(x, at, keep) : at::argmin(x, at, keep);
        if (last) {
            found = x.size(at) - 1 - found;
        }
        return {found};
    };
}

/// Places of the first `count` along the last axis in order of size. Equal values keep their order,
/// which of ATen's functions only a stable sort promises; few of many need no sort.
at::Tensor topPlaces(const at::Tensor& x, std::int64_t count, bool largest) {
    constexpr std::int64_t kFew = 128;
    const std::int64_t size = x.size(-1);
    if (x.scalar_type() != at::kFloat || x.numel() == 0 || count > kFew ||
        size > std::numeric_limits<std::int32_t>::max()) {
        return std::get<1>(at::sort(x, /*stable=*/true, -1, /*descending=*/largest))
            .narrow(-1, 0, count)
            .contiguous();
    }
    const at::Tensor rows = x.contiguous();
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = count;
    at::Tensor places = at::empty(shape, at::kLong);
    kernels::TopValues top(static_cast<std::size_t>(size), static_cast<std::size_t>(count),
                           largest);
    for (std::int64_t row = 0; row < x.numel() / size; ++row) {
        top.find(rows.data_ptr<float>() + row * size,
                 places.data_ptr<std::int64_t>() + row * count);
    }
    return places;
}

Kernel makeTopK(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", -1);
    const bool largest = attributes.integer("largest", 1) != 0;
    const std::int64_t fixed = attributes.integer("k", -1);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const at::Tensor given = optionalInput(inputs, 1);
        const std::int64_t count = given.defined() ? integerValues(given).at(0) : fixed;
        const std::int64_t at = wrapAxis(axis, x.dim());
        require(count >= 0 && count <= x.size(at), "k is larger than the axis");
        const at::Tensor places =
            topPlaces(x.movedim(at, -1), count, largest).movedim(-1, at).contiguous();
        return {at::gather(x, at, places), places};
    };
}

/// Sums or products of all elements before (and, unless exclusive, at) each place.
Kernel makeCumulative(const Attributes& attributes, bool product) {
    const bool exclusive = attributes.integer("exclusive", 0) != 0;
    const bool reverse = attributes.integer("reverse", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t axis = wrapAxis(integerValues(inputs[1]).at(0), inputs[0].dim());
        const at::Tensor x = reverse ? at::flip(inputs[0], {axis}) : inputs[0];
        at::Tensor total =
            product ? at::cumprod(x, axis, x.scalar_type()) : at::cumsum(x, axis, x.scalar_type());
        if (exclusive && x.size(axis) > 0) {
            const at::Tensor start = at::full_like(x.narrow(axis, 0, 1), product ? 1 : 0);
            total = at::cat({start, total.narrow(axis, 0, x.size(axis) - 1)}, axis);
        }
        return {reverse ? at::flip(total, {axis}) : total};
    };
}

}  // namespace

void addReductionOperators(OperatorTable& table) {
    addReduction(table, "ReduceSum", sum);
    addReduction(table, "ReduceMean", mean);
    addReduction(table, "ReduceProd", product);
    addReduction(table, "ReduceMax", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
        return x.numel() == 0 ? ofNothing(x, axes, keep, lowestOf(x)) : at::amax(x, axes, keep);
    });
    addReduction(table, "ReduceMin", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
        return x.numel() == 0 ? ofNothing(x, axes, keep, highestOf(x)) : at::amin(x, axes, keep);
    });
    addReduction(table, "ReduceL1", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
        return sum(at::abs(x), axes, keep);
    });
    addReduction(table, "ReduceL2", l2);
    addReduction(table, "ReduceSumSquare",
                 [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
                     return sum(x * x, axes, keep);
                 });
    addReduction(table, "ReduceLogSum", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
        return at::log(sum(x, axes, keep));
    });
    addReduction(table, "ReduceLogSumExp",
                 [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
                     return at::logsumexp(x, axes, keep);
                 });
    table["ArgMax"] = [](const Attributes& attributes) { return makeArg(attributes, true); };
    table["ArgMin"] = [](const Attributes& attributes) { return makeArg(attributes, false); };
    table["TopK"] = makeTopK;
    table["CumSum"] = [](const Attributes& attributes) {
        return makeCumulative(attributes, false);
    };
    table["CumProd"] = [](const Attributes& attributes) {
        return makeCumulative(attributes, true);
    };
}

}  // namespace bitloupe::execution
