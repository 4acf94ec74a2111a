// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cmath>

#include "core/base/file.h"
#include "core/exporters/integer_files.h"
#include "core/exporters/integer_runner.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Designs as files of integers, run again from these files alone.
class TstIntegerExport : public QObject {
    Q_OBJECT

    static QByteArray bytesOf(std::span<const float> values) {
        return {reinterpret_cast<const char*>(values.data()),
                static_cast<qsizetype>(values.size_bytes())};
    }

    static void write(const QString& path, const QByteArray& bytes) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    /// Exports, reads back, runs: the outputs, in codes of the last layer's scale.
    static Array runFrom(const QString& folder, const exporters::ResolvedDesign& design,
                         const Array& samples) {
        const auto written =
            exporters::exportDesign(testing::exportKind("integers"), design, folder.toStdString());
        if (written.hasError()) {
            qWarning("%s", written.error().sentence().c_str());
            return {};
        }
        const auto network = exporters::readIntegerFiles(folder.toStdString());
        if (network.hasError()) {
            qWarning("%s", network.error().sentence().c_str());
            return {};
        }
        const auto outputs = exporters::runIntegerNetwork(network.value(), samples);
        if (outputs.hasError()) {
            qWarning("%s", outputs.error().sentence().c_str());
            return {};
        }
        return outputs.value();
    }

private Q_SLOTS:
    void fixedPointProductsFollowGemmlowp() {
        // Values from the definition: round(a * b / 2^31), halves away from zero.
        QCOMPARE(exporters::roundingDoublingHighMul(1 << 30, 1 << 30), 1 << 29);
        QCOMPARE(exporters::roundingDoublingHighMul(3, 1 << 30), 2);
        QCOMPARE(exporters::roundingDoublingHighMul(-3, 1 << 30), -1);  // the nudge rounds up
        QCOMPARE(exporters::roundingDoublingHighMul(INT32_MIN, INT32_MIN), INT32_MAX);
        for (const int value : {-9, -6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6, 7, 1 << 30}) {
            for (const int shift : {0, 1, 2, 3, 30}) {
                QCOMPARE(exporters::roundingShiftRight(value, shift),
                         static_cast<std::int32_t>(std::round(std::ldexp(value, -shift))));
            }
        }
    }

    void twoReadersOfTheFilesComputeTheSame_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        QTest::newRow("tensor") << "int8"
                                << "int8";
        QTest::newRow("channel") << "int4@channel"
                                 << "uint8";
        QTest::newRow("asymmetric") << "uint6@channel"
                                    << "int5";
        QTest::newRow("wide") << "int10"
                              << "int12";
        QTest::newRow("fixed") << "fixed<7,1>"
                               << "ufixed<8,1>";
    }

    void twoReadersOfTheFilesComputeTheSame() {
        BITLOUPE_NEEDS_PYTHON();
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = testing::smallNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        const std::vector<float> images = testing::smallImages(40);
        const QTemporaryDir folder;
        const Array outputs = runFrom(folder.path(), design, Array::of({40, 1, 8, 8}, images));
        QCOMPARE(outputs.shape(), (Shape{40, 5}));

        write(folder.filePath("in.f32"), bytesOf(images));
        const auto run = testing::runPython(
            QStringLiteral("core/exporters/run_integers.py"),
            {folder.path(), folder.filePath("in.f32"), folder.filePath("out.i32")});
        QVERIFY2(run.status == 0, run.errors.constData());
        QFile file(folder.filePath("out.i32"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray there = file.readAll();
        const auto here = outputs.bytes();
        QCOMPARE(there, QByteArray(reinterpret_cast<const char*>(here.data()),
                                   static_cast<qsizetype>(here.size())));

        const std::vector<double> expected = testing::simulate(design, images);
        const auto back = exporters::readIntegerFiles(folder.path().toStdString());
        const double scale =
            static_cast<double>(back.value().layers.back().requantization.output.scale);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QVERIFY(std::abs(outputs.as<std::int32_t>()[i] * scale - expected[i]) < 2e-4);
        }
    }

    void brokenFilesAreRefused_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no program") << "network.txt" << QByteArray();
        QTest::newRow("unknown step")
            << "network.txt" << QByteArray("input 1 8 8\ndense f2\nfly\n");
        QTest::newRow("short") << "c1.weight.txt" << QByteArray("# shape 4 1 3 3\n1 2 3\n");
        QTest::newRow("huge") << "c1.weight.txt" << QByteArray("# shape 99999999 99999999\n1\n");
        QTest::newRow("text") << "c1.bias.txt" << QByteArray("one\n");
        QTest::newRow("scale") << "c1_scale_zero.txt" << QByteArray("input_scale -1\n");
    }

    void brokenFilesAreRefused() {
        QFETCH(QString, file);
        QFETCH(QByteArray, content);
        const network::Network network = testing::smallNetwork();
        const QTemporaryDir folder;
        const auto design = testing::smallDesign(network, "int8", "int8");
        QVERIFY(exporters::exportDesign(testing::exportKind("integers"), design,
                                        folder.path().toStdString())
                    .hasValue());
        write(folder.filePath(file), content);
        const auto back = exporters::readIntegerFiles(folder.path().toStdString());
        const Array images = Array::of({1, 1, 8, 8}, testing::smallImages(1));
        QVERIFY(back.hasError() || exporters::runIntegerNetwork(back.value(), images).hasError());
    }

    void whatHasNoIntegersIsNamed() {
        const network::Network network = testing::smallNetwork();
        const auto posit = testing::smallDesign(network, "posit<8,1>", "int8");
        QCOMPARE(exporters::integerNetworkObstacles(posit.schemes()).size(), 2U);
        const auto inputs = testing::smallDesign(network, "int8", "float");
        const auto reasons = exporters::integerNetworkObstacles(inputs.schemes());
        QCOMPARE(reasons.size(), 2U);
        QVERIFY(reasons[0].find("its input stay in float") != std::string::npos);
        network::Network other = network;
        network::Graph graph = *network.graph;
        graph.nodes[1].operatorType = "Tanh";
        other.graph = std::make_shared<const network::Graph>(graph);
        const auto tanh = testing::smallDesign(other, "int8", "int8");
        const auto between = exporters::integerNetworkObstacles(tanh.schemes());
        QCOMPARE(between.size(), 1U);
        QVERIFY(between[0].find("Tanh") != std::string::npos);
    }

    void realDigitsAgreeInEveryPrediction() {
        BITLOUPE_REAL_FILE(model, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(images, "data/mnist");
        const QTemporaryDir folder;
        const study::Session session = testing::mnistSession(model, images, folder.path());
        const data::Samples& samples = session.data->splits.at(data::Role::Test);
        const auto design = testing::resolvedInTurn(session, testing::mixedSchemes());
        const Array outputs = runFrom(folder.path(), design, samples.inputs.begin()->second);
        const auto codes = outputs.as<std::int32_t>();
        const auto agreeing = testing::agreeing(
            testing::argmaxOf(std::vector<std::int32_t>(codes.begin(), codes.end()), 10),
            testing::argmaxOf(testing::simulate(session, design, samples, 10), 10));
        qInfo("%lld of %lld predictions agree", static_cast<long long>(agreeing),
              static_cast<long long>(samples.count()));
        QCOMPARE(agreeing, 10000);
    }
};

QTEST_GUILESS_MAIN(TstIntegerExport)
#include "tst_integer_export.moc"
