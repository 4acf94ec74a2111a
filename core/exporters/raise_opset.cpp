// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/raise_opset.h"

#include <functional>
#include <optional>
#include <set>

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Node;

/// Rewrites nodes one by one into a new graph.
class Raiser {
public:
    explicit Raiser(const Graph& source) : m_source(source), m_graph(source) {
        m_graph.nodes.clear();
    }

    Result<Graph> raise(std::int64_t target) {
        for (const Node& node : m_source.nodes) {
            if (!node.domain.empty() && node.domain != "ai.onnx") {
                m_graph.nodes.push_back(node);
                continue;
            }
            const Result<Node> rewritten =
                m_source.opset < kLastOfFirstStep ? rewriteTo13(node) : Result<Node>(node);
            if (rewritten.hasError()) {
                return rewritten.error();
            }
            const Result<void> added = addRaisedTo(target, rewritten.value());
            if (added.hasError()) {
                return added.error();
            }
        }
        m_graph.opset = target;
        return std::move(m_graph);
    }

private:
    static constexpr std::int64_t kLastOfFirstStep = 13;
    static constexpr std::int64_t kReductionOpset = 18;  ///< axes became an input

    static bool isSoftmax(const Node& node) {
        static const std::set<std::string> kSoftmaxes = {"Softmax", "LogSoftmax", "Hardmax"};
        return kSoftmaxes.contains(node.operatorType);
    }

    Result<Node> rewriteTo13(const Node& node) {
        static const std::map<std::string, std::vector<std::string>> kIntegerAttributes = {
            {"Squeeze", {"axes"}},
            {"Unsqueeze", {"axes"}},
            {"ReduceSum", {"axes"}},
            {"Split", {"split"}},
            {"Slice", {"starts", "ends", "axes"}},
            {"Pad", {"pads"}}};
        static const std::set<std::string> kTooOld = {"Upsample", "TopK", "Resize", "Scan"};
        if (m_source.opset < 11 && kTooOld.contains(node.operatorType)) {
            return Error{node.operatorType + " of opset " + std::to_string(m_source.opset) +
                             " has no equal in opset 13",
                         "node " + node.name, "export the network again with opset 13 or later"};
        }
        Node raised = node;
        if (const auto entry = kIntegerAttributes.find(node.operatorType);
            entry != kIntegerAttributes.end()) {
            for (const std::string& attribute : entry->second) {
                moveIntegers(raised, attribute);
            }
            moveScalar(raised, "value", node.operatorType == "Pad");
        } else if (node.operatorType == "Clip") {
            moveScalar(raised, "min", true);
            moveScalar(raised, "max", true);
        } else if (node.operatorType == "Dropout") {
            raised.attributes.erase("ratio");
        } else if (node.operatorType == "BatchNormalization") {
            raised.attributes.erase("spatial");
        }
        return raised;
    }

    /// What changed after opset 13, and the flattening Softmax of before.
    Result<void> addRaisedTo(std::int64_t target, Node node) {
        static const std::set<std::string> kReductions = {
            "ReduceMean", "ReduceMax",    "ReduceMin",       "ReduceProd",     "ReduceL1",
            "ReduceL2",   "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"};
        static const std::set<std::string> kChangedMeaning = {"GroupNormalization", "DFT",
                                                              "RoiAlign"};
        if (m_source.opset < kLastOfFirstStep && isSoftmax(node)) {
            rewriteSoftmax(node);
            return {};
        }
        if (target >= kReductionOpset && m_source.opset < kReductionOpset) {
            if (kChangedMeaning.contains(node.operatorType)) {
                return Error{node.operatorType + " changed its meaning between opset " +
                                 std::to_string(m_source.opset) + " and " + std::to_string(target),
                             "node " + node.name,
                             "export the network again with opset " + std::to_string(target)};
            }
            if (kReductions.contains(node.operatorType)) {
                moveIntegers(node, "axes");
            } else if (node.operatorType == "Split" && node.inputs.size() < 2) {
                node.attributes["num_outputs"] = static_cast<std::int64_t>(node.outputs.size());
            }
        }
        if (target >= kGridSampleOpset && m_source.opset < kGridSampleOpset &&
            node.operatorType == "GridSample") {
            renameGridMode(node);
        }
        m_graph.nodes.push_back(std::move(node));
        return {};
    }

    static constexpr std::int64_t kGridSampleOpset = 20;
    static void renameGridMode(Node& node) {
        const auto mode = node.attributes.find("mode");
        if (mode == node.attributes.end() || std::get<std::string>(mode->second) == "bilinear") {
            node.attributes["mode"] = std::string("linear");
        } else if (std::get<std::string>(mode->second) == "bicubic") {
            mode->second = std::string("cubic");
        }
    }

    /// An integer list attribute becomes the next input.
    void moveIntegers(Node& node, const std::string& attribute) {
        const auto found = node.attributes.find(attribute);
        if (found == node.attributes.end()) {
            return;
        }
        const auto values = std::get<std::vector<std::int64_t>>(found->second);
        node.attributes.erase(found);
        node.inputs.push_back(addInitializer(
            node, attribute, Array::of({static_cast<std::int64_t>(values.size())}, values)));
    }

    /// A float attribute becomes the next input; left out it stays an omitted one.
    void moveScalar(Node& node, const std::string& attribute, bool applies) {
        const auto found = node.attributes.find(attribute);
        if (!applies || m_source.opset >= 11) {
            return;
        }
        if (found == node.attributes.end()) {
            node.inputs.emplace_back();
            return;
        }
        const std::vector<float> value = {std::get<float>(found->second)};
        node.attributes.erase(found);
        node.inputs.push_back(addInitializer(node, attribute, Array::of({}, value)));
    }

    /// Opsets before 13 look at the input as a matrix split before `axis`; opset 13 does not.
    void rewriteSoftmax(const Node& node) {
        const auto axisAttribute = node.attributes.find("axis");
        const std::int64_t axis = axisAttribute == node.attributes.end()
                                      ? 1
                                      : std::get<std::int64_t>(axisAttribute->second);
        const std::string base = node.name.empty() ? node.outputs.front() : node.name;
        const std::string shape = base + "_shape";
        const std::string flat = base + "_flat";
        const std::string result = base + "_flat_result";
        const std::string& input = node.inputs.front();
        m_graph.nodes.push_back({shape, "Shape", "", {input}, {shape}, {}});
        m_graph.nodes.push_back({flat, "Flatten", "", {input}, {flat}, {{"axis", axis}}});
        m_graph.nodes.push_back(
            {base, node.operatorType, "", {flat}, {result}, {{"axis", std::int64_t{-1}}}});
        m_graph.nodes.push_back(
            {base + "_restored", "Reshape", "", {result, shape}, {node.outputs.front()}, {}});
    }

    std::string addInitializer(const Node& node, const std::string& attribute, Array value) {
        std::string name = (node.name.empty() ? node.outputs.front() : node.name) + "_" + attribute;
        while (m_graph.initializers.contains(name)) {
            name += "_";
        }
        m_graph.initializers.emplace(name, std::move(value));
        return name;
    }

    const Graph& m_source;
    Graph m_graph;
};

}  // namespace

Result<Graph> raiseOpset(const Graph& graph, std::int64_t target) {
    if (graph.opset >= target) {
        return graph;
    }
    return Raiser(graph).raise(target);
}

}  // namespace bitloupe::exporters
