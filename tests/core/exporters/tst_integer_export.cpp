// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cmath>
#include <cstring>

#include "core/base/file.h"
#include "core/execution/executor.h"
#include "core/exporters/agreement.h"
#include "core/exporters/integer_files.h"
#include "core/quantization/integer/run_integers.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/graph_builder.h"
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

    /// Exports, reads back, runs: the outputs, in units of the network's output scale.
    static std::vector<std::int64_t> runFrom(const QString& folder,
                                             const exporters::ResolvedDesign& design,
                                             const std::vector<float>& samples) {
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
        return quantization::runIntegers(network.value(), samples, {}, 1).outputs;
    }

    static std::vector<std::int64_t> runInPython(const QTemporaryDir& folder,
                                                 const std::vector<float>& samples) {
        write(folder.filePath("in.f32"), bytesOf(samples));
        const auto run = testing::runPython(
            QStringLiteral("core/exporters/run_integers.py"),
            {folder.path(), folder.filePath("in.f32"), folder.filePath("out.i64")});
        QFile file(folder.filePath("out.i64"));
        if (run.status != 0 || !file.open(QIODevice::ReadOnly)) {
            qWarning("%s", run.errors.constData());
            return {};
        }
        const QByteArray bytes = file.readAll();
        std::vector<std::int64_t> outputs(static_cast<std::size_t>(bytes.size()) /
                                          sizeof(std::int64_t));
        std::memcpy(outputs.data(), bytes.constData(), outputs.size() * sizeof(std::int64_t));
        return outputs;
    }

    static network::Network residualNetwork() {
        using Integers = std::vector<std::int64_t>;
        const auto integers = [](Integers values) {
            return Array::of({static_cast<std::int64_t>(values.size())}, values);
        };
        const std::map<std::string, network::Attribute> padded = {{"pads", Integers{1, 1, 1, 1}}};
        testing::GraphBuilder builder;
        builder.input("x", {0, 3, 8, 8})
            .stored("w1", testing::someArray({6, 3, 3, 3}, 1))
            .stored("b1", testing::someArray({6}, 2))
            .stored("w2", testing::someArray({6, 6, 3, 3}, 3))
            .stored("w3", testing::someArray({12, 6, 3, 3}, 4))
            .stored("b3", testing::someArray({12}, 5))
            .stored("w4", testing::someArray({5, 12}, 6))
            .stored("b4", testing::someArray({5}, 7))
            .stored("starts", integers({0, 0}))
            .stored("ends", integers({100, 100}))
            .stored("axes", integers({2, 3}))
            .stored("steps", integers({2, 2}))
            .stored("wider", integers({0, 3, 0, 0, 0, 3, 0, 0}))
            .node("Conv", {"x", "w1", "b1"}, {"c1"}, padded)
            .node("Relu", {"c1"}, {"r1"})
            .node("Conv", {"r1", "w2"}, {"c2"}, padded)
            .node("Add", {"c2", "r1"}, {"s2"})
            .node("Relu", {"s2"}, {"r2"})
            .node("Conv", {"r2", "w3", "b3"}, {"c3"},
                  {{"pads", Integers{1, 1, 1, 1}}, {"strides", Integers{2, 2}}})
            .node("Slice", {"r2", "starts", "ends", "axes", "steps"}, {"sliced"})
            .node("Pad", {"sliced", "wider"}, {"around"})
            .node("Add", {"around", "c3"}, {"s3"})
            .node("Relu", {"s3"}, {"r3"})
            .node("GlobalAveragePool", {"r3"}, {"p"})
            .node("Flatten", {"p"}, {"f"})
            .node("Gemm", {"f", "w4", "b4"}, {"y"}, {{"transB", std::int64_t{1}}})
            .output("y");
        return execution::makeNetwork(builder.graph(), "test").value();
    }

