// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <array>
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

    struct Scheme {
        QString weights;
        QString activations;
    };

    /// The designs that a consumer is shown, and what it made of each.
    struct Consumer {
        const char* kind;
        const char* script;
        QList<Scheme> schemes;
        std::vector<testing::ConsumerRun> runs;
    };

    static QList<Scheme> commonSchemes() {
        return {{"int8", "int8"},  {"int8@channel", "uint8"},     {"int5@channel", "int6"},
                {"int4", "uint4"}, {"int2@channel", "int3"},      {"int8", "float"},
                {"float", "int8"}, {"fixed<6,1>", "ufixed<7,1>"}, {"int12@channel", "int10"}};
    }

    std::array<Consumer, 2> m_consumers = {
        {{"onnx-qdq",
          "run_onnx.py",
          commonSchemes() + QList<Scheme>{{"int4@group48", "int8"},
                                          {"uint4@group50", "uint16"},
                                          {"int8@group4", "int8"},
                                          {"int3@group5", "int5"},
                                          {"fp8e4m3@channel", "fp8e4m3"},
                                          {"fp8e5m2", "fp8e5m2fnuz"},
                                          {"fp8e4m3fnuz@group16", "int8"}},
          {}},
         {"qonnx",
          "run_qonnx.py",
          commonSchemes() + QList<Scheme>{{"ternary@channel", "fixed<6,2,trn>"},
                                          {"binary@channel", "int8"},
                                          {"int6", "fixed<8,2,trn_zero>"}},
          {}}}};
    QTemporaryDir m_folder;

    static void checkOperators(const Scheme& scheme, const QByteArray& operators) {
        static const QRegularExpression kClippedWeights(QStringLiteral("^(u?int|fixed<)[5-7]\\b"));
        static const QRegularExpression kClippedInput(
            QStringLiteral("^(u?int|ufixed<)([2-7]|9|1[0-5])\\b"));
        const int clips = (scheme.weights.contains(kClippedWeights) ? 2 : 0) +
                          (scheme.activations.contains(kClippedInput) ? 2 : 0);
        QCOMPARE(operators.contains("Clip="), clips > 0);
        QVERIFY(clips == 0 || operators.contains("Clip=" + QByteArray::number(clips)));
        const int weightQuantizers = scheme.weights == QLatin1String("float") ? 0 : 2;
        const int inputQuantizers = scheme.activations == QLatin1String("float") ? 0 : 2;
        QVERIFY(operators.contains(QByteArray("DequantizeLinear=") +
                                   QByteArray::number(weightQuantizers + inputQuantizers)));
    }

    static exporters::ResolvedDesign designOf(const network::Network& network,
                                              const Scheme& scheme) {
        return testing::smallDesign(network, scheme.weights.toStdString(),
                                    scheme.activations.toStdString());
    }

    QString exportAs(const Consumer& consumer, const exporters::ResolvedDesign& design,
                     qsizetype number) {
        const QString path = m_folder.filePath(
            QStringLiteral("%1-%2.onnx").arg(QLatin1String(consumer.kind)).arg(number));
        const auto written =
            exporters::exportDesign(testing::exportKind(consumer.kind), design, path.toStdString());
        if (written.hasError()) {
            qWarning("%s", written.error().sentence().c_str());
        }
        return path;
    }

