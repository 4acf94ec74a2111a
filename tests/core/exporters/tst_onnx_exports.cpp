// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cmath>

#include "core/exporters/onnx_qdq.h"
#include "core/exporters/qonnx.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// Exports are run by the programs they are for and compared with plain loops.
class TstOnnxExports : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void consumersComputeWhatWasSimulated_data() {
        QTest::addColumn<QString>("exportKind");
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        const QString qdq = QStringLiteral("onnx-qdq");
        const QString ort = QStringLiteral("run_onnx.py");
        const QString qonnx = QStringLiteral("qonnx");
        const QString exec = QStringLiteral("run_qonnx.py");
        const QList<QPair<QString, QString>> schemes = {
            {"int8", "int8"},  {"int8@channel", "uint8"}, {"int5@channel", "int6"},
            {"int4", "uint4"}, {"int2@channel", "int3"},  {"int8", "float"},
            {"float", "int8"}};
        for (const auto& [weights, activations] : schemes) {
            const QByteArray row = (weights + QLatin1Char(' ') + activations).toUtf8();
            QTest::newRow("QDQ " + row) << qdq << ort << weights << activations;
            QTest::newRow("QONNX " + row) << qonnx << exec << weights << activations;
        }
    }

    void consumersComputeWhatWasSimulated() {
        BITLOUPE_NEEDS_PYTHON();
        QFETCH(QString, exportKind);
        QFETCH(QString, script);
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = testing::smallNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("small.onnx"));
        const auto written = exporters::exportDesign(testing::exportKind(exportKind.toStdString()),
                                                     design, path.toStdString());
        QVERIFY2(written.hasValue(), testing::reason(written).constData());

        const std::vector<float> images = testing::smallImages(50);
        QByteArray operators;
        const std::vector<float> outputs = testing::runExported(
            script, path, images, QStringLiteral("%1x1x8x8").arg(images.size() / 64), operators);
        const std::vector<double> expected = testing::simulate(design, images);
        QCOMPARE(outputs.size(), expected.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            // float32 sums in another order; a wrong code would be off by a hundred times this
            QVERIFY2(std::abs(static_cast<double>(outputs[i]) - expected[i]) < 2e-5,
                     qPrintable(QStringLiteral("output %1: %2, simulated %3")
                                    .arg(i)
                                    .arg(double(outputs[i]))
                                    .arg(expected[i])));
        }
        if (exportKind == QLatin1String("onnx-qdq")) {
            const bool narrow = activations.contains(QRegularExpression(QStringLiteral("[2-7]$")));
            QCOMPARE(operators.contains("Clip=2"), narrow);
            const int weightQuantizers = weights == QLatin1String("float") ? 0 : 2;
            const int inputQuantizers = activations == QLatin1String("float") ? 0 : 2;
            QVERIFY(operators.contains(QByteArray("DequantizeLinear=") +
                                       QByteArray::number(weightQuantizers + inputQuantizers)));
        }
    }

    void weightsAreStoredAsIntegers() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "int8@channel", "int8");
        const auto graph = exporters::buildQdqGraph(design);
        QVERIFY(graph.hasValue());
        const auto& initializers = graph.value().initializers;
        QVERIFY(!initializers.contains("f2.weight"));
        const Array& codes = initializers.at("f2.weight_quantized");
        QCOMPARE(codes.type(), ElementType::Int8);
        const Array& scales = initializers.at("f2.weight_scale");
        QCOMPARE(scales.shape(), Shape{5});
        const auto original = network.graph->initializers.at("f2.weight").as<float>();
        for (std::size_t i = 0; i < original.size(); ++i) {
            const float scale = scales.as<float>()[i / 144];
            const float back = static_cast<float>(codes.as<std::int8_t>()[i]) * scale;
            QVERIFY(std::abs(back - original[i]) < 2 * scale);
        }
    }

    void sharedEdgesAreQuantizedOnce() {
        network::Network network = testing::smallNetwork();
        network::Graph graph = *network.graph;
        graph.nodes.push_back({"f3",
                               "Gemm",
                               "",
                               {"features", "f2.weight", "f2.bias"},
                               {"again"},
                               {{"transB", std::int64_t{1}}}});
        graph.outputs.push_back({"again", ElementType::Float32, {}});
        network.graph = std::make_shared<const network::Graph>(graph);
        network.layers.push_back(network.layers[1]);
        network.layers[2].name = "f3";
        network.layers[2].node = graph.nodes.size() - 1;
        const auto design = testing::smallDesign(network, "int8", "int8");
        const auto built = exporters::buildQdqGraph(design);
        QVERIFY(built.hasValue());
        int quantizers = 0;
        for (const network::Node& node : built.value().nodes) {
            quantizers += node.operatorType == "QuantizeLinear" ? 1 : 0;
        }
        QCOMPARE(quantizers, 2);
    }

    void whatDoesNotFitIsNamed() {
        const network::Network network = testing::smallNetwork();
        const auto posit = testing::smallDesign(network, "posit<8,1>", "int8");
        const auto reasons = exporters::qdqObstacles(posit);
        QCOMPARE(reasons.size(), 2U);
        QVERIFY(reasons[0].find("posit<8,1>") != std::string::npos);
        QVERIFY(reasons[0].find(network.layers[0].name) == 0);
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("no.onnx"));
        QVERIFY(exporters::exportDesign(testing::exportKind("onnx-qdq"), posit, path.toStdString())
                    .hasError());
        QVERIFY(!QFile::exists(path));
        const auto wide = testing::smallDesign(network, "int12", "int8");
        QCOMPARE(exporters::qdqObstacles(wide).size(), 2U);
        QVERIFY(exporters::qonnxObstacles(wide).empty());
    }
};

QTEST_GUILESS_MAIN(TstOnnxExports)
#include "tst_onnx_exports.moc"
