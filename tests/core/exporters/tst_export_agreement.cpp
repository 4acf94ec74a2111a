// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <mutex>

#include "core/execution/population_runner.h"
#include "core/study/examples.h"
#include "core/study/session.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// A trained network, a design as the search finds it, and ONNX Runtime: the same predictions.
class TstExportAgreement : public QObject {
    Q_OBJECT

    static std::vector<std::size_t> argmaxOf(std::span<const float> outputs, std::size_t width) {
        std::vector<std::size_t> predictions;
        for (std::size_t at = 0; at < outputs.size(); at += width) {
            const auto row = outputs.subspan(at, width);
            predictions.push_back(
                static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()));
        }
        return predictions;
    }

    /// The outputs of the simulation, sample by sample.
    static std::vector<float> simulate(const study::Session& session,
                                       const exporters::ResolvedDesign& design,
                                       const data::Samples& samples, std::size_t width) {
        auto runner = execution::PopulationRunner::prepare(session.network);
        execution::VariantList variant(session.network->layers.size());
        for (std::size_t i = 0; i < variant.size(); ++i) {
            if (design.weights[i].has_value()) {
                variant[i].weights =
                    runner.value().addWeights(i, design.weights[i]->values).value();
            }
            if (const auto& rounding = design.activations[i]; rounding.has_value()) {
                variant[i].input = runner.value().addRounding(
                    i, {{[rounding](auto in, auto out) { rounding->apply(in, out); }, false}});
            }
        }
        std::vector<float> outputs(static_cast<std::size_t>(samples.count()) * width);
        std::mutex mutex;
        execution::PopulationJob job;
        job.inputs = &samples.inputs;
        job.population = std::span(&variant, 1);
        job.output = [&](const execution::BatchOutput& batch) {
            const std::scoped_lock lock(mutex);
            std::copy(batch.values.begin(), batch.values.end(),
                      outputs.begin() + batch.firstSample * static_cast<std::ptrdiff_t>(width));
        };
        job.progress = [](double) {};
        return runner.value().run(job).hasValue() ? outputs : std::vector<float>();
    }

    static constexpr std::size_t kClasses = 10;

    /// A design that gives the layers these schemes in turn.
    static exploration::Assignment designOf(const study::Session& session,
                                            const QStringList& schemes) {
        exploration::Assignment assignment;
        for (std::size_t i = 0; i < session.network->layers.size(); ++i) {
            const QStringList sides =
                schemes[static_cast<qsizetype>(i) % schemes.size()].split(QLatin1Char(' '));
            assignment.push_back({quantization::Quantizer::parse(sides[0].toStdString()).value(),
                                  quantization::Quantizer::parse(sides[1].toStdString()).value()});
        }
        return assignment;
    }

    static QStringList mixedSchemes() {
        return {"int6@channel int8", "int5@channel uint8", "int4@channel int6", "int8 int8",
                "int3@channel int7"};
    }

    struct Agreement {
        std::int64_t agreeing = 0;
        std::int64_t correct = 0;
        std::int64_t bytes = 0;
    };

    /// Writes each design for ONNX Runtime and compares its predictions with the simulation.
    static std::vector<Agreement> compare(const study::Session& session, data::Role role,
                                          const QList<QStringList>& designs) {
        const QTemporaryDir folder;
        std::vector<exporters::ResolvedDesign> resolved;
        QStringList paths;
        for (const QStringList& schemes : designs) {
            resolved.push_back(exporters::resolveDesign(*session.network, *session.evaluator,
                                                        designOf(session, schemes), {})
                                   .value());
            paths << folder.filePath(QStringLiteral("%1.onnx").arg(paths.size()));
            const auto written = exporters::exportDesign(
                testing::exportKind("onnx-qdq"), resolved.back(), paths.back().toStdString());
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
        const auto runs = testing::runExported(QStringLiteral("run_onnx.py"), paths,
                                               images.as<float>(), shape.join(QLatin1Char('x')));
        std::vector<Agreement> found;
        for (std::size_t d = 0; d < runs.size(); ++d) {
            const auto here = argmaxOf(simulate(session, resolved[d], samples, kClasses), kClasses);
            const auto there = argmaxOf(runs[d].outputs, kClasses);
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
        const auto found = compare(session.value(), data::Role::Search, {mixedSchemes()});
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
        const auto study =
            study::writeExample("mnist-lenet5", folder.path().toStdString(), {model, images});
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        const auto session = study::openSession(study::readStudy(study.value()).value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const auto found = compare(session.value(), data::Role::Test,
                                   {mixedSchemes(),
                                    {"int4 int8"},
                                    {"int4@group32 uint8"},
                                    {"fp8e4m3@channel fp8e4m3"},
                                    {"fp32 fp32"}});
        QCOMPARE(found.size(), 5U);
        for (const Agreement& agreement : found) {
            // A float sum in another order may push one value in ten thousand over a border.
            QVERIFY(agreement.agreeing >= 9995);
            QVERIFY(agreement.correct > 9700);
        }
        QVERIFY2(static_cast<double>(found[1].bytes) <= 0.14 * static_cast<double>(found[4].bytes),
                 "an int4 network must be an eighth of the float one");
    }
};

QTEST_GUILESS_MAIN(TstExportAgreement)
#include "tst_export_agreement.moc"
