// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"
#include "core/network/architectures/parameter_reader.h"
#include "core/network/architectures/transformer_parts.h"

namespace bitloupe::network {

namespace {

constexpr float kDeviation = 0.02F;  // of untrained weights

struct LlamaSizes {
    std::int64_t layers = 6;
    std::int64_t heads = 6;
    std::int64_t keyHeads = 6;
    std::int64_t width = 288;
    std::int64_t hidden = 768;
    std::int64_t vocabulary = 32000;
    std::int64_t length = 256;
    double theta = 10000;
    double epsilon = 1e-5;
    bool tied = true;

    [[nodiscard]] std::int64_t headWidth() const { return width / heads; }
};

class Llama {
public:
    Llama(GraphBuilder& build, const LlamaSizes& sizes, std::string prefix)
        : m_build(build), m_sizes(sizes), m_prefix(std::move(prefix)) {}

    /// The logits, [batch, length, vocabulary].
    std::string run() {
        const std::string tokens = m_build.input("tokens", {m_sizes.length}, ElementType::Int64);
        const std::string places = placesOf(m_build, tokens);
        makeAngles(places);
        const Shape tableShape = {m_sizes.vocabulary, m_sizes.width};
        const std::string table =
            m_build.normalWeight(m_prefix + "embed_tokens.weight", tableShape, kDeviation);
        std::string edge = m_build.add("Gather", m_prefix + "embed_tokens", {table, tokens});
        const Mask mask = causalMask(m_build, places);
        for (std::int64_t i = 0; i < m_sizes.layers; ++i) {
            edge = block(m_prefix + "layers." + std::to_string(i), edge, mask);
        }
        edge = normalize(m_prefix + "norm", edge);
        const std::string own = "lm_head.weight";
        const bool tied = m_sizes.tied || m_build.equal(own, table);
        m_build.ignore(own);
        return m_build.project(
            "lm_head", edge, tied ? table : m_build.normalWeight(own, tableShape, kDeviation), "");
    }

private:
    std::string dense(const std::string& name, const std::string& edge, std::int64_t inputs,
                      std::int64_t outputs) {
        return m_build.project(
            name, edge, m_build.normalWeight(name + ".weight", {outputs, inputs}, kDeviation), "");
    }

    /// x / sqrt(mean(x^2) + epsilon) times the weight (Zhang and Sennrich 2019).
    std::string normalize(const std::string& name, const std::string& edge) {
        const std::string square = m_build.add("Mul", name + "/square", {edge, edge});
        const std::string mean =
            m_build.add("ReduceMean", name + "/mean", {square},
                        {{"axes", std::vector<std::int64_t>{-1}}, {"keepdims", std::int64_t{1}}});
        const std::string root =
            m_build.add("Sqrt", name + "/root",
                        {m_build.withNumber("Add", name + "/shifted", mean,
                                            static_cast<float>(m_sizes.epsilon))});
        return m_build.add("Mul", name,
                           {m_build.add("Div", name + "/normal", {edge, root}),
                            m_build.weight(name + ".weight", {m_sizes.width}, 0, 1)});
    }

    /// cos and sin of place * theta^(-2 i / width), [length, 1, half a head].
    void makeAngles(const std::string& places) {
        const auto integer = [&](const std::string& name, std::int64_t value) {
            return m_build.constant(name,
                                    Array::of<std::int64_t>({}, std::vector<std::int64_t>{value}));
        };
        const auto asFloat = [&](const std::string& name, const std::string& edge) {
            return m_build.add("Cast", name, {edge}, {{"to", std::int64_t{1}}});
        };
        const std::int64_t half = m_sizes.headWidth() / 2;
        const std::string steps = m_build.add(
            "Range", "rotary/steps",
            {integer("rotary/zero", 0), integer("rotary/half", half), integer("rotary/one", 1)});
        const auto exponent =
            static_cast<float>(-std::log(m_sizes.theta) / static_cast<double>(half));
        const std::string frequencies =
            m_build.add("Exp", "rotary/frequencies",
                        {m_build.withNumber("Mul", "rotary/exponents",
                                            asFloat("rotary/floats", steps), exponent)});
        const std::string column = m_build.add(
            "Unsqueeze", "rotary/column",
            {asFloat("rotary/places", places), m_build.integers("rotary/axes", {1, 2})});
        const std::string angles = m_build.add("Mul", "rotary/angles", {column, frequencies});
        m_cos = m_build.add("Cos", "rotary/cos", {angles});
        m_sin = m_build.add("Sin", "rotary/sin", {angles});
    }