private Q_SLOTS:
    void initTestCase() {
        const network::Network network = testing::smallNetwork();
        const std::vector<float> images = testing::smallImages(50);
        for (Consumer& consumer : m_consumers) {
            QStringList paths;
            for (const Scheme& scheme : consumer.schemes) {
                paths << exportAs(consumer, designOf(network, scheme), paths.size());
            }
            if (!testing::testPython().empty()) {
                consumer.runs =
                    testing::runExported(QString::fromLatin1(consumer.script), paths, images,
                                         QStringLiteral("%1x1x8x8").arg(images.size() / 64));
            }
        }
    }

    void consumersComputeWhatWasSimulated_data() {
        QTest::addColumn<int>("consumer");
        QTest::addColumn<int>("scheme");
        for (int c = 0; c < 2; ++c) {
            const Consumer& consumer = m_consumers[static_cast<std::size_t>(c)];
            for (int i = 0; i < consumer.schemes.size(); ++i) {
                const Scheme& scheme = consumer.schemes[i];
                QTest::addRow("%s %s %s", consumer.kind, qPrintable(scheme.weights),
                              qPrintable(scheme.activations))
                    << c << i;
            }
        }
    }

    void consumersComputeWhatWasSimulated() {
        BITLOUPE_NEEDS_PYTHON();
        QFETCH(int, consumer);
        QFETCH(int, scheme);
        const Consumer& asked = m_consumers[static_cast<std::size_t>(consumer)];
        QCOMPARE(asked.runs.size(), static_cast<std::size_t>(asked.schemes.size()));
        const testing::ConsumerRun& run = asked.runs[static_cast<std::size_t>(scheme)];
        const network::Network network = testing::smallNetwork();
        const std::vector<double> expected =
            testing::simulate(designOf(network, asked.schemes[scheme]), testing::smallImages(50));
        QCOMPARE(run.outputs.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            // float32 sums in another order; a wrong code would be off by a hundred times this
            QVERIFY2(std::abs(static_cast<double>(run.outputs[i]) - expected[i]) < 2e-5,
                     qPrintable(QStringLiteral("output %1: %2, simulated %3")
                                    .arg(i)
                                    .arg(double(run.outputs[i]))
                                    .arg(expected[i])));
        }
        if (consumer == 0) {
            checkOperators(asked.schemes[scheme], run.operators);
        }
    }

    void opsetsAreTheLowestThatFit_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        QTest::addColumn<int>("opset");
        QTest::newRow("axis") << "int6@channel"
                              << "int3" << 13;
        QTest::newRow("float8") << "int8"
                                << "fp8e4m3" << 19;
        QTest::newRow("packed") << "int4"
                                << "int8" << 21;
        QTest::newRow("blocks") << "int8@group8"
                                << "int8" << 21;
        QTest::newRow("wide") << "int8"
                              << "int12" << 21;
    }

    void opsetsAreTheLowestThatFit() {
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        QFETCH(int, opset);
        const network::Network network = testing::smallNetwork();
        const auto model = exporters::buildQdqGraph(
            testing::smallDesign(network, weights.toStdString(), activations.toStdString()));
        QVERIFY2(model.hasValue(), testing::reason(model).constData());
        QCOMPARE(model.value().graph.opset, opset);
    }

    void fourBitCodesAreTwoToAByte() {
        const network::Network network = testing::smallNetwork();
        const auto model = exporters::buildQdqGraph(testing::smallDesign(network, "int4", "int8"));
        QVERIFY(model.hasValue());
        const auto bytes = exporters::serializeOnnx(model.value());
        QVERIFY(bytes.hasValue());
        const auto codes = model.value().graph.initializers.at("f2.weight_q");
        std::string packed;
        for (std::size_t i = 0; i < static_cast<std::size_t>(codes.size()); i += 2) {
            const auto low = codes.as<std::int8_t>()[i] & 0xF;
            const auto high = codes.as<std::int8_t>()[i + 1] & 0xF;
            packed.push_back(static_cast<char>(low | (high << 4)));
        }
        QVERIFY(bytes.value().find(packed) != std::string::npos);
    }

    void weightsAreStoredAsIntegers() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "int8@channel", "int8");
        const auto graph = exporters::buildQdqGraph(design);
        QVERIFY(graph.hasValue());
        const auto& initializers = graph.value().graph.initializers;
        QVERIFY(!initializers.contains("f2.weight"));
        const Array& codes = initializers.at("f2.weight_q");
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
        for (const network::Node& node : built.value().graph.nodes) {
            quantizers += node.operatorType == "QuantizeLinear" ? 1 : 0;
        }
        QCOMPARE(quantizers, 2);
    }

    void whatDoesNotFitIsNamed() {
        const network::Network network = testing::smallNetwork();
        const auto posit = testing::smallDesign(network, "posit<8,1>", "int8");
        const auto reasons = exporters::qdqObstacles(posit.schemes());
        QCOMPARE(reasons.size(), 2U);
        QVERIFY(reasons[0].find("posit<8,1>") != std::string::npos);
        QVERIFY(reasons[0].find(network.layers[0].name) == 0);
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("no.onnx"));
        QVERIFY(exporters::exportDesign(testing::exportKind("onnx-qdq"), posit, path.toStdString())
                    .hasError());
        QVERIFY(!QFile::exists(path));
        const auto wide = testing::smallDesign(network, "int12@group8", "int8");
        QVERIFY(exporters::qdqObstacles(wide.schemes()).empty());
        QCOMPARE(exporters::qonnxObstacles(wide.schemes()).size(), 2U);
    }
};

QTEST_GUILESS_MAIN(TstOnnxExports)
#include "tst_onnx_exports.moc"
