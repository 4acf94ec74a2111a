// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// ATen's numbers for the ways to interpolate and to pad.
std::int64_t interpolationOf(const std::string& mode) {
    if (mode == "linear" || mode == "bilinear") {
        return 0;
    }
    require(mode == "nearest" || mode == "cubic" || mode == "bicubic",
            "the mode \"" + mode + "\" is not known");
    return mode == "nearest" ? 1 : 2;
}

std::int64_t paddingOf(const std::string& mode) {
    require(mode == "zeros" || mode == "border" || mode == "reflection",
            "the padding_mode \"" + mode + "\" is not known");
    return mode == "zeros" ? 0 : mode == "border" ? 1 : 2;
}

/// Where -1 ... 1 lies among the places of an axis.
at::Tensor placesOnAxis(const at::Tensor& grid, std::int64_t size, bool corners) {
    const auto length = static_cast<double>(size);
    return corners ? (grid + 1) / 2 * (length - 1) : ((grid + 1) * length - 1) / 2;
}

at::Tensor reflected(const at::Tensor& x, double low, double high) {
    const double span = high - low;
    if (span <= 0) {
        return at::full_like(x, low);
    }
    const at::Tensor phase = at::remainder(x - low, 2 * span);
    return at::where(phase > span, 2 * span - phase, phase) + low;
}

/// The nearest element of a volume, ties to even: ATen's own rounds them away from zero.
at::Tensor nearestInVolume(const at::Tensor& volume, const at::Tensor& grid, std::int64_t padding,
                           bool corners) {
    at::Tensor flat = at::zeros(grid.sizes().slice(0, 4), at::kLong);
    at::Tensor inside = at::ones(grid.sizes().slice(0, 4), at::kBool);
    for (std::int64_t axis = 0; axis < 3; ++axis) {
        const std::int64_t size = volume.size(axis + 2);
        const auto last = static_cast<double>(size - 1);
        at::Tensor place = placesOnAxis(grid.select(-1, 2 - axis), size, corners);
        if (padding == 2) {
            place = corners ? reflected(place, 0, last) : reflected(place, -0.5, last + 0.5);
        }
        place = at::round(place);
        inside = at::logical_and(inside, at::logical_and(place >= 0, place <= last));
        flat = flat * size + at::clamp(place, 0, last).to(at::kLong);
    }
    const at::Tensor places = flat.flatten(1).unsqueeze(1).expand({-1, volume.size(1), -1});
    std::vector<std::int64_t> shape = grid.sizes().slice(0, 4).vec();
    shape.insert(shape.begin() + 1, volume.size(1));
    const at::Tensor values = at::gather(volume.flatten(2), 2, places).reshape(shape);
    return padding == 0 ? values * inside.unsqueeze(1) : values;
}

Kernel makeGridSample(const Attributes& attributes) {
    const std::int64_t mode = interpolationOf(attributes.text("mode", "linear"));
    const std::int64_t padding = paddingOf(attributes.text("padding_mode", "zeros"));
    const bool corners = attributes.integer("align_corners", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor grid = inputs[1].to(inputs[0].scalar_type());
        require(inputs[0].dim() == 4 || (inputs[0].dim() == 5 && mode != 2),
                "only images and, without cubic interpolation, volumes can be sampled");
        if (inputs[0].dim() == 5 && mode == 1) {
            require(grid.dim() == 5 && grid.size(4) == 3 && grid.size(0) == inputs[0].size(0),
                    "the grid does not fit the volume");
            return {nearestInVolume(inputs[0], grid, padding, corners)};
        }
        return {at::grid_sampler(inputs[0], grid, mode, padding, corners)};
    };
}

Kernel makeAffineGrid(const Attributes& attributes) {
    const bool corners = attributes.integer("align_corners", 0) != 0;
    return [corners](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> size = integerValues(inputs[1]);
        checkSize(size);
        return {at::affine_grid_generator(inputs[0], size, corners)};
    };
}

/// A two-dimensional deformable convolution as ONNX describes it.
struct Deformable {
    Window window;
    std::int64_t groups = 1;
    std::int64_t offsetGroups = 1;
};

