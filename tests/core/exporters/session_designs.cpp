// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exporters/session_designs.h"

#include <QtTest/QTest>
#include <algorithm>
#include <mutex>

#include "core/execution/population_runner.h"
#include "core/exporters/agreement.h"
#include "core/study/examples.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/support/result_text.h"

namespace bitloupe::testing {

study::Session mnistSession(const std::string& model, const std::string& images,
                            const QString& folder) {
    const auto study = study::writeExample("mnist-lenet5", folder.toStdString(), {model, images});
    if (study.hasError()) {
        qFatal("%s", study.error().sentence().c_str());
    }
    auto session = study::openSession(study::readStudy(study.value()).value(), 1);
    if (session.hasError()) {
        qFatal("%s", session.error().sentence().c_str());
    }
    return std::move(session).value();
}

exploration::Assignment designInTurn(const study::Session& session, const QStringList& schemes) {
    exploration::Assignment assignment;
    for (std::size_t i = 0; i < session.network->layers.size(); ++i) {
        const QStringList sides =
            schemes[static_cast<qsizetype>(i) % schemes.size()].split(QLatin1Char(' '));
        assignment.push_back({quantization::Quantizer::parse(sides[0].toStdString()).value(),
                              quantization::Quantizer::parse(sides[1].toStdString()).value()});
    }
    return assignment;
}

QStringList mixedSchemes() {
    return {"int6@channel int8", "int5@channel uint8", "int4@channel int6", "int8 int8",
            "int3@channel int7"};
}

exporters::ResolvedDesign resolvedInTurn(const study::Session& session,
                                         const QStringList& schemes) {
    auto design = exporters::resolveDesign(*session.network, *session.evaluator,
                                           designInTurn(session, schemes), {});
    if (design.hasError()) {
        qFatal("%s", design.error().sentence().c_str());
    }
    return std::move(design).value();
}

std::vector<float> simulate(const study::Session& session, const exporters::ResolvedDesign& design,
                            const data::Samples& samples, std::size_t width) {
    auto runner = execution::PopulationRunner::prepare(session.network);
    execution::VariantList variant(session.network->layers.size());
    for (std::size_t i = 0; i < variant.size(); ++i) {
        if (design.weights[i].has_value()) {
            variant[i].weights = runner.value().addWeights(i, design.weights[i]->values).value();
        }
        if (const auto& rounding = design.activations[i]; rounding.has_value()) {
            const bool blocks = rounding->format.family() == numerics::Family::Microscaling;
            variant[i].input = runner.value().addRounding(
                i, {{[rounding](auto in, auto out) { rounding->apply(in, out); }, blocks}});
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

std::int64_t agreeingAfterExport(const QString& kind, const exporters::ResolvedDesign& design,
                                 const data::Samples& samples, const QString& folder) {
    const exporters::ExportKind wanted = exportKind(kind.toStdString());
    const std::string path =
        (folder + QStringLiteral("/exported")).toStdString() + wanted.extension;
    const auto written = exporters::exportDesign(wanted, design, path);
    if (written.hasError()) {
        qWarning("%s", written.error().sentence().c_str());
        return -1;
    }
    const auto agreement = exporters::checkAgreement(wanted, path, design, samples);
    if (agreement.hasError()) {
        qWarning("%s", agreement.error().sentence().c_str());
        return -1;
    }
    qInfo("%lld of %lld predictions agree (%s)", static_cast<long long>(agreement.value().agreeing),
          static_cast<long long>(agreement.value().samples), agreement.value().reader.c_str());
    return agreement.value().agreeing;
}

std::int64_t agreeing(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        count += a[i] == b[i] ? 1 : 0;
    }
    return count;
}

}  // namespace bitloupe::testing