private Q_SLOTS:
    void fixedPointProductsFollowGemmlowp() {
        // Values from the definition: round(a * b / 2^31), halves away from zero.
        QCOMPARE(quantization::roundingDoublingHighMul(1 << 30, 1 << 30), 1 << 29);
        QCOMPARE(quantization::roundingDoublingHighMul(3, 1 << 30), 2);
        QCOMPARE(quantization::roundingDoublingHighMul(-3, 1 << 30), -1);  // the nudge rounds up
        QCOMPARE(quantization::roundingDoublingHighMul(INT32_MIN, INT32_MIN), INT32_MAX);
        for (const int value : {-9, -6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6, 7, 1 << 30}) {
            for (const int shift : {0, 1, 2, 3, 30}) {
                QCOMPARE(quantization::roundingShiftRight(value, shift),
                         static_cast<std::int64_t>(std::round(std::ldexp(value, -shift))));
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
        const std::vector<std::int64_t> outputs = runFrom(folder.path(), design, images);
        QCOMPARE(outputs.size(), 40U * 5);
        QVERIFY(outputs == runInPython(folder, images));

        const std::vector<double> expected = testing::simulate(design, images);
        const auto back = exporters::readIntegerFiles(folder.path().toStdString());
        const double scale = back.value().outputScale;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QVERIFY(std::abs(static_cast<double>(outputs[i]) * scale - expected[i]) < 2e-4);
        }
    }

    void residualNetworksRunFromTheirFiles_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        QTest::newRow("tensor") << "int8"
                                << "int8";
        QTest::newRow("channel") << "int6@channel"
                                 << "uint7";
        QTest::newRow("fixed") << "fixed<7,1>"
                               << "ufixed<8,1>";
    }

    /// Branches whose sums have scales of their own, added: with a slice and a pad on one of them,
    /// as CIFAR's ResNets have.
    void residualNetworksRunFromTheirFiles() {
        BITLOUPE_NEEDS_PYTHON();
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = residualNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        const Array images = testing::someArray({120, 3, 8, 8}, 9);
        const std::vector<float> values(images.as<float>().begin(), images.as<float>().end());
        const QTemporaryDir folder;
        const std::vector<std::int64_t> outputs = runFrom(folder.path(), design, values);
        QCOMPARE(outputs.size(), 120U * 5);
        QVERIFY(outputs == runInPython(folder, values));

        data::Samples samples;
        samples.inputs.emplace("x", images);
        const auto agreement = exporters::checkAgreement(
            testing::exportKind("integers"), folder.path().toStdString(), design, samples);
        QVERIFY2(agreement.hasValue(), testing::reason(agreement).constData());
        QCOMPARE(agreement.value().samples, 120);
        QCOMPARE(agreement.value().agreeing, 120);
    }

    void realResidualNetworkAgrees() {
        BITLOUPE_REAL_FILE(model, "models/derived/resnet20_cifar10/resnet20_cifar10_opset13.onnx");
        BITLOUPE_REAL_FILE(images, "data/cifar10");
        const auto study = study::parseStudy(
            "name: resnet\nnetwork: {model: \"" + model +
                "\"}\ndata:\n  kind: cifar\n  sources:\n    train: {images: \"" + images +
                "/data_batch_1_first4000.bin\"}\n    test: {images: \"" + images +
                "/test_eran_first100.bin\"}\n  splits:\n"
                "    calibration: {source: train, count: 100}\n"
                "    search: {source: train, first: 100, count: 100}\n"
                "    test: {source: test}\n  scaling: divide\n  divisor: 255\n"
                "  mean: [0.485, 0.456, 0.406]\n  std: [0.229, 0.224, 0.225]\n"
                "weights: [int8]\nactivations: [int8]\n"
                "accelerator: {rows: [8], columns: [8], dataflow: [os]}\n"
                "objectives: [accuracy, bops]\n",
            "resnet.yaml");
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        const auto session = study::openSession(study.value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const QTemporaryDir folder;
        const auto design = testing::resolvedInTurn(session.value(), {"int8@channel int8"});
        QCOMPARE(testing::agreeingAfterExport(QStringLiteral("integers"), design,
                                              session.value().data->splits.at(data::Role::Test),
                                              folder.path()),
                 100);
    }

    void brokenFilesAreRefused_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no program") << "network.txt" << QByteArray();
        QTest::newRow("unknown step")
            << "network.txt" << QByteArray("input 1 8 8\nfly reads 0 makes 1\noutput_scale 1\n");
        QTest::newRow("misfit") << "network.txt"
                                << QByteArray(
                                       "input 1 8 8\ndense f2 reads 0 makes 1 rows 1\n"
                                       "output_scale 1\n");
        QTest::newRow("no such edge") << "network.txt"
                                      << QByteArray(
                                             "input 144\ndense f2 reads 0 makes 1 rows 1\n"
                                             "gather reads 7 makes 2\noutput_scale 1\n");
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
        QVERIFY(back.hasError());
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
        QCOMPARE(testing::agreeingAfterExport(QStringLiteral("integers"), design, samples,
                                              folder.path()),
                 10000);
    }
};

QTEST_GUILESS_MAIN(TstIntegerExport)
#include "tst_integer_export.moc"
