// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/network/architectures/architecture.h"
#include "core/network/network.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using namespace bitloupe::testing;
using hardware::Gemm;
using Integers = std::vector<std::int64_t>;

class TstLayers : public QObject {
    Q_OBJECT

    /// The layers of one node between x and y.
    static std::vector<Layer> layersOf(const Node& made, const std::map<std::string, Array>& stored,
                                       const EdgeShapes& shapes) {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = stored;
        graph.nodes = {made};
        return findLayers(graph, shapes);
    }

private Q_SLOTS:
    void lenetHasItsKnownCosts() {
        const Result<Graph> built = buildArchitecture("lenet5", {}, nullptr);
        QVERIFY(built.hasValue());
        const Graph& graph = built.value();
        // Every edge's shape, worked out by hand.
        EdgeShapes shapes = {{"input", {1, 1, 28, 28}},
                             {"c1_output", {1, 6, 28, 28}},
                             {"relu1_output", {1, 6, 28, 28}},
                             {"s2_output", {1, 6, 14, 14}},
                             {"c3_output", {1, 16, 10, 10}},
                             {"relu3_output", {1, 16, 10, 10}},
                             {"s4_output", {1, 16, 5, 5}},
                             {"c5_output", {1, 120, 1, 1}},
                             {"flatten_output", {1, 120}},
                             {"f6_output", {1, 84}},
                             {"logits", {1, 10}}};
        Network network{"lenet5", "", "", std::make_shared<Graph>(graph),
                        findLayers(graph, shapes)};
        const std::vector<Layer>& layers = network.layers;
        QCOMPARE(layers.size(), 5U);
        const std::vector<std::string> names = {"c1", "c3", "c5", "f6", "output"};
        const std::vector<std::int64_t> macs = {117600, 240000, 48000, 10080, 840};
        for (std::size_t i = 0; i < layers.size(); ++i) {
            QCOMPARE(layers[i].name, names[i]);
            QCOMPARE(layers[i].gemm.macs(), macs[i]);
            QCOMPARE(layers[i].channelAxis, 0);
            QCOMPARE(layers[i].weight, names[i] + ".weight");
            QCOMPARE(layers[i].bias, names[i] + ".bias");
        }
        QCOMPARE(layers[1].gemm, (Gemm{100, 150, 16, 1}));
        QCOMPARE(layers[3].gemm, (Gemm{1, 120, 84, 1}));
        QCOMPARE(layers[1].input, std::string("s2_output"));
        QCOMPARE(layers[1].outputShape, Shape({1, 16, 10, 10}));
        QCOMPARE(network.parameters(), 61706);
        QCOMPARE(network.macs(), 416520);
    }

