// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using testing::reason;
using testing::someArray;

namespace {

/// Six samples of eight values through two matrices; the shape in the middle may be written down.
std::shared_ptr<const network::Graph> sixSamples(const std::vector<std::int64_t>& middle) {
    network::Graph graph = *testing::GraphBuilder()
                                .input("x", {6, 8})
                                .stored("a", someArray({8, 12}, 1))
                                .stored("shape", Array::of<std::int64_t>({3}, middle))
                                .stored("b", someArray({4, 5}, 2))
                                .node("MatMul", {"x", "a"}, {"h"})
                                .node("Reshape", {"h", "shape"}, {"r"})
                                .node("MatMul", {"r", "b"}, {"y"})
                                .output("y")
                                .graph();
    graph.outputs[0].shape = {{6, ""}, {3, ""}, {5, ""}};
    return std::make_shared<const network::Graph>(std::move(graph));
}

}  // namespace

/// A network counts what one sample costs, whatever number of samples its file was written for.
class TstMakeNetwork : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsOneSample_data() {
        QTest::addColumn<qint64>("samples");
        QTest::newRow("any number of samples") << qint64{-1};
        QTest::newRow("six samples and no others") << qint64{6};
    }
    void countsOneSample() {
        QFETCH(qint64, samples);
        const auto network = execution::makeNetwork(sixSamples({samples, 3, 4}), "six");
        QVERIFY2(network.hasValue(), reason(network));
        QCOMPARE(network.value().macs(), std::int64_t{8 * 12 + 3 * 4 * 5});
        QCOMPARE(network.value().layers.at(0).inputShape, (Shape{1, 8}));
        QCOMPARE(network.value().layers.at(1).outputShape, (Shape{1, 3, 5}));
    }

    void countsOneSampleOfRealFiles() {
        BITLOUPE_REAL_FILE(file, "models/onnx/hls4ml/three_layer_pytorch.onnx");
        const auto graph = importers::importNetwork({file, ""});
        QVERIFY2(graph.hasValue(), reason(graph));
        const auto network = execution::makeNetwork(graph.value(), file);
        QVERIFY2(network.hasValue(), reason(network));
        QCOMPARE(network.value().macs(), std::int64_t{16 * 64 + 64 * 32 + 32 * 32 + 32 * 5});
    }

    void refusesInputsOfAbsurdSize() {
        const auto network = execution::makeNetwork(
            testing::GraphBuilder()
                .input("x", {1, std::int64_t{1} << 40, std::int64_t{1} << 40})
                .node("Relu", {"x"}, {"y"})
                .output("y")
                .graph(),
            "large");
        QVERIFY(network.hasError());
        QVERIFY(network.error().where.find("input \"x\"") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstMakeNetwork)
#include "tst_make_network.moc"
