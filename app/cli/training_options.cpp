// SPDX-License-Identifier: Apache-2.0
#include "app/cli/training_options.h"

#include <iomanip>
#include <ostream>
#include <sstream>

#include "app/cli/result_document.h"
#include "core/study/training.h"

namespace bitloupe::cli {

namespace {

std::string progressText(const execution::TrainingProgress& progress) {
    std::ostringstream text;
    text << std::setprecision(4) << "step " << progress.step << " of " << progress.steps
         << ", epoch " << std::min(progress.epoch + 1, progress.epochs) << " of "
         << progress.epochs;
    if (progress.loss > 0) {
        text << ", loss " << progress.loss;
    }
    if (!progress.finished.empty()) {
        text << ", metric " << progress.finished.back().metric << " on the search split";
    }
    return text.str();
}

}  // namespace

execution::TrainingSettings TrainingOptions::over(execution::TrainingSettings settings,
                                                  int threads) const {
    settings.epochs = epochs.value_or(settings.epochs);
    settings.mostSteps = mostSteps.value_or(settings.mostSteps);
    settings.batchSize = batchSize.value_or(settings.batchSize);
    settings.learningRate = learningRate.value_or(settings.learningRate);
    settings.seed = seed.value_or(settings.seed);
    if (optimizer) {
        settings.optimizer = execution::findOptimizer(*optimizer).value_or(settings.optimizer);
    }
    settings.threads = study::trainingThreads(threads);
    return settings;
}

void addTrainingOptions(CLI::App& command, TrainingOptions& options) {
    command.add_option("--epochs", options.epochs, "Passes over the training samples")
        ->check(CLI::PositiveNumber);
    command.add_option("--steps", options.mostSteps, "End after so many steps")
        ->check(CLI::PositiveNumber);
    command.add_option("--batch", options.batchSize, "Samples a step")->check(CLI::PositiveNumber);
    command.add_option("--learning-rate", options.learningRate, "Largest learning rate")
        ->check(CLI::PositiveNumber);
    command.add_option("--optimizer", options.optimizer, "sgd, adam or adamw")
        ->check(CLI::IsMember(execution::optimizerNames()));
}

execution::TrainingControl trainingControl(ProgressLine& line, std::stop_token stop) {
    execution::TrainingControl control;
    control.stop = std::move(stop);
    control.progress =
        [&line, epochs = std::size_t{0}](const execution::TrainingProgress& progress) mutable {
            const bool isEdge = progress.finished.size() != epochs;
            epochs = progress.finished.size();
            line.show(progressText(progress), isEdge);
        };
    return control;
}

nlohmann::json epochsJson(const std::vector<execution::EpochRecord>& epochs) {
    nlohmann::json list = nlohmann::json::array();
    for (const execution::EpochRecord& epoch : epochs) {
        list.push_back({{"loss", numberJson(epoch.loss)},
                        {"metric", numberJson(epoch.metric)},
                        {"search_loss", numberJson(epoch.judgingLoss)}});
    }
    return list;
}

void printEpochs(std::ostream& out, const std::vector<execution::EpochRecord>& epochs) {
    const auto column = [&out](double value) { out << std::setw(14) << value; };
    out << std::setw(5) << "epoch" << std::setw(14) << "loss" << std::setw(14) << "search loss"
        << std::setw(14) << "metric" << '\n'
        << std::fixed << std::setprecision(5);
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        out << std::setw(5) << i + 1;
        column(epochs[i].loss);
        column(epochs[i].judgingLoss);
        column(epochs[i].metric);
        out << '\n';
    }
    out << std::defaultfloat;
}

}  // namespace bitloupe::cli
