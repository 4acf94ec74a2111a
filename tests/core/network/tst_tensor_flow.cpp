// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/network/tensor_flow.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using namespace bitloupe::testing;

class TstTensorFlow : public QObject {
    Q_OBJECT

    static Network networkOf(Graph graph, EdgeShapes shapes) {
        Network network;
        network.layers = findLayers(graph, shapes);
        network.graph = std::make_shared<Graph>(std::move(graph));
        network.shapes = std::move(shapes);
        return network;
    }

private Q_SLOTS:
    /// x -> Conv -> Relu -> Conv -> + relu -> MaxPool -> Conv.
    void residualsMeetInAJoin() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"w1", filled({8, 4, 3, 3})},
                              {"w2", filled({8, 8, 1, 1})},
                              {"w3", filled({2, 8, 1, 1})}};
        graph.nodes = {node("Conv", {"x", "w1"}, {"a"}, {}, "first"),
                       node("Relu", {"a"}, {"b"}),
                       node("Conv", {"b", "w2"}, {"c"}, {}, "second"),
                       node("Add", {"c", "b"}, {"d"}, {}, "sum"),
                       node("MaxPool", {"d"}, {"e"}),
                       node("Conv", {"e", "w3"}, {"y"}, {}, "third")};
        const Shape inner = {1, 8, 8, 10};
        const TensorFlow flow = tensorFlowOf(networkOf(graph, {{"x", {1, 4, 10, 12}},
                                                               {"a", inner},
                                                               {"b", inner},
                                                               {"c", inner},
                                                               {"d", inner},
                                                               {"e", {1, 8, 4, 5}},
                                                               {"y", {1, 2, 4, 5}}}));
        QCOMPARE(flow.points.size(), 4U);
        QCOMPARE(flow.points[1].layer, std::optional<std::size_t>(1));
        QVERIFY(!flow.points[2].layer.has_value());
        QCOMPARE(flow.points[2].name, std::string("sum"));
        QCOMPARE(flow.points[2].operands, (std::vector<std::size_t>{0, 1}));
        QCOMPARE(flow.tensors.size(), 3U);  // what comes from outside is none
        QCOMPARE(flow.tensors[0].name, std::string("b"));
        QCOMPARE(flow.tensors[0].elements, 640);
        QCOMPARE(flow.tensors[0].readers, (std::vector<std::size_t>{1, 2}));
        QCOMPARE(flow.tensors[1].name, std::string("c"));
        QCOMPARE(flow.tensors[2].name, std::string("e"));  // as the layer reads it
        QCOMPARE(flow.tensors[2].elements, 160);
        QCOMPARE(flow.tensors[2].writer, 2U);
        QCOMPARE(flow.tensors[2].readers, std::vector<std::size_t>{3});
    }

    /// An embedding, a gate x * sigmoid(x), and a product of two computed matrices.
    void lookUpsGatesAndAttention() {
        Graph graph;
        graph.inputs = {value("words")};
        graph.outputs = {value("y")};
        graph.initializers = {
            {"table", filled({9, 6})}, {"wq", filled({6, 6})}, {"wk", filled({6, 6})}};
        graph.nodes = {node("Gather", {"table", "words"}, {"t"}),
                       node("Shape", {"t"}, {"size"}),
                       node("MatMul", {"t", "wq"}, {"q"}),
                       node("MatMul", {"t", "wk"}, {"k"}),
                       node("Sigmoid", {"q"}, {"s"}),
                       node("Mul", {"q", "s"}, {"g"}),
                       node("Reshape", {"g", "size"}, {"r"}),
                       node("Transpose", {"k"}, {"kt"}),
                       node("MatMul", {"r", "kt"}, {"y"})};
        const Shape rows = {1, 5, 6};
        const TensorFlow flow = tensorFlowOf(networkOf(graph, {{"words", {1, 5}},
                                                               {"t", rows},
                                                               {"size", {3}},
                                                               {"q", rows},
                                                               {"k", rows},
                                                               {"s", rows},
                                                               {"g", rows},
                                                               {"r", rows},
                                                               {"kt", {1, 6, 5}},
                                                               {"y", {1, 5, 5}}}));
        QCOMPARE(flow.points.size(), 4U);  // the gate's two branches are one result
        QVERIFY(flow.points[0].looksUp);
        QVERIFY(!flow.points[3].looksUp);
        QCOMPARE(flow.tensors.size(), 3U);
        QCOMPARE(flow.tensors[0].readers, (std::vector<std::size_t>{1, 2}));
        QCOMPARE(flow.tensors[1].name, std::string("r"));
        QCOMPARE(flow.tensors[1].writer, 1U);
        QCOMPARE(flow.tensors[2].name, std::string("kt"));
        QCOMPARE(flow.tensors[2].elements, 30);
        QCOMPARE(flow.tensors[2].readers, std::vector<std::size_t>{3});
    }
};

QTEST_APPLESS_MAIN(TstTensorFlow)
#include "tst_tensor_flow.moc"
