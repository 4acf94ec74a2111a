// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"
#include "core/network/architectures/particle_pairs.h"
#include "core/network/architectures/transformer_parts.h"

namespace bitloupe::network {

namespace {

constexpr std::int64_t kWidth = 128;
constexpr std::int64_t kHeads = 8;
constexpr std::int64_t kHeadWidth = kWidth / kHeads;

class Transformer {
public:
    Transformer(GraphBuilder& build, std::int64_t features, std::int64_t particles)
        : m_build(build), m_features(features), m_particles(particles) {}

    /// The edge behind the last class block, [batch, 1, width].
    std::string run() {
        const std::string features = m_build.input("pf_features", {m_features, m_particles});
        const std::string vectors = m_build.input("pf_vectors", {4, m_particles});
        const std::string mask = m_build.input("pf_mask", {1, m_particles});
        const std::string present = m_build.transpose("present", mask, {0, 2, 1});
        std::string edge = m_build.add("Mul", "embedded", {embed(features), present});
        // Added to the logits of keys: nothing where there is a particle, -1e9 where there is none.
        const std::string padding = m_build.add(
            "Unsqueeze", "padding",
            {m_build.withNumber("Mul", "padding/far",
                                m_build.withNumber("Sub", "padding/absent", mask, 1), 1e9F),
             m_build.integers("padding/axis", {1})});
        std::string logits = padding;
        if (m_build.has("pair_embed.embed.0.weight")) {
            logits = m_build.add("Add", "pairs/masked",
                                 {embedPairs(m_build, vectors, m_particles, kHeads), padding});
        }
        for (int i = 0; i < 8; ++i) {
            edge = particleBlock("blocks." + std::to_string(i), edge, logits);
        }
        return classBlocks(edge, mask, padding);
    }

private:
    std::string embed(const std::string& features) {
        std::string edge = m_build.batchNormalization("embed.input_bn", features, m_features);
        edge = m_build.transpose("embed/turned", edge, {0, 2, 1});
        std::int64_t inputs = m_features;
        int module = 0;  // each stage is a normalization, a dense layer and a GELU
        for (const std::int64_t outputs : {kWidth, 4 * kWidth, kWidth}) {
            const std::string prefix = "embed.embed.";
            edge = m_build.layerNormalization(prefix + std::to_string(module), edge, inputs);
            edge =
                m_build.linear(prefix + std::to_string(module + 1), edge, inputs, outputs, true, 3);
            edge = m_build.gelu(prefix + std::to_string(module + 2), edge);
            inputs = outputs;
            module += 3;
        }
        return edge;
    }

    /// Attention with `logits` added to the products, and what projects its result.
    std::string attendAndProject(const std::string& name, const std::string& query,
                                 const std::string& key, const std::string& value,
                                 const std::string& logits) {
        const Mask mask = [&](const std::string& product) {
            return m_build.add("Add", name + ".logits", {product, logits});
        };
        return m_build.linear(name + ".out_proj",
                              attend(m_build, name, query, key, value, {kHeads, kHeadWidth}, mask),
                              kWidth, kWidth, true, 3);
    }

    struct Projection {
        std::string matrix;
        std::string offset;
    };
    Projection projection(const std::string& name) {
        return {m_build.weight(name + ".in_proj_weight", {3 * kWidth, kWidth}, kWidth),
                m_build.weight(name + ".in_proj_bias", {3 * kWidth}, 0)};
    }

    /// Queries, keys and values from one matrix.
    std::string selfAttention(const std::string& name, const std::string& edge,
                              const std::string& logits) {
        const Projection whole = projection(name);
        const std::vector<std::string> parts =
            m_build.addMany("Split", name + ".parts",
                            {m_build.project(name + ".in_proj", edge, whole.matrix, whole.offset),
                             m_build.integers(name + ".sizes", {kWidth, kWidth, kWidth})},
                            3, {{"axis", std::int64_t{2}}});
        return attendAndProject(name, parts[0], parts[1], parts[2], logits);
    }

    /// The class token asks; it and the particles answer.
    std::string classAttention(const std::string& name, const std::string& token,
                               const std::string& all, const std::string& logits) {
        const Projection whole = projection(name);
        const auto part = [&](const std::string& which, const std::string& edge, std::int64_t first,
                              std::int64_t count) {
            const std::string module = name + "." + which;
            return m_build.project(module, edge,
                                   m_build.rows(module + ".weight", whole.matrix, first, count),
                                   m_build.rows(module + ".bias", whole.offset, first, count));
        };
        const std::string query = part("q_proj", token, 0, kWidth);
        const std::vector<std::string> answers =
            m_build.addMany("Split", name + ".parts",
                            {part("kv_proj", all, kWidth, 2 * kWidth),
                             m_build.integers(name + ".sizes", {kWidth, kWidth})},
                            2, {{"axis", std::int64_t{2}}});
        return attendAndProject(name, query, answers[0], answers[1], logits);
    }

