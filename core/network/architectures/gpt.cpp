// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"
#include "core/network/architectures/parameter_reader.h"
#include "core/network/architectures/transformer_parts.h"

namespace bitloupe::network {

namespace {

constexpr float kDeviation = 0.02F;  // of untrained weights, as GPT-2 was initialized

struct GptSizes {
    std::int64_t layers = 12;
    std::int64_t heads = 12;
    std::int64_t width = 768;
    std::int64_t context = 1024;
    std::int64_t vocabulary = 50257;
    std::int64_t length = 1024;  ///< tokens of a sample, at most the context
    bool bias = true;
    bool inputsFirst = true;  ///< dense weights are stored [inputs, outputs], as GPT-2's are
    bool geluByTanh = true;
};

class Gpt {
public:
    Gpt(GraphBuilder& build, const GptSizes& sizes, std::string prefix)
        : m_build(build), m_sizes(sizes), m_prefix(std::move(prefix)) {}

    /// The logits, [batch, length, vocabulary].
    std::string run() {
        const std::string tokens = m_build.input("tokens", {m_sizes.length}, ElementType::Int64);
        const std::string places = placesOf(m_build, tokens);
        const std::string table = m_build.normalWeight(
            m_prefix + "wte.weight", {m_sizes.vocabulary, m_sizes.width}, kDeviation);
        const std::string placeTable = m_build.normalWeight(
            m_prefix + "wpe.weight", {m_sizes.context, m_sizes.width}, kDeviation);
        std::string edge =
            m_build.add("Add", m_prefix + "embedded",
                        {m_build.add("Gather", m_prefix + "wte", {table, tokens}),
                         m_build.add("Gather", m_prefix + "wpe", {placeTable, places})});
        const Mask mask = causalMask(m_build, places);
        for (std::int64_t i = 0; i < m_sizes.layers; ++i) {
            edge = block(m_prefix + "h." + std::to_string(i), edge, mask);
        }
        edge = normalize(m_prefix + "ln_f", edge);
        return head(edge, table);
    }

private:
    /// The output projection shares the table of the embedding unless the weights say otherwise.
    std::string head(const std::string& edge, const std::string& table) {
        const std::string own = "lm_head.weight";
        const bool tied = !m_build.holds(own) || m_build.equal(own, table);
        m_build.ignore(own);
        return m_build.project(
            "lm_head", edge,
            tied ? table
                 : m_build.normalWeight(own, {m_sizes.vocabulary, m_sizes.width}, kDeviation),
            "");
    }

    std::string normalize(const std::string& name, const std::string& edge) {
        return m_build.layerNormalization(name, edge, m_sizes.width, m_sizes.bias);
    }

    std::string dense(const std::string& name, const std::string& edge, std::int64_t inputs,
                      std::int64_t outputs, float deviation = kDeviation) {
        const Shape shape = m_sizes.inputsFirst ? Shape{inputs, outputs} : Shape{outputs, inputs};
        const std::string matrix = m_build.normalWeight(name + ".weight", shape, deviation);
        const std::string offset =
            m_sizes.bias ? m_build.weight(name + ".bias", {outputs}, 0) : std::string();
        if (!m_sizes.inputsFirst) {
            return m_build.project(name, edge, matrix, offset);
        }
        const std::string product = m_build.add("MatMul", name, {edge, matrix});
        return offset.empty() ? product : m_build.add("Add", name + "/add_bias", {product, offset});
    }

