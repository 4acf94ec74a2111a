// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/torchscript.h"

#include <set>

#include "core/base/text.h"
#include "core/exporters/script_operators.h"
#include "core/exporters/script_quantizers.h"

namespace bitloupe::exporters {

namespace {

class Writer {
public:
    explicit Writer(const ResolvedDesign& design)
        : m_design(design), m_graph(*design.network->graph), m_index(m_graph) {}

    Result<execution::ScriptModule> write() {
        std::vector<std::string> inputs;
        for (std::size_t i = 0; i < m_graph.inputs.size(); ++i) {
            inputs.push_back("x" + std::to_string(i));
            m_values[m_graph.inputs[i].name] = inputs.back();
        }
        addWeights();
        for (std::size_t at = 0; at < m_graph.nodes.size(); ++at) {
            addNode(at);
        }
        std::vector<std::string> outputs;
        for (const network::ValueInfo& output : m_graph.outputs) {
            outputs.push_back(value(output.name));
        }
        std::string source = "def forward(self, " + text::join(inputs, ", ") + "):\n";
        for (const std::string& line : m_script.lines()) {
            source += "    " + line + '\n';
        }
        source += "    return " + text::join(outputs, ", ") + '\n';
        return execution::ScriptModule{std::move(source), m_script.buffers()};
    }

private:
    void addWeights() {
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (m_design.weights[i] && !m_values.contains(layers[i].weight)) {
                m_values[layers[i].weight] = m_script.weights(
                    "w" + std::to_string(i), *m_design.assignment[i].weights, *m_design.weights[i]);
            }
        }
    }

    /// The script's name of an edge; stored tensors become buffers when they are first read.
    std::string value(const std::string& edge) {
        const auto known = m_values.find(edge);
        if (known != m_values.end()) {
            return known->second;
        }
        const Array* stored = m_index.initializer(edge);
        const std::string name = "c" + std::to_string(m_values.size());
        return m_values[edge] = stored == nullptr ? "None" : m_script.buffer(name, *stored);
    }

    void addNode(std::size_t at) {
        const network::Node& node = m_graph.nodes[at];
        const std::map<std::string, std::string> rounded = roundedOperands(at);
        const ScriptContext context{m_index, node, [&](std::size_t i) {
                                        const std::string edge = network::inputOr(node, i);
                                        const auto found = rounded.find(edge);
                                        return found == rounded.end() ? value(edge) : found->second;
                                    }};
        m_values[node.outputs.front()] =
            m_script.assign("v" + std::to_string(at), scriptExpression(context));
    }

    /// The operands of the layer that node `at` is which the design rounds, by edge.
    std::map<std::string, std::string> roundedOperands(std::size_t at) {
        std::map<std::string, std::string> operands;
        const auto& layers = m_design.network->layers;
        const auto& second = m_design.secondActivations;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (layers[i].node != at) {
                continue;
            }
            const std::string name = "q" + std::to_string(i);
            if (m_design.activations[i]) {
                operands[layers[i].input] =
                    rounded(layers[i].input, name, i, *m_design.activations[i]);
            }
            if (i < second.size() && second[i]) {
                operands[layers[i].secondInput] =
                    rounded(layers[i].secondInput, name + "b", i, *second[i]);
            }
        }
        return operands;
    }

    /// An edge is rounded once for all layers that round it alike.
    std::string rounded(const std::string& edge, const std::string& name, std::size_t layer,
                        const quantization::ActivationRounding& rounding) {
        const std::string key = edge + '\n' + m_design.assignment[layer].activations->name();
        auto [known, isNew] = m_rounded.try_emplace(key);
        if (isNew) {
            known->second = m_script.activation(value(edge), name, rounding);
        }
        return known->second;
    }

    const ResolvedDesign& m_design;
    const network::Graph& m_graph;
    network::GraphIndex m_index;
    ScriptQuantizers m_script;
    std::map<std::string, std::string> m_values;
    std::map<std::string, std::string> m_rounded;
};

}  // namespace

std::vector<std::string> torchScriptObstacles(const Schemes& schemes) {
    std::vector<std::string> sentences =
        quantizerObstacles(schemes, [](const auto&, const auto&, auto) { return std::string(); });
    const network::GraphIndex index(*schemes.network.graph);
    for (const network::Node& node : index.graph().nodes) {
        const ScriptContext context{index, node, [](std::size_t) { return std::string("x"); }};
        if (scriptExpression(context).empty()) {
            sentences.push_back("node " + node.name + ": this form of " + node.operatorType +
                                " has no TorchScript line here");
        }
    }
    return sentences;
}

Result<execution::ScriptModule> buildTorchScript(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = torchScriptObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit TorchScript", reasons.front(),
                     "choose another export"};
    }
    return Writer(design).write();
}

}  // namespace bitloupe::exporters
