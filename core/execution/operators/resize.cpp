// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/execution/operator_table.h"
#include "core/execution/operators/channels_last.h"

namespace bitloupe::execution {

namespace {

/// How one axis is resized: every attribute of Resize that matters to it.
struct AxisResize {
    std::int64_t from = 1;
    std::int64_t to = 1;
    double scale = 1;
    double roiStart = 0;
    double roiEnd = 1;
};

struct ResizeRules {
    enum class Mode { Nearest, Linear, Cubic };
    Mode mode = Mode::Nearest;
    std::string coordinates;
    std::string nearest;
    double cubic = -0.75;
    bool excludeOutside = false;
    bool antialias = false;
    double extrapolated = 0;
    std::string aspect;

    static ResizeRules read(const Attributes& attributes);
};

ResizeRules ResizeRules::read(const Attributes& attributes) {
    ResizeRules rules;
    const std::string mode = attributes.text("mode", "nearest");
    require(mode == "nearest" || mode == "linear" || mode == "cubic" || mode == "bilinear",
            "the mode \"" + mode + "\" is not known");
    rules.mode = mode == "nearest" ? Mode::Nearest : mode == "cubic" ? Mode::Cubic : Mode::Linear;
    const bool old = attributes.opset() < 11;  // Upsample and the first Resize
    rules.coordinates =
        attributes.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    static const std::vector<std::string> kKnown = {
        "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
        "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
    require(std::find(kKnown.begin(), kKnown.end(), rules.coordinates) != kKnown.end(),
            "the coordinate_transformation_mode \"" + rules.coordinates + "\" is not known");
    rules.nearest = attributes.text("nearest_mode", old ? "floor" : "round_prefer_floor");
    rules.cubic = attributes.real("cubic_coeff_a", -0.75);
    rules.excludeOutside = attributes.integer("exclude_outside", 0) != 0;
    rules.antialias = attributes.integer("antialias", 0) != 0;
    rules.extrapolated = attributes.real("extrapolation_value", 0);
    rules.aspect = attributes.text("keep_aspect_ratio_policy", "stretch");
    return rules;
}

/// Where output place `x` lies among the input places.
double originOf(const ResizeRules& rules, const AxisResize& axis, std::int64_t x) {
    const auto place = static_cast<double>(x);
    const double length = axis.scale * static_cast<double>(axis.from);
    const double last = static_cast<double>(axis.from) - 1;
    if (rules.coordinates == "align_corners") {
        return length == 1 ? 0 : place * last / (length - 1);
    }
    if (rules.coordinates == "asymmetric") {
        return place / axis.scale;
    }
    if (rules.coordinates == "tf_crop_and_resize") {
        const double span = axis.roiEnd - axis.roiStart;
        return axis.roiStart * last +
               (length == 1 ? span * last / 2 : place * span * last / (length - 1));
    }
    if (rules.coordinates == "tf_half_pixel_for_nn") {
        return (place + 0.5) / axis.scale;
    }
    if (rules.coordinates == "pytorch_half_pixel" && axis.to == 1) {
        return 0;
    }
    double offset = 0;
    if (rules.coordinates == "half_pixel_symmetric") {
        offset = static_cast<double>(axis.from) / 2 * (1 - static_cast<double>(axis.to) / length);
    }
    return offset + (place + 0.5) / axis.scale - 0.5;
}

std::int64_t nearestPlace(const ResizeRules& rules, double origin) {
    if (rules.nearest == "round_prefer_floor") {
        return static_cast<std::int64_t>(std::ceil(origin - 0.5));
    }
    if (rules.nearest == "round_prefer_ceil") {
        return static_cast<std::int64_t>(std::floor(origin + 0.5));
    }
    return static_cast<std::int64_t>(rules.nearest == "ceil" ? std::ceil(origin)
                                                             : std::floor(origin));
}

/// The weight of an input place at `distance`, for a kernel stretched by antialiasing.
double kernelAt(const ResizeRules& rules, double distance) {
    const double d = std::fabs(distance);
    if (rules.mode == ResizeRules::Mode::Linear) {
        return std::max(0.0, 1 - d);
    }
    const double a = rules.cubic;
    if (d <= 1) {
        return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/// Adds the weights of one output place to its row of the matrix [to, from].
void fillRow(const ResizeRules& rules, const AxisResize& axis, double origin, double* row) {
    const auto inside = [&](std::int64_t i) {
        return std::clamp<std::int64_t>(i, 0, axis.from - 1);
    };
    if (rules.mode == ResizeRules::Mode::Nearest) {
        row[inside(nearestPlace(rules, origin))] = 1;
        return;
    }
    const double stretch = rules.antialias ? std::min(1.0, axis.scale) : 1;
    const double reach = (rules.mode == ResizeRules::Mode::Linear ? 1 : 2) / stretch;
    const auto first = static_cast<std::int64_t>(std::floor(origin - reach)) + 1;
    const auto last = static_cast<std::int64_t>(std::ceil(origin + reach)) - 1;
    double total = 0;
    for (std::int64_t i = first; i <= last; ++i) {
        const bool outside = i != inside(i);
        if (outside && rules.excludeOutside) {
            continue;
        }
        const double weight = kernelAt(rules, (static_cast<double>(i) - origin) * stretch);
        row[inside(i)] += weight;
        total += weight;
    }
    const bool normalizes = rules.antialias || rules.excludeOutside;
    for (std::int64_t i = 0; normalizes && total != 0 && i < axis.from; ++i) {
        row[i] /= total;
    }
}

at::Tensor resizeAxis(const ResizeRules& rules, const AxisResize& axis, const at::Tensor& x,
                      std::int64_t dimension) {
    if (rules.mode == ResizeRules::Mode::Nearest) {
        std::vector<std::int64_t> places;
        for (std::int64_t i = 0; i < axis.to; ++i) {
            places.push_back(std::clamp<std::int64_t>(nearestPlace(rules, originOf(rules, axis, i)),
                                                      0, axis.from - 1));
        }
        return at::index_select(x, dimension, at::tensor(places, at::kLong));
    }
    require(axis.to * axis.from <= std::int64_t{1} << 28, "the image is too large to interpolate");
    at::Tensor matrix = at::zeros({axis.to, axis.from}, at::kDouble);
    for (std::int64_t i = 0; i < axis.to; ++i) {
        fillRow(rules, axis, originOf(rules, axis, i), matrix.data_ptr<double>() + i * axis.from);
    }
    return at::matmul(x.movedim(dimension, -1), matrix.to(x.scalar_type()).t())
        .movedim(-1, dimension);
}

/// Places whose origin lies outside the image, for tf_crop_and_resize.
at::Tensor outsidePlaces(const ResizeRules& rules, const AxisResize& axis) {
    std::vector<std::int64_t> outside;
    for (std::int64_t i = 0; i < axis.to; ++i) {
        const double origin = originOf(rules, axis, i);
        outside.push_back(origin < 0 || origin > static_cast<double>(axis.from - 1) ? 1 : 0);
    }
    return at::tensor(outside, at::kLong).to(at::kBool);
}

at::Tensor resized(const ResizeRules& rules, const std::vector<AxisResize>& axes,
                   const at::Tensor& x) {
    if (hasChannelsLast(x)) {  // in the order of its memory it is resized without another copy
        return resized(rules, {axes[0], axes[2], axes[3], axes[1]}, x.permute({0, 2, 3, 1}))
            .permute({0, 3, 1, 2});
    }
    const bool interpolates = rules.mode != ResizeRules::Mode::Nearest;
    const bool converts = interpolates && !at::isFloatingType(x.scalar_type());
    at::Tensor result = converts ? x.to(at::kFloat) : x;
    const bool crops = rules.coordinates == "tf_crop_and_resize";
    at::Tensor outside;
    for (std::int64_t dimension = x.dim() - 1; dimension >= 0; --dimension) {
        const AxisResize& axis = axes[static_cast<std::size_t>(dimension)];
        if (axis.to == axis.from && axis.scale == 1 && !crops) {
            continue;
        }
        require(axis.from > 0 && axis.to >= 0, "an empty dimension cannot be resized");
        checkSize({axis.to, result.numel() / std::max<std::int64_t>(1, axis.from)});
        result = resizeAxis(rules, axis, result, dimension);
        if (crops) {
            std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
            shape[static_cast<std::size_t>(dimension)] = axis.to;
            const at::Tensor here = outsidePlaces(rules, axis).reshape(shape);
            outside = outside.defined() ? at::logical_or(outside, here) : here;
        }
    }
    if (crops) {
        result = at::where(outside, at::full({}, rules.extrapolated, result.options()), result);
    }
    if (converts) {
        const bool isByte = x.scalar_type() == at::kByte || x.scalar_type() == at::kChar;
        result = isByte ? at::clamp(result, x.scalar_type() == at::kByte ? 0 : -128,
                                    x.scalar_type() == at::kByte ? 255 : 127)
                        : result;
    }
    return result.to(x.scalar_type()).contiguous();
}

std::vector<double> realValues(const at::Tensor& tensor) {
    if (!tensor.defined()) {
        return {};
    }
    const at::Tensor values = tensor.to(at::kDouble).contiguous();
    return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

/// Sizes keep the aspect ratio when asked: every axis gets the smallest or the largest scale.
void keepAspect(const ResizeRules& rules, const std::vector<std::int64_t>& chosen,
                std::vector<AxisResize>& axes) {
    if (rules.aspect == "stretch") {
        return;
    }
    require(rules.aspect == "not_larger" || rules.aspect == "not_smaller",
            "the keep_aspect_ratio_policy \"" + rules.aspect + "\" is not known");
    double scale = axes[static_cast<std::size_t>(chosen.at(0))].scale;
    for (const std::int64_t i : chosen) {
        const double other = axes[static_cast<std::size_t>(i)].scale;
        scale = rules.aspect == "not_larger" ? std::min(scale, other) : std::max(scale, other);
    }
    for (const std::int64_t i : chosen) {
        AxisResize& axis = axes[static_cast<std::size_t>(i)];
        axis.scale = scale;
        axis.to = static_cast<std::int64_t>(scale * static_cast<double>(axis.from) + 0.5);
    }
}

/// What is asked of every axis; `chosen` are the axes that roi, scales and sizes speak of.
std::vector<AxisResize> axesFor(const ResizeRules& rules, const at::Tensor& x,
                                const std::vector<std::int64_t>& chosen,
                                const std::vector<double>& roi, const std::vector<double>& scales,
                                const std::vector<double>& sizes) {
    std::vector<AxisResize> axes;
    for (const std::int64_t size : x.sizes()) {
        axes.push_back({.from = size, .to = size});
    }
    require(scales.empty() != sizes.empty(), "exactly one of scales and sizes must be given");
    require((scales.empty() ? sizes : scales).size() == chosen.size(),
            "there must be one scale or size for each axis");
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        AxisResize& axis = axes[static_cast<std::size_t>(chosen[i])];
        const auto from = static_cast<double>(axis.from);
        require(scales.empty() || scales[i] > 0, "a scale must be positive");
        axis.scale = scales.empty() ? sizes[i] / from : scales[i];
        axis.to =
            static_cast<std::int64_t>(scales.empty() ? sizes[i] : std::floor(from * scales[i]));
        if (roi.size() == 2 * chosen.size()) {
            axis.roiStart = roi[i];
            axis.roiEnd = roi[chosen.size() + i];
        }
    }
    if (scales.empty()) {
        keepAspect(rules, chosen, axes);
    }
    return axes;
}

/// Opset 10 and older: x and scales; newer: x, roi, scales, sizes.
Kernel makeResize(const Attributes& attributes) {
    const ResizeRules rules = ResizeRules::read(attributes);
    const bool old = attributes.opset() < 11;
    const std::vector<float> fixed = attributes.reals("scales");
    const std::vector<std::int64_t> given = attributes.integers("axes");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        std::vector<std::int64_t> chosen = given;
        for (std::int64_t axis = 0; given.empty() && axis < x.dim(); ++axis) {
            chosen.push_back(axis);
        }
        for (std::int64_t& axis : chosen) {
            axis = wrapAxis(axis, x.dim());
        }
        std::vector<double> scales = realValues(optionalInput(inputs, old ? 1 : 2));
        if (scales.empty()) {
            scales.assign(fixed.begin(), fixed.end());
        }
        const std::vector<double> roi =
            old ? std::vector<double>() : realValues(optionalInput(inputs, 1));
        const std::vector<double> sizes =
            old ? std::vector<double>() : realValues(optionalInput(inputs, 3));
        return {resized(rules, axesFor(rules, x, chosen, roi, scales, sizes), x)};
    };
}

}  // namespace

void addResizeOperators(OperatorTable& table) {
    table["Resize"] = makeResize;
    table["Upsample"] = makeResize;
}

}  // namespace bitloupe::execution
