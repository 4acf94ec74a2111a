// SPDX-License-Identifier: Apache-2.0
#include "core/network/weight_source.h"

#include <set>

namespace bitloupe::network {

namespace {

/// Operators whose output has the elements of input 0 in the same places.
bool keepsPlaces(const std::string& type) {
    static const std::set<std::string> kTypes = {
        "Identity",         "Dropout", "Cast",         "QuantizeLinear",
        "DequantizeLinear", "Quant",   "BipolarQuant", "Pad"};
    return kTypes.contains(type);
}

bool reshapes(const std::string& type) {
    static const std::set<std::string> kTypes = {"Reshape", "Flatten", "Squeeze", "Unsqueeze"};
    return kTypes.contains(type);
}

/// The axis of the Transpose's input that becomes `axis` of its output.
int axisBeforeTranspose(const Node& node, int axis, std::size_t rank) {
    const auto permutation = attributeOr(node, "perm", std::vector<std::int64_t>());
    if (permutation.empty()) {
        return static_cast<int>(rank) - 1 - axis;
    }
    const auto position = static_cast<std::size_t>(axis);
    return position < permutation.size() ? static_cast<int>(permutation[position]) : axis;
}

/// The axis of `before` that is the same as `axis` of `after`: as long, with as many elements
/// outside and inside it.
std::optional<int> axisBeforeReshape(const Shape& before, const Shape& after, int axis) {
    if (axis < 0 || static_cast<std::size_t>(axis) >= after.size()) {
        return std::nullopt;
    }
    const std::int64_t length = after[static_cast<std::size_t>(axis)];
    const std::int64_t outside =
        elementCount(std::span(after).first(static_cast<std::size_t>(axis)));
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] == length && elementCount(std::span(before).first(i)) == outside) {
            return static_cast<int>(i);
        }
    }
    return std::nullopt;
}

}  // namespace

Shape shapeOf(const GraphIndex& index, const EdgeShapes& shapes, const std::string& edge) {
    if (const Array* array = index.initializer(edge)) {
        return array->shape();
    }
    const auto found = shapes.find(edge);
    return found == shapes.end() ? Shape() : found->second;
}

std::optional<WeightSource> findWeight(const GraphIndex& index, const EdgeShapes& shapes,
                                       const std::string& edge, int axis) {
    std::string current = edge;
    // A chain cannot be longer than the graph: a graph is acyclic once it has been sorted.
    for (std::size_t step = 0; step <= index.graph().nodes.size(); ++step) {
        if (index.initializer(current) != nullptr) {
            return WeightSource{current, axis};
        }
        const auto maker = index.maker(current);
        if (!maker) {
            return std::nullopt;
        }
        const Node& node = index.graph().nodes[*maker];
        const std::string source = inputOr(node, 0);
        const Shape before = shapeOf(index, shapes, source);
        if (node.operatorType == "Transpose") {
            axis = axisBeforeTranspose(node, axis, before.size());
        } else if (reshapes(node.operatorType)) {
            const auto moved = axisBeforeReshape(before, shapeOf(index, shapes, current), axis);
            if (!moved) {
                return std::nullopt;
            }
            axis = *moved;
        } else if (!keepsPlaces(node.operatorType)) {
            return std::nullopt;
        }
        current = source;
    }
    return std::nullopt;
}

}  // namespace bitloupe::network
