// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"

namespace bitloupe::network {

Result<Graph> buildLenet5(const ArchitectureParameters&, const NamedTensors* tensors) {
    GraphBuilder build("lenet5", tensors);
    const std::vector<std::int64_t> two = {2, 2};
    const auto pool = [&](const std::string& name, const std::string& edge) {
        return build.add("AveragePool", name, {edge}, {{"kernel_shape", two}, {"strides", two}});
    };
    std::string edge = build.input("input", {1, 28, 28});
    edge = build.convolution("c1", edge, {.inputs = 1, .outputs = 6, .kernel = 5, .padding = 2});
    edge = pool("s2", build.add("Relu", "relu1", {edge}));
    edge = build.convolution("c3", edge, {.inputs = 6, .outputs = 16, .kernel = 5});
    edge = pool("s4", build.add("Relu", "relu3", {edge}));
    edge = build.convolution("c5", edge, {.inputs = 16, .outputs = 120, .kernel = 5});
    edge = build.add("Flatten", "flatten", {edge}, {{"axis", std::int64_t{1}}});
    edge = build.linear("f6", edge, 120, 84);
    edge = build.linear("output", edge, 84, 10);
    return build.finish(edge, "logits", {10});
}

}  // namespace bitloupe::network