/// The places [offset groups * samples, rows, columns, 2] of one kernel element, as grid_sampler
/// wants them: x before y, -1 and 1 at the outer edges of the image.
at::Tensor placesOf(const at::Tensor& offsets, std::int64_t tap, double shiftY, double shiftX,
                    const std::vector<std::int64_t>& strides, std::int64_t height,
                    std::int64_t width) {
    const auto options = offsets.options();
    const auto axis = [&](std::int64_t length, std::int64_t stride, double shift) {
        return at::arange(length, options) * static_cast<double>(stride) + shift;
    };
    const at::Tensor y =
        offsets.select(1, 2 * tap) + axis(offsets.size(2), strides[0], shiftY).unsqueeze(1);
    const at::Tensor x = offsets.select(1, 2 * tap + 1) + axis(offsets.size(3), strides[1], shiftX);
    return at::stack({(2 * x + 1) / static_cast<double>(width) - 1,
                      (2 * y + 1) / static_cast<double>(height) - 1},
                     -1);
}

/// Inputs: images, weight, offsets, bias, mask.
at::Tensor deformed(const Deformable& rules, std::span<const at::Tensor> inputs) {
    const at::Tensor& images = inputs[0];
    const at::Tensor& weight = inputs[1];
    require(images.dim() == 4 && weight.dim() == 4 && inputs[2].dim() == 4,
            "only images can be convolved this way");
    const std::int64_t rows = inputs[2].size(2);
    const std::int64_t columns = inputs[2].size(3);
    const std::int64_t taps = weight.size(2) * weight.size(3);
    const std::int64_t samples = images.size(0) * rules.offsetGroups;
    require(images.size(1) % rules.offsetGroups == 0 &&
                inputs[2].size(1) == rules.offsetGroups * taps * 2,
            "the offsets do not fit the kernel");
    const std::vector<std::int64_t> strides = rules.window.stridesFor(2);
    const std::vector<std::int64_t> dilations = rules.window.dilationsFor(2);
    const WindowPads pads = rules.window.padsFor(images.sizes().slice(2), weight.sizes().slice(2));
    const at::Tensor grouped = images.reshape(
        {samples, images.size(1) / rules.offsetGroups, images.size(2), images.size(3)});
    const at::Tensor offsets = inputs[2].reshape({samples, taps * 2, rows, columns});
    const at::Tensor given = optionalInput(inputs, 4);
    const at::Tensor mask = given.defined() ? given.reshape({samples, taps, rows, columns}) : given;
    Tensors sampled;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        const auto shift = [&](std::int64_t step, std::size_t i) {
            return static_cast<double>(step * dilations[i] - pads.before[i]);
        };
        const at::Tensor places =
            placesOf(offsets, tap, shift(tap / weight.size(3), 0), shift(tap % weight.size(3), 1),
                     strides, images.size(2), images.size(3));
        at::Tensor values = at::grid_sampler(grouped, places, 0, 0, /*align_corners=*/false);
        if (mask.defined()) {
            values = values * mask.narrow(1, tap, 1);
        }
        sampled.push_back(values.reshape({images.size(0), images.size(1), rows * columns}));
    }
    // [samples, groups, channels / groups * taps, places] times the filters of each group.
    const at::Tensor all =
        at::stack(sampled, 2).reshape({images.size(0), rules.groups, -1, rows * columns});
    const at::Tensor filters = weight.reshape({rules.groups, weight.size(0) / rules.groups, -1});
    at::Tensor result =
        at::matmul(filters, all).reshape({images.size(0), weight.size(0), rows, columns});
    if (const at::Tensor bias = optionalInput(inputs, 3); bias.defined()) {
        result = result + bias.reshape({1, -1, 1, 1});
    }
    return result;
}

Kernel makeDeformConv(const Attributes& attributes) {
    const Deformable rules{Window::read(attributes), attributes.integer("group", 1),
                           attributes.integer("offset_group", 1)};
    require(rules.groups > 0 && rules.offsetGroups > 0, "the numbers of groups must be positive");
    return [rules](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() >= 3, "DeformConv needs three inputs");
        return {deformed(rules, inputs)};
    };
}

}  // namespace

void addSamplingOperators(OperatorTable& table) {
    table["GridSample"] = makeGridSample;
    table["AffineGrid"] = makeAffineGrid;
    table["DeformConv"] = makeDeformConv;
}

}  // namespace bitloupe::execution
