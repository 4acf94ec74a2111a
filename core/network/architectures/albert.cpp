// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"
#include "core/network/architectures/parameter_reader.h"
#include "core/network/architectures/transformer_parts.h"

namespace bitloupe::network {

namespace {

constexpr float kDeviation = 0.02F;  // of untrained weights
constexpr float kEpsilon = 1e-12F;   // of every normalization

struct AlbertSizes {
    std::int64_t layers = 12;
    std::int64_t heads = 12;
    std::int64_t width = 768;
    std::int64_t embedding = 128;
    std::int64_t hidden = 3072;
    std::int64_t context = 512;
    std::int64_t vocabulary = 30000;
    std::int64_t length = 512;
    std::int64_t classes = 0;  ///< of the classifier; 0 without one
    bool segments = false;     ///< the network has an input of that name
    bool masked = false;
};

/// The network's result: its edge, and its shape for one sample.
struct Outcome {
    std::string edge;
    Shape shape;
};

class Albert {
public:
    Albert(GraphBuilder& build, const AlbertSizes& sizes, std::string prefix)
        : m_build(build), m_sizes(sizes), m_prefix(std::move(prefix)) {}

    Outcome run() {
        std::string edge = embed();
        const Mask mask = paddingMask();
        for (std::int64_t i = 0; i < m_sizes.layers; ++i) {
            edge = layer("layer." + std::to_string(i), edge, mask);
        }
        return head(edge);
    }

private:
    std::string normalize(const std::string& node, const std::string& module,
                          const std::string& edge, std::int64_t width) {
        return m_build.add("LayerNormalization", node,
                           {edge, m_build.weight(module + ".weight", {width}, 0, 1),
                            m_build.weight(module + ".bias", {width}, 0)},
                           {{"axis", std::int64_t{-1}}, {"epsilon", kEpsilon}});
    }

    /// A dense layer whose node is not named after its weights: all layers share them.
    std::string dense(const std::string& node, const std::string& module, const std::string& edge,
                      std::int64_t inputs, std::int64_t outputs) {
        const std::string matrix =
            m_build.normalWeight(module + ".weight", {outputs, inputs}, kDeviation);
        return m_build.project(node, edge, matrix, m_build.weight(module + ".bias", {outputs}, 0));
    }

    std::string look(const std::string& name, std::int64_t rows, const std::string& places) {
        const std::string module = m_prefix + "embeddings." + name;
        return m_build.add(
            "Gather", module,
            {m_build.normalWeight(module + ".weight", {rows, m_sizes.embedding}, kDeviation),
             places});
    }

    /// Words, places and segments, [batch, length, width].
    std::string embed() {
        const Shape shape = {m_sizes.length};
        const std::string tokens = m_build.input("tokens", shape, ElementType::Int64);
        const std::string segments =
            m_sizes.segments ? m_build.input("segments", shape, ElementType::Int64)
                             : m_build.constant("segment", Array::of<std::int64_t>(
                                                               {}, std::vector<std::int64_t>{0}));
        m_build.ignore(m_prefix + "embeddings.position_ids");
        m_build.ignore(m_prefix + "embeddings.token_type_ids");
        const std::string words = look("word_embeddings", m_sizes.vocabulary, tokens);
        const std::string kinds = look("token_type_embeddings", 2, segments);
        const std::string places =
            look("position_embeddings", m_sizes.context, placesOf(m_build, tokens));
        const std::string sum = m_build.add(
            "Add", "embedded", {m_build.add("Add", "embedded/kinds", {words, kinds}), places});
        const std::string module = m_prefix + "embeddings.LayerNorm";
        const std::string mapping = m_prefix + "encoder.embedding_hidden_mapping_in";
        return dense(mapping, mapping, normalize(module, module, sum, m_sizes.embedding),
                     m_sizes.embedding, m_sizes.width);
    }

    /// Keys whose mask is 0 are seen by nobody.
    Mask paddingMask() {
        if (!m_sizes.masked) {
            return [](const std::string& logits) { return logits; };
        }
        const std::string mask = m_build.input("mask", {m_sizes.length}, ElementType::Int64);
        const std::string seen = m_build.add(
            "Cast", "mask/seen",
            {m_build.add("Unsqueeze", "mask/keys", {mask, m_build.integers("mask/axes", {1, 2})})},
            {{"to", std::int64_t{9}}});
        const std::string never =
            m_build.scalar("mask/never", std::numeric_limits<float>::lowest());
        return [this, seen, never](const std::string& logits) {
            return m_build.add("Where", logits + "/masked", {seen, logits, never});
        };
    }

