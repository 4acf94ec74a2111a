// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "core/exporters/script_quantizers.h"
#include "core/exporters/torchscript.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Designs as TorchScript, loaded and run by LibTorch.
class TstTorchScript : public QObject {
    Q_OBJECT

    static std::vector<float> runFrom(const QString& folder,
                                      const exporters::ResolvedDesign& design,
                                      const Array& samples) {
        const std::string path = folder.toStdString() + "/design.pt";
        const auto written =
            exporters::exportDesign(testing::exportKind("torchscript"), design, path);
        if (written.hasError()) {
            qWarning("%s", written.error().sentence().c_str());
            return {};
        }
        const auto outputs = execution::runTorchScript(path, {samples});
        if (outputs.hasError()) {
            qWarning("%s", outputs.error().sentence().c_str());
            return {};
        }
        const auto values = outputs.value().front().as<float>();
        return {values.begin(), values.end()};
    }

private Q_SLOTS:
    void tablesStepWhereTheFormatRounds_data() {
        QTest::addColumn<QString>("format");
        for (const char* format : {"posit<8,1>", "fp8e4m3", "pow2<4>", "binary", "midrise<3>"}) {
            QTest::newRow(format) << format;
        }
    }

    void tablesStepWhereTheFormatRounds() {
        QFETCH(QString, format);
        const auto parsed = numerics::NumberFormat::parse(format.toStdString()).value();
        const auto round = [&](float x) {
            numerics::roundSpan(parsed, {&x, 1}, {&x, 1}, {.scaling = {0.37F, 0}});
            return x + 0.0F;
        };
        const auto table = exporters::stepTable(round);
        QCOMPARE(table.values.size(), table.borders.size() + 1);
        for (std::size_t i = 0; i < table.borders.size(); ++i) {
            const float below =
                std::nextafter(table.borders[i], -std::numeric_limits<float>::max());
            QCOMPARE(round(below), table.values[i]);
            QCOMPARE(round(table.borders[i]), table.values[i + 1]);
            QVERIFY(table.values[i] < table.values[i + 1]);
        }
        QVERIFY(table.values.size() >= parsed.values().size() - 1);  // without both zeros
    }

    void libTorchComputesWhatWasSimulated_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        const QList<QPair<const char*, const char*>> schemes = {
            {"int8@channel", "int8"},
            {"uint4", "uint5"},
            {"int4@group16", "int12"},
            {"fixed<6,1>", "fixed<7,2,trn,wrap>"},
            {"posit<8,1>@channel", "posit<6,1>"},
            {"fp8e4m3", "fp8e5m2"},
            {"pow2<4>", "fp16"},
            {"codebook<kmeans,4>", "bf16"},
            {"binary@channel", "ternary"},
            {"mxfp4", "mxfp4<16>"},
            {"mxint8", "mxint8<24>"},
            {"nvfp4", "nvfp4"},
            {"multipoint<int4,2>", "midrise<5>"},
            {"float", "float"}};
        for (const auto& [weights, activations] : schemes) {
            QTest::addRow("%s %s", weights, activations) << weights << activations;
        }
    }

    void libTorchComputesWhatWasSimulated() {
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = testing::smallNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        const std::vector<float> images = testing::smallImages(30);
        const QTemporaryDir folder;
        const auto outputs = runFrom(folder.path(), design, Array::of({30, 1, 8, 8}, images));
        const std::vector<double> expected = testing::simulate(design, images);
        QCOMPARE(outputs.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const double allowed = 2e-5 * std::max(1.0, std::abs(expected[i]));
            QVERIFY2(std::abs(static_cast<double>(outputs[i]) - expected[i]) < allowed,
                     qPrintable(QStringLiteral("output %1: %2, simulated %3")
                                    .arg(i)
                                    .arg(double(outputs[i]))
                                    .arg(expected[i])));
        }
    }

    void operatorsWithoutALineAreNamed() {
        network::Network network = testing::smallNetwork();
        network::Graph graph = *network.graph;
        graph.nodes[1].operatorType = "LRN";
        network.graph = std::make_shared<const network::Graph>(graph);
        const auto reasons = exporters::torchScriptObstacles(
            testing::smallDesign(network, "int8", "int8").schemes());
        QCOMPARE(reasons.size(), 1U);
        QVERIFY(reasons[0].find("LRN") != std::string::npos);
    }

    void realDigitsAgreeInEveryPrediction() {
        BITLOUPE_REAL_FILE(model, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(images, "data/mnist");
        const QTemporaryDir folder;
        const study::Session session = testing::mnistSession(model, images, folder.path());
        const data::Samples& samples = session.data->splits.at(data::Role::Test);
        const auto design = testing::resolvedInTurn(
            session, {"int6@channel int8", "posit<6,1> int6", "fp8e4m3@channel posit<8,1>",
                      "mxfp4 mxfp4", "int4@group32 int5"});
        QCOMPARE(testing::agreeingAfterExport(QStringLiteral("torchscript"), design, samples,
                                              folder.path()),
                 10000);
    }
};

QTEST_GUILESS_MAIN(TstTorchScript)
#include "tst_torchscript.moc"
