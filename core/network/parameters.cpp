// SPDX-License-Identifier: Apache-2.0
#include "core/network/parameters.h"

#include <set>

#include "core/network/network.h"

namespace bitloupe::network {

namespace {

/// Floating tensors at these places configure an operator; nobody trained them.
bool configures(const Node& node, std::size_t input) {
    static const std::map<std::string, std::size_t> kFirstSetting = {{"Resize", 1},
                                                                     {"Upsample", 1},
                                                                     {"Pad", 1},
                                                                     {"Clip", 1},
                                                                     {"QuantizeLinear", 1},
                                                                     {"DequantizeLinear", 1},
                                                                     {"Quant", 1},
                                                                     {"BipolarQuant", 1},
                                                                     {"Trunc", 1},
                                                                     {"BatchNormalization", 3},
                                                                     {"Range", 0},
                                                                     {"Where", 1},
                                                                     {"Pow", 1},
                                                                     {"Dropout", 1},
                                                                     {"Loop", 0},
                                                                     {"If", 0}};
    const auto found = kFirstSetting.find(node.operatorType);
    return found != kFirstSetting.end() && input >= found->second;
}

bool isFloating(ElementType type) {
    return type == ElementType::Float32 || type == ElementType::Float64;
}

/// A stored tensor that training made: floating with at least one axis, or a quantized matrix.
bool isParameter(const Node& node, std::size_t input, const Array& array) {
    const bool matrix = array.shape().size() >= 2 && elementSize(array.type()) == 1;
    return (isFloating(array.type()) ? !array.shape().empty() : matrix) && !configures(node, input);
}

}  // namespace

std::vector<std::string> parameterNames(const Graph& graph) {
    std::set<std::string> seen;
    std::vector<std::string> names;
    for (const Node& node : graph.nodes) {
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const auto found = graph.initializers.find(node.inputs[i]);
            if (found != graph.initializers.end() && isParameter(node, i, found->second) &&
                seen.insert(found->first).second) {
                names.push_back(found->first);
            }
        }
    }
    return names;
}

std::int64_t countParameters(const Graph& graph) {
    std::int64_t total = graph.mergedParameters;
    for (const std::string& name : parameterNames(graph)) {
        total += graph.initializers.at(name).size();
    }
    return total;
}

}  // namespace bitloupe::network