    void groupsDivideAConvolution() {
        // A depthwise 3x3 over 8 channels of 10x10, and 4 groups of 2 -> 4 channels.
        auto layers =
            layersOf(node("Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{8}}}),
                     {{"w", filled({8, 1, 3, 3})}}, {{"x", {1, 8, 12, 12}}, {"y", {1, 8, 10, 10}}});
        QCOMPARE(layers[0].gemm, (Gemm{100, 9, 1, 8}));
        layers = layersOf(node("Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{4}}}),
                          {{"w", filled({16, 2, 3})}}, {{"x", {1, 8, 7}}, {"y", {1, 16, 5}}});
        QCOMPARE(layers[0].gemm, (Gemm{5, 6, 4, 4}));
        QCOMPARE(layers[0].parameters, 96);
    }

    void transposedConvolutionsCountInputPlaces() {
        const auto layers =
            layersOf(node("ConvTranspose", {"x", "w"}, {"y"}), {{"w", filled({3, 5, 2, 2})}},
                     {{"x", {1, 3, 4, 4}}, {"y", {1, 5, 5, 5}}});
        QCOMPARE(layers[0].gemm, (Gemm{16, 3, 20, 1}));
        QCOMPARE(layers[0].channelAxis, 1);
    }

    void gemmFollowsItsTranspositions() {
        const EdgeShapes shapes = {{"x", {1, 7}}, {"y", {1, 3}}};
        auto layers = layersOf(node("Gemm", {"x", "w"}, {"y"}), {{"w", filled({7, 3})}}, shapes);
        QCOMPARE(layers[0].gemm, (Gemm{1, 7, 3, 1}));
        QCOMPARE(layers[0].channelAxis, 1);
        layers = layersOf(node("Gemm", {"x", "w"}, {"y"}, {{"transB", std::int64_t{1}}}),
                          {{"w", filled({3, 7})}}, shapes);
        QCOMPARE(layers[0].gemm, (Gemm{1, 7, 3, 1}));
        QCOMPARE(layers[0].channelAxis, 0);
    }

    void attentionHasNoWeights() {
        // Q K^T of 4 heads: 6 x 8 times 8 x 6 each.
        Graph graph;
        graph.inputs = {value("q"), value("k")};
        graph.outputs = {value("scores")};
        graph.nodes = {node("MatMul", {"q", "k"}, {"scores"}, {}, "/block.0/attention/MatMul_1")};
        const auto layers =
            findLayers(graph, {{"q", {1, 4, 6, 8}}, {"k", {1, 4, 8, 6}}, {"scores", {1, 4, 6, 6}}});
        QCOMPARE(layers[0].gemm, (Gemm{6, 8, 6, 4}));
        QCOMPARE(layers[0].weight, std::string());
        QCOMPARE(layers[0].parameters, 0);
        QCOMPARE(layers[0].name, std::string("block.0/attention/MatMul_1"));
        QCOMPARE(layers[0].input, std::string("q"));
        QCOMPARE(layers[0].secondInput, std::string("k"));
    }

    void tokensAreRowsOfADenseLayer() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"onnx::MatMul_9", filled({16, 4})}, {"bias", filled({4})}};
        graph.nodes = {node("MatMul", {"x", "onnx::MatMul_9"}, {"p"}, {}, "/mlp/fc1/MatMul"),
                       node("Add", {"bias", "p"}, {"y"})};
        const auto layers =
            findLayers(graph, {{"x", {1, 9, 16}}, {"p", {1, 9, 4}}, {"y", {1, 9, 4}}});
        QCOMPARE(layers[0].gemm, (Gemm{9, 16, 4, 1}));
        QCOMPARE(layers[0].bias, std::string("bias"));
        QCOMPARE(layers[0].parameters, 68);
        QCOMPARE(layers[0].name, std::string("mlp/fc1"));
        QCOMPARE(layers[0].channelAxis, 1);
    }

    void weightsAreFoundThroughCopies() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {
            {"head.weight", filled({5, 16})},
            {"shape", Array::of<std::int64_t>({2}, std::vector<std::int64_t>{16, 5})}};
        graph.nodes = {node("Identity", {"head.weight"}, {"same"}),
                       node("Transpose", {"same"}, {"turned"}, {{"perm", Integers{1, 0}}}),
                       node("Reshape", {"turned", "shape"}, {"again"}),
                       node("MatMul", {"x", "again"}, {"y"})};
        const EdgeShapes shapes = {{"x", {1, 16}},
                                   {"y", {1, 5}},
                                   {"same", {5, 16}},
                                   {"turned", {16, 5}},
                                   {"again", {16, 5}}};
        const auto layers = findLayers(graph, shapes);
        QCOMPARE(layers.size(), 1U);
        QCOMPARE(layers[0].weight, std::string("head.weight"));
        QCOMPARE(layers[0].channelAxis, 0);
        QCOMPARE(layers[0].weightShape, Shape({5, 16}));
        QCOMPARE(layers[0].name, std::string("head"));
    }

    void namesAreUnique() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("c")};
        graph.initializers = {{"tied.weight", filled({4, 4})}};
        graph.nodes = {node("MatMul", {"x", "tied.weight"}, {"a"}),
                       node("MatMul", {"a", "tied.weight"}, {"b"}),
                       node("MatMul", {"b", "tied.weight"}, {"c"})};
        const EdgeShapes shapes = {{"x", {1, 4}}, {"a", {1, 4}}, {"b", {1, 4}}, {"c", {1, 4}}};
        const auto layers = findLayers(graph, shapes);
        QCOMPARE(layers[0].name, std::string("tied"));
        QCOMPARE(layers[1].name, std::string("tied_2"));
        QCOMPARE(layers[2].name, std::string("tied_3"));
        const Network network{"", "", "", std::make_shared<Graph>(graph), layers};
        QCOMPARE(network.parameters(), 16);  // shared weights are stored once
        QCOMPARE(network.macs(), 48);
    }

    /// A table that is the output's matrix too, as in GPT-2: its elements count once.
    void tablesAreLayers() {
        Graph graph;
        graph.inputs = {value("tokens")};
        graph.outputs = {value("y")};
        graph.initializers = {{"wte.weight", filled({50, 8})}};
        graph.nodes = {node("Gather", {"wte.weight", "tokens"}, {"x"}, {}, "wte"),
                       node("Transpose", {"wte.weight"}, {"turned"}, {{"perm", Integers{1, 0}}}),
                       node("MatMul", {"x", "turned"}, {"y"}, {}, "/lm_head/MatMul")};
        const EdgeShapes shapes = {
            {"tokens", {1, 6}}, {"x", {1, 6, 8}}, {"turned", {8, 50}}, {"y", {1, 6, 50}}};
        const auto layers = findLayers(graph, shapes);
        QCOMPARE(layers.size(), 2U);
        QCOMPARE(layers[0].name, std::string("wte"));
        QCOMPARE(layers[0].parameters, 400);
        QCOMPARE(layers[0].input, std::string());
        QCOMPARE(layers[0].inputShape, Shape({1, 6}));
        QCOMPARE(layers[0].gemm.macs(), 0);
        QCOMPARE(layers[1].name, std::string("lm_head"));
        QCOMPARE(layers[1].parameters, 0);
        QCOMPARE(layers[1].channelAxis, 0);
        QCOMPARE(layers[1].gemm, (Gemm{6, 8, 50, 1}));
    }

    /// 12 steps of an LSTM in both directions, 5 numbers in and 7 out of each.
    void recurrentCellsAreTwoLayers() {
        const auto layers = layersOf(
            node("LSTM", {"x", "W", "R", "B"}, {"y"},
                 {{"hidden_size", std::int64_t{7}}, {"direction", std::string("bidirectional")}},
                 "rnn"),
            {{"W", filled({2, 28, 5})}, {"R", filled({2, 28, 7})}, {"B", filled({2, 56})}},
            {{"x", {12, 1, 5}}, {"y", {12, 2, 1, 7}}});
        QCOMPARE(layers.size(), 2U);
        QCOMPARE(layers[0].name, std::string("rnn"));
        QCOMPARE(layers[0].weight, std::string("W"));
        QCOMPARE(layers[0].input, std::string("x"));
        QCOMPARE(layers[0].gemm, (Gemm{12, 5, 28, 2}));
        QCOMPARE(layers[0].parameters, 2 * 28 * 5 + 2 * 56);
        QCOMPARE(layers[1].name, std::string("rnn.state"));
        QCOMPARE(layers[1].weight, std::string("R"));
        QCOMPARE(layers[1].input, std::string());
        QCOMPARE(layers[1].gemm, (Gemm{1, 7, 28, 24}));
    }
};

QTEST_APPLESS_MAIN(TstLayers)
#include "tst_layers.moc"
