// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>

#include "core/network/class_scores.h"
#include "core/network/graph_hash.h"
#include "core/network/graph_order.h"
#include "core/network/network.h"
#include "core/network/simplify.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using namespace bitloupe::testing;

class TstGraphPasses : public QObject {
    Q_OBJECT

    /// x -> Conv (2x3 filters of 1x1) [-> with bias] -> BatchNormalization -> y
    static Graph normalized(bool bias) {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"conv.weight", varied({2, 3, 1, 1}, 1)},
                              {"bn.weight", floats({2}, {1.5F, -0.75F})},
                              {"bn.bias", floats({2}, {0.25F, 2})},
                              {"bn.running_mean", floats({2}, {-1, 0.5F})},
                              {"bn.running_var", floats({2}, {4, 0.25F})}};
        std::vector<std::string> inputs = {"x", "conv.weight"};
        if (bias) {
            graph.initializers["conv.bias"] = floats({2}, {3, -1});
            inputs.emplace_back("conv.bias");
        }
        graph.nodes = {node("Conv", inputs, {"c"}),
                       node("BatchNormalization",
                            {"c", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"},
                            {"y"}, {{"epsilon", 1e-3F}})};
        return graph;
    }

    /// The 1x1 convolution of three channels, and the batch normalization if it is still there.
    static std::vector<double> run(const Graph& graph, const std::vector<double>& x) {
        const auto stored = [&](const std::string& name) {
            return graph.initializers.at(name).as<float>();
        };
        const Node& conv = graph.nodes[0];
        std::vector<double> y(2);
        for (std::size_t o = 0; o < 2; ++o) {
            y[o] = conv.inputs.size() > 2 ? static_cast<double>(stored(conv.inputs[2])[o]) : 0.0;
            for (std::size_t i = 0; i < 3; ++i) {
                y[o] += static_cast<double>(stored(conv.inputs[1])[o * 3 + i]) * x[i];
            }
            if (graph.nodes.size() > 1) {
                const Node& bn = graph.nodes[1];
                const double deviation =
                    std::sqrt(static_cast<double>(stored(bn.inputs[4])[o]) + 1e-3);
                y[o] = (y[o] - static_cast<double>(stored(bn.inputs[3])[o])) / deviation *
                           static_cast<double>(stored(bn.inputs[1])[o]) +
                       static_cast<double>(stored(bn.inputs[2])[o]);
            }
        }
        return y;
    }

    /// x -> Gemm -> scores -> ArgMax -> best -> Cast -> y
    static Graph choosing(std::int64_t axis) {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"w", varied({3, 2}, 1)}};
        graph.nodes = {node("Gemm", {"x", "w"}, {"scores"}),
                       node("ArgMax", {"scores"}, {"best"}, {{"axis", axis}}),
                       node("Cast", {"best"}, {"y"}, {{"to", std::int64_t{7}}})};
        return graph;
    }

