// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"

namespace bitloupe::network {

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kNeighbours = 16;

/// Indices [batch, particles, neighbours, 1] of the nearest other particles in `points`
/// [batch, coordinates, particles]: the largest of 2 x.y - x.x - y.y, without the particle itself.
std::string nearest(GraphBuilder& build, const std::string& name, const std::string& points) {
    const std::string turned =
        build.add("Transpose", name + "/turned", {points}, {{"perm", Integers{0, 2, 1}}});
    const std::string product = build.add("MatMul", name + "/products", {turned, points});
    const std::string twice =
        build.add("Mul", name + "/twice", {product, build.scalar(name + "/two", 2)});
    const std::string square = build.add("Mul", name + "/square", {points, points});
    const std::string norms =
        build.add("ReduceSum", name + "/norms", {square, build.integers(name + "/one", {1})});
    const std::string turnedNorms =
        build.add("Transpose", name + "/turned_norms", {norms}, {{"perm", Integers{0, 2, 1}}});
    const std::string partly = build.add("Sub", name + "/partly", {twice, norms});
    const std::string closeness = build.add("Sub", name + "/closeness", {partly, turnedNorms});
    const std::vector<std::string> top =
        build.addMany("TopK", name + "/nearest",
                      {closeness, build.integers(name + "/count", {kNeighbours + 1})}, 2);
    const std::string others = build.add(
        "Slice", name + "/others",
        {top[1], build.integers(name + "/starts", {1}),
         build.integers(name + "/ends", {kNeighbours + 1}), build.integers(name + "/axes", {2})});
    return build.add("Unsqueeze", name + "/indices", {others, build.integers(name + "/last", {3})});
}

/// An edge convolution (Wang et al. 2019, as ParticleNet has it): each particle's features beside
/// their differences to each neighbour's, three 1x1 convolutions, and the mean over the neighbours.
std::string edgeConvolution(GraphBuilder& build, const std::string& name, const std::string& points,
                            const std::string& features, std::int64_t inputs,
                            std::int64_t outputs) {
    const std::string turned =
        build.add("Transpose", name + "/features", {features}, {{"perm", Integers{0, 2, 1}}});
    const std::string gathered =
        build.add("GatherND", name + "/gathered", {turned, nearest(build, name, points)},
                  {{"batch_dims", std::int64_t{1}}});
    const std::string neighbours =
        build.add("Transpose", name + "/neighbours", {gathered}, {{"perm", Integers{0, 3, 1, 2}}});
    const std::string centre =
        build.add("Unsqueeze", name + "/centre", {features, build.integers(name + "/behind", {3})});
    const std::string repeated =
        build.add("Tile", name + "/repeated",
                  {centre, build.integers(name + "/repeats", {1, 1, 1, kNeighbours})});
    const std::string difference = build.add("Sub", name + "/difference", {neighbours, repeated});
    std::string edge =
        build.add("Concat", name + "/pairs", {repeated, difference}, {{"axis", std::int64_t{1}}});
    for (int i = 0; i < 3; ++i) {
        const std::string number = std::to_string(i);
        edge = build.convolution(
            name + ".convs." + number, edge,
            {.inputs = i == 0 ? 2 * inputs : outputs, .outputs = outputs, .bias = false});
        edge = build.add("Relu", name + "/relu" + number,
                         {build.batchNormalization(name + ".bns." + number, edge, outputs)});
    }
    edge = build.add("ReduceMean", name + "/mean", {edge},
                     {{"axes", Integers{-1}}, {"keepdims", std::int64_t{0}}});
    std::string around = features;
    if (inputs != outputs) {
        around = build.convolution(
            name + ".sc", features,
            {.inputs = inputs, .outputs = outputs, .bias = false, .dimensions = 1});
        around = build.batchNormalization(name + ".sc_bn", around, outputs);
    }
    return build.add("Relu", name + "/relu", {build.add("Add", name + "/add", {around, edge})});
}

}  // namespace

Result<Graph> buildParticleNet(const ArchitectureParameters& parameters,
                               const NamedTensors* tensors) {
    const Result<std::int64_t> particles = parameterOr(parameters, "particles", 128, 17, 4096);
    const Result<std::int64_t> given = parameterOr(parameters, "features", 7, 1, 4096);
    const Result<std::int64_t> classes = parameterOr(parameters, "classes", 10, 1, 4096);
    for (const auto* parameter : {&particles, &given, &classes}) {
        if (parameter->hasError()) {
            return parameter->error();
        }
    }
    GraphBuilder build("particlenet", tensors);
    const std::int64_t features = build.lengthOf("bn_fts.weight", 0, given.value());
    const std::int64_t outputs = build.lengthOf("fc.1.bias", 0, classes.value());
    std::string points = build.input("pf_points", {2, particles.value()});
    const std::string raw = build.input("pf_features", {features, particles.value()});
    const std::string mask = build.input("pf_mask", {1, particles.value()});
    const auto masked = [&](const std::string& name, const std::string& edge) {
        return build.add("Mul", name, {edge, mask});
    };
    std::string edge =
        masked("fts", build.batchNormalization("bn_fts", masked("masked_features", raw), features));
    // Padding goes far away, so that it is nobody's neighbour.
    const std::string padding = build.add("Sub", "padding", {build.scalar("one", 1), mask});
    const std::string away = build.add("Mul", "away", {padding, build.scalar("far", 1e9F)});
    points = build.add("Add", "points", {masked("masked_points", points), away});
    std::int64_t channels = features;
    for (int i = 0; i < 3; ++i) {
        const std::string name = "edge_convs." + std::to_string(i);
        const std::int64_t wide = std::int64_t{64} << i;
        const std::string where =
            i == 0 ? points : build.add("Add", name + "/points", {edge, away});
        edge = masked(name + "/masked", edgeConvolution(build, name, where, edge, channels, wide));
        channels = wide;
    }
    const std::string last = build.integers("last", {-1});
    const std::string total =
        build.add("ReduceSum", "total", {edge, last}, {{"keepdims", std::int64_t{0}}});
    const std::string present =
        build.add("ReduceSum", "present", {mask, last}, {{"keepdims", std::int64_t{0}}});
    const std::string count = build.add("Max", "count", {present, build.scalar("at_least", 1)});
    edge = build.add("Div", "mean", {total, count});
    edge = build.add("Relu", "fc.0/relu", {build.linear("fc.0.0", edge, channels, 256)});
    edge = build.linear("fc.1", edge, 256, outputs);
    return build.finish(edge, "logits", {outputs});
}

}  // namespace bitloupe::network
