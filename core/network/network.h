// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/gemm.h"
#include "core/network/graph.h"

namespace bitloupe::network {

/// One operation of the network that multiplies by weights (or, in attention, two computed
/// matrices), or looks them up in a table. A recurrent cell is two: what it multiplies its input
/// by, and its state.
struct Layer {
    std::string name;          ///< shown everywhere; unique in its network
    std::string operatorType;  ///< Conv, Gemm, MatMul ...
    std::size_t node = 0;      ///< index into Graph::nodes
    /// Edge that the activation quantizer rounds; "" if there is none (the places that an embedding
    /// looks up, the state inside a recurrent cell).
    std::string input;
    std::string secondInput;  ///< the other operand, where it is computed too (attention); else ""
    std::string weight;       ///< initializer that the weight quantizer rounds; "" if there is none
    std::string bias;         ///< initializer, "" if there is none
    Shape weightShape;        ///< as stored in the file
    int channelAxis = 0;      ///< output-channel axis of the weight
    Shape inputShape;         ///< for one sample (leading dimension 1)
    Shape outputShape;
    std::int64_t parameters = 0;  ///< weight and bias elements that no layer before it has
    hardware::Gemm gemm;          ///< for one sample; zeros where nothing is multiplied
    std::string remark;           ///< for instance "batch normalization bn1 folded"; may be empty
};

/// Shapes of every edge for one sample, by edge name.
using EdgeShapes = std::map<std::string, Shape>;

/// Finds the layers of `graph` in execution order. `shapes` must hold every edge.
[[nodiscard]] std::vector<Layer> findLayers(const Graph& graph, const EdgeShapes& shapes);

/// How many numbers training found: elements of the stored floating tensors (and quantized
/// matrices) that operators compute with, each tensor once, and those that folding merged into
/// others. Running statistics, limits and scales of quantizers are not among them.
[[nodiscard]] std::int64_t countParameters(const Graph& graph);

/// A graph whose shapes are known: what the rest of the program calls a network.
struct Network {
    std::string name;
    std::string source;  ///< file it came from, or `architecture:NAME`
    std::string hash;    ///< SHA-256 (hex) of the graph's structure and initializers
    std::shared_ptr<const Graph> graph;
    std::vector<Layer> layers;
    EdgeShapes shapes = {};  ///< empty where the graph was never run

    [[nodiscard]] std::int64_t parameters() const;  ///< countParameters of the graph
    [[nodiscard]] std::int64_t macs() const;        ///< for one sample
};

}  // namespace bitloupe::network
