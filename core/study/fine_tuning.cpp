// SPDX-License-Identifier: Apache-2.0
#include "core/study/fine_tuning.h"

#include <chrono>
#include <filesystem>

#include "core/exploration/fine_tuning.h"
#include "core/study/design_text.h"
#include "core/study/training.h"
#include "core/study/training_files.h"
#include "core/study/tuned_design.h"

namespace bitloupe::study {

using exploration::Evaluation;
using exploration::TunedDesign;

namespace {

namespace fs = std::filesystem;

/// `digits.finetuned-12.safetensors`, with a further number where that is taken.
std::string freeWeightsName(const fs::path& results, std::int64_t parent) {
    const std::string stem = results.stem().string() + ".finetuned-" + std::to_string(parent);
    std::string name = stem + ".safetensors";
    std::error_code code;
    for (int i = 2; fs::exists(results.parent_path() / name, code); ++i) {
        name = stem + "-" + std::to_string(i) + ".safetensors";
    }
    return name;
}

std::string checkpointPath(const fs::path& results, std::int64_t parent) {
    return (results.parent_path() /
            (results.stem().string() + ".finetuning-" + std::to_string(parent) + ".checkpoint"))
        .string();
}

Result<execution::TrainingPlan> planFor(const Session& session, const TunedDesign& start,
                                        const exploration::Assignment& assignment,
                                        const execution::TrainingSettings& settings) {
    const Result<data::Samples> training =
        fittedTrainingSamples(session.description, *session.data, *session.network->graph);
    if (training.hasError()) {
        return training.error();
    }
    const data::Samples& search = session.data->splits.at(data::Role::Search);
    const Result<execution::LossKind> loss = exploration::lossFor(search);
    if (loss.hasError()) {
        return loss.error();
    }
    execution::TrainingPlan plan;
    plan.network = start.network;
    plan.training = exploration::trainingSamples(training.value());
    plan.judging = exploration::trainingSamples(search);
    plan.loss = loss.value();
    plan.outputs = exploration::outputFormOf(*session.network->graph);
    plan.layers = exploration::layerTraining(*start.network, assignment, start.layers);
    plan.settings = settings;
    return plan;
}

/// What the evaluator makes of the trained design; nothing when it was stopped.
Result<std::optional<exploration::Measurement>> measure(exploration::PopulationEvaluator& evaluator,
                                                        const TunedDesign& design,
                                                        const execution::TrainingControl& control) {
    const exploration::Evaluator::Answer answer =
        evaluator.measure(design, control.stop, [&control](double) {
            if (control.pulse) {
                control.pulse();
            }
        });
    if (answer.outcome == JobOutcome::Failed) {
        return answer.error;
    }
    return answer.outcome == JobOutcome::Finished ? std::optional(answer.measurements.front())
                                                  : std::nullopt;
}

/// Accuracy on samples that nothing was tuned on.
Result<std::optional<exploration::Measurement>> measureOnTest(
    const Session& session, const TunedDesign& design, const execution::TrainingControl& control) {
    const auto test = session.data->splits.find(data::Role::Test);
    if (test == session.data->splits.end()) {
        return std::optional<exploration::Measurement>();
    }
    const auto evaluator = exploration::makePopulationEvaluator(
        session.network, session.data->splits.at(data::Role::Calibration), test->second,
        session.threads, session.evaluator->metric());
    return evaluator.hasError() ? Result<std::optional<exploration::Measurement>>(evaluator.error())
                                : measure(*evaluator.value(), design, control);
}

}  // namespace

Result<FineTuned> fineTune(const Session& session, Journal& journal, const std::string& results,
                           const Evaluation& parent, const execution::TrainingSettings& settings,
                           const execution::TrainingControl& control) {
    const auto begin = std::chrono::steady_clock::now();
    const exploration::Assignment assignment = session.space.assignment(parent.design);
    const Result<TunedDesign> start = designOf(session, assignment, weightsFileOf(results, parent));
    if (start.hasError()) {
        return start.error();
    }
    Result<execution::TrainingPlan> plan = planFor(session, start.value(), assignment, settings);
    if (plan.hasError()) {
        return plan.error();
    }
    Result<execution::Trainer> trainer = execution::Trainer::prepare(std::move(plan).value());
    if (trainer.hasError()) {
        return trainer.error();
    }
    const std::string checkpoint = checkpointPath(results, parent.id);
    const std::int64_t mark = checkpointMark(
        start.value().network->hash, DesignText(session.space).schemes(parent.design), settings);
    const Result<JobOutcome> outcome =
        trainWithCheckpoint(trainer.value(), checkpoint, mark, control);
    if (outcome.hasError()) {
        return outcome.error();
    }
    FineTuned tuned{outcome.value(), trainer.value().epochs(), {}, {}};
    if (tuned.outcome != JobOutcome::Finished) {
        return tuned;
    }
    const execution::TrainedTensors trained = trainer.value().result();
    const Result<exploration::ResolvedLayers> layers = session.evaluator->resolve(assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    const Result<TunedDesign> design =
        exploration::tunedDesign(*session.network, assignment, layers.value(), trained);
    if (design.hasError()) {
        return design.error();
    }
    const auto measured = measure(*session.evaluator, design.value(), control);
    const auto test = measured.hasError() || !measured.value()
                          ? measured
                          : measureOnTest(session, design.value(), control);
    if (measured.hasError() || test.hasError()) {
        return measured.hasError() ? measured.error() : test.error();
    }
    if (!measured.value()) {
        tuned.outcome = JobOutcome::Cancelled;
        return tuned;
    }
    const fs::path file(results);
    Evaluation evaluation = parent;
    evaluation.measured = *measured.value();
    evaluation.origin = "finetune of " + std::to_string(parent.id);
    evaluation.parent = parent.id;
    evaluation.weights = freeWeightsName(file, parent.id);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    evaluation.seconds = spent.count();
    // The weights first: an evaluation without its weights would be of no use.
    const Result<void> saved = saveTrainedTensors(
        (file.parent_path() / evaluation.weights).string(), *session.network, trained);
    if (saved.hasError()) {
        return saved.error();
    }
    std::vector<Evaluation> kept = {evaluation};
    if (const Result<void> appended = journal.append(kept); appended.hasError()) {
        return appended.error();
    }
    removeCheckpoint(checkpoint);
    tuned.evaluation = kept.front();
    tuned.test = test.value();
    return tuned;
}

}  // namespace bitloupe::study
