// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/network/workloads.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using namespace bitloupe::testing;

class TstWorkloads : public QObject {
    Q_OBJECT

    /// x (1x4x10x12) -> Conv 3x3, 8 filters -> Relu -> Conv 1x1, 8 filters -> + relu -> Conv 1x1.
    static Network residualNetwork() {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"w1", filled({8, 4, 3, 3})},
                              {"w2", filled({8, 8, 1, 1})},
                              {"w3", filled({2, 4, 1, 1})}};
        graph.nodes = {node("Conv", {"x", "w1"}, {"a"}), node("Relu", {"a"}, {"b"}),
                       node("Conv", {"b", "w2"}, {"c"}), node("Add", {"c", "b"}, {"d"}),
                       node("Conv", {"d", "w3"}, {"y"}, {{"group", std::int64_t{2}}})};
        const Shape inner = {1, 8, 8, 10};
        const EdgeShapes shapes = {{"x", {1, 4, 10, 12}}, {"a", inner}, {"b", inner},
                                   {"c", inner},          {"d", inner}, {"y", {1, 2, 8, 10}}};
        return {"n", "", "", std::make_shared<Graph>(graph), findLayers(graph, shapes)};
    }

    static Network chain(bool twoReaders) {
        Graph graph;
        graph.inputs = {value("x")};
        graph.outputs = {value("y")};
        graph.initializers = {{"w1", filled({6, 5})}, {"w2", filled({5, 3})}};
        graph.nodes = {node("MatMul", {"x", "w1"}, {"a"}), node("Gelu", {"a"}, {"b"}),
                       node("MatMul", {"b", "w2"}, {"y"})};
        if (twoReaders) {
            graph.outputs.push_back(value("z"));
            graph.nodes.push_back(node("Relu", {"b"}, {"z"}));
        }
        const EdgeShapes shapes = {
            {"x", {1, 6}}, {"a", {1, 5}}, {"b", {1, 5}}, {"y", {1, 3}}, {"z", {1, 5}}};
        return {"n", "", "", std::make_shared<Graph>(graph), findLayers(graph, shapes)};
    }

private Q_SLOTS:
    void convolutionsKnowTheirInputs() {
        const Network network = residualNetwork();
        const auto workloads = workloadsOf(network);
        QCOMPARE(workloads.size(), 3U);
        QVERIFY((workloads[0].gemm == hardware::Gemm{.m = 80, .k = 36, .n = 8}));
        QCOMPARE(workloads[0].inputElements, 4 * 10 * 12);
        QCOMPARE(workloads[0].haloElements, 3 * 12 * 4);
        QCOMPARE(workloads[2].gemm.count, 2);  // groups
        QCOMPARE(workloads[2].inputElements, 8 * 80 / 2);
        QCOMPARE(workloads[2].haloElements, 10 * 4);
    }

    void elementwiseWorkGoesToTheLayerBefore() {
        const auto workloads = workloadsOf(residualNetwork());
        QCOMPARE(workloads[0].vectorOperations, 640);  // Relu
        QCOMPARE(workloads[1].vectorOperations, 640);  // Add
        QCOMPARE(workloads[2].vectorOperations, 0);
    }

    void onlyAnUnsharedOutputMayStay() {
        const auto residual = workloadsOf(residualNetwork());
        QVERIFY(!residual[0].inputIsPreviousOutput);
        QVERIFY(!residual[1].inputIsPreviousOutput);  // the residual reads it again
        QVERIFY(!residual[2].inputIsPreviousOutput);  // two results meet before it
        QVERIFY(workloadsOf(chain(false))[1].inputIsPreviousOutput);
        QVERIFY(!workloadsOf(chain(true))[1].inputIsPreviousOutput);
    }

    void engineLayersKeepTheMacsOfDenseLayers() {
        const Network network = chain(false);
        const hardware::EngineLayer dense = engineLayerOf(network.layers[0]);
        QCOMPARE(dense.height * dense.inputChannels * dense.outputChannels,
                 network.layers[0].gemm.macs());
        const hardware::EngineLayer conv = engineLayerOf(residualNetwork().layers[0]);
        QCOMPARE(conv.height, 10);
        QCOMPARE(conv.width, 12);
        QCOMPARE(conv.inputChannels, 4);
        QCOMPARE(conv.outputChannels, 8);
        QCOMPARE(conv.kernelHeight * conv.kernelWidth, 9);
    }
};

QTEST_APPLESS_MAIN(TstWorkloads)
#include "tst_workloads.moc"
