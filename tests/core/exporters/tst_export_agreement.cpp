// SPDX-License-Identifier: Apache-2.0
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
                    i, {[rounding](auto in, auto out) { rounding->apply(in, out); }, false});
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

    static exploration::Assignment mixedDesign(const study::Session& session) {
        const std::vector<std::pair<const char*, const char*>> schemes = {{"int6@channel", "int8"},
                                                                          {"int5@channel", "uint8"},
                                                                          {"int4@channel", "int6"},
                                                                          {"int8", "int8"},
                                                                          {"int3@channel", "int7"}};
        exploration::Assignment assignment;
        for (std::size_t i = 0; i < session.network->layers.size(); ++i) {
            const auto& [weights, activations] = schemes[i % schemes.size()];
            assignment.push_back({quantization::Quantizer::parse(weights).value(),
                                  quantization::Quantizer::parse(activations).value()});
        }
        return assignment;
    }

    void compare(const std::string& studyPath, data::Role role, std::int64_t atLeast) {
        const auto description = study::readStudy(studyPath);
        QVERIFY2(description.hasValue(), testing::reason(description).constData());
        const auto session = study::openSession(description.value(), 1);
        QVERIFY2(session.hasValue(), testing::reason(session).constData());
        const auto design = exporters::resolveDesign(
            *session.value().network, *session.value().evaluator, mixedDesign(session.value()), {});
        QVERIFY2(design.hasValue(), testing::reason(design).constData());
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("design.onnx"));
        const auto written = exporters::exportDesign(testing::exportKind("onnx-qdq"),
                                                     design.value(), path.toStdString());
        QVERIFY2(written.hasValue(), testing::reason(written).constData());

        const data::Samples& samples = session.value().data->splits.at(role);
        QVERIFY(samples.count() >= atLeast);
        const Array& images = samples.inputs.begin()->second;
        QStringList shape;
        for (const std::int64_t size : images.shape()) {
            shape << QString::number(size);
        }
        QByteArray operators;
        const auto exported =
            testing::runExported(QStringLiteral("run_onnx.py"), path, images.as<float>(),
                                 shape.join(QLatin1Char('x')), operators);
        constexpr std::size_t kClasses = 10;
        const auto simulated = simulate(session.value(), design.value(), samples, kClasses);
        QCOMPARE(exported.size(), simulated.size());
        const auto here = argmaxOf(simulated, kClasses);
        const auto there = argmaxOf(exported, kClasses);
        std::int64_t agreeing = 0;
        std::int64_t correct = 0;
        for (std::size_t i = 0; i < here.size(); ++i) {
            agreeing += here[i] == there[i] ? 1 : 0;
            correct += static_cast<std::int64_t>(there[i]) == samples.labels[i] ? 1 : 0;
        }
        qInfo("%lld of %lld predictions agree, %lld are right", static_cast<long long>(agreeing),
              static_cast<long long>(samples.count()), static_cast<long long>(correct));
        // A float sum in another order may push one value in ten thousand over a rounding border.
        QVERIFY(agreeing * 2000 >= samples.count() * 1999);
        QVERIFY(correct * 10 > samples.count() * 9);
    }

private Q_SLOTS:
    void digitsThatShipWithTheProgram() {
        BITLOUPE_NEEDS_PYTHON();
        const QTemporaryDir folder;
        const auto study = study::writeExample("digits", folder.path().toStdString());
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        compare(study.value(), data::Role::Search, 1000);
    }

    void realDigits() {
        BITLOUPE_NEEDS_PYTHON();
        BITLOUPE_REAL_FILE(model, "models/lenet5/best_model.pth");
        BITLOUPE_REAL_FILE(images, "data/mnist");
        const QTemporaryDir folder;
        const auto study =
            study::writeExample("mnist-lenet5", folder.path().toStdString(), {model, images});
        QVERIFY2(study.hasValue(), testing::reason(study).constData());
        compare(study.value(), data::Role::Test, 10000);
    }
};

QTEST_GUILESS_MAIN(TstExportAgreement)
#include "tst_export_agreement.moc"
