// SPDX-License-Identifier: Apache-2.0
#include "core/importers/weight_check.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace bitloupe::importers {

namespace {

template <typename T, typename Predicate>
bool anyElement(const Array& array, Predicate predicate) {
    const std::span<const T> elements = array.as<T>();
    return std::any_of(elements.begin(), elements.end(), predicate);
}

template <typename Predicate>
bool anyFloat(const Array& array, Predicate predicate) {
    switch (array.type()) {
        case ElementType::Float32:
            return anyElement<float>(array, predicate);
        case ElementType::Float64:
            return anyElement<double>(array, predicate);
        default:
            return false;
    }
}

/// Initializers that an operator multiplies its data by or normalizes with.
std::set<std::string> multipliers(const network::Graph& graph) {
    static const std::set<std::string> kMultiplying = {"Conv",
                                                       "ConvTranspose",
                                                       "Gemm",
                                                       "MatMul",
                                                       "BatchNormalization",
                                                       "InstanceNormalization",
                                                       "LSTM",
                                                       "GRU",
                                                       "RNN",
                                                       "LayerNormalization",
                                                       "GroupNormalization"};
    std::set<std::string> names;
    for (const network::Node& node : graph.nodes) {
        if (node.domain.empty() && kMultiplying.contains(node.operatorType)) {
            names.insert(node.inputs.begin(), node.inputs.end());
        }
    }
    return names;
}

}  // namespace

Result<void> checkIsFinite(const std::string& name, const Array& array) {
    const bool nan = anyFloat(array, [](auto value) { return std::isnan(value); });
    if (nan || anyFloat(array, [](auto value) { return std::isinf(value); })) {
        return Error{std::string("the weights hold ") + (nan ? "NaN" : "an infinity"),
                     "tensor " + name, "train the network again: its training diverged"};
    }
    return {};
}

Result<void> checkWeightsAreFinite(const network::Graph& graph) {
    const std::set<std::string> multiplying = multipliers(graph);
    for (const auto& [name, array] : graph.initializers) {
        const bool nan = anyFloat(array, [](auto value) { return std::isnan(value); });
        if (nan || multiplying.contains(name)) {
            if (Result<void> finite = checkIsFinite(name, array); finite.hasError()) {
                return finite;
            }
        }
    }
    for (const network::Node& node : graph.nodes) {
        for (const auto& [name, attribute] : node.attributes) {
            const auto* body = std::get_if<std::shared_ptr<const network::Graph>>(&attribute);
            if (Result<void> finite = body ? checkWeightsAreFinite(**body) : Result<void>();
                finite.hasError()) {
                return finite;
            }
        }
    }
    return {};
}

}  // namespace bitloupe::importers
