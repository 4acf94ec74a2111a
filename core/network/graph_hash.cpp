// SPDX-License-Identifier: Apache-2.0
#include "core/network/graph_hash.h"

#include <bit>
#include <string_view>

#include "core/base/sha256.h"

namespace bitloupe::network {

namespace {

void addGraph(Sha256& hash, const Graph& graph);

/// The length first, so that ("ab", "c") and ("a", "bc") differ.
void addText(Sha256& hash, std::string_view text) {
    hash.add(static_cast<std::uint64_t>(text.size())).add(text);
}

void addSigned(Sha256& hash, std::int64_t value) {
    hash.add(static_cast<std::uint64_t>(value));
}

void addArray(Sha256& hash, const Array& array) {
    addText(hash, elementTypeName(array.type()));
    hash.add(std::uint64_t{array.shape().size()});
    for (const std::int64_t dimension : array.shape()) {
        addSigned(hash, dimension);
    }
    hash.add(array.bytes());
}

/// One overload per alternative of Attribute.
struct AttributeHasher {
    Sha256& hash;

    void operator()(std::int64_t value) const { addSigned(hash, value); }
    void operator()(float value) const {
        hash.add(std::uint64_t{std::bit_cast<std::uint32_t>(value)});
    }
    void operator()(const std::string& value) const { addText(hash, value); }
    void operator()(const Array& value) const { addArray(hash, value); }
    void operator()(const std::shared_ptr<const Graph>& value) const { addGraph(hash, *value); }
    template <typename T>
    void operator()(const std::vector<T>& values) const {
        hash.add(std::uint64_t{values.size()});
        for (const T& value : values) {
            (*this)(value);
        }
    }
};

void addNames(Sha256& hash, const std::vector<std::string>& names) {
    hash.add(std::uint64_t{names.size()});
    for (const std::string& name : names) {
        addText(hash, name);
    }
}

void addValues(Sha256& hash, const std::vector<ValueInfo>& values) {
    hash.add(std::uint64_t{values.size()});
    for (const ValueInfo& value : values) {
        addText(hash, value.name);
        addText(hash, elementTypeName(value.type));
        hash.add(std::uint64_t{value.shape.size()});
        for (const Dimension& dimension : value.shape) {
            addSigned(hash, dimension.value.value_or(-1));
        }
    }
}

void addGraph(Sha256& hash, const Graph& graph) {
    addSigned(hash, graph.opset);
    addValues(hash, graph.inputs);
    addValues(hash, graph.outputs);
    hash.add(std::uint64_t{graph.initializers.size()});
    for (const auto& [name, array] : graph.initializers) {
        addText(hash, name);
        addArray(hash, array);
    }
    hash.add(std::uint64_t{graph.nodes.size()});
    for (const Node& node : graph.nodes) {
        addText(hash, node.domain);
        addText(hash, node.operatorType);
        addNames(hash, node.inputs);
        addNames(hash, node.outputs);
        hash.add(std::uint64_t{node.attributes.size()});
        for (const auto& [name, attribute] : node.attributes) {
            addText(hash, name);
            hash.add(std::uint64_t{attribute.index()});
            std::visit(AttributeHasher{hash}, attribute);
        }
    }
}

}  // namespace

std::string graphHash(const Graph& graph) {
    Sha256 hash;
    addGraph(hash, graph);
    return hash.hex();
}

}  // namespace bitloupe::network