private Q_SLOTS:
    void scoresStandForTheBestClass() {
        for (const std::int64_t axis : {-1, 1}) {
            const auto scored = withClassScores(choosing(axis));
            QVERIFY(scored.has_value());
            QCOMPARE(scored->graph.outputs.size(), 1U);
            QCOMPARE(scored->graph.outputs[0].name, std::string("scores"));
            QCOMPARE(scored->graph.nodes.size(), 1U);
            QCOMPARE(scored->node, choosing(axis).nodes[1].name);
        }
        Graph both = choosing(1);
        both.outputs.push_back(value("scores"));
        both.outputs.push_back(value("best"));
        const auto scored = withClassScores(both);
        QVERIFY(scored.has_value());
        QCOMPARE(scored->graph.outputs.size(), 2U);
        QCOMPARE(scored->graph.outputs[0].name, std::string("scores"));
        QCOMPARE(scored->graph.outputs[1].name, std::string("best"));
        QCOMPARE(scored->graph.nodes.size(), 2U);
    }

    void otherOutputsAreLeftAsTheyAre() {
        QVERIFY(!withClassScores(choosing(0)).has_value());  // over the samples
        Graph graph = choosing(1);
        graph.nodes[2].operatorType = "Neg";
        QVERIFY(!withClassScores(graph).has_value());
        graph = choosing(1);
        graph.outputs[0].name = "scores";
        QVERIFY(!withClassScores(graph).has_value());
        graph = choosing(1);
        graph.nodes[1].inputs[0] = "x";  // nothing is computed
        QVERIFY(!withClassScores(graph).has_value());
        QVERIFY(!withClassScores(Graph()).has_value());
    }

    void foldingKeepsWhatTheNetworkComputes() {
        for (const bool bias : {false, true}) {
            const Graph before = normalized(bias);
            const Graph after = simplified(before);
            QCOMPARE(after.nodes.size(), 1U);
            QCOMPARE(after.nodes[0].outputs[0], std::string("y"));
            QCOMPARE(after.nodes[0].remark, std::string("batch normalization bn folded"));
            QCOMPARE(after.initializers.size(), 2U);
            QCOMPARE(after.nodes[0].inputs[2], std::string("conv.bias"));
            QCOMPARE(countParameters(after), countParameters(before));
            QCOMPARE(countParameters(before), bias ? 12 : 10);  // without the statistics
            for (const std::vector<double>& x :
                 {std::vector<double>{1, 2, 3}, std::vector<double>{-0.5, 0.25, 8}}) {
                const std::vector<double> expected = run(before, x);
                const std::vector<double> found = run(after, x);
                for (std::size_t i = 0; i < 2; ++i) {
                    QVERIFY(std::abs(expected[i] - found[i]) < 1e-5 * (1 + std::abs(expected[i])));
                }
            }
            QVERIFY(before.initializers.at("conv.weight").as<float>()[1] ==
                    varied({2, 3, 1, 1}, 1).as<float>()[1]);  // the input graph is untouched
        }
    }

    void foldingLeavesWhatItMust() {
        Graph read = normalized(true);  // somebody else reads the convolution's result
        read.nodes.push_back(node("Relu", {"c"}, {"z"}));
        read.outputs.push_back(value("z"));
        QCOMPARE(withFoldedBatchNormalization(read).nodes.size(), 3U);
        Graph output = normalized(true);  // it is a result of the network
        output.outputs.push_back(value("c"));
        QCOMPARE(withFoldedBatchNormalization(output).nodes.size(), 2U);
        Graph training = normalized(true);
        training.nodes[1].attributes["training_mode"] = std::int64_t{1};
        QCOMPARE(withFoldedBatchNormalization(training).nodes.size(), 2U);
        Graph negative = normalized(true);
        negative.initializers["bn.running_var"] = floats({2}, {-4, 1});
        QCOMPARE(withFoldedBatchNormalization(negative).nodes.size(), 2U);
    }

    void sharedWeightsAreFoldedApart() {
        Graph graph = normalized(false);
        graph.nodes.push_back(node("Conv", {"x", "conv.weight"}, {"z"}));
        graph.outputs.push_back(value("z"));
        const Graph folded = simplified(graph);
        QCOMPARE(folded.nodes.size(), 2U);
        QVERIFY(folded.nodes[0].inputs[1] != folded.nodes[1].inputs[1]);
        QCOMPARE(folded.initializers.at("conv.weight").as<float>()[0],
                 graph.initializers.at("conv.weight").as<float>()[0]);
    }

    void copiesAndDeadNodesGo() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"unused", filled({1000})}, {"half", filled({1}, 0.5F)}};
        graph.nodes = {node("Identity", {"x"}, {"a"}), node("Dropout", {"a", "half"}, {"b"}),
                       node("Relu", {"b"}, {"c"}), node("Exp", {"b"}, {"nobody"}),
                       node("Identity", {"c"}, {"y"})};
        const Graph small = simplified(graph);
        QCOMPARE(small.nodes.size(), 2U);  // the last Identity names the output
        QCOMPARE(small.nodes[0].inputs[0], std::string("x"));
        QVERIFY(small.initializers.empty());
    }

    void dropoutThatTrainsStays() {
        Graph graph;
        graph.inputs = {value("x"), value("training")};
        graph.outputs = {value("y")};
        graph.nodes = {node("Dropout", {"x", "", "training"}, {"a"}), node("Relu", {"a"}, {"y"})};
        QCOMPARE(simplified(graph).nodes.size(), 2U);
    }

    void bodiesKeepTheEdgesTheyRead() {
        auto body = std::make_shared<Graph>();
        body->outputs = {value("inner")};
        body->nodes = {node("Neg", {"a"}, {"inner"})};
        Graph graph;
        graph.inputs = {value("x"), value("c")};
        graph.outputs = {value("y")};
        const std::shared_ptr<const Graph> shared = body;
        graph.nodes = {
            node("Identity", {"x"}, {"a"}),
            node("If", {"c"}, {"y"}, {{"then_branch", shared}, {"else_branch", shared}})};
        QCOMPARE(capturedEdges(*body), std::set<std::string>{"a"});
        QCOMPARE(simplified(graph).nodes.size(), 2U);
    }

    void hashTellsNetworksApart() {
        const Graph graph = normalized(true);
        const std::string hash = graphHash(graph);
        QCOMPARE(hash.size(), 64U);
        QCOMPARE(graphHash(normalized(true)), hash);
        Graph renamed = graph;
        renamed.nodes[0].name = "other";
        renamed.name = "other";
        QCOMPARE(graphHash(renamed), hash);
        Graph weight = graph;
        weight.initializers["bn.bias"] = floats({2}, {0.25F, 2.0000002F});
        QVERIFY(graphHash(weight) != hash);
        Graph attribute = graph;
        attribute.nodes[1].attributes["epsilon"] = 2e-3F;
        QVERIFY(graphHash(attribute) != hash);
        Graph kind = graph;
        kind.nodes[1].attributes["epsilon"] = std::int64_t{0};
        QVERIFY(graphHash(kind) != hash);
        Graph shape = graph;
        shape.initializers["conv.weight"] =
            graph.initializers.at("conv.weight").reshaped({2, 1, 3, 1});
        QVERIFY(graphHash(shape) != hash);
        Graph opset = graph;
        opset.opset = 9;
        QVERIFY(graphHash(opset) != hash);
    }

    void aLongChainIsSortedQuickly() {
        Graph graph;
        graph.inputs = {value("e0")};
        for (int i = 20000; i-- > 0;) {
            graph.nodes.push_back(
                node("Relu", {"e" + std::to_string(i)}, {"e" + std::to_string(i + 1)}));
        }
        graph.outputs = {value("e20000")};
        const Result<Graph> sorted = sortedGraph(graph);
        QVERIFY(sorted.hasValue());
        QCOMPARE(sorted.value().nodes.front().inputs[0], std::string("e0"));
        QCOMPARE(sorted.value().nodes.back().outputs[0], std::string("e20000"));
    }
};

QTEST_APPLESS_MAIN(TstGraphPasses)
#include "tst_graph_passes.moc"
