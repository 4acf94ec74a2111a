// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/particle_pairs.h"

#include <algorithm>
#include <numbers>

namespace bitloupe::network {

namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kLeast = 1e-8F;  // of everything whose logarithm is taken

/// Writes formulas with names that count up, so that they read like formulas.
class Formula {
public:
    Formula(GraphBuilder& build, std::string prefix)
        : m_build(build), m_prefix(std::move(prefix)) {}

    std::string operator()(const std::string& type, const std::string& a) {
        return m_build.add(type, next(type), {a});
    }
    std::string operator()(const std::string& type, const std::string& a, const std::string& b) {
        return m_build.add(type, next(type), {a, b});
    }
    std::string operator()(const std::string& type, const std::string& a, float number) {
        return m_build.withNumber(type, next(type), a, number);
    }
    std::string choose(const std::string& condition, const std::string& yes,
                       const std::string& no) {
        return m_build.add("Where", next("Where"), {condition, yes, no});
    }
    std::string number(float value) { return m_build.scalar(next("number"), value); }
    std::string gather(const std::string& edge, const std::string& indices) {
        return m_build.add("Gather", next("Gather"), {edge, indices}, {{"axis", std::int64_t{2}}});
    }
    std::string squareSum(const std::string& a, const std::string& b) {
        return (*this)("Add", (*this)("Mul", a, a), (*this)("Mul", b, b));
    }
    std::string logarithm(const std::string& a) {
        return (*this)("Log", (*this)("Max", a, kLeast));
    }

private:
    std::string next(const std::string& type) {
        return m_prefix + "/" + type + std::to_string(m_count++);
    }

    GraphBuilder& m_build;
    std::string m_prefix;
    int m_count = 0;
};

/// atan2(y, x) from the arc tangent, which is all that ONNX has; 0 for x = y = 0.
std::string angle(Formula& f, const std::string& y, const std::string& x) {
    const std::string zero = f.number(0);
    const std::string divisor = f.choose(f("Equal", x, zero), f.number(1e-37F), x);
    const std::string turn = f.choose(f("Less", y, zero), f.number(-kPi), f.number(kPi));
    return f("Add", f("Atan", f("Div", y, divisor)), f.choose(f("Less", x, zero), turn, zero));
}

/// a - b, brought into [-pi, pi).
std::string angleBetween(Formula& f, const std::string& a, const std::string& b) {
    const std::string shifted = f("Add", f("Sub", a, b), kPi);
    const std::string turns = f("Floor", f("Div", shifted, 2 * kPi));
    return f("Sub", f("Sub", shifted, f("Mul", turns, 2 * kPi)), kPi);
}

struct Triangle {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> columns;
    std::vector<std::int64_t> mirror;  ///< where in the triangle element (i, j) of the square is
};

/// Row by row, the diagonal included.
Triangle lowerTriangle(std::int64_t particles) {
    Triangle triangle;
    for (std::int64_t i = 0; i < particles; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) {
            triangle.rows.push_back(i);
            triangle.columns.push_back(j);
        }
    }
    for (std::int64_t i = 0; i < particles; ++i) {
        for (std::int64_t j = 0; j < particles; ++j) {
            const std::int64_t row = std::max(i, j);
            triangle.mirror.push_back(row * (row + 1) / 2 + std::min(i, j));
        }
    }
    return triangle;
}

/// The four pair features, [batch, 4, pairs].
std::string pairFeatures(GraphBuilder& build, const std::string& vectors, const std::string& first,
                         const std::string& second) {
    Formula f(build, "pairs");
    const std::vector<std::string> p = build.addMany(
        "Split", "pairs/split", {vectors, build.integers("pairs/sizes", {1, 1, 1, 1})}, 4,
        {{"axis", std::int64_t{1}}});
    const std::string momentum = f("Sqrt", f.squareSum(p[0], p[1]));
    const std::string along = f("Max", f("Sub", p[3], p[2]), 1e-20F);
    const std::string rapidity =
        f("Mul", f("Log", f("Add", f("Div", f("Mul", p[2], 2.0F), along), 1.0F)), 0.5F);
    const std::string phi = angle(f, p[1], p[0]);

    const std::string momentumA = f.gather(momentum, first);
    const std::string momentumB = f.gather(momentum, second);
    const std::string across = f("Sub", f.gather(rapidity, first), f.gather(rapidity, second));
    const std::string around = angleBetween(f, f.gather(phi, first), f.gather(phi, second));
    const std::string distance = f("Sqrt", f.squareSum(across, around));
    const std::string least = f("Min", momentumA, momentumB);
    const std::string kt = f.logarithm(f("Mul", least, distance));
    const std::string z =
        f.logarithm(f("Div", least, f("Max", f("Add", momentumA, momentumB), kLeast)));
    std::vector<std::string> sums;
    for (const std::string& component : p) {
        sums.push_back(f("Add", f.gather(component, first), f.gather(component, second)));
    }
    const std::string space = f("Add", f.squareSum(sums[0], sums[1]), f("Mul", sums[2], sums[2]));
    const std::string mass = f.logarithm(f("Sub", f("Mul", sums[3], sums[3]), space));
    return build.add("Concat", "pairs/features", {kt, z, f.logarithm(distance), mass},
                     {{"axis", std::int64_t{1}}});
}

}  // namespace

std::string embedPairs(GraphBuilder& build, const std::string& vectors, std::int64_t particles,
                       std::int64_t heads) {
    const Triangle triangle = lowerTriangle(particles);
    std::string edge = pairFeatures(build, vectors, build.integers("pairs/rows", triangle.rows),
                                    build.integers("pairs/columns", triangle.columns));
    edge = build.batchNormalization("pair_embed.embed.0", edge, 4);
    std::int64_t inputs = 4;
    int module = 1;  // each stage is a convolution, a normalization and, but for the last, a GELU
    for (const std::int64_t outputs :
         {std::int64_t{64}, std::int64_t{64}, std::int64_t{64}, heads}) {
        const std::string prefix = "pair_embed.embed.";
        edge = build.convolution(prefix + std::to_string(module), edge,
                                 {.inputs = inputs, .outputs = outputs, .dimensions = 1});
        edge = build.batchNormalization(prefix + std::to_string(module + 1), edge, outputs);
        if (module < 10) {
            edge = build.gelu(prefix + std::to_string(module + 2), edge);
        }
        inputs = outputs;
        module += 3;
    }
    edge = build.add("Gather", "pairs/mirrored",
                     {edge, build.integers("pairs/mirror", triangle.mirror)},
                     {{"axis", std::int64_t{2}}});
    return build.reshape("pairs/square", edge, {0, heads, particles, particles});
}

}  // namespace bitloupe::network
