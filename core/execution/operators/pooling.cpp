// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <tuple>

#include "core/execution/operator_table.h"
#include "core/execution/operators/channels_last.h"
#include "core/execution/operators/small_images.h"

namespace bitloupe::execution {

namespace {

constexpr std::int64_t kWidestKernel = std::int64_t{1} << 31;

struct Pool {
    Window window;
    std::vector<std::int64_t> kernel;
    bool ceilMode = false;
    bool countIncludePad = false;

    static Pool read(const Attributes& attributes) {
        Pool pool;
        pool.window = Window::read(attributes);
        pool.kernel = attributes.integers("kernel_shape");
        require(!pool.kernel.empty(), "the attribute \"kernel_shape\" is missing");
        for (const std::int64_t size : pool.kernel) {
            require(size > 0 && size <= kWidestKernel,
                    "kernel_shape holds " + std::to_string(size) + ", which is not a size");
        }
        pool.ceilMode = attributes.integer("ceil_mode", 0) != 0;
        pool.countIncludePad = attributes.integer("count_include_pad", 0) != 0;
        return pool;
    }
};

/// A pool that meets an input: pads known, and the zeros that ceil_mode needs beyond them.
struct Placed {
    WindowPads pads;
    std::vector<std::int64_t> tail;  ///< beyond pads.after, so that the last window fits
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> dilations;
    bool plain = true;  ///< no pads, no tail, no dilation
};

Placed place(const Pool& pool, const at::Tensor& input) {
    require(input.dim() >= 3, "the input must have batch, channel and spatial dimensions");
    const at::IntArrayRef spatial = input.sizes().slice(2);
    const std::size_t rank = spatial.size();
    Placed placed{pool.window.padsFor(spatial, pool.kernel), std::vector<std::int64_t>(rank, 0),
                  pool.window.stridesFor(rank), pool.window.dilationsFor(rank)};
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t before = placed.pads.before[i];
        const std::int64_t padded = spatial[i] + before + placed.pads.after[i];
        const std::int64_t reach = (pool.kernel[i] - 1) * placed.dilations[i] + 1;
        require(padded >= reach, "the window is larger than the padded input");
        const std::int64_t steps = (padded - reach) / placed.strides[i];
        std::int64_t last = steps;
        if (pool.ceilMode && (padded - reach) % placed.strides[i] != 0 &&
            (steps + 1) * placed.strides[i] < spatial[i] + before) {
            last = steps + 1;  // a window that starts in the after-pad is left out
        }
        placed.tail[i] = std::max<std::int64_t>(0, last * placed.strides[i] + reach - padded);
        placed.plain =
            placed.plain && padded == spatial[i] && placed.tail[i] == 0 && placed.dilations[i] == 1;
    }
    return placed;
}

/// `input` padded with `value`, the tail of ceil_mode included.
at::Tensor padWhole(const at::Tensor& input, const Placed& placed, double value) {
    WindowPads whole = placed.pads;
    for (std::size_t i = 0; i < whole.after.size(); ++i) {
        whole.after[i] += placed.tail[i];
    }
    return padSpatial(input, whole, value);
}

/// Sum over each window of every channel; `padded` holds all pads already.
at::Tensor windowSum(const at::Tensor& padded, const Pool& pool, const Placed& placed) {
    std::vector<std::int64_t> planes = padded.sizes().vec();
    planes[0] *= planes[1];
    planes[1] = 1;
    std::vector<std::int64_t> ones = {1, 1};
    ones.insert(ones.end(), pool.kernel.begin(), pool.kernel.end());
    const std::vector<std::int64_t> none(pool.kernel.size(), 0);
    const at::Tensor sums =
        at::convolution(padded.reshape(planes), at::ones(ones, padded.options()), {},
                        placed.strides, none, placed.dilations, false, none, 1);
    std::vector<std::int64_t> shape = sums.sizes().vec();
    shape[0] = padded.size(0);
    shape[1] = padded.size(1);
    return sums.reshape(shape);
}

bool takesChannelsLast(const at::Tensor& input) {
    const bool trains = at::GradMode::is_enabled() && input.requires_grad();
    return !trains && input.scalar_type() == at::kFloat && input.numel() > 0 &&
           hasChannelsLast(input);
}

WindowPool windowPool(const at::Tensor& input, const Pool& pool, const Placed& placed) {
    WindowPool plain{pool.kernel, placed.strides, placed.dilations, placed.pads.before, {}};
    for (std::size_t i = 0; i < pool.kernel.size(); ++i) {
        const std::int64_t padded = input.size(static_cast<std::int64_t>(i) + 2) +
                                    placed.pads.before[i] + placed.pads.after[i] + placed.tail[i];
        const std::int64_t reach = (pool.kernel[i] - 1) * placed.dilations[i] + 1;
        plain.outputSizes.push_back((padded - reach) / placed.strides[i] + 1);
    }
    return plain;
}

Kernel makeAveragePool(const Attributes& attributes) {
    const Pool pool = Pool::read(attributes);
    return [pool](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& input = inputs[0];
        const Placed placed = place(pool, input);
        const std::vector<std::int64_t> twoByTwo = {2, 2};
        if (placed.plain && input.dim() == 4 && pool.kernel == twoByTwo &&
            placed.strides == twoByTwo && input.scalar_type() == at::kFloat &&
            !hasChannelsLast(input)) {
            return {averageByPairs(input)};
        }
        if (placed.plain && takesChannelsLast(input)) {
            return {meansChannelsLast(input, windowPool(input, pool, placed))};
        }
        if (placed.plain && input.dim() == 4) {
            return {at::avg_pool2d(input, pool.kernel, placed.strides)};
        }
        const at::Tensor sums = windowSum(padWhole(input, placed, 0), pool, placed);
        const at::Tensor one = at::ones_like(input.slice(0, 0, 1).slice(1, 0, 1));
        Placed beyond = placed;  // what counts: the input, and its pads when asked for
        at::Tensor counted = one;
        if (pool.countIncludePad) {
            counted = padSpatial(one, placed.pads, 1);
            beyond.pads.before.assign(pool.kernel.size(), 0);
            beyond.pads.after.assign(pool.kernel.size(), 0);
        }
        return {sums / windowSum(padWhole(counted, beyond, 0), pool, placed)};
    };
}

Kernel makeLpPool(const Attributes& attributes) {
    const Pool pool = Pool::read(attributes);
    const double power = static_cast<double>(attributes.integer("p", 2));
    return [pool, power](std::span<const at::Tensor> inputs) -> Tensors {
        const Placed placed = place(pool, inputs[0]);
        const at::Tensor raised = at::pow(at::abs(inputs[0]), power);
        return {at::pow(windowSum(padWhole(raised, placed, 0), pool, placed), 1 / power)};
    };
}

std::tuple<at::Tensor, at::Tensor> maxPool(const at::Tensor& padded, const Pool& pool,
                                           const Placed& placed) {
    const std::vector<std::int64_t> none(pool.kernel.size(), 0);
    switch (pool.kernel.size()) {
        case 1:
            return at::max_pool1d_with_indices(padded, pool.kernel, placed.strides, none,
                                               placed.dilations);
        case 2:
            return at::max_pool2d_with_indices(padded, pool.kernel, placed.strides, none,
                                               placed.dilations);
        case 3:
            return at::max_pool3d_with_indices(padded, pool.kernel, placed.strides, none,
                                               placed.dilations);
        default:
            throw OperatorError("pooling over more than three dimensions is not supported");
    }
}

/// Indices into the padded plane turned into ONNX's: into the whole input tensor.
at::Tensor onnxIndices(at::Tensor inPlane, const at::Tensor& input, const Placed& placed,
                       bool columnMajor) {
    const std::size_t rank = placed.tail.size();
    at::Tensor flat = at::zeros_like(inPlane);
    std::int64_t plane = 1;
    std::vector<at::Tensor> coordinates(rank);
    for (std::size_t i = rank; i-- > 0;) {
        const std::int64_t size = input.size(static_cast<std::int64_t>(i) + 2);
        const std::int64_t padded =
            size + placed.pads.before[i] + placed.pads.after[i] + placed.tail[i];
        coordinates[i] = at::remainder(inPlane, padded) - placed.pads.before[i];
        inPlane = at::div(inPlane, padded, "floor");
        plane *= size;
    }
    std::int64_t weight = 1;
    for (std::size_t step = 0; step < rank; ++step) {
        const std::size_t i = columnMajor ? step : rank - 1 - step;
        flat = flat + coordinates[i] * weight;
        weight *= input.size(static_cast<std::int64_t>(i) + 2);
    }
    std::vector<std::int64_t> shape(static_cast<std::size_t>(input.dim()), 1);
    shape[0] = input.size(0);
    shape[1] = input.size(1);
    const at::Tensor planes = at::arange(input.size(0) * input.size(1), at::kLong).reshape(shape);
    return flat + planes * plane;
}

Kernel makeMaxPool(const Attributes& attributes) {
    const Pool pool = Pool::read(attributes);
    const bool columnMajor = attributes.integer("storage_order", 0) != 0;
    const bool wantsIndices = attributes.node().outputs.size() > 1;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& input = inputs[0];
        const Placed placed = place(pool, input);
        if (!wantsIndices && takesChannelsLast(input)) {
            return {maximaChannelsLast(input, windowPool(input, pool, placed))};
        }
        const bool integer = !at::isFloatingType(input.scalar_type());
        at::Tensor padded = integer ? input.to(at::kDouble) : input;
        if (!placed.plain) {
            padded = padWhole(padded, placed, -std::numeric_limits<double>::infinity());
        }
        auto [values, indices] = maxPool(padded, pool, placed);
        if (integer) {
            values = values.to(input.scalar_type());
        }
        if (!wantsIndices) {
            return {values};
        }
        return {values, onnxIndices(indices, input, placed, columnMajor)};
    };
}

using Reduce = at::Tensor (*)(const at::Tensor&, at::IntArrayRef);

KernelMaker globalPool(Reduce reduce) {
    return [reduce](const Attributes&) -> Kernel {
        return [reduce](std::span<const at::Tensor> inputs) -> Tensors {
            std::vector<std::int64_t> axes;
            for (std::int64_t axis = 2; axis < inputs[0].dim(); ++axis) {
                axes.push_back(axis);
            }
            return {axes.empty() ? inputs[0] : reduce(inputs[0], axes)};
        };
    };
}

}  // namespace

void addPoolingOperators(OperatorTable& table) {
    table["AveragePool"] = makeAveragePool;
    table["MaxPool"] = makeMaxPool;
    table["LpPool"] = makeLpPool;
    table["GlobalAveragePool"] = globalPool(
        [](const at::Tensor& x, at::IntArrayRef axes) { return at::mean(x, axes, true); });
    table["GlobalMaxPool"] = globalPool(
        [](const at::Tensor& x, at::IntArrayRef axes) { return at::amax(x, axes, true); });
}

}  // namespace bitloupe::execution
