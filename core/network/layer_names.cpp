// SPDX-License-Identifier: Apache-2.0
#include "core/network/layer_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

#include "core/base/text.h"

namespace bitloupe::network {

namespace {

/// What frameworks put behind a module's name to name its weight.
constexpr std::array<std::string_view, 8> kWeightSuffixes = {
    ".weight", "_weight",           "/weight",         "/kernel:0",
    "/kernel", "/ReadVariableOp:0", "/ReadVariableOp", ".kernel"};

bool readable(std::string_view name) {
    return name.find("::") == std::string_view::npos &&  // "onnx::MatMul_123" names nothing
           std::any_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalpha(c) != 0; });
}

std::string withoutSlashes(const std::string& name) {
    const std::size_t first = name.find_first_not_of('/');
    return first == std::string::npos ? name : name.substr(first);
}

}  // namespace

std::string readableLayerName(const Node& node, const std::string& weight) {
    for (const std::string_view suffix : kWeightSuffixes) {
        const std::string_view view = weight;
        if (view.size() > suffix.size() && view.ends_with(suffix) && readable(view)) {
            return std::string(view.substr(0, view.size() - suffix.size()));
        }
    }
    return weight.empty() ? withoutSlashes(node.name) : nodeLayerName(node);
}

std::string nodeLayerName(const Node& node) {
    std::string name = withoutSlashes(node.name);
    const std::string tail = "/" + node.operatorType;
    if (name.ends_with(tail)) {
        name.resize(name.size() - tail.size());
    }
    return name.empty() ? node.name : name;
}

void makeNamesUnique(std::vector<Layer>& layers) {
    std::set<std::string> taken;
    for (const Layer& layer : layers) {
        taken.insert(layer.name);
    }
    std::set<std::string> used;
    for (Layer& layer : layers) {
        if (used.insert(layer.name).second) {
            continue;
        }
        const std::string base = layer.name;
        for (int number = 2; taken.contains(layer.name); ++number) {
            layer.name = base + "_" + std::to_string(number);
        }
        taken.insert(layer.name);
        used.insert(layer.name);
    }
}

std::vector<std::string> layerNames(const std::vector<Layer>& layers) {
    std::vector<std::string> names;
    for (const Layer& layer : layers) {
        names.push_back(layer.name);
    }
    return names;
}

Result<std::size_t> findLayer(const std::vector<std::string>& layers, const std::string& name,
                              const std::string& where) {
    const auto found = std::find(layers.begin(), layers.end(), name);
    if (found != layers.end()) {
        return static_cast<std::size_t>(found - layers.begin());
    }
    // The list is left out only where it would bury the suggestion.
    constexpr std::size_t kListed = 20;
    std::string hint;
    if (const std::string near = text::nearest(name, layers); !near.empty()) {
        hint = "did you mean `" + near + "`?";
    }
    if (hint.empty() || layers.size() <= kListed) {
        hint += (hint.empty() ? "give " : " give ") + text::join(layers, ", ");
    }
    return Error{"the network has no layer `" + name + "`", where, hint};
}

}  // namespace bitloupe::network
