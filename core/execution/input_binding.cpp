// SPDX-License-Identifier: Apache-2.0
#include "core/execution/input_binding.h"

#include "core/base/text.h"

namespace bitloupe::execution {

namespace {

std::string shapeText(const std::vector<std::string>& dimensions) {
    return dimensions.empty() ? "scalar" : text::join(dimensions, "x");
}

std::string shapeText(const Shape& shape) {
    std::vector<std::string> dimensions;
    for (const std::int64_t dimension : shape) {
        dimensions.push_back(std::to_string(dimension));
    }
    return shapeText(dimensions);
}

std::string shapeText(const std::vector<network::Dimension>& shape) {
    std::vector<std::string> dimensions;
    for (const network::Dimension& dimension : shape) {
        dimensions.push_back(dimension.value ? std::to_string(*dimension.value) : "?");
    }
    return shapeText(dimensions);
}

/// The first dimension is the batch: the caller decides how many samples it brings.
bool fits(const network::ValueInfo& input, const Shape& shape) {
    if (input.shape.empty()) {
        return true;  // a file may leave the shape open
    }
    if (input.shape.size() != shape.size()) {
        return false;
    }
    for (std::size_t i = 1; i < shape.size(); ++i) {
        if (input.shape[i].value && *input.shape[i].value != shape[i]) {
            return false;
        }
    }
    return true;
}

const Array* arrayFor(const network::Graph& graph, const network::ValueInfo& input,
                      const std::map<std::string, Array>& arrays) {
    auto found = arrays.find(input.name);
    if (found == arrays.end() && graph.inputs.size() == 1) {
        found = arrays.find("");
    }
    return found == arrays.end() ? nullptr : &found->second;
}

}  // namespace

Result<std::vector<Array>> bindInputs(const network::Graph& graph,
                                      const std::map<std::string, Array>& arrays) {
    std::vector<Array> bound;
    for (const network::ValueInfo& input : graph.inputs) {
        const std::string where = "input \"" + input.name + "\"";
        const Array* array = arrayFor(graph, input, arrays);
        if (array == nullptr) {
            return Error{"the network's input has no data", where,
                         "give one array for each input of the network"};
        }
        if (array->type() != input.type) {
            return Error{"the network expects " + std::string(elementTypeName(input.type)) +
                             " and gets " + std::string(elementTypeName(array->type())),
                         where, "convert the data to that type"};
        }
        if (!fits(input, array->shape())) {
            return Error{"the data has the shape " + shapeText(array->shape()) +
                             " and the network expects " + shapeText(input.shape),
                         where, "choose data of that shape"};
        }
        bound.push_back(*array);
    }
    if (arrays.size() > bound.size()) {
        return Error{"there is data for more inputs than the network has", "",
                     "give one array for each input of the network"};
    }
    return bound;
}

Shape sampleShape(const network::ValueInfo& input, const std::map<std::string, Shape>& given) {
    if (const auto found = given.find(input.name); found != given.end()) {
        return found->second;
    }
    Shape shape;
    for (const network::Dimension& dimension : input.shape) {
        shape.push_back(dimension.value.value_or(1));
    }
    return shape;
}

}  // namespace bitloupe::execution
