// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/compact_onnx.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace bitloupe::exporters {

namespace {

using network::Attribute;
using network::Graph;
using network::Node;
using Names = std::map<std::string, std::string>;

std::set<std::string> namesOf(const Graph& graph) {
    std::set<std::string> names;
    for (const auto& [name, array] : graph.initializers) {
        names.insert(name);
    }
    for (const auto* values : {&graph.inputs, &graph.outputs}) {
        for (const network::ValueInfo& value : *values) {
            names.insert(value.name);
        }
    }
    for (const Node& node : graph.nodes) {
        names.insert(node.inputs.begin(), node.inputs.end());
        names.insert(node.outputs.begin(), node.outputs.end());
    }
    return names;
}

/// Nodes of a graph inside a node may read any name of this one.
bool holdsGraphs(const Graph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
        return std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& entry) {
            return std::holds_alternative<std::shared_ptr<const Graph>>(entry.second);
        });
    });
}

/// Type, shape and content of a stored scalar; "" for other tensors.
std::string scalarKey(const OnnxModel& model, const std::string& name, const Array& array) {
    if (!array.shape().empty()) {
        return {};
    }
    const auto packed = model.storedAs.find(name);
    std::string key =
        std::to_string(static_cast<int>(array.type())) + ' ' +
        (packed == model.storedAs.end() ? "" : std::to_string(static_cast<int>(packed->second))) +
        ' ';
    for (const std::byte byte : array.bytes()) {
        key += static_cast<char>(byte);
    }
    return key;
}

/// A letter that tells what it is, from the last part of the long name.
char initialOf(std::string_view name) {
    const std::size_t last = name.find_last_of("_.");
    const char first =
        last + 1 < name.size() ? name[last == std::string_view::npos ? 0 : last + 1] : 't';
    return std::isalpha(static_cast<unsigned char>(first)) != 0 ? first : 't';
}

/// Old name to new name of everything that the network does not have.
Names newNames(const OnnxModel& model, const Graph& network) {
    const std::set<std::string> kept = namesOf(network);
    Names names;
    std::map<std::string, std::string> scalars;
    int count = 0;
    const auto add = [&](const std::string& name) {
        if (name.empty() || kept.contains(name) || names.contains(name)) {
            return;
        }
        std::string given;
        do {
            given = initialOf(name) + std::to_string(count++);
        } while (kept.contains(given));
        names[name] = given;
    };
    for (const auto& [name, array] : model.graph.initializers) {
        const std::string key = kept.contains(name) ? "" : scalarKey(model, name, array);
        if (const auto equal = scalars.find(key); !key.empty() && equal != scalars.end()) {
            names[name] = equal->second;
            continue;
        }
        add(name);
        if (!key.empty()) {
            scalars[key] = names.at(name);
        }
    }
    for (const Node& node : model.graph.nodes) {
        std::for_each(node.outputs.begin(), node.outputs.end(), add);
    }
    return names;
}

void rename(const Names& names, std::string& name) {
    if (const auto found = names.find(name); found != names.end()) {
        name = found->second;
    }
}

bool isAll(const Attribute& value, std::int64_t number) {
    if (const auto* one = std::get_if<std::int64_t>(&value)) {
        return *one == number;
    }
    const auto* several = std::get_if<std::vector<std::int64_t>>(&value);
    return several != nullptr && std::all_of(several->begin(), several->end(),
                                             [number](std::int64_t n) { return n == number; });
}

/// What the operator assumes for an attribute that is not there, where that is one whole number.
bool isDefault(const std::string& type, const std::string& name, const Attribute& value) {
    const bool pool = type == "MaxPool" || type == "AveragePool";
    if (type == "Conv" || pool) {
        return ((name == "strides" || name == "dilations") && isAll(value, 1)) ||
               (name == "pads" && isAll(value, 0)) || (name == "group" && isAll(value, 1)) ||
               (pool && (name == "ceil_mode" || name == "count_include_pad") && isAll(value, 0));
    }
    if (type == "Gemm") {
        const auto* real = std::get_if<float>(&value);
        return ((name == "transA" || name == "transB") && isAll(value, 0)) ||
               ((name == "alpha" || name == "beta") && real != nullptr && *real == 1.0F);
    }
    return type == "Flatten" && name == "axis" && isAll(value, 1);
}

}  // namespace

OnnxModel compactOnnx(OnnxModel model, const Graph& network) {
    for (Node& node : model.graph.nodes) {
        std::erase_if(node.attributes, [&](const auto& entry) {
            return node.domain.empty() && isDefault(node.operatorType, entry.first, entry.second);
        });
    }
    if (holdsGraphs(model.graph)) {
        return model;
    }
    const Names names = newNames(model, network);
    for (Node& node : model.graph.nodes) {
        for (std::string& name : node.inputs) {
            rename(names, name);
        }
        for (std::string& name : node.outputs) {
            rename(names, name);
        }
    }
    std::map<std::string, Array> initializers;
    for (auto& [name, array] : model.graph.initializers) {
        std::string given = name;
        rename(names, given);
        initializers.emplace(given, array);
    }
    model.graph.initializers = std::move(initializers);
    std::map<std::string, PackedType> stored;
    for (const auto& [name, type] : model.storedAs) {
        std::string given = name;
        rename(names, given);
        stored[given] = type;
    }
    model.storedAs = std::move(stored);
    return model;
}

}  // namespace bitloupe::exporters
