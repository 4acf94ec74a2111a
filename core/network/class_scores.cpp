// SPDX-License-Identifier: Apache-2.0
#include "core/network/class_scores.h"

#include <algorithm>
#include <set>

#include "core/network/graph_index.h"
#include "core/network/simplify.h"

namespace bitloupe::network {

namespace {

/// Operators that hand on the numbers of their first input, one for one.
bool keepsNumbers(const std::string& operatorType) {
    static const std::set<std::string> kTypes = {"Cast",    "Flatten", "Identity",
                                                 "Reshape", "Squeeze", "Unsqueeze"};
    return kTypes.contains(operatorType);
}

/// The ArgMax that `edge` comes from without another computation, or nullptr.
const Node* argMaxBehind(const GraphIndex& index, std::string edge) {
    while (const std::optional<std::size_t> maker = index.maker(edge)) {
        const Node& node = index.graph().nodes[*maker];
        if (!node.domain.empty()) {
            return nullptr;
        }
        if (node.operatorType == "ArgMax") {
            return &node;
        }
        if (!keepsNumbers(node.operatorType)) {
            return nullptr;
        }
        edge = inputOr(node, 0);
    }
    return nullptr;
}

bool isOverClasses(const Node& argMax) {
    const std::int64_t axis = attributeOr<std::int64_t>(argMax, "axis", 0);
    return axis == 1 || axis == -1;
}

}  // namespace

std::optional<ScoredGraph> withClassScores(const Graph& graph) {
    const GraphIndex index(graph);
    const Node* argMax =
        graph.outputs.empty() ? nullptr : argMaxBehind(index, graph.outputs.front().name);
    if (argMax == nullptr || !isOverClasses(*argMax) || !index.maker(inputOr(*argMax, 0))) {
        return std::nullopt;
    }
    ScoredGraph scored{graph, argMax->name};
    std::vector<ValueInfo>& outputs = scored.graph.outputs;
    const std::string scores = inputOr(*argMax, 0);
    const auto known = std::find_if(outputs.begin(), outputs.end(),
                                    [&](const ValueInfo& output) { return output.name == scores; });
    if (known != outputs.end()) {
        outputs.front() = *known;
        outputs.erase(known);
    } else {
        outputs.front() = {.name = scores, .type = ElementType::Float32, .shape = {}};
    }
    scored.graph = withoutDeadNodes(std::move(scored.graph));
    return scored;
}

}  // namespace bitloupe::network
