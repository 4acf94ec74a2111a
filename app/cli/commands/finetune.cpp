// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/open_session.h"
#include "app/cli/result_document.h"
#include "app/cli/training_options.h"
#include "core/study/fine_tuning.h"
#include "core/study/imported_designs.h"
#include "core/study/study_of_results.h"

namespace bitloupe::cli {

namespace {

using exploration::Evaluation;
using nlohmann::json;

struct FinetuneOptions {
    std::string results;
    std::int64_t id = 0;
    TrainingOptions training;
};

/// A study's session with its journal open for writing, and the evaluation that is meant.
struct Opened {
    study::Session session;
    std::unique_ptr<study::Journal> journal;
    Evaluation parent;
};

Result<study::StudyDescription> describe(const std::string& results) {
    const Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(results);
    return journal.hasError() ? Result<study::StudyDescription>(journal.error())
                              : study::studyOfResults(*journal.value(), results);
}

Result<Opened> open(const FinetuneOptions& options, std::unique_ptr<ProgressLine>& line,
                    const Context& context) {
    const Result<study::StudyDescription> description = describe(options.results);
    if (description.hasError()) {
        return description.error();
    }
    Result<study::Session> session = openSession(description.value(), line, context);
    if (session.hasError()) {
        return session.error();
    }
    Result<std::unique_ptr<study::Journal>> journal = openJournal(options.results, session.value());
    if (journal.hasError()) {
        return journal.error();
    }
    const Result<exploration::KnownResults> known =
        study::loadResults(session.value(), *journal.value());
    if (known.hasError()) {
        return known.error();
    }
    const std::vector<Evaluation>& all = known.value().evaluations;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Evaluation& each) { return each.id == options.id; });
    if (found == all.end()) {
        return Error{"there is no design " + std::to_string(options.id), options.results,
                     "bitloupe-cli front lists the designs of the front with their numbers"};
    }
    return Opened{std::move(session).value(), std::move(journal).value(), *found};
}

json measurementJson(const exploration::Measurement& measured) {
    return {{"value", numberJson(measured.metric)},
            {"correct", measured.correct},
            {"samples", measured.samples},
            {"interval", {numberJson(measured.interval.low), numberJson(measured.interval.high)}},
            {"kl", numberJson(measured.kl)}};
}

void report(const Opened& opened, const study::FineTuned& tuned, Context& context) {
    const Evaluation& made = *tuned.evaluation;
    const auto metric = exploration::quantityOf(opened.session.evaluator->metric());
    if (context.json) {
        json document = {{"epochs", epochsJson(tuned.epochs)},
                         {"id", made.id},
                         {"parent", made.parent},
                         {"weights", made.weights},
                         {"search", measurementJson(made.measured)}};
        if (tuned.test) {
            document["test"] = measurementJson(*tuned.test);
        }
        context.out << document.dump(2) << '\n';
        return;
    }
    printEpochs(context.out, tuned.epochs);
    const auto say = [&](const char* split, const exploration::Measurement& measured) {
        context.out << split << " split: " << valueText(metric, measured.metric) << " ("
                    << measured.correct << " of " << measured.samples << ")\n";
    };
    context.out << "\ndesign " << made.id << ", fine-tuned from " << made.parent << " ("
                << valueText(metric, opened.parent.measured.metric) << " before)\n";
    say("search", made.measured);
    if (tuned.test) {
        say("test", *tuned.test);
    }
    context.out << "weights: " << made.weights << " beside the results\n";
}

void runFinetune(const FinetuneOptions& options, Context& context) {
    std::unique_ptr<ProgressLine> line;
    const Result<Opened> opened = open(options, line, context);
    if (opened.hasError()) {
        line.reset();
        return context.fail(opened.error());
    }
    const study::Session& session = opened.value().session;
    std::stop_source stop;
    const InterruptGuard guard([&stop] { stop.request_stop(); });
    const Result<study::FineTuned> tuned =
        study::fineTune(session, *opened.value().journal, options.results, opened.value().parent,
                        options.training.over(session.description.fineTuning, context.threads),
                        trainingControl(*line, stop.get_token()));
    line.reset();
    if (tuned.hasError()) {
        return context.fail(tuned.error(), kWorkFailed);
    }
    if (tuned.value().outcome == JobOutcome::Cancelled) {
        context.err << "bitloupe-cli: interrupted: " << options.results
                    << ": the same command goes on\n";
        context.status = kInterrupted;
        return;
    }
    report(opened.value(), tuned.value(), context);
}

}  // namespace

void addFinetuneCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "finetune", "Train the weights of a design further with its rounding in place");
    command->footer(
        "Gradients pass straight through the rounding; integer formats learn their step sizes.\n"
        "The result is a new design in the results, its weights are a file beside them, and\n"
        "exports of it use them. Settings come from the study's `fine_tuning`. Ctrl-C leaves a\n"
        "checkpoint from which the same command goes on.");
    const auto options = std::make_shared<FinetuneOptions>();
    command->add_option("RESULTS", options->results, "File of results that explore wrote")
        ->required();
    command->add_option("ID", options->id, "Number of the design, from 1")->required();
    addTrainingOptions(*command, options->training);
    command->callback([&app, options, &context] {
        if (app.get_option("--seed")->count() > 0) {
            options->training.seed = context.seed;
        }
        runFinetune(*options, context);
    });
}

}  // namespace bitloupe::cli
