// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/network/architectures/named_tensors.h"
#include "core/network/graph.h"

namespace bitloupe::network {

/// Writes down a network operator by operator, taking its weights from a state dict. The first
/// tensor that is missing or has another shape is remembered, and finish() returns that error.
class GraphBuilder {
public:
    /// `tensors` may be nullptr: weights are then drawn from a fixed seed.
    GraphBuilder(std::string name, const NamedTensors* tensors);

    /// Declares a graph input; the first dimension is the batch.
    std::string input(const std::string& name, const Shape& sampleShape,
                      ElementType type = ElementType::Float32);

    /// Adds a node with one output and returns its edge.
    std::string add(const std::string& type, const std::string& name,
                    std::vector<std::string> inputs,
                    std::map<std::string, Attribute> attributes = {});

    /// Adds a node with several outputs and returns its edges.
    std::vector<std::string> addMany(const std::string& type, const std::string& name,
                                     std::vector<std::string> inputs, std::size_t outputs,
                                     std::map<std::string, Attribute> attributes = {});

    /// The tensor `name` of the state dict as an initializer. Untrained, it is drawn uniformly from
    /// +-1/sqrt(fanIn), or filled with `constant` when fanIn is 0.
    std::string weight(const std::string& name, const Shape& shape, std::int64_t fanIn,
                       float constant = 0);

    /// As weight(); untrained, it is drawn from the normal distribution around 0.
    std::string normalWeight(const std::string& name, const Shape& shape, float deviation);

    /// An initializer that is part of the architecture, not of its weights.
    std::string constant(const std::string& name, Array value);
    std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
    std::string scalar(const std::string& name, float value);

    /// Whether the state dict has that tensor; an untrained network can have any.
    [[nodiscard]] bool has(const std::string& tensor) const;

    /// Whether there is a state dict that has that tensor.
    [[nodiscard]] bool holds(const std::string& tensor) const { return find(tensor) != nullptr; }

    /// The length of an axis of a tensor of the state dict, or `otherwise` when there is none: for
    /// sizes that the weights decide.
    [[nodiscard]] std::int64_t lengthOf(const std::string& tensor, std::size_t axis,
                                        std::int64_t otherwise) const;

    /// Whether the state dict holds both tensors, with the same elements.
    [[nodiscard]] bool equal(const std::string& first, const std::string& second) const;

    /// A tensor that the state dict may hold and the network does not need.
    void ignore(const std::string& tensor) { m_used.insert(tensor); }

    // Modules as PyTorch names them: `name`.weight, `name`.bias ...
    struct Convolution {
        std::int64_t inputs = 1;
        std::int64_t outputs = 1;
        std::int64_t kernel = 1;
        std::int64_t stride = 1;
        std::int64_t padding = 0;
        bool bias = true;
        std::size_t dimensions = 2;  ///< of the places: an image has two, a sequence one
    };
    std::string convolution(const std::string& name, const std::string& input,
                            const Convolution& shape);
    std::string batchNormalization(const std::string& name, const std::string& input,
                                   std::int64_t channels);
    std::string layerNormalization(const std::string& name, const std::string& input,
                                   std::int64_t channels, bool bias = true, float epsilon = 1e-5F);

    /// x W^T + b on the last axis of any rank: Gemm when `rank` is 2, else MatMul and Add.
    std::string linear(const std::string& name, const std::string& input, std::int64_t inputs,
                       std::int64_t outputs, bool bias = true, int rank = 2);

    /// x W^T + b for initializers that are there already; `offset` may be "".
    std::string project(const std::string& name, const std::string& input,
                        const std::string& matrix, const std::string& offset);

    /// `count` rows of the initializer `whole` from `first` on, as an initializer of its own.
    std::string rows(const std::string& name, const std::string& whole, std::int64_t first,
                     std::int64_t count);

    /// x times the normal distribution's cumulative probability (GELU), by the error function, and
    /// as GPT-2 approximates it.
    std::string gelu(const std::string& name, const std::string& input);
    std::string geluByTanh(const std::string& name, const std::string& input);

    std::string reshape(const std::string& name, const std::string& input,
                        const std::vector<std::int64_t>& shape);
    std::string transpose(const std::string& name, const std::string& input,
                          const std::vector<std::int64_t>& permutation);

    /// An operator on an edge and a number.
    std::string withNumber(const std::string& type, const std::string& name,
                           const std::string& input, float number);

    /// The first thing that was wrong, said instead of a graph.
    void fail(Error error);

    /// The graph, once every tensor of the state dict has been used.
    [[nodiscard]] Result<Graph> finish(const std::string& output, const std::string& name,
                                       const Shape& sampleShape);

private:
    [[nodiscard]] const Array* find(const std::string& name) const;
    std::string store(const std::string& name, const Shape& shape);
    std::vector<float> undrawn(const std::string& name, const Shape& shape, float value);
    double uniform();
    void checkAllUsed();

    Graph m_graph;
    const NamedTensors* m_tensors;
    std::map<std::string, std::size_t> m_positions;
    std::set<std::string> m_used;
    std::mt19937 m_random{1};
    std::int64_t m_drawn = 0;  ///< elements of untrained weights so far
    std::optional<Error> m_error;
};

/// "6x1x5x5", and "scalar" for no dimensions.
[[nodiscard]] std::string shapeText(const Shape& shape);

/// The elements as Float32, whatever floating type they have.
[[nodiscard]] Array asFloat32(const Array& array);

}  // namespace bitloupe::network
