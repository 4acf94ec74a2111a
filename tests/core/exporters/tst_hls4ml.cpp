// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/exporters/hls4ml_project.h"
#include "core/study/examples.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// The exported project, converted by the hls4ml package and run in its compiled C++ emulation.
class TstHls4ml : public QObject {
    Q_OBJECT

    static constexpr std::int64_t kSamples = 1000;

    /// LeNet-5: pixels, averages behind ReLU, and sums that may be negative.
    static QStringList convolutionalSchemes() {
        return {"fixed<7,1> ufixed<8,0>", "fixed<6,1> ufixed<8,3>", "fixed<6,0> ufixed<8,4>",
                "fixed<7,0> fixed<9,5>", "fixed<8,1> fixed<9,5>"};
    }

    /// Samples for which the emulation of the exported project predicts what the simulation does;
    /// -1 when it does not run.
    static std::int64_t agreeing(const QTemporaryDir& folder, const study::Session& session,
                                 const exporters::ResolvedDesign& design,
                                 const data::Samples& samples, std::size_t classes) {
        const QString project = folder.filePath("hls");
        const auto written =
            exporters::exportDesign(testing::exportKind("hls4ml"), design, project.toStdString());
        if (written.hasError()) {
            qWarning("%s", written.error().sentence().c_str());
            return -1;
        }
        const Array& inputs = samples.inputs.begin()->second;
        QStringList shape;
        for (const std::int64_t size : inputs.shape()) {
            shape << QString::number(size);
        }
        const auto runs = testing::runExported(QStringLiteral("run_hls4ml.py"), {project},
                                               inputs.as<float>(), shape.join(QLatin1Char('x')));
        if (runs.size() != 1) {
            return -1;
        }
        const auto there = testing::argmaxOf(runs.front().outputs, classes);
        const auto here =
            testing::argmaxOf(testing::simulate(session, design, samples, classes), classes);
        qInfo("%lld of %lld predictions agree",
              static_cast<long long>(testing::agreeing(here, there)),
              static_cast<long long>(samples.count()));
        return testing::agreeing(here, there);
    }

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
        const data::Samples& samples = session.value().data->splits.at(data::Role::Search);
        QVERIFY(samples.count() >= kSamples);
        QCOMPARE(agreeing(folder, session.value(), design, samples.slice(0, kSamples), 5),
                 kSamples);
    }

    void emulationAgreesOnAThousandDigits() {
        BITLOUPE_NEEDS_PYTHON();
        const QTemporaryDir folder;
        const auto study = study::writeExample("digits", folder.path().toStdString());
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        const auto session = study::openSession(study::readStudy(study.value()).value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const auto design = testing::resolvedInTurn(session.value(), convolutionalSchemes());
        const data::Samples& samples = session.value().data->splits.at(data::Role::Search);
        QCOMPARE(agreeing(folder, session.value(), design, samples.slice(0, kSamples), 10),
                 kSamples);
    }

    void emulationAgreesOnRealDigits() {
        BITLOUPE_NEEDS_PYTHON();
        BITLOUPE_REAL_FILE(model, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(images, "data/mnist");
        if (qEnvironmentVariableIsEmpty("BITLOUPE_TEST_LONG")) {
            QSKIP("not run: set BITLOUPE_TEST_LONG to emulate 10,000 images, which takes minutes");
        }
        const QTemporaryDir folder;
        const study::Session session = testing::mnistSession(model, images, folder.path());
        const auto design = testing::resolvedInTurn(session, convolutionalSchemes());
        const data::Samples& samples = session.data->splits.at(data::Role::Test);
        QCOMPARE(agreeing(folder, session, design, samples, 10), 10000);
    }
};

QTEST_GUILESS_MAIN(TstHls4ml)
#include "tst_hls4ml.moc"
