// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"

namespace bitloupe::network {

namespace {

using Integers = std::vector<std::int64_t>;

/// The shortcut without parameters ("option A" of He et al. 2016): every second place, and zeros
/// for the channels that are new, half of them before and half behind the old ones.
std::string padShortcut(GraphBuilder& build, const std::string& name, const std::string& edge,
                        std::int64_t added) {
    const std::string sliced = build.add(
        "Slice", name + "/slice",
        {edge, build.integers(name + "/starts", {0, 0}),
         build.integers(name + "/ends", {1'000'000, 1'000'000}),
         build.integers(name + "/axes", {2, 3}), build.integers(name + "/steps", {2, 2})});
    return build.add(
        "Pad", name + "/pad",
        {sliced, build.integers(name + "/pads", {0, added / 2, 0, 0, 0, added - added / 2, 0, 0})});
}

/// Two 3x3 convolutions and the way around them.
std::string basicBlock(GraphBuilder& build, const std::string& name, const std::string& input,
                       std::int64_t inputs, std::int64_t outputs, bool convolvedShortcuts) {
    const std::int64_t stride = inputs == outputs ? 1 : 2;
    std::string edge = build.convolution(name + ".conv1", input,
                                         {.inputs = inputs,
                                          .outputs = outputs,
                                          .kernel = 3,
                                          .stride = stride,
                                          .padding = 1,
                                          .bias = false});
    edge = build.add("Relu", name + ".relu1",
                     {build.batchNormalization(name + ".bn1", edge, outputs)});
    edge = build.convolution(
        name + ".conv2", edge,
        {.inputs = outputs, .outputs = outputs, .kernel = 3, .padding = 1, .bias = false});
    edge = build.batchNormalization(name + ".bn2", edge, outputs);
    std::string around = input;
    if (stride != 1 && convolvedShortcuts) {
        around = build.convolution(
            name + ".shortcut.0", input,
            {.inputs = inputs, .outputs = outputs, .kernel = 1, .stride = 2, .bias = false});
        around = build.batchNormalization(name + ".shortcut.1", around, outputs);
    } else if (stride != 1) {
        around = padShortcut(build, name + ".shortcut", input, outputs - inputs);
    }
    return build.add("Relu", name + ".relu2", {build.add("Add", name + ".add", {edge, around})});
}

Result<Graph> buildResnet(const std::string& name, int blocksPerStage,
                          const NamedTensors* tensors) {
    GraphBuilder build(name, tensors);
    const bool convolvedShortcuts = tensors != nullptr && build.has("layer2.0.shortcut.0.weight");
    std::string edge = build.input("input", {3, 32, 32});
    edge = build.convolution(
        "conv1", edge, {.inputs = 3, .outputs = 16, .kernel = 3, .padding = 1, .bias = false});
    edge = build.add("Relu", "relu1", {build.batchNormalization("bn1", edge, 16)});
    std::int64_t channels = 16;
    for (int stage = 1; stage <= 3; ++stage) {
        const std::int64_t outputs = std::int64_t{8} << stage;
        for (int block = 0; block < blocksPerStage; ++block) {
            edge = basicBlock(build, "layer" + std::to_string(stage) + "." + std::to_string(block),
                              edge, channels, outputs, convolvedShortcuts);
            channels = outputs;
        }
    }
    edge = build.add("GlobalAveragePool", "pool", {edge});
    edge = build.add("Flatten", "flatten", {edge}, {{"axis", std::int64_t{1}}});
    const std::string head = build.has("fc.weight") && tensors != nullptr ? "fc" : "linear";
    edge = build.linear(head, edge, channels, 10);
    return build.finish(edge, "logits", {10});
}

}  // namespace

Result<Graph> buildResnet20(const ArchitectureParameters&, const NamedTensors* tensors) {
    return buildResnet("resnet20", 3, tensors);
}

Result<Graph> buildResnet32(const ArchitectureParameters&, const NamedTensors* tensors) {
    return buildResnet("resnet32", 5, tensors);
}

Result<Graph> buildResnet44(const ArchitectureParameters&, const NamedTensors* tensors) {
    return buildResnet("resnet44", 7, tensors);
}

Result<Graph> buildResnet56(const ArchitectureParameters&, const NamedTensors* tensors) {
    return buildResnet("resnet56", 9, tensors);
}

}  // namespace bitloupe::network
