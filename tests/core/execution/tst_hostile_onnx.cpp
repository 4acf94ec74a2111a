// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <array>
#include <ctime>
#include <limits>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/core/importers/onnx_models.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"

using namespace bitloupe;
using testing::GraphBuilder;
using testing::reason;

namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::array<bool, 1> kTrue = {true};

Array whole(const Ints& values) {
    return Array::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

/// The most memory this process had at a time since forgetPeak().
long peakMegabytes() {
    QFile status(QStringLiteral("/proc/self/status"));
    const QByteArray text = status.open(QIODevice::ReadOnly) ? status.readAll() : QByteArray();
    const qsizetype at = text.indexOf("VmHWM:");
    return at < 0 ? -1 : text.mid(at + 6, 20).split('k').first().trimmed().toLong() / 1024;
}

void forgetPeak() {
    QFile references(QStringLiteral("/proc/self/clear_refs"));
    if (references.open(QIODevice::WriteOnly)) {
        references.write("5");
    }
}

double processorSeconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Six matrices of 2048 x 2048 in a row: 100.7 million bytes.
std::string largeModel() {
    onnx::ModelProto model = testing::emptyModel();
    onnx::GraphProto& graph = *model.mutable_graph();
    testing::addFloatInput(graph, "x0", {1, 2048});
    const std::vector<float> values = testing::someValues(2048, 1);
    std::string row(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    for (int i = 0; i < 6; ++i) {
        onnx::TensorProto& weight = *graph.add_initializer();
        weight.set_name("w" + std::to_string(i));
        weight.set_data_type(onnx::TensorProto::FLOAT);
        weight.add_dims(2048);
        weight.add_dims(2048);
        for (int j = 0; j < 2048; ++j) {
            weight.mutable_raw_data()->append(row);
        }
        testing::addNode(graph, "MatMul", {"x" + std::to_string(i), "w" + std::to_string(i)},
                         {"x" + std::to_string(i + 1)});
    }
    testing::addOutput(graph, "x6");
    return model.SerializeAsString();
}

}  // namespace

/// Files that ask for the impossible end in one sentence, and large ones open quickly.
class TstHostileOnnx : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensALargeFileQuickly() {
        QTemporaryDir folder;
        const QString path = folder.filePath("large.onnx");
        {
            const std::string bytes = largeModel();
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        }
        malloc_trim(0);
        forgetPeak();
        const long before = peakMegabytes();
        const double start = processorSeconds();
        const auto graph = importers::importNetwork({path.toStdString(), ""});
        QVERIFY2(graph.hasValue(), reason(graph));
        const auto network = execution::makeNetwork(graph.value(), path.toStdString());
        QVERIFY2(network.hasValue(), reason(network));
        const double seconds = processorSeconds() - start;
        qInfo("%lld bytes: %.2f s of processor time, %ld MB more memory at the most",
              static_cast<long long>(QFile(path).size()), seconds, peakMegabytes() - before);
        QCOMPARE(network.value().macs(), std::int64_t{6} * 2048 * 2048);
        QVERIFY(seconds < 2);
        QVERIFY(peakMegabytes() - before < 250);
    }

    void refusesAbsurdSizes_data() {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QList<qint64>>("values");
        const qint64 huge = qint64{1} << 40;
        QTest::newRow("ConstantOfShape") << "ConstantOfShape" << QList<qint64>{huge, huge};
        QTest::newRow("Expand") << "Expand" << QList<qint64>{huge, 2};
        QTest::newRow("Tile") << "Tile" << QList<qint64>{huge, huge};
        QTest::newRow("Pad") << "Pad" << QList<qint64>{0, 0, huge, huge};
        QTest::newRow("negative") << "ConstantOfShape" << QList<qint64>{-1, -1};
        QTest::newRow("overflow") << "ConstantOfShape"
                                  << QList<qint64>{std::numeric_limits<qint64>::max(), 4};
    }
    void refusesAbsurdSizes() {
        QFETCH(QString, type);
        QFETCH(QList<qint64>, values);
        std::vector<std::string> inputs = {"x", "v"};
        if (type == "ConstantOfShape") {
            inputs = {"v"};
        }
        const auto executor =
            execution::Executor::prepare(GraphBuilder()
                                             .stored("x", testing::someArray({1, 2}, 1))
                                             .stored("v", whole(Ints(values.begin(), values.end())))
                                             .node(type.toStdString(), inputs, {"y"})
                                             .output("y")
                                             .graph());
        QVERIFY(executor.hasError());
        QVERIFY2(executor.error().where.find(type.toStdString()) != std::string::npos,
                 reason(executor));
        QVERIFY(executor.error().sentence().find('\n') == std::string::npos);
    }

    void refusesALoopWithoutEnd() {
        network::Graph body;
        body.name = "forever";
        body.opset = 13;
        body.inputs = {{"i", ElementType::Int64, {}}, {"going", ElementType::Bool, {}}};
        body.outputs = {{"going", ElementType::Bool, {}}};
        const auto executor = execution::Executor::prepare(
            GraphBuilder()
                .stored("most",
                        Array::of<std::int64_t>({}, Ints{std::numeric_limits<std::int64_t>::max()}))
                .stored("yes", Array::of<bool>({}, std::span<const bool>(kTrue)))
                .node("Loop", {"most", "yes"}, {},
                      {{"body", std::make_shared<const network::Graph>(body)}})
                .node("Identity", {"yes"}, {"y"})
                .output("y")
                .graph());
        QVERIFY(executor.hasError());
        QVERIFY2(executor.error().what.find("does not end") != std::string::npos, reason(executor));
    }

    void namesWhatABodyLacks() {
        network::Graph branch;
        branch.name = "branch";
        branch.opset = 13;
        branch.nodes = {{"inner", "FlyToTheMoon", "", {"x"}, {"z"}, {}}};
        branch.outputs = {{"z", ElementType::Float32, {}}};
        const auto shared = std::make_shared<const network::Graph>(branch);
        const auto graph =
            GraphBuilder()
                .input("x", {0, 2})
                .stored("yes", Array::of<bool>({}, std::span<const bool>(kTrue)))
                .node("If", {"yes"}, {"y"}, {{"then_branch", shared}, {"else_branch", shared}})
                .output("y")
                .graph();
        QCOMPARE(execution::unsupportedOperators(*graph).size(), std::size_t{2});
        const auto executor = execution::Executor::prepare(graph);
        QVERIFY(executor.hasError());
        QVERIFY2(executor.error().what.find("FlyToTheMoon") != std::string::npos, reason(executor));
    }
};

QTEST_APPLESS_MAIN(TstHostileOnnx)
#include "tst_hostile_onnx.moc"