    /// Each head's gain. The authors' code exchanges the axes of head and place in a head before it
    /// joins them again; weights trained with it need the same.
    std::string headGains(const std::string& name, const std::string& edge) {
        const std::string gains = m_build.add("Unsqueeze", name + ".gains",
                                              {m_build.weight(name + ".c_attn", {kHeads}, 0, 1),
                                               m_build.integers(name + ".gains/axis", {1})});
        const std::string split =
            m_build.reshape(name + ".heads", edge, {0, 0, kHeads, kHeadWidth});
        const std::string scaled = m_build.add("Mul", name + ".gained", {split, gains});
        return m_build.reshape(name + ".regained",
                               m_build.transpose(name + ".exchanged", scaled, {0, 1, 3, 2}),
                               {0, 0, kWidth});
    }

    /// What follows the attention in both kinds of block.
    std::string finishBlock(const std::string& name, const std::string& attention,
                            const std::string& residual) {
        std::string edge = headGains(name, attention);
        edge = m_build.layerNormalization(name + ".post_attn_norm", edge, kWidth);
        const std::string middle = m_build.add("Add", name + ".middle", {edge, residual});
        edge = m_build.layerNormalization(name + ".pre_fc_norm", middle, kWidth);
        edge = m_build.linear(name + ".fc1", edge, kWidth, 4 * kWidth, true, 3);
        edge = m_build.gelu(name + ".act", edge);
        edge = m_build.layerNormalization(name + ".post_fc_norm", edge, 4 * kWidth);
        edge = m_build.linear(name + ".fc2", edge, 4 * kWidth, kWidth, true, 3);
        const std::string kept = m_build.add(
            "Mul", name + ".kept", {middle, m_build.weight(name + ".w_resid", {kWidth}, 0, 1)});
        return m_build.add("Add", name + ".sum", {edge, kept});
    }

    std::string particleBlock(const std::string& name, const std::string& edge,
                              const std::string& logits) {
        const std::string normal =
            m_build.layerNormalization(name + ".pre_attn_norm", edge, kWidth);
        return finishBlock(name, selfAttention(name + ".attn", normal, logits), edge);
    }

    std::string classBlocks(const std::string& particles, const std::string& mask,
                            const std::string& padding) {
        // A zero per sample, to give the class token and its mask the size of the batch.
        const std::string first =
            m_build.add("Slice", "cls/first",
                        {mask, m_build.integers("cls/starts", {0}),
                         m_build.integers("cls/ends", {1}), m_build.integers("cls/axes", {2})});
        const std::string zero = m_build.withNumber("Mul", "cls/zero", first, 0);
        std::string token = m_build.add(
            "Add", "cls/token", {zero, m_build.weight("cls_token", {1, 1, kWidth}, kWidth)});
        const std::string logits = m_build.add(
            "Concat", "cls/padding",
            {m_build.add("Unsqueeze", "cls/unmasked", {zero, m_build.integers("cls/axis", {1})}),
             padding},
            {{"axis", std::int64_t{3}}});
        for (int i = 0; i < 2; ++i) {
            const std::string name = "cls_blocks." + std::to_string(i);
            const std::string all = m_build.add("Concat", name + ".all", {token, particles},
                                                {{"axis", std::int64_t{1}}});
            const std::string normal =
                m_build.layerNormalization(name + ".pre_attn_norm", all, kWidth);
            token = finishBlock(name, classAttention(name + ".attn", token, normal, logits), token);
        }
        return token;
    }

    GraphBuilder& m_build;
    std::int64_t m_features;
    std::int64_t m_particles;
};

}  // namespace

Result<Graph> buildParticleTransformer(const ArchitectureParameters& parameters,
                                       const NamedTensors* tensors) {
    const Result<std::int64_t> particles = parameterOr(parameters, "particles", 128, 1, 1024);
    const Result<std::int64_t> given = parameterOr(parameters, "features", 17, 1, 4096);
    const Result<std::int64_t> classes = parameterOr(parameters, "classes", 10, 1, 4096);
    for (const auto* parameter : {&particles, &given, &classes}) {
        if (parameter->hasError()) {
            return parameter->error();
        }
    }
    GraphBuilder build("particle_transformer", tensors);
    const std::int64_t features = build.lengthOf("embed.input_bn.weight", 0, given.value());
    const std::int64_t outputs = build.lengthOf("fc.0.bias", 0, classes.value());
    std::string edge = Transformer(build, features, particles.value()).run();
    edge = build.layerNormalization("norm", edge, kWidth);
    edge = build.reshape("class", edge, {0, kWidth});
    edge = build.linear("fc.0", edge, kWidth, outputs);
    return build.finish(edge, "logits", {outputs});
}

}  // namespace bitloupe::network
