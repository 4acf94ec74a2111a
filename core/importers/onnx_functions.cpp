// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_functions.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace bitloupe::importers {

namespace {

using Names = std::map<std::string, std::string>;
using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

constexpr int kDeepest = 64;
constexpr int kMostNodes = 1'000'000;

std::string mapped(const Names& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

void renameEdges(onnx::NodeProto& node, const Names& names);

/// What the body makes itself keeps its name; what it takes from outside is renamed.
void renameCaptured(onnx::GraphProto& body, Names names) {
    for (const auto& input : body.input()) {
        names.erase(input.name());
    }
    for (const auto& tensor : body.initializer()) {
        names.erase(tensor.name());
    }
    for (const onnx::NodeProto& node : body.node()) {
        for (const std::string& output : node.output()) {
            names.erase(output);
        }
    }
    for (onnx::NodeProto& node : *body.mutable_node()) {
        renameEdges(node, names);
    }
    for (auto& output : *body.mutable_output()) {
        output.set_name(mapped(names, output.name()));
    }
}

void renameEdges(onnx::NodeProto& node, const Names& names) {
    for (std::string& input : *node.mutable_input()) {
        input = mapped(names, input);
    }
    for (std::string& output : *node.mutable_output()) {
        output = mapped(names, output);
    }
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
        if (attribute.has_g()) {
            renameCaptured(*attribute.mutable_g(), names);
        }
    }
}

/// Attributes that refer to the function's own get the values of the call; those that the call does
/// not give are left out, so that the operator's default holds.
void bindAttributes(onnx::NodeProto& node, const onnx::NodeProto& call) {
    Nodes::value_type bound = node;
    bound.clear_attribute();
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.ref_attr_name().empty()) {
            onnx::AttributeProto& kept = *bound.add_attribute();
            kept = attribute;
            for (int i = 0; kept.has_g() && i < kept.g().node_size(); ++i) {
                bindAttributes(*kept.mutable_g()->mutable_node(i), call);
            }
            continue;
        }
        for (const onnx::AttributeProto& given : call.attribute()) {
            if (given.name() == attribute.ref_attr_name()) {
                onnx::AttributeProto& value = *bound.add_attribute();
                value = given;
                value.set_name(attribute.name());
            }
        }
    }
    node = std::move(bound);
}

class Inliner {
public:
    explicit Inliner(const onnx::ModelProto& model) {
        for (const onnx::FunctionProto& function : model.functions()) {
            m_functions[{function.domain(), function.name()}] = &function;
        }
    }

    /// Replaces the calls among `nodes` and in their bodies.
    Result<void> expand(Nodes& nodes, int depth) {
        Nodes expanded;
        for (onnx::NodeProto& node : nodes) {
            const auto found = m_functions.find({node.domain(), node.op_type()});
            Result<void> done = found == m_functions.end()
                                    ? expandBodies(node, depth)
                                    : call(*found->second, node, expanded, depth);
            if (done.hasError()) {
                return done;
            }
            if (found == m_functions.end()) {
                *expanded.Add() = std::move(node);
                ++m_nodes;
            }
            if (m_nodes > kMostNodes) {
                return Error{"its functions grow to more than a million nodes", "",
                             "export the network without functions"};
            }
        }
        nodes = std::move(expanded);
        return {};
    }

private:
    Result<void> expandBodies(onnx::NodeProto& node, int depth) {
        for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
            if (attribute.has_g()) {
                Result<void> done = expand(*attribute.mutable_g()->mutable_node(), depth);
                if (done.hasError()) {
                    return done;
                }
            }
        }
        return {};
    }

    Result<void> call(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                      Nodes& expanded, int depth) {
        ++m_nodes;  // a call costs something even when its body is empty
        if (depth >= kDeepest) {
            return Error{"the function calls itself", "function " + function.name(),
                         "export the network without functions"};
        }
        const std::string prefix = (node.name().empty() ? function.name() : node.name()) + "#" +
                                   std::to_string(m_calls++) + "/";
        Nodes body = function.node();
        const Names names = edgeNames(function, node, prefix, body);
        for (onnx::NodeProto& inner : body) {
            bindAttributes(inner, node);
            renameEdges(inner, names);
            inner.set_name(prefix + inner.name());
        }
        Result<void> done = expand(body, depth + 1);
        if (done.hasError()) {
            return done;
        }
        for (onnx::NodeProto& inner : body) {
            *expanded.Add() = std::move(inner);
        }
        return {};
    }

    /// Inputs and outputs have the call's names, everything else one of its own. An output that is
    /// an input as well needs an Identity, which is added to `body`.
    static Names edgeNames(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                           const std::string& prefix, Nodes& body) {
        Names names;
        for (const onnx::NodeProto& inner : function.node()) {
            for (const std::string& output : inner.output()) {
                if (!output.empty()) {
                    names[output] = prefix + output;
                }
            }
        }
        std::set<std::string> inputs;
        for (int i = 0; i < function.input_size(); ++i) {
            names[function.input(i)] = i < node.input_size() ? node.input(i) : "";
            inputs.insert(function.input(i));
        }
        for (int i = 0; i < function.output_size() && i < node.output_size(); ++i) {
            if (node.output(i).empty()) {
                continue;
            }
            if (inputs.contains(function.output(i))) {
                onnx::NodeProto& copy = *body.Add();
                copy.set_op_type("Identity");
                copy.add_input(function.output(i));
                copy.add_output(node.output(i));
            } else {
                names[function.output(i)] = node.output(i);
            }
        }
        return names;
    }

    std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*> m_functions;
    int m_calls = 0;
    int m_nodes = 0;
};

}  // namespace

Result<void> inlineFunctions(onnx::ModelProto& model) {
    if (model.functions_size() == 0) {
        return {};
    }
    return Inliner(model).expand(*model.mutable_graph()->mutable_node(), 0);
}

}  // namespace bitloupe::importers