    /// Turns each pair of numbers of a head by its place's angle (Su et al. 2021). A pair is one
    /// number of the first half of the head and one of the second.
    std::string rotate(const std::string& name, const std::string& edge, std::int64_t heads) {
        const std::int64_t width = m_sizes.headWidth();
        const std::string split = m_build.reshape(name + "/split", edge, {0, 0, heads, width});
        const std::vector<std::string> halves =
            m_build.addMany("Split", name + "/halves",
                            {split, m_build.integers(name + "/sizes", {width / 2, width / 2})}, 2,
                            {{"axis", std::int64_t{3}}});
        const auto product = [&](const std::string& which, const std::string& half,
                                 const std::string& factor) {
            return m_build.add("Mul", name + "/" + which, {half, factor});
        };
        const std::string first = m_build.add(
            "Sub", name + "/first",
            {product("first_cos", halves[0], m_cos), product("second_sin", halves[1], m_sin)});
        const std::string second = m_build.add(
            "Add", name + "/second",
            {product("second_cos", halves[1], m_cos), product("first_sin", halves[0], m_sin)});
        return m_build.add("Concat", name + "/rotated", {first, second},
                           {{"axis", std::int64_t{3}}});
    }

    /// Every key head answers the query heads of its group: operands are [batch, key heads, group,
    /// places, head width], and keys and values have a group of one.
    std::string attention(const std::string& name, const std::string& edge, const Mask& mask) {
        const std::int64_t width = m_sizes.headWidth();
        const std::int64_t keys = m_sizes.keyHeads;
        const std::int64_t group = m_sizes.heads / keys;
        const auto grouped = [&](const std::string& part, const std::string& heads,
                                 std::int64_t each, const std::vector<std::int64_t>& order) {
            return m_build.transpose(
                part + "/turned",
                m_build.reshape(part + "/grouped", heads, {0, 0, keys, each, width}), order);
        };
        const std::string query =
            rotate(name + ".q_proj", dense(name + ".q_proj", edge, m_sizes.width, m_sizes.width),
                   m_sizes.heads);
        const std::string key = rotate(
            name + ".k_proj", dense(name + ".k_proj", edge, m_sizes.width, keys * width), keys);
        const std::string value = dense(name + ".v_proj", edge, m_sizes.width, keys * width);
        const std::string scaled = m_build.withNumber("Mul", name + ".scaled", query,
                                                      1 / std::sqrt(static_cast<float>(width)));
        const std::string mixed =
            mixValues(m_build, name, grouped(name + ".q", scaled, group, {0, 2, 3, 1, 4}),
                      grouped(name + ".k", key, 1, {0, 2, 3, 4, 1}),
                      grouped(name + ".v", value, 1, {0, 2, 3, 1, 4}), mask);
        const std::string joined = m_build.reshape(
            name + ".joined", m_build.transpose(name + ".turned", mixed, {0, 3, 1, 2, 4}),
            {0, 0, m_sizes.width});
        return dense(name + ".o_proj", joined, m_sizes.width, m_sizes.width);
    }

