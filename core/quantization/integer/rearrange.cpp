// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/rearrange.h"

#include <algorithm>

namespace bitloupe::quantization {

namespace {

using network::GraphIndex;
using network::Node;

/// Along one dimension: where it starts, how far apart elements are, and how many there are.
struct Axis {
    std::int64_t start = 0;
    std::int64_t step = 1;
    std::int64_t count = 0;
};

Error misfit(const Node& node, const std::string& why) {
    return {why, "node \"" + node.name + "\" (" + node.operatorType + ")",
            "integer arithmetic slices and pads with numbers that the network stores"};
}

/// Whole numbers of an input, or of an attribute as older opsets have them.
std::optional<Shape> integersOf(const Node& node, std::size_t input, const char* attribute,
                                const GraphIndex& index) {
    const std::string& name = network::inputOr(node, input);
    if (name.empty()) {
        return network::attributeOr(node, attribute, Shape());
    }
    const Array* stored = index.initializer(name);
    if (stored == nullptr || stored->type() != ElementType::Int64) {
        return std::nullopt;
    }
    return Shape(stored->as<std::int64_t>().begin(), stored->as<std::int64_t>().end());
}

/// ONNX's rule for a bound of a slice: from the end when negative, then within the dimension.
std::int64_t bound(std::int64_t value, std::int64_t size, bool backwards) {
    const std::int64_t placed = value < 0 ? value + size : value;
    return backwards ? std::clamp<std::int64_t>(placed, -1, size - 1)
                     : std::clamp<std::int64_t>(placed, 0, size);
}

Result<std::vector<Axis>> slices(const Node& node, const Shape& shape, const GraphIndex& index) {
    const auto starts = integersOf(node, 1, "starts", index);
    const auto ends = integersOf(node, 2, "ends", index);
    const auto axes = integersOf(node, 3, "axes", index);
    const auto steps = integersOf(node, 4, "", index);
    if (!starts || !ends || !axes || !steps || starts->size() != ends->size() ||
        (!axes->empty() && axes->size() != starts->size()) ||
        (!steps->empty() && steps->size() != starts->size())) {
        return misfit(node, "its bounds are not stored");
    }
    std::vector<Axis> result;
    for (const std::int64_t size : shape) {
        result.push_back({0, 1, size});
    }
    for (std::size_t i = 0; i < starts->size(); ++i) {
        const std::int64_t given = axes->empty() ? static_cast<std::int64_t>(i) : (*axes)[i];
        const auto place = given < 0 ? given + static_cast<std::int64_t>(shape.size()) : given;
        const std::int64_t step = steps->empty() ? 1 : (*steps)[i];
        if (place < 0 || place >= static_cast<std::int64_t>(shape.size()) || step == 0) {
            return misfit(node, "its bounds do not fit its input");
        }
        const std::int64_t size = shape[static_cast<std::size_t>(place)];
        const std::int64_t start = bound((*starts)[i], size, step < 0);
        const std::int64_t end = bound((*ends)[i], size, step < 0);
        const std::int64_t distance = step > 0 ? end - start : start - end;
        const std::int64_t stride = std::abs(step);
        result[static_cast<std::size_t>(place)] = {
            start, step, std::max<std::int64_t>(0, (distance + stride - 1) / stride)};
    }
    return result;
}

Result<std::vector<Axis>> pads(const Node& node, const Shape& shape, const GraphIndex& index) {
    const auto given = integersOf(node, 1, "pads", index);
    const Array* value = index.initializer(network::inputOr(node, 2));
    const bool isZero = network::inputOr(node, 2).empty()
                            ? network::attributeOr(node, "value", 0.0F) == 0
                            : value != nullptr && value->type() == ElementType::Float32 &&
                                  value->size() == 1 && value->as<float>()[0] == 0;
    const bool isConstant =
        network::attributeOr(node, "mode", std::string("constant")) == "constant";
    if (!given || given->size() != 2 * shape.size() || !isZero || !isConstant ||
        !network::inputOr(node, 3).empty()) {
        return misfit(node, "it does not pad every dimension with stored numbers of zeros");
    }
    std::vector<Axis> result;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const std::int64_t before = (*given)[i];
        result.push_back({-before, 1, shape[i] + before + (*given)[shape.size() + i]});
    }
    return result;
}

}  // namespace

Result<Rearranged> rearrange(const Node& node, const Shape& shape, const GraphIndex& index) {
    Result<std::vector<Axis>> made =
        node.operatorType == "Slice" ? slices(node, shape, index) : pads(node, shape, index);
    if (made.hasError()) {
        return made.error();
    }
    const std::vector<Axis>& axes = made.value();
    const bool empty =
        std::any_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.count < 1; });
    if (axes.empty() || empty || axes[0].start != 0 || axes[0].step != 1 ||
        axes[0].count != shape[0]) {
        return misfit(node, "it changes the number of samples or leaves nothing");
    }
    Rearranged result;
    result.from = {0};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        std::vector<std::int64_t> finer;
        for (const std::int64_t base : result.from) {
            for (std::int64_t place = 0; place < axes[i].count; ++place) {
                const std::int64_t at = axes[i].start + place * axes[i].step;
                const bool inside = base != IntegerGather::kZero && at >= 0 && at < shape[i];
                finer.push_back(inside ? base * shape[i] + at : IntegerGather::kZero);
            }
        }
        result.from = std::move(finer);
        result.shape.push_back(axes[i].count);
    }
    return result;
}

}  // namespace bitloupe::quantization
