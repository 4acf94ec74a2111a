// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/training_options.h"
#include "core/base/file.h"
#include "core/exporters/onnx_writer.h"
#include "core/study/study_description.h"
#include "core/study/training.h"
#include "core/study/training_files.h"
#include "core/study/untrained.h"

namespace bitloupe::cli {

namespace {

struct TrainOptions {
    std::string study;
    std::string output;
    TrainingOptions training;
};

bool isArchitecture(const study::StudyDescription& study) {
    return study.network.model.starts_with("architecture:");
}

/// Weights for an architecture; a network from a file becomes another file.
std::string outputPath(const study::StudyDescription& study, const TrainOptions& options) {
    if (!options.output.empty()) {
        return options.output;
    }
    return isArchitecture(study) ? study::trainedWeightsPath(study)
                                 : study.folder + "/" + study.name + "-trained.onnx";
}

Result<void> writeResult(const study::StudyDescription& study, const network::Graph& graph,
                         const std::string& path) {
    if (isArchitecture(study)) {
        return study::saveWeights(graph, path);
    }
    const Result<std::string> bytes = exporters::serializeOnnx({graph, {}});
    return bytes.hasError() ? Result<void>(bytes.error())
                            : writeFileAtomically(path, bytes.value());
}

void report(const study::StudyDescription& study, const study::Trained& trained,
            const std::string& path, Context& context) {
    if (context.json) {
        const nlohmann::json document = {{"epochs", epochsJson(trained.epochs)}, {"output", path}};
        context.out << document.dump(2) << '\n';
        return;
    }
    printEpochs(context.out, trained.epochs);
    context.out << "\nwritten: " << path << '\n';
    if (isArchitecture(study) && study.network.weightsFile.empty()) {
        context.out << "name it in the study as network.weights to explore the trained network\n";
    }
}

void runTrain(const TrainOptions& options, Context& context) {
    Result<study::StudyDescription> description = study::readStudy(options.study);
    if (description.hasError()) {
        return context.fail(description.error());
    }
    study::StudyDescription& study = description.value();
    study.training = options.training.over(study.training, context.threads);
    const std::string path = outputPath(study, options);
    const std::string checkpoint = path + ".checkpoint";
    auto line = std::make_unique<ProgressLine>(context.err, context.quiet);
    std::stop_source stop;
    const InterruptGuard guard([&stop] { stop.request_stop(); });
    const Result<study::Trained> trained = study::trainNetwork(
        study, checkpoint, context.threads, trainingControl(*line, stop.get_token()));
    line.reset();
    if (trained.hasError()) {
        return context.fail(trained.error());
    }
    if (trained.value().outcome == JobOutcome::Cancelled) {
        context.err << "bitloupe-cli: interrupted: " << checkpoint
                    << ": the same command goes on\n";
        context.status = kInterrupted;
        return;
    }
    const Result<void> written = writeResult(study, *trained.value().graph, path);
    if (written.hasError()) {
        return context.fail(written.error(), kWorkFailed);
    }
    study::removeCheckpoint(checkpoint);
    report(study, trained.value(), path, context);
}

}  // namespace

void addTrainCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "train", "Train the network of a study, from nothing or from the weights it has");
    command->footer(
        "Settings come from the study's `training`; the metric of an epoch is measured on its\n"
        "search split. Ctrl-C leaves a checkpoint from which the same command goes on.");
    const auto options = std::make_shared<TrainOptions>();
    command->add_option("STUDY", options->study, "Study as a YAML file")->required();
    command->add_option("--output", options->output,
                        "File of the trained weights (default: network.weights of the study, or "
                        "NAME.safetensors beside it)");
    addTrainingOptions(*command, options->training);
    command->callback([&app, options, &context] {
        if (app.get_option("--seed")->count() > 0) {
            options->training.seed = context.seed;
        }
        runTrain(*options, context);
    });
}

}  // namespace bitloupe::cli
