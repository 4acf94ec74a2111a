// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>

#include "core/study/examples.h"
#include "core/study/session.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/session_designs.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// A trained network, a design as the search finds it, and ONNX Runtime: the same predictions.
class TstExportAgreement : public QObject {
    Q_OBJECT

    static constexpr std::size_t kClasses = 10;

    struct Agreement {
        std::int64_t agreeing = 0;
        std::int64_t correct = 0;
        std::int64_t bytes = 0;
    };

    /// Writes each design for ONNX Runtime (or qonnx) and compares its predictions with the
    /// simulation.
    static std::vector<Agreement> compare(const study::Session& session, data::Role role,
                                          const QList<QStringList>& designs,
                                          const char* kind = "onnx-qdq",
                                          const char* script = "run_onnx.py") {
        const QTemporaryDir folder;
        std::vector<exporters::ResolvedDesign> resolved;
        QStringList paths;
        for (const QStringList& schemes : designs) {
            resolved.push_back(exporters::resolveDesign(*session.network, *session.evaluator,
                                                        testing::designInTurn(session, schemes), {})
                                   .value());
            paths << folder.filePath(QStringLiteral("%1.onnx").arg(paths.size()));
            const auto written = exporters::exportDesign(testing::exportKind(kind), resolved.back(),
                                                         paths.back().toStdString());
            if (written.hasError()) {
                qWarning("%s", written.error().sentence().c_str());
            }
        }
        const data::Samples& samples = session.data->splits.at(role);
        const Array& images = samples.inputs.begin()->second;
        QStringList shape;
        for (const std::int64_t size : images.shape()) {
            shape << QString::number(size);
        }
        const auto runs = testing::runExported(QString::fromLatin1(script), paths,
                                               images.as<float>(), shape.join(QLatin1Char('x')));
        std::vector<Agreement> found;
        for (std::size_t d = 0; d < runs.size(); ++d) {
            const auto here = testing::argmaxOf(
                testing::simulate(session, resolved[d], samples, kClasses), kClasses);
            const auto there = testing::argmaxOf(runs[d].outputs, kClasses);
            Agreement& agreement = found.emplace_back();
            agreement.bytes = QFileInfo(paths[static_cast<qsizetype>(d)]).size();
            for (std::size_t i = 0; i < std::min(here.size(), there.size()); ++i) {
                agreement.agreeing += here[i] == there[i] ? 1 : 0;
                agreement.correct +=
                    static_cast<std::int64_t>(there[i]) == samples.labels[i] ? 1 : 0;
            }
            qInfo(
                "%s ...: %lld of %lld predictions agree, %lld are right, %lld bytes",
                qPrintable(designs[static_cast<qsizetype>(d)].front()),
                static_cast<long long>(agreement.agreeing), static_cast<long long>(samples.count()),
                static_cast<long long>(agreement.correct), static_cast<long long>(agreement.bytes));
        }
        return found;
    }

private Q_SLOTS:
    void digitsThatShipWithTheProgram() {
        BITLOUPE_NEEDS_PYTHON();
        const QTemporaryDir folder;
        const auto study = study::writeExample("digits", folder.path().toStdString());
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        const auto session = study::openSession(study::readStudy(study.value()).value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const auto found = compare(session.value(), data::Role::Search, {testing::mixedSchemes()});
        QCOMPARE(found.size(), 1U);
        const auto samples = session.value().data->splits.at(data::Role::Search).count();
        QVERIFY(samples >= 1000);
        QVERIFY(found[0].agreeing * 2000 >= samples * 1999);
        QVERIFY(found[0].correct * 10 > samples * 9);
    }

    void realDigits() {
        BITLOUPE_NEEDS_PYTHON();
        BITLOUPE_REAL_FILE(model, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(images, "data/mnist");
        const QTemporaryDir folder;
        const study::Session session = testing::mnistSession(model, images, folder.path());
        const auto found = compare(session, data::Role::Test,
                                   {testing::mixedSchemes(),
                                    {"int4 int8"},
                                    {"int4@group32 uint8"},
                                    {"fp8e4m3@channel fp8e4m3"},
                                    {"fp32 fp32"},
                                    {"int4@channel int8"}});
        QCOMPARE(found.size(), 6U);
        for (const Agreement& agreement : found) {
            // A float sum in another order may push one value in ten thousand over a border.
            QVERIFY(agreement.agreeing >= 9995);
            QVERIFY(agreement.correct > 9700);
        }
        for (const std::size_t packed : {std::size_t{1}, std::size_t{5}}) {
            const double share =
                static_cast<double>(found[packed].bytes) / static_cast<double>(found[4].bytes);
            QVERIFY2(share <= 0.14,
                     qPrintable(QStringLiteral("an int4 file is %1 of the float one").arg(share)));
        }
        const auto qonnx =
            compare(session, data::Role::Test, {testing::mixedSchemes()}, "qonnx", "run_qonnx.py");
        QCOMPARE(qonnx.size(), 1U);
        QCOMPARE(qonnx[0].agreeing, 10000);
    }
};

QTEST_GUILESS_MAIN(TstExportAgreement)
#include "tst_export_agreement.moc"