    std::string block(const std::string& name, const std::string& input, const Mask& mask) {
        m_build.ignore(name + ".self_attn.rotary_emb.inv_freq");
        const std::string attended =
            attention(name + ".self_attn", normalize(name + ".input_layernorm", input), mask);
        const std::string middle = m_build.add("Add", name + ".middle", {input, attended});
        const std::string normal = normalize(name + ".post_attention_layernorm", middle);
        const std::string mlp = name + ".mlp";
        const std::string gate = dense(mlp + ".gate_proj", normal, m_sizes.width, m_sizes.hidden);
        const std::string swish = m_build.add(
            "Mul", mlp + ".swish", {gate, m_build.add("Sigmoid", mlp + ".sigmoid", {gate})});
        const std::string up = dense(mlp + ".up_proj", normal, m_sizes.width, m_sizes.hidden);
        const std::string down =
            dense(mlp + ".down_proj", m_build.add("Mul", mlp + ".gated", {swish, up}),
                  m_sizes.hidden, m_sizes.width);
        return m_build.add("Add", name + ".sum", {middle, down});
    }

    GraphBuilder& m_build;
    const LlamaSizes& m_sizes;
    std::string m_prefix;
    std::string m_cos;
    std::string m_sin;
};

Result<LlamaSizes> readSizes(const GraphBuilder& build, const std::string& prefix,
                             const ArchitectureParameters& parameters) {
    ParameterReader reader(parameters);
    const LlamaSizes usual;
    LlamaSizes sizes;
    const std::string table = prefix + "embed_tokens.weight";
    const std::string first = prefix + "layers.0.";
    const bool trained = build.holds(table);
    std::int64_t blocks = 0;
    while (build.holds(prefix + "layers." + std::to_string(blocks) + ".input_layernorm.weight")) {
        ++blocks;
    }
    sizes.layers = trained ? blocks : reader.integer("layers", usual.layers, 1, 1000);
    sizes.vocabulary = build.lengthOf(table, 0, reader.integer("vocabulary", usual.vocabulary));
    sizes.width = build.lengthOf(table, 1, reader.integer("width", usual.width, 2, 65536));
    sizes.hidden =
        build.lengthOf(first + "mlp.gate_proj.weight", 0, reader.integer("hidden", usual.hidden));
    // Large ones have heads of 128 numbers, the others mostly of 64.
    const std::int64_t likely =
        sizes.width == usual.width ? usual.heads : sizes.width / (sizes.width < 4096 ? 64 : 128);
    sizes.heads = reader.integer("heads", std::max<std::int64_t>(1, likely), 1, 4096);
    reader.requireMultiple(sizes.width, 2 * sizes.heads, "width and heads");
    sizes.keyHeads = trained ? build.lengthOf(first + "self_attn.k_proj.weight", 0, 0) /
                                   std::max<std::int64_t>(1, sizes.headWidth())
                             : reader.integer("key_heads", sizes.heads, 1, 4096);
    reader.requireMultiple(sizes.heads, sizes.keyHeads, "heads and key_heads");
    sizes.length = reader.integer("length", usual.length);
    sizes.theta = reader.positive("theta", usual.theta);
    sizes.epsilon = reader.positive("epsilon", usual.epsilon);
    sizes.tied = trained ? !build.holds("lm_head.weight") : reader.integer("tied", 1, 0, 1) == 1;
    return reader.error() ? Result<LlamaSizes>(*reader.error()) : Result<LlamaSizes>(sizes);
}

}  // namespace

Result<Graph> buildLlama(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    GraphBuilder build("llama", tensors);
    const std::string prefix =
        tensors == nullptr || build.holds("model.embed_tokens.weight") ? "model." : "";
    const Result<LlamaSizes> sizes = readSizes(build, prefix, parameters);
    if (sizes.hasError()) {
        return sizes.error();
    }
    const std::string logits = Llama(build, sizes.value(), prefix).run();
    return build.finish(logits, "logits", {sizes.value().length, sizes.value().vocabulary});
}

}  // namespace bitloupe::network
