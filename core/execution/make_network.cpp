// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/execution/executor.h"
#include "core/execution/input_binding.h"
#include "core/network/graph_hash.h"

namespace bitloupe::execution {

namespace {

using Shapes = std::map<std::string, Shape>;

/// How many samples a file was written for when it fixes that number: the first dimension of every
/// input, and a divisor of the first of every output. 1 when it does not.
std::int64_t fixedSamples(const network::Graph& graph) {
    std::int64_t samples = 0;
    for (const network::ValueInfo& input : graph.inputs) {
        const bool fixed = input.shape.size() >= 2 && input.shape[0].value &&
                           (samples == 0 || samples == *input.shape[0].value);
        if (!fixed) {
            return 1;
        }
        samples = *input.shape[0].value;
    }
    const bool reachOutputs = std::ranges::all_of(graph.outputs, [&](const auto& output) {
        return samples > 1 && !output.shape.empty() && output.shape[0].value &&
               *output.shape[0].value % samples == 0;
    });
    return reachOutputs ? samples : 1;
}

/// The shapes of the inputs with one sample where the file fixes more.
Shapes singleSample(const network::Graph& graph, const Shapes& given) {
    Shapes shapes = given;
    for (const network::ValueInfo& input : graph.inputs) {
        if (!given.contains(input.name)) {
            Shape shape = sampleShape(input, given);
            shape[0] = 1;
            shapes[input.name] = std::move(shape);
        }
    }
    return shapes;
}

void divideFirst(Shape& shape, std::int64_t samples) {
    if (!shape.empty() && shape[0] % samples == 0) {
        shape[0] /= samples;
    }
}

/// What is counted for `samples` at once, for one of them: the samples are rows of the product, or
/// products of their own.
void forOneSample(network::Layer& layer, std::int64_t samples) {
    divideFirst(layer.inputShape, samples);
    divideFirst(layer.outputShape, samples);
    if (layer.gemm.count % samples == 0) {
        layer.gemm.count /= samples;
    } else if (layer.gemm.m % samples == 0) {
        layer.gemm.m /= samples;
    }
}

}  // namespace

Result<network::Network> makeNetwork(std::shared_ptr<const network::Graph> graph,
                                     std::string source, const Shapes& inputShapes) {
    const Result<Executor> executor = Executor::prepare(graph);
    if (executor.hasError()) {
        return executor.error();
    }
    // Most files that fix their samples run on one as well; the others are run whole and divided.
    const std::int64_t samples = inputShapes.empty() ? fixedSamples(*graph) : 1;
    Result<network::EdgeShapes> shapes = executor.value().traceShapes(
        samples == 1 ? inputShapes : singleSample(*graph, inputShapes));
    const bool whole = samples > 1 && shapes.hasError();
    if (whole) {
        shapes = executor.value().traceShapes(inputShapes);
    }
    if (shapes.hasError()) {
        return shapes.error();
    }
    network::Network network;
    network.name = graph->name;
    network.source = std::move(source);
    network.hash = network::graphHash(*graph);
    network.layers = network::findLayers(*graph, shapes.value());
    for (network::Layer& layer : network.layers) {
        forOneSample(layer, whole ? samples : 1);
    }
    network.shapes = std::move(shapes).value();
    for (auto& [edge, shape] : network.shapes) {
        divideFirst(shape, whole ? samples : 1);
    }
    network.graph = std::move(graph);
    return network;
}

}  // namespace bitloupe::execution
