// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/execution/operator_table.h"
#include "core/network/graph.h"

namespace bitloupe::execution {

/// Edges are numbered; an omitted input or an unused output is kNoEdge.
using Edge = std::int32_t;
inline constexpr Edge kNoEdge = -1;

/// One node, ready to run.
struct Step {
    std::size_t node = 0;  ///< index into Graph::nodes
    Kernel kernel;
    bool anyOrder = false;        ///< see readsAnyOrder()
    bool sampleBySample = false;  ///< see worksSampleBySample()
    std::vector<Edge> inputs;
    std::vector<Edge> outputs;
    std::vector<Edge> lastUses;  ///< edges nobody reads after this step (graph outputs excluded)
};

/// A graph translated once: names turned into numbers, attributes read, constant parts computed.
/// Immutable; any number of threads may run it.
class Program {
public:
    static Result<std::shared_ptr<const Program>> compile(
        std::shared_ptr<const network::Graph> graph);

    [[nodiscard]] const network::Graph& graph() const { return *m_graph; }
    [[nodiscard]] const std::vector<Step>& steps() const { return m_steps; }
    /// Steps whose results are among the constants, in order.
    [[nodiscard]] const std::vector<Step>& foldedSteps() const { return m_folded; }
    [[nodiscard]] std::size_t edgeCount() const { return m_names.size(); }
    [[nodiscard]] const std::vector<std::string>& edgeNames() const { return m_names; }
    [[nodiscard]] const std::vector<Edge>& inputs() const { return m_inputs; }
    [[nodiscard]] const std::vector<Edge>& outputs() const { return m_outputs; }
    [[nodiscard]] Edge edge(const std::string& name) const;

    /// Every edge's value before the first step: initializers and what follows from them alone;
    /// undefined elsewhere.
    [[nodiscard]] const Tensors& constants() const { return m_constants; }

    /// The constant edges that would change with the value of `initializer`, as flags by edge.
    [[nodiscard]] std::vector<bool> dependents(Edge initializer) const;

    /// The constant at `wanted` if `initializer` had the value `value`.
    [[nodiscard]] Result<at::Tensor> constantGiven(Edge initializer, const at::Tensor& value,
                                                   Edge wanted) const;

    /// Runs every step; `inputs` in the order of inputs(), the result in that of outputs(). `visit`
    /// sees each edge's value when it is made.
    using Visit = std::function<void(Edge, const at::Tensor&)>;
    [[nodiscard]] Result<Tensors> run(const Tensors& inputs, const Visit& visit = {}) const;

    /// Runs one step on its input values; an Error names the node.
    [[nodiscard]] Result<Tensors> invoke(const Step& step,
                                         std::span<const at::Tensor> inputs) const;

private:
    explicit Program(std::shared_ptr<const network::Graph> graph) : m_graph(std::move(graph)) {}

    Edge number(const std::string& name);
    Result<Step> translate(std::size_t node);
    Result<void> connect(const network::Node& node, Step& step);
    Result<bool> fold(const Step& step);
    void findLastUses();

    std::shared_ptr<const network::Graph> m_graph;
    std::vector<std::string> m_names;
    std::map<std::string, Edge> m_numbers;
    std::vector<Step> m_steps;
    std::vector<Step> m_folded;  ///< steps whose results are constants, in order
    std::vector<Edge> m_inputs;
    std::vector<Edge> m_outputs;
    Tensors m_constants;
    std::map<std::string, int> m_types;  ///< see Graph::narrowTypes
};

/// Values of a step's inputs out of `values` (by edge).
[[nodiscard]] Tensors gatherInputs(const Step& step, std::span<const at::Tensor> values);

/// The same; of those in `released`, `values` lets go: the step may write over what it alone holds.
[[nodiscard]] Tensors takeInputs(const Step& step, Tensors& values, std::span<const Edge> released);

/// ATen work of this scope stays on the calling thread and records no gradients.
class SingleThreadScope {
public:
    SingleThreadScope();

private:
    at::NoGradGuard m_noGradients;
};

}  // namespace bitloupe::execution
