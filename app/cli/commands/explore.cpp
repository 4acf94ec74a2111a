// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_options.h"
#include "app/cli/open_session.h"
#include "app/cli/result_document.h"
#include "core/exploration/front.h"
#include "core/study/imported_designs.h"
#include "core/study/session.h"
#include "core/study/test_report.h"

namespace bitloupe::cli {

namespace {

using nlohmann::json;

struct ExploreOptions {
    std::string study;
    std::string results;
    std::optional<std::int64_t> evaluations;
    std::optional<std::string> strategy;
    std::optional<double> target;
    std::string earlyStopping;
    std::string memory;
};

/// Shows progress and keeps what the results are made of; nothing else needs to be remembered.
class CommandSink : public exploration::ExplorationSink {
public:
    CommandSink(ProgressLine& line, const exploration::KnownResults& known)
        : evaluations(known.evaluations), reference(known.reference), m_line(line) {}

    void referenceMeasured(const exploration::Measurement& floatNetwork) override {
        reference = floatNetwork;
    }
    void sensitivityMeasured(const std::vector<exploration::SensitivityCell>& /*cells*/) override {}
    void evaluationsFinished(const std::vector<exploration::Evaluation>& finished) override {
        evaluations.insert(evaluations.end(), finished.begin(), finished.end());
    }
    void progressed(const exploration::Progress& progress) override { m_line.show(progress); }
    void ended(JobOutcome how, const Error& why) override {
        outcome = how;
        error = why;
    }

