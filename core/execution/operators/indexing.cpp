// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <limits>

#include "core/execution/operator_table.h"
#include "core/execution/operators/gather_runs.h"

namespace bitloupe::execution {

namespace {

Kernel makeGather(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 0);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& data = inputs[0];
        const std::int64_t at = wrapAxis(axis, data.dim());
        const at::Tensor indices = wrapIndices(inputs[1], data.size(at));
        std::vector<std::int64_t> shape = data.sizes().vec();
        const auto place = shape.erase(shape.begin() + at);
        shape.insert(place, indices.sizes().begin(), indices.sizes().end());
        return {at::index_select(data, at, indices.flatten()).reshape(shape)};
    };
}

Kernel makeGatherElements(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 0);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t at = wrapAxis(axis, inputs[0].dim());
        if (const std::optional<at::Tensor> runs = gatherRuns(inputs[0], at, inputs[1])) {
            return {*runs};
        }
        return {at::gather(inputs[0], at, wrapIndices(inputs[1], inputs[0].size(at)))};
    };
}

/// Index tensors for at::index from ONNX's last-dimension tuples; `skip` leading batch dimensions.
c10::List<c10::optional<at::Tensor>> tupleIndices(const at::Tensor& data, const at::Tensor& tuples,
                                                  std::int64_t skip) {
    c10::List<c10::optional<at::Tensor>> result;
    const std::int64_t depth = tuples.size(-1);
    require(depth + skip <= data.dim(), "the indices address more dimensions than there are");
    for (std::int64_t batch = 0; batch < skip; ++batch) {
        std::vector<std::int64_t> shape(static_cast<std::size_t>(tuples.dim() - 1), 1);
        shape[static_cast<std::size_t>(batch)] = data.size(batch);
        result.push_back(at::arange(data.size(batch), at::kLong).reshape(shape));
    }
    for (std::int64_t i = 0; i < depth; ++i) {
        result.push_back(wrapIndices(tuples.select(-1, i), data.size(skip + i)));
    }
    return result;
}

Kernel makeGatherNd(const Attributes& attributes) {
    const std::int64_t batches = attributes.integer("batch_dims", 0);
    return [batches](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs[1].dim() > batches, "the indices have too few dimensions");
        return {at::index(inputs[0], tupleIndices(inputs[0], inputs[1], batches))};
    };
}

/// What ScatterElements and ScatterND do where an index comes up again.
at::Tensor combine(const std::string& reduction, const at::Tensor& old, const at::Tensor& update) {
    if (reduction == "add") {
        return old + update;
    }
    if (reduction == "mul") {
        return old * update;
    }
    if (reduction == "max") {
        return at::maximum(old, update);
    }
    return reduction == "min" ? at::minimum(old, update) : update;
}

Kernel makeScatterElements(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 0);
    const std::string reduction = attributes.text("reduction", "none");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t at = wrapAxis(axis, inputs[0].dim());
        const at::Tensor indices = wrapIndices(inputs[1], inputs[0].size(at));
        at::Tensor result = inputs[0].clone();
        // One slice after the other, in order: a repeated index then means what ONNX says.
        for (std::int64_t i = 0; i < indices.size(at); ++i) {
            const at::Tensor one = indices.narrow(at, i, 1);
            const at::Tensor update = inputs[2].narrow(at, i, 1);
            result = result.scatter(at, one, combine(reduction, result.gather(at, one), update));
        }
        return {result};
    };
}

Kernel makeScatterNd(const Attributes& attributes) {
    const std::string reduction = attributes.text("reduction", "none");
    return [reduction](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor result = inputs[0].clone();
        const std::int64_t depth = inputs[1].size(-1);
        const at::Tensor tuples = inputs[1].to(at::kLong).reshape({-1, depth});
        std::vector<std::int64_t> shape = {tuples.size(0)};
        shape.insert(shape.end(), inputs[0].sizes().begin() + depth, inputs[0].sizes().end());
        const at::Tensor updates = inputs[2].reshape(shape);
        for (std::int64_t row = 0; row < tuples.size(0); ++row) {
            at::Tensor place = result;
            for (std::int64_t i = 0; i < depth; ++i) {
                const std::int64_t index = tuples[row][i].item<std::int64_t>();
                const std::int64_t size = place.size(0);
                require(index >= -size && index < size, "an index is outside its axis");
                place = place[index < 0 ? index + size : index];
            }
            place.copy_(combine(reduction, place, updates[row]));
        }
        return {result};
    };
}

struct SliceBounds {
    std::vector<std::int64_t> starts, ends, axes, steps;
};