    std::string block(const std::string& name, const std::string& input, const Mask& mask) {
        const std::int64_t width = m_sizes.width;
        // What is added to the residual stream starts smaller, the more blocks there are.
        const float residual = kDeviation / std::sqrt(2 * static_cast<float>(m_sizes.layers));
        const std::string attention = name + ".attn";
        m_build.ignore(attention + ".bias");  // the stored causal mask
        m_build.ignore(attention + ".masked_bias");
        std::string edge =
            dense(attention + ".c_attn", normalize(name + ".ln_1", input), width, 3 * width);
        const std::vector<std::string> parts =
            m_build.addMany("Split", attention + ".parts",
                            {edge, m_build.integers(attention + ".sizes", {width, width, width})},
                            3, {{"axis", std::int64_t{2}}});
        edge = attend(m_build, attention, parts[0], parts[1], parts[2],
                      {m_sizes.heads, width / m_sizes.heads}, mask);
        edge = dense(attention + ".c_proj", edge, width, width, residual);
        const std::string middle = m_build.add("Add", name + ".middle", {input, edge});
        edge = dense(name + ".mlp.c_fc", normalize(name + ".ln_2", middle), width, 4 * width);
        edge = m_sizes.geluByTanh ? m_build.geluByTanh(name + ".mlp.gelu", edge)
                                  : m_build.gelu(name + ".mlp.gelu", edge);
        edge = dense(name + ".mlp.c_proj", edge, 4 * width, width, residual);
        return m_build.add("Add", name + ".sum", {middle, edge});
    }

    GraphBuilder& m_build;
    const GptSizes& m_sizes;
    std::string m_prefix;
};

/// Takes from the weights what they decide, and the rest from the parameters.
Result<GptSizes> readSizes(const GraphBuilder& build, const std::string& prefix,
                           const ArchitectureParameters& parameters, const GptSizes& usual) {
    ParameterReader reader(parameters);
    GptSizes sizes;
    const bool trained = build.holds(prefix + "wte.weight");
    std::int64_t blocks = 0;
    while (build.holds(prefix + "h." + std::to_string(blocks) + ".ln_1.weight")) {
        ++blocks;
    }
    sizes.width =
        build.lengthOf(prefix + "wte.weight", 1, reader.integer("width", usual.width, 1, 65536));
    sizes.vocabulary =
        build.lengthOf(prefix + "wte.weight", 0, reader.integer("vocabulary", usual.vocabulary));
    sizes.context =
        build.lengthOf(prefix + "wpe.weight", 0, reader.integer("context", usual.context));
    sizes.layers = trained ? blocks : reader.integer("layers", usual.layers, 1, 1000);
    // Every published GPT-2 has heads of 64 numbers.
    const std::int64_t likely =
        sizes.width == usual.width ? usual.heads : std::max<std::int64_t>(1, sizes.width / 64);
    sizes.heads = reader.integer("heads", likely, 1, 4096);
    sizes.length = reader.integer("length", sizes.context, 1, sizes.context);
    sizes.geluByTanh =
        reader.choice("gelu", usual.geluByTanh ? std::vector<std::string>{"tanh", "erf"}
                                               : std::vector<std::string>{"erf", "tanh"}) == "tanh";
    const std::string first = prefix + "h.0.attn.c_attn";
    sizes.bias = trained ? build.holds(first + ".bias")
                         : reader.integer("bias", usual.bias ? 1 : 0, 0, 1) == 1;
    sizes.inputsFirst =
        trained ? build.lengthOf(first + ".weight", 0, 0) == sizes.width : usual.inputsFirst;
    reader.requireMultiple(sizes.width, sizes.heads, "width and heads");
    return reader.error() ? Result<GptSizes>(*reader.error()) : Result<GptSizes>(sizes);
}

Result<Graph> buildGpt(const std::string& name, const ArchitectureParameters& parameters,
                       const NamedTensors* tensors, const GptSizes& usual) {
    GraphBuilder build(name, tensors);
    const std::string prefix =
        tensors == nullptr || build.holds("transformer.wte.weight") ? "transformer." : "";
    const Result<GptSizes> sizes = readSizes(build, prefix, parameters, usual);
    if (sizes.hasError()) {
        return sizes.error();
    }
    const std::string logits = Gpt(build, sizes.value(), prefix).run();
    return build.finish(logits, "logits", {sizes.value().length, sizes.value().vocabulary});
}

}  // namespace

Result<Graph> buildGpt2(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    return buildGpt("gpt2", parameters, tensors, GptSizes{});
}

Result<Graph> buildNanoGpt(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    return buildGpt("nanogpt", parameters, tensors,
                    {.layers = 6,
                     .heads = 6,
                     .width = 384,
                     .context = 256,
                     .vocabulary = 65,
                     .length = 256,
                     .bias = false,
                     .inputsFirst = false,
                     .geluByTanh = false});
}

}  // namespace bitloupe::network