    std::vector<exploration::Evaluation> evaluations;
    std::optional<exploration::Measurement> reference;
    JobOutcome outcome = JobOutcome::Finished;
    Error error;

private:
    ProgressLine& m_line;
};

Result<study::StudyDescription> readDescription(const ExploreOptions& options,
                                                std::optional<std::uint64_t> seed) {
    Result<study::StudyDescription> study = study::readStudy(options.study);
    if (study.hasError()) {
        return study;
    }
    exploration::StrategySettings& strategy = study.value().strategy;
    strategy.name = options.strategy.value_or(strategy.name);
    strategy.seed = seed.value_or(strategy.seed);
    strategy.target = options.target.has_value() ? options.target : strategy.target;
    study.value().evaluations = options.evaluations.value_or(study.value().evaluations);
    if (options.earlyStopping == "off") {
        study.value().earlyStopping.reset();
    } else if (!options.earlyStopping.empty()) {
        const Result<double> confidence = study::parseConfidence(options.earlyStopping);
        if (confidence.hasError()) {
            return confidence.error().within("--early-stopping");
        }
        study.value().earlyStopping = confidence.value();
    }
    if (!options.memory.empty()) {
        if (const auto read = readMemoryOption(options.memory); read.hasError()) {
            return read.error();
        }
        study.value().memory = options.memory;
    }
    return study;
}

/// study FILE.yaml -> FILE.bitloupe, beside it.
std::string resultsPath(const ExploreOptions& options) {
    return options.results.empty()
               ? std::filesystem::path(options.study).replace_extension(".bitloupe").string()
               : options.results;
}

/// The front of the designs that keep to the study's limits.
std::vector<exploration::Evaluation> frontOf(const study::Session& session,
                                             const CommandSink& sink) {
    return exploration::orderedFront(sink.evaluations, session.description.objectives,
                                     session.description.strategy.rules.constraints);
}

void report(const study::Session& session, const CommandSink& sink, const std::string& path,
            const study::Journal::TestResults& test, double seconds, Context& context) {
    const std::vector<exploration::QuantityId>& objectives = session.description.objectives;
    const std::vector<exploration::Evaluation> front = frontOf(session, sink);
    if (!context.json) {
        printFront(context.out, front, session.space, objectives, test);
        context.out << '\n'
                    << front.size() << " of " << sink.evaluations.size()
                    << " evaluated designs are on the front; all are in " << path << '\n';
        return;
    }
    const std::vector<double> reference =
        exploration::referencePoint(objectives, sink.reference, session.network->layers,
                                    session.space.accelerators(), session.conversions());
    const double volume = exploration::hypervolume(front, objectives, reference);
    const auto stopped =
        std::count_if(sink.evaluations.begin(), sink.evaluations.end(),
                      [](const auto& evaluation) { return evaluation.measured.stoppedEarly; });
    const json document = {{"evaluations", sink.evaluations.size()},
                           {"stopped_early", stopped},
                           {"front", frontJson(front, session.space, objectives, test)},
                           {"hypervolume", numberJson(volume)},
                           {"reference_point", reference},
                           {"results", path},
                           {"seconds", seconds}};
    context.out << document.dump(2) << '\n';
}

/// Runs the exploration to its end or to an interrupt.
void explore(const study::Session& session, study::Journal& journal,
             exploration::KnownResults known, CommandSink& sink) {
    exploration::Explorer explorer(session.plan(), std::move(known), *session.evaluator, journal,
                                   sink);
    const InterruptGuard guard([&explorer] { explorer.requestStop(); });
    explorer.start();
    explorer.wait();
}

/// The front once more, on the samples that no search has seen.
void measureFront(const study::Session& session, study::Journal& journal, const std::string& path,
                  CommandSink& sink, ProgressLine& line) {
    std::stop_source stop;
    const InterruptGuard guard([&stop] { stop.request_stop(); });
    line.show("measuring the front on the test split");
    const study::TestReport report = study::measureOnTestSplit(
        session, journal, path, frontOf(session, sink), stop.get_token(), [&line](double share) {
            line.show("measuring the front on the test split, " +
                          std::to_string(static_cast<int>(100 * share)) + " %",
                      false);
        });
    sink.outcome = report.outcome;
    sink.error = report.error;
}

void finish(const study::Session& session, const study::Journal& journal, const CommandSink& sink,
            const std::string& path, double seconds, Context& context) {
    if (sink.outcome == JobOutcome::Failed) {
        context.fail(sink.error, kWorkFailed);
        return;
    }
    const Result<study::Journal::TestResults> test = journal.testResults();
    if (test.hasError()) {
        context.fail(test.error(), kWorkFailed);
        return;
    }
    report(session, sink, path, test.value(), seconds, context);
    if (sink.outcome == JobOutcome::Cancelled) {
        context.err << "bitloupe-cli: interrupted: " << path << ": " << sink.evaluations.size()
                    << " evaluations are kept; the same command goes on\n";
        context.status = kInterrupted;
    }
}

void runExplore(const ExploreOptions& options, std::optional<std::uint64_t> seed,
                Context& context) {
    const auto start = std::chrono::steady_clock::now();
    const Result<study::StudyDescription> description = readDescription(options, seed);
    if (description.hasError()) {
        context.fail(description.error());
        return;
    }
    std::unique_ptr<ProgressLine> line;
    Result<study::Session> session = openSession(description.value(), line, context);
    if (session.hasError()) {
        context.fail(session.error());
        return;
    }
    const std::string path = resultsPath(options);
    const Result<std::unique_ptr<study::Journal>> journal = openJournal(path, session.value());
    if (journal.hasError()) {
        line.reset();
        context.fail(journal.error());
        return;
    }
    Result<exploration::KnownResults> known = study::loadResults(session.value(), *journal.value());
    if (known.hasError()) {
        line.reset();
        context.fail(known.error());
        return;
    }
    CommandSink sink(*line, known.value());
    explore(session.value(), *journal.value(), std::move(known).value(), sink);
    if (sink.outcome == JobOutcome::Finished) {
        measureFront(session.value(), *journal.value(), path, sink, *line);
    }
    line.reset();
    for (const std::string& warning : session.value().warnings) {
        context.err << "bitloupe-cli: warning: " << warning << '\n';
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    finish(session.value(), *journal.value(), sink, path, spent.count(), context);
}

}  // namespace

void addExploreCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "explore", "Run a study, or go on with it; its `constraints` and `ties` are kept");
    const auto options = std::make_shared<ExploreOptions>();
    command->add_option("STUDY", options->study, "Study as a YAML file")->required();
    command->add_option("--results", options->results,
                        "File of results (default: beside the study, ending in .bitloupe)");
    command
        ->add_option("--evaluations", options->evaluations,
                     "Evaluations of the whole study, known ones included")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--strategy", options->strategy, "What proposes the next designs")
        ->check(CLI::IsMember(exploration::strategyNames()));
    command->add_option(
        "--target", options->target,
        "With --strategy bisection: the least accuracy wanted, 0 to 1 (the study may "
        "give it as `target` of its strategy, or as a limit on the metric)");
    command->add_option("--early-stopping", options->earlyStopping,
                        "Stop a design as soon as it is certainly worse than one that costs no "
                        "more; with this confidence, for instance 99%, or off");
    addMemoryOption(*command, options->memory);
    command->callback([&app, options, &context] {
        const bool hasSeed = app.get_option("--seed")->count() > 0;
        runExplore(*options, hasSeed ? std::optional(context.seed) : std::nullopt, context);
    });
}

}  // namespace bitloupe::cli