SliceBounds readSlice(std::span<const at::Tensor> inputs) {
    SliceBounds bounds{integerValues(inputs[1]), integerValues(inputs[2]), {}, {}};
    if (const at::Tensor given = optionalInput(inputs, 3); given.defined()) {
        bounds.axes = integerValues(given);
    }
    if (const at::Tensor given = optionalInput(inputs, 4); given.defined()) {
        bounds.steps = integerValues(given);
    }
    return bounds;
}

at::Tensor sliceOne(const at::Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t end,
                    std::int64_t step) {
    const std::int64_t size = x.size(axis);
    require(step != 0, "the step of a slice must not be 0");
    const auto fromFront = [size](std::int64_t i) { return i < 0 ? i + size : i; };
    if (step > 0) {
        const std::int64_t first = std::clamp<std::int64_t>(fromFront(start), 0, size);
        const std::int64_t last = std::clamp<std::int64_t>(fromFront(end), first, size);
        return x.slice(axis, first, last, step);
    }
    const std::int64_t first = std::clamp<std::int64_t>(fromFront(start), -1, size - 1);
    // The very negative ends that mean "to the front" stay below zero after the shift.
    const std::int64_t last =
        std::clamp<std::int64_t>(end < -size ? std::int64_t{-1} : fromFront(end), -1, size - 1);
    std::vector<std::int64_t> picked;
    for (std::int64_t i = first; i > last; i += step) {
        picked.push_back(i);
    }
    return at::index_select(x, axis, at::tensor(picked, at::kLong));
}

Kernel makeSlice(const Attributes& attributes) {
    SliceBounds fixed{attributes.integers("starts"),
                      attributes.integers("ends"),
                      attributes.integers("axes"),
                      {}};
    const bool byAttribute = attributes.opset() < 10;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const SliceBounds bounds = byAttribute ? fixed : readSlice(inputs);
        require(bounds.starts.size() == bounds.ends.size() &&
                    (bounds.axes.empty() || bounds.axes.size() == bounds.starts.size()) &&
                    (bounds.steps.empty() || bounds.steps.size() == bounds.starts.size()),
                "starts, ends, axes and steps must have the same length");
        at::Tensor result = inputs[0];
        for (std::size_t i = 0; i < bounds.starts.size(); ++i) {
            const std::int64_t axis =
                bounds.axes.empty() ? static_cast<std::int64_t>(i) : bounds.axes[i];
            result = sliceOne(result, wrapAxis(axis, result.dim()), bounds.starts[i],
                              bounds.ends[i], bounds.steps.empty() ? 1 : bounds.steps[i]);
        }
        return {result.contiguous(result.suggest_memory_format())};  // images keep their order
    };
}

/// Positions along one axis after padding by reflection, by the edge or by wrapping around.
at::Tensor paddedPositions(std::int64_t size, std::int64_t before, std::int64_t after,
                           const std::string& mode) {
    require(size > 0, "an empty dimension cannot be padded this way");
    std::vector<std::int64_t> positions;
    const std::int64_t period = std::max<std::int64_t>(1, 2 * size - 2);
    for (std::int64_t i = -before; i < size + after; ++i) {
        std::int64_t position = std::clamp<std::int64_t>(i, 0, size - 1);
        if (mode == "reflect") {
            const std::int64_t phase = ((i % period) + period) % period;
            position = phase < size ? phase : period - phase;
        } else if (mode == "wrap") {
            position = ((i % size) + size) % size;
        }
        positions.push_back(position);
    }
    return at::tensor(positions, at::kLong);
}

at::Tensor pad(at::Tensor x, const std::vector<std::int64_t>& axes,
               const std::vector<std::int64_t>& pads, const std::string& mode, at::Scalar value) {
    require(pads.size() == 2 * axes.size(), "pads must have two values an axis");
    if (std::all_of(pads.begin(), pads.end(), [](std::int64_t width) { return width == 0; })) {
        return x;
    }
    std::vector<std::int64_t> before(static_cast<std::size_t>(x.dim()), 0);
    std::vector<std::int64_t> after = before;
    std::vector<std::int64_t> padded = x.sizes().vec();
    constexpr std::int64_t kWidestPad = std::int64_t{1} << 31;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(wrapAxis(axes[i], x.dim()));
        before[axis] = pads[i];
        after[axis] = pads[axes.size() + i];
        require(std::abs(before[axis]) <= kWidestPad && std::abs(after[axis]) <= kWidestPad,
                "a pad is too wide");
        padded[axis] += before[axis] + after[axis];
    }
    checkSize(padded);
    if (mode == "constant") {
        std::vector<std::int64_t> widths;
        for (std::size_t axis = before.size(); axis-- > 0;) {
            widths.push_back(before[axis]);
            widths.push_back(after[axis]);
        }
        return at::constant_pad_nd(x, widths, value);
    }
    require(mode == "reflect" || mode == "edge" || mode == "wrap",
            "the mode \"" + mode + "\" is not known");
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] != 0 || after[i] != 0) {
            const auto axis = static_cast<std::int64_t>(i);
            x = at::index_select(x, axis, paddedPositions(x.size(axis), before[i], after[i], mode));
        }
    }
    return x;
}

