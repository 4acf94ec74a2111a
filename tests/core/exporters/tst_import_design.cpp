// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/base/file.h"
#include "core/exporters/agreement.h"
#include "core/exporters/import_design.h"
#include "core/exporters/read_encodings.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// Quantized files that come back as designs, and files that are run again.
class TstImportDesign : public QObject {
    Q_OBJECT

    static std::string write(const QTemporaryDir& folder, const QString& name,
                             const exporters::ResolvedDesign& design, const char* kind) {
        const std::string path = folder.filePath(name).toStdString();
        const auto written = exporters::exportDesign(testing::exportKind(kind), design, path);
        return written.hasError() ? written.error().sentence() : path;
    }

private Q_SLOTS:
    void whatWasExportedComesBackAsTheSameDesign_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        QTest::newRow("QDQ") << "onnx-qdq"
                             << "int8@channel"
                             << "int8";
        QTest::newRow("QCDQ") << "onnx-qdq"
                              << "int6@channel"
                              << "uint5";
        QTest::newRow("QDQ packed") << "onnx-qdq"
                                    << "int4"
                                    << "int8";
        QTest::newRow("QDQ blocks") << "onnx-qdq"
                                    << "int8@group3"
                                    << "int8";
        QTest::newRow("QONNX") << "qonnx"
                               << "int5@channel"
                               << "uint7";
        QTest::newRow("QONNX fixed") << "qonnx"
                                     << "fixed<6,1>"
                                     << "ufixed<6,0>";
        QTest::newRow("QONNX binary") << "qonnx"
                                      << "binary"
                                      << "int4";
        QTest::newRow("encodings 1.0.0") << "encodings"
                                         << "int4@channel"
                                         << "uint8";
        QTest::newRow("encodings 2.0.0") << "encodings-2"
                                         << "int4@channel"
                                         << "int8";
        QTest::newRow("encodings fixed") << "encodings-2"
                                         << "fixed<6,1>"
                                         << "ufixed<8,2>";
    }

    void whatWasExportedComesBackAsTheSameDesign() {
        QFETCH(QString, kind);
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = testing::smallNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        const QTemporaryDir folder;
        const bool onnx = !kind.startsWith(QLatin1String("enc"));
        const std::string path =
            write(folder, onnx ? QStringLiteral("d.onnx") : QStringLiteral("d.encodings"), design,
                  kind.toLatin1().constData());
        const auto back = exporters::importDesign(path, network);
        QVERIFY2(back.hasValue(), testing::reason(back).constData());
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            const auto& scheme = back.value().assignment[i];
            QVERIFY(scheme.weights && scheme.activations);
            QCOMPARE(QString::fromStdString(scheme.weights->name()), weights);
            QCOMPARE(QString::fromStdString(scheme.activations->name()), activations);
        }
    }

    void encodingsOfVersion061AreRead() {
        const std::string text = R"({"version": "0.6.1",
            "activation_encodings": {"image": [{"bitwidth": 8, "dtype": "int", "is_symmetric": "False",
                "min": 0, "max": 1, "scale": 0.0039, "offset": 0}]},
            "param_encodings": {"c1.weight": [
                {"bitwidth": 4, "dtype": "int", "is_symmetric": "True", "scale": 0.1, "offset": -8},
                {"bitwidth": 4, "dtype": "int", "is_symmetric": "True", "scale": 0.2, "offset": -8}],
              "f2.weight": [{"bitwidth": 16, "dtype": "float"}]}})";
        const auto read = exporters::readEncodings(text);
        QVERIFY2(read.hasValue(), testing::reason(read).constData());
        QCOMPARE(exporters::quantizerOf(read.value().at("image")).value().name(),
                 std::string("uint8"));
        QCOMPARE(exporters::quantizerOf(read.value().at("c1.weight")).value().name(),
                 std::string("int4@channel"));
        QCOMPARE(exporters::quantizerOf(read.value().at("f2.weight")).value().name(),
                 std::string("fp16"));
    }

    void brokenEncodingsAreRefused() {
        for (const char* text :
             {"", "[]", "{\"version\": \"7\"}", "{\"version\": \"2.0.0\", \"encodings\": [3]}",
              "{\"version\": \"1.0.0\", \"param_encodings\": [{\"name\": \"w\", \"bw\": 99, "
              "\"scale\": [1], \"offset\": [0]}]}",
              "{\"version\": \"1.0.0\", \"param_encodings\": [{\"name\": \"w\", \"bw\": 8, "
              "\"scale\": [-1], \"offset\": [0]}]}",
              "{\"version\": \"0.6.1\", \"param_encodings\": {\"w\": [[]]}}"}) {
            QVERIFY2(exporters::readEncodings(text).hasError(), text);
        }
    }

    void otherNetworksAreRefused() {
        const network::Network network = testing::smallNetwork();
        const QTemporaryDir folder;
        const auto design = testing::smallDesign(network, "float", "float");
        const auto plain = exporters::importDesign(
            write(folder, QStringLiteral("p.onnx"), design, "onnx-qdq"), network);
        QVERIFY(plain.hasError());
        QVERIFY(plain.error().what.find("nothing in the file is quantized") == 0);
        network::Network shorter = network;
        shorter.layers.pop_back();
        const auto quantized = testing::smallDesign(network, "int8", "int8");
        QVERIFY(exporters::importDesign(
                    write(folder, QStringLiteral("q.onnx"), quantized, "onnx-qdq"), shorter)
                    .hasError());
    }

    void writtenFilesAreRunAgain_data() {
        QTest::addColumn<QString>("kind");
        QTest::newRow("QDQ") << "onnx-qdq";
        QTest::newRow("QONNX") << "qonnx";
        QTest::newRow("TorchScript") << "torchscript";
        QTest::newRow("integers") << "integers";
        QTest::newRow("hls4ml") << "hls4ml";
    }

    void writtenFilesAreRunAgain() {
        QFETCH(QString, kind);
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "fixed<6,1>", "ufixed<7,1>");
        const exporters::ExportKind exported = testing::exportKind(kind.toStdString());
        QVERIFY(exporters::canCheckAgreement(exported));
        const QTemporaryDir folder;
        const std::string path =
            write(folder, QStringLiteral("d") + QString::fromStdString(exported.extension), design,
                  kind.toLatin1().constData());
        data::Samples samples;
        samples.inputs["image"] = Array::of({100, 1, 8, 8}, testing::smallImages(100));
        double last = 0;
        int calls = 0;
        const auto agreement =
            exporters::checkAgreement(exported, path, design, samples, [&](double share) {
                ++calls;
                last = std::max(last, share);
                return true;
            });
        QVERIFY2(agreement.hasValue(), testing::reason(agreement).constData());
        QCOMPARE(agreement.value().samples, 100);
        QCOMPARE(agreement.value().agreeing, 100);
        QVERIFY(agreement.value().largestDifference < 1e-3);
        QVERIFY(calls > 0 && last <= 1);
        // Another design's file does not agree.
        const auto other = testing::smallDesign(network, "int2", "int2");
        const auto against = exporters::checkAgreement(exported, path, other, samples);
        QVERIFY(against.hasValue() && against.value().agreeing < 100);
        const auto stopped = exporters::checkAgreement(exported, path, design, samples,
                                                       [](double) { return false; });
        QVERIFY(stopped.hasError());
    }
};

QTEST_GUILESS_MAIN(TstImportDesign)
#include "tst_import_design.moc"
