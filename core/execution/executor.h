// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/graph.h"
#include "core/network/network.h"

namespace bitloupe::execution {

struct UnsupportedOperator {
    std::string operatorType;
    std::string node;
};

/// Operators of `graph` that the executor cannot run; empty when everything can.
[[nodiscard]] std::vector<UnsupportedOperator> unsupportedOperators(const network::Graph& graph);

/// Runs a graph on LibTorch's CPU operators with ONNX semantics. Any thread may run it; each run
/// uses the calling thread only.
class Executor {
public:
    /// Refuses unsupported operators by name and node, before anything runs.
    static Result<Executor> prepare(std::shared_ptr<const network::Graph> graph);

    Executor(Executor&&) noexcept;
    Executor& operator=(Executor&&) noexcept;
    ~Executor();

    /// Outputs in the order of Graph::outputs, those that the file declares narrow (float16 ...)
    /// rounded to that type. `inputs` by graph input name.
    [[nodiscard]] Result<std::vector<Array>> run(const std::map<std::string, Array>& inputs) const;

    /// Shape of every edge when run on zeros of the given input shapes.
    [[nodiscard]] Result<network::EdgeShapes> traceShapes(
        const std::map<std::string, Shape>& inputShapes) const;

private:
    struct State;
    explicit Executor(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
    friend class PopulationRunner;
};

/// The graph as a network: shapes traced for one sample (symbolic dimensions 1 unless given, and
/// the first dimension too where a file fixes a number of samples), layers found.
[[nodiscard]] Result<network::Network> makeNetwork(
    std::shared_ptr<const network::Graph> graph, std::string source,
    const std::map<std::string, Shape>& inputShapes = {});

}  // namespace bitloupe::execution
