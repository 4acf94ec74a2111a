// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"
#include "core/network/architectures/parameter_reader.h"
#include "core/network/architectures/transformer_parts.h"

namespace bitloupe::network {

namespace {

struct VitSizes {
    std::int64_t layers = 12;
    std::int64_t heads = 3;
    std::int64_t width = 192;
    std::int64_t hidden = 768;
    std::int64_t image = 224;
    std::int64_t patch = 16;
    std::int64_t channels = 3;
    std::int64_t classes = 1000;

    [[nodiscard]] std::int64_t side() const { return image / patch; }
};

class Vit {
public:
    Vit(GraphBuilder& build, const VitSizes& sizes) : m_build(build), m_sizes(sizes) {}

    /// The logits, [batch, classes].
    std::string run() {
        const std::int64_t width = m_sizes.width;
        const std::string image =
            m_build.input("image", {m_sizes.channels, m_sizes.image, m_sizes.image});
        std::string edge = m_build.convolution("patch_embed.proj", image,
                                               {.inputs = m_sizes.channels,
                                                .outputs = width,
                                                .kernel = m_sizes.patch,
                                                .stride = m_sizes.patch});
        edge = m_build.transpose(
            "patch_embed/turned",
            m_build.reshape("patch_embed/flat", edge, {0, width, m_sizes.side() * m_sizes.side()}),
            {0, 2, 1});
        const std::string token =
            oncePerSample(m_build, "cls_token",
                          m_build.normalWeight("cls_token", {1, 1, width}, 0.02F), image, width);
        edge = m_build.add("Concat", "with_class", {token, edge}, {{"axis", std::int64_t{1}}});
        edge = m_build.add(
            "Add", "placed",
            {edge, m_build.normalWeight("pos_embed",
                                        {1, m_sizes.side() * m_sizes.side() + 1, width}, 0.02F)});
        for (std::int64_t i = 0; i < m_sizes.layers; ++i) {
            edge = block("blocks." + std::to_string(i), edge);
        }
        edge = normalize("norm", edge);
        const std::string first = m_build.constant(
            "class/place", Array::of<std::int64_t>({}, std::vector<std::int64_t>{0}));
        edge = m_build.add("Gather", "class", {edge, first}, {{"axis", std::int64_t{1}}});
        return m_build.linear("head", edge, width, m_sizes.classes);
    }

private:
    std::string normalize(const std::string& name, const std::string& edge) {
        return m_build.layerNormalization(name, edge, m_sizes.width, true, 1e-6F);
    }

    std::string block(const std::string& name, const std::string& input) {
        const std::int64_t width = m_sizes.width;
        const std::string attention = name + ".attn";
        std::string edge = m_build.linear(attention + ".qkv", normalize(name + ".norm1", input),
                                          width, 3 * width, true, 3);
        const std::vector<std::string> parts =
            m_build.addMany("Split", attention + ".parts",
                            {edge, m_build.integers(attention + ".sizes", {width, width, width})},
                            3, {{"axis", std::int64_t{2}}});
        edge = attend(m_build, attention, parts[0], parts[1], parts[2],
                      {m_sizes.heads, width / m_sizes.heads},
                      [](const std::string& logits) { return logits; });
        edge = m_build.linear(attention + ".proj", edge, width, width, true, 3);
        const std::string middle = m_build.add("Add", name + ".middle", {input, edge});
        edge = m_build.linear(name + ".mlp.fc1", normalize(name + ".norm2", middle), width,
                              m_sizes.hidden, true, 3);
        edge = m_build.gelu(name + ".mlp.act", edge);
        edge = m_build.linear(name + ".mlp.fc2", edge, m_sizes.hidden, width, true, 3);
        return m_build.add("Add", name + ".sum", {middle, edge});
    }

    GraphBuilder& m_build;
    const VitSizes& m_sizes;
};

/// The side of the square of places that `pos_embed` covers besides the class token's.
std::int64_t sideOf(std::int64_t places) {
    std::int64_t side = 1;
    while (side * side < places - 1) {
        ++side;
    }
    return side;
}

Result<VitSizes> readSizes(const GraphBuilder& build, const ArchitectureParameters& parameters) {
    ParameterReader reader(parameters);
    const VitSizes usual;
    VitSizes sizes;
    const std::string kernel = "patch_embed.proj.weight";
    const bool trained = build.holds(kernel);
    std::int64_t blocks = 0;
    while (build.holds("blocks." + std::to_string(blocks) + ".norm1.weight")) {
        ++blocks;
    }
    sizes.layers = trained ? blocks : reader.integer("layers", usual.layers, 1, 1000);
    sizes.width = build.lengthOf(kernel, 0, reader.integer("width", usual.width, 1, 65536));
    sizes.channels = build.lengthOf(kernel, 1, reader.integer("channels", usual.channels, 1, 4096));
    sizes.patch = build.lengthOf(kernel, 2, reader.integer("patch", usual.patch, 1, 4096));
    sizes.image = reader.integer("image", usual.image, 1, 65536);
    if (build.holds("pos_embed")) {
        sizes.image = sizes.patch * sideOf(build.lengthOf("pos_embed", 1, 2));
    }
    sizes.hidden =
        build.lengthOf("blocks.0.mlp.fc1.weight", 0, reader.integer("hidden", 4 * sizes.width));
    sizes.classes = build.lengthOf("head.weight", 0, reader.integer("classes", usual.classes));
    sizes.heads = reader.integer("heads", std::max<std::int64_t>(1, sizes.width / 64), 1, 4096);
    reader.requireMultiple(sizes.width, sizes.heads, "width and heads");
    reader.requireMultiple(sizes.image, sizes.patch, "image and patch");
    return reader.error() ? Result<VitSizes>(*reader.error()) : Result<VitSizes>(sizes);
}

}  // namespace

Result<Graph> buildVit(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    GraphBuilder build("vit", tensors);
    const Result<VitSizes> sizes = readSizes(build, parameters);
    if (sizes.hasError()) {
        return sizes.error();
    }
    const std::string logits = Vit(build, sizes.value()).run();
    return build.finish(logits, "logits", {sizes.value().classes});
}

}  // namespace bitloupe::network
