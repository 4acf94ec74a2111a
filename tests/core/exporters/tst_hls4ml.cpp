// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cstring>

#include "core/exporters/hls4ml_project.h"
#include "core/study/examples.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// The exported project, converted by the hls4ml package and run in its compiled C++ emulation.
class TstHls4ml : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatHasNoApFixedIsNamed() {
        const network::Network network = testing::smallNetwork();
        const auto scaled = testing::smallDesign(network, "int8", "ufixed<8,1>");
        const auto reasons = exporters::hls4mlObstacles(scaled.schemes());
        QCOMPARE(reasons.size(), 2U);
        QVERIFY(reasons[0].find("fixed<W,I> fits") != std::string::npos);
        const auto fits = testing::smallDesign(network, "fixed<6,1>", "ufixed<8,1>");
        QVERIFY(exporters::hls4mlObstacles(fits.schemes()).empty());
    }

    void emulationAgreesOnAThousandJets() {
        BITLOUPE_NEEDS_PYTHON();
        const QTemporaryDir folder;
        const auto study = study::writeExample("jets", folder.path().toStdString());
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        const auto session = study::openSession(study::readStudy(study.value()).value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const auto design = testing::resolvedInTurn(
            session.value(), {"fixed<8,2> fixed<12,4>", "fixed<6,1> ufixed<8,3>",
                              "fixed<7,1> ufixed<9,4>", "fixed<8,1> ufixed<8,4>"});
        const std::string project = folder.path().toStdString() + "/hls";
        const auto written =
            exporters::exportDesign(testing::exportKind("hls4ml"), design, project);
        QVERIFY2(written.hasValue(), testing::reason(written).constData());

        data::Samples samples = session.value().data->splits.at(data::Role::Search);
        constexpr std::int64_t kSamples = 1000;
        QVERIFY(samples.count() >= kSamples);
        Array& inputs = samples.inputs.begin()->second;
        const std::int64_t width = inputs.size() / samples.count();
        const auto values = inputs.as<float>().first(static_cast<std::size_t>(kSamples * width));
        inputs = Array::of({kSamples, width}, values);

        QFile file(folder.filePath("in.f32"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(reinterpret_cast<const char*>(values.data()),
                   static_cast<qint64>(values.size_bytes()));
        file.close();
        const auto run = testing::runPython(
            QStringLiteral("core/exporters/run_hls4ml.py"),
            {QString::fromStdString(project), file.fileName(),
             QStringLiteral("%1x%2").arg(kSamples).arg(width), folder.filePath("out.f32")});
        QVERIFY2(run.status == 0, (run.output + run.errors).right(3000).constData());
        QFile result(folder.filePath("out.f32"));
        QVERIFY(result.open(QIODevice::ReadOnly));
        const QByteArray bytes = result.readAll();
        std::vector<float> outputs(static_cast<std::size_t>(bytes.size()) / sizeof(float));
        std::memcpy(outputs.data(), bytes.constData(), outputs.size() * sizeof(float));
        constexpr std::size_t kClasses = 5;
        QCOMPARE(outputs.size(), kSamples * kClasses);
        const auto there = testing::argmaxOf(outputs, kClasses);
        const auto here = testing::argmaxOf(
            testing::simulate(session.value(), design, samples, kClasses), kClasses);
        qInfo("%lld of %lld predictions agree",
              static_cast<long long>(testing::agreeing(here, there)),
              static_cast<long long>(kSamples));
        QCOMPARE(testing::agreeing(here, there), kSamples);
    }
};

QTEST_GUILESS_MAIN(TstHls4ml)
#include "tst_hls4ml.moc"