    std::string layer(const std::string& node, const std::string& input, const Mask& mask) {
        const std::int64_t width = m_sizes.width;
        const std::string module = m_prefix + "encoder.albert_layer_groups.0.albert_layers.0.";
        const std::string attention = module + "attention.";
        const auto part = [&](const std::string& name) {
            return dense(node + ".attention." + name, attention + name, input, width, width);
        };
        std::string edge = attend(m_build, node + ".attention", part("query"), part("key"),
                                  part("value"), {m_sizes.heads, width / m_sizes.heads}, mask);
        edge = dense(node + ".attention.dense", attention + "dense", edge, width, width);
        const std::string middle =
            normalize(node + ".attention.LayerNorm", attention + "LayerNorm",
                      m_build.add("Add", node + ".attention.sum", {input, edge}), width);
        edge = dense(node + ".ffn", module + "ffn", middle, width, m_sizes.hidden);
        edge = m_build.geluByTanh(node + ".gelu", edge);
        edge = dense(node + ".ffn_output", module + "ffn_output", edge, m_sizes.hidden, width);
        return normalize(node + ".full_layer_layer_norm", module + "full_layer_layer_norm",
                         m_build.add("Add", node + ".sum", {edge, middle}), width);
    }

    Outcome head(const std::string& edge) {
        if (m_build.holds("qa_outputs.weight")) {
            return {dense("qa_outputs", "qa_outputs", edge, m_sizes.width, 2), {m_sizes.length, 2}};
        }
        if (m_build.holds("predictions.dense.weight")) {
            return words(edge);
        }
        const std::string pooler = m_prefix + "pooler";
        if (!m_build.has(pooler + ".weight")) {
            return {edge, {m_sizes.length, m_sizes.width}};
        }
        const std::string first = m_build.constant(
            "first/place", Array::of<std::int64_t>({}, std::vector<std::int64_t>{0}));
        const std::string pooled = m_build.add(
            "Tanh", "pooled",
            {m_build.linear(
                pooler, m_build.add("Gather", "first", {edge, first}, {{"axis", std::int64_t{1}}}),
                m_sizes.width, m_sizes.width)});
        return m_sizes.classes == 0
                   ? Outcome{pooled, {m_sizes.width}}
                   : Outcome{m_build.linear("classifier", pooled, m_sizes.width, m_sizes.classes),
                             {m_sizes.classes}};
    }

    /// The masked-word head; its matrix is the table of the words.
    Outcome words(const std::string& edge) {
        const std::string name = "predictions.";
        std::string narrow =
            dense(name + "dense", name + "dense", edge, m_sizes.width, m_sizes.embedding);
        narrow = normalize(name + "LayerNorm", name + "LayerNorm",
                           m_build.geluByTanh(name + "gelu", narrow), m_sizes.embedding);
        m_build.ignore(name + "decoder.weight");
        m_build.ignore(name + "decoder.bias");
        m_build.ignore(m_prefix + "pooler.weight");
        m_build.ignore(m_prefix + "pooler.bias");
        return {m_build.project(name + "decoder", narrow,
                                m_prefix + "embeddings.word_embeddings.weight",
                                m_build.weight(name + "bias", {m_sizes.vocabulary}, 0)),
                {m_sizes.length, m_sizes.vocabulary}};
    }

    GraphBuilder& m_build;
    const AlbertSizes& m_sizes;
    std::string m_prefix;
};

Result<AlbertSizes> readSizes(const GraphBuilder& build, const std::string& prefix,
                              const ArchitectureParameters& parameters) {
    ParameterReader reader(parameters);
    const AlbertSizes usual;
    AlbertSizes sizes;
    const std::string embeddings = prefix + "embeddings.";
    const std::string table = embeddings + "word_embeddings.weight";
    sizes.layers = reader.integer("layers", usual.layers, 1, 1000);
    sizes.vocabulary = build.lengthOf(table, 0, reader.integer("vocabulary", usual.vocabulary));
    sizes.embedding =
        build.lengthOf(table, 1, reader.integer("embedding", usual.embedding, 1, 65536));
    sizes.width = build.lengthOf(prefix + "encoder.embedding_hidden_mapping_in.weight", 0,
                                 reader.integer("width", usual.width, 1, 65536));
    sizes.hidden =
        build.lengthOf(prefix + "encoder.albert_layer_groups.0.albert_layers.0.ffn.weight", 0,
                       reader.integer("hidden", 4 * sizes.width));
    sizes.context = build.lengthOf(embeddings + "position_embeddings.weight", 0,
                                   reader.integer("context", usual.context));
    sizes.heads = reader.integer("heads", std::max<std::int64_t>(1, sizes.width / 64), 1, 4096);
    sizes.length = reader.integer("length", sizes.context, 1, sizes.context);
    sizes.classes = build.lengthOf("classifier.weight", 0, 0);
    const std::string inputs = reader.choice("inputs", {"tokens", "segments", "masked"});
    sizes.segments = inputs != "tokens";
    sizes.masked = inputs == "masked";
    reader.requireMultiple(sizes.width, sizes.heads, "width and heads");
    return reader.error() ? Result<AlbertSizes>(*reader.error()) : Result<AlbertSizes>(sizes);
}

}  // namespace

Result<Graph> buildAlbert(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    GraphBuilder build("albert", tensors);
    const std::string prefix =
        tensors == nullptr || build.holds("albert.embeddings.word_embeddings.weight") ? "albert."
                                                                                      : "";
    const Result<AlbertSizes> sizes = readSizes(build, prefix, parameters);
    if (sizes.hasError()) {
        return sizes.error();
    }
    const Outcome outcome = Albert(build, sizes.value(), prefix).run();
    return build.finish(outcome.edge, "result", outcome.shape);
}

}  // namespace bitloupe::network