Kernel makePad(const Attributes& attributes) {
    const std::string mode = attributes.text("mode", "constant");
    const std::vector<std::int64_t> fixed = attributes.integers("pads");
    const double fixedValue = attributes.real("value", 0);
    const bool byAttribute = attributes.opset() < 11;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> pads = byAttribute ? fixed : integerValues(inputs[1]);
        const at::Tensor given = byAttribute ? at::Tensor() : optionalInput(inputs, 2);
        const at::Scalar value = given.defined() ? given.item() : at::Scalar(fixedValue);
        std::vector<std::int64_t> axes;
        if (const at::Tensor named = optionalInput(inputs, 3); named.defined()) {
            axes = integerValues(named);
        } else {
            for (std::int64_t axis = 0; axis < inputs[0].dim(); ++axis) {
                axes.push_back(axis);
            }
        }
        return {pad(inputs[0], axes, pads, mode, value)};
    };
}

Kernel makeNonZero(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::nonzero(inputs[0]).t().contiguous()};
    };
}

Kernel makeOneHot(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", -1);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t depth = integerValues(inputs[1]).at(0);
        const at::Tensor indices = inputs[0].to(at::kLong);
        checkSize({depth, indices.numel()});
        const std::int64_t at = wrapAxis(axis, indices.dim() + 1);
        const at::Tensor wrapped = at::where(indices < 0, indices + depth, indices);
        std::vector<std::int64_t> shape(static_cast<std::size_t>(indices.dim() + 1), 1);
        shape[static_cast<std::size_t>(at)] = depth;
        const at::Tensor hit = at::eq(wrapped.unsqueeze(at), at::arange(depth).reshape(shape));
        const at::Tensor values = inputs[2];
        return {at::where(hit, values[1], values[0])};
    };
}

Kernel makeTrilu(const Attributes& attributes) {
    const bool upper = attributes.integer("upper", 1) != 0;
    return [upper](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor given = optionalInput(inputs, 1);
        const std::int64_t diagonal = given.defined() ? integerValues(given).at(0) : 0;
        return {upper ? at::triu(inputs[0], diagonal) : at::tril(inputs[0], diagonal)};
    };
}

Kernel makeDepthToSpace(const Attributes& attributes) {
    const std::int64_t block = attributes.integer("blocksize", 0);
    require(block > 0, "the attribute \"blocksize\" must be positive");
    const bool columnFirst = attributes.text("mode", "DCR") == "CRD";
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        require(x.dim() == 4 && x.size(1) % (block * block) == 0,
                "the channels must be a multiple of the block's area");
        const std::int64_t channels = x.size(1) / (block * block);
        const at::Tensor moved =
            columnFirst ? x.reshape({x.size(0), channels, block, block, x.size(2), x.size(3)})
                              .permute({0, 1, 4, 2, 5, 3})
                        : x.reshape({x.size(0), block, block, channels, x.size(2), x.size(3)})
                              .permute({0, 3, 4, 1, 5, 2});
        return {moved.reshape({x.size(0), channels, x.size(2) * block, x.size(3) * block})};
    };
}

Kernel makeSpaceToDepth(const Attributes& attributes) {
    const std::int64_t block = attributes.integer("blocksize", 0);
    require(block > 0, "the attribute \"blocksize\" must be positive");
    return [block](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        require(x.dim() == 4 && x.size(2) % block == 0 && x.size(3) % block == 0,
                "the image must be a multiple of the block");
        return {
            x.reshape({x.size(0), x.size(1), x.size(2) / block, block, x.size(3) / block, block})
                .permute({0, 3, 5, 1, 2, 4})
                .reshape(
                    {x.size(0), x.size(1) * block * block, x.size(2) / block, x.size(3) / block})};
    };
}

}  // namespace

void addIndexingOperators(OperatorTable& table) {
    table["Gather"] = makeGather;
    table["GatherElements"] = makeGatherElements;
    table["GatherND"] = makeGatherNd;
    table["ScatterElements"] = makeScatterElements;
    table["Scatter"] = makeScatterElements;
    table["ScatterND"] = makeScatterNd;
    table["Slice"] = makeSlice;
    table["Pad"] = makePad;
    table["NonZero"] = makeNonZero;
    table["OneHot"] = makeOneHot;
    table["Trilu"] = makeTrilu;
    table["DepthToSpace"] = makeDepthToSpace;
    table["SpaceToDepth"] = makeSpaceToDepth;
}

}  // namespace bitloupe::execution
