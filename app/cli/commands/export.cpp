// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "core/base/text.h"
#include "core/exporters/agreement.h"
#include "core/exporters/design_file.h"
#include "core/exporters/export_size.h"
#include "core/exporters/exporter.h"
#include "core/quantization/integer/build_integer_network.h"
#include "core/study/imported_designs.h"
#include "core/study/session.h"
#include "core/study/study_of_results.h"
#include "core/study/tuned_design.h"

namespace bitloupe::cli {

namespace {

struct ExportOptions {
    std::string results;
    std::int64_t id = 0;
    std::string model;
    std::string weightsFile;
    std::string data;
    std::string design;
    std::string kind;
    std::string output;
    std::int64_t check = 1000;
};

std::vector<std::string> kindKeys() {
    std::vector<std::string> keys;
    for (const exporters::ExportKind& kind : exporters::exportKinds()) {
        keys.push_back(kind.key);
    }
    return keys;
}

Result<exporters::ExportKind> findKind(const std::string& key) {
    for (const exporters::ExportKind& kind : exporters::exportKinds()) {
        if (kind.key == key) {
            return kind;
        }
    }
    return Error{"there is no export kind " + key, "--to",
                 "use one of " + text::join(kindKeys(), ", ")};
}

/// A design with the session it belongs to and the network that it points to.
struct LoadedDesign {
    std::unique_ptr<study::Session> session;
    std::shared_ptr<const network::Network> network;
    exporters::ResolvedDesign design;
};

Result<LoadedDesign> resolve(study::Session session, const exploration::Assignment& assignment,
                             const hardware::Accelerator& accelerator,
                             const std::string& weightsFile) {
    const Result<exploration::TunedDesign> design =
        study::designOf(session, assignment, weightsFile);
    if (design.hasError()) {
        return design.error();
    }
    return LoadedDesign{std::make_unique<study::Session>(std::move(session)),
                        design.value().network,
                        exporters::resolveDesign(design.value(), assignment, accelerator)};
}

Result<LoadedDesign> loadFromResults(const ExportOptions& options, int threads) {
    auto journal = study::Journal::openReadOnly(options.results);
    if (journal.hasError()) {
        return journal.error();
    }
    const auto description = study::studyOfResults(*journal.value(), options.results);
    if (description.hasError()) {
        return description.error();
    }
    auto session = study::openSession(description.value(), threads);
    if (session.hasError()) {
        return session.error();
    }
    const auto known = study::loadResults(session.value(), *journal.value());
    if (known.hasError()) {
        return known.error();
    }
    const auto& all = known.value().evaluations;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& evaluation) {
        return evaluation.id == options.id;
    });
    if (found == all.end()) {
        return Error{"there is no design " + std::to_string(options.id), options.results,
                     "bitloupe-cli front lists the designs of the front with their numbers"};
    }
    const auto assignment = session.value().space.assignment(found->design);
    const auto accelerator = session.value().space.accelerator(found->design);
    return resolve(std::move(session).value(), assignment, accelerator,
                   study::weightsFileOf(options.results, *found));
}

/// A design file alone: the data set is only needed for the ranges of its activations.
Result<LoadedDesign> loadFromDesign(const ExportOptions& options, int threads) {
    const auto design = exporters::readDesignFile(options.design);
    if (design.hasError()) {
        return design.error();
    }
    const auto data = data::describeData(options.data);
    if (data.hasError()) {
        return data.error();
    }
    study::StudyDescription description;
    description.name = std::filesystem::path(options.design).stem();
    description.network = {options.model, options.weightsFile};
    description.data = data.value();
    description.accelerators = {design.value().accelerator};
    auto session = study::openSession(description, threads);
    if (session.hasError()) {
        return session.error();
    }
    const auto assignment = exporters::assignmentFor(design.value(), *session.value().network);
    if (assignment.hasError()) {
        return assignment.error().within(options.design);
    }
    return resolve(std::move(session).value(), assignment.value(), design.value().accelerator, "");
}

Result<LoadedDesign> load(const ExportOptions& options, int threads) {
    if (!options.results.empty() && options.id > 0) {
        return loadFromResults(options, threads);
    }
    if (!options.model.empty() && !options.design.empty() && !options.data.empty()) {
        return loadFromDesign(options, threads);
    }
    return Error{"no design is named", "export",
                 "give RESULTS and ID, or --model, --data and --design"};
}

/// What came of an export: sizes, and whether the file computes what was simulated.
struct Outcome {
    std::uint64_t bytes = 0;
    std::uint64_t floatBytes = 0;
    std::optional<exporters::Agreement> agreement;
};

std::string nextCommand(const exporters::ExportKind& kind, const std::string& path) {
    std::string command = kind.command;
    for (auto at = command.find("PATH"); at != std::string::npos;
         at = command.find("PATH", at + path.size())) {
        command.replace(at, 4, path);
    }
    return command;
}

void report(Context& context, const exporters::ExportKind& kind, const ExportOptions& options,
            const Outcome& outcome) {
    const auto& agreement = outcome.agreement;
    if (context.json) {
        nlohmann::ordered_json document = {{"kind", kind.key},
                                           {"output", options.output},
                                           {"bytes", outcome.bytes},
                                           {"float_bytes", outcome.floatBytes}};
        if (agreement) {
            document["agreement"] = {{"samples", agreement->samples},
                                     {"agreeing", agreement->agreeing},
                                     {"largest_difference", agreement->largestDifference},
                                     {"reader", agreement->reader}};
        }
        document["next"] = nextCommand(kind, options.output);
        context.out << document.dump(2) << '\n';
        return;
    }
    context.out << "written: " << options.output << " (" << outcome.bytes
                << " bytes; the float network's tensors take " << outcome.floatBytes << ")\n";
    if (agreement) {
        context.out << "agreement: " << agreement->agreeing << " of " << agreement->samples
                    << " predictions are those of the simulation, read back by "
                    << agreement->reader << "; largest difference of an output "
                    << agreement->largestDifference << '\n';
    }
    context.out << "next: " << nextCommand(kind, options.output) << '\n';
}

/// The samples to compare on: the test split where there is one, else the one searched on.
data::Samples samplesFor(const study::Session& session, std::int64_t limit) {
    const auto& splits = session.data->splits;
    const auto test = splits.find(data::Role::Test);
    const data::Samples& all = test == splits.end() ? splits.at(data::Role::Search) : test->second;
    return all.slice(0, std::min(limit, all.count()));
}

/// A design of integers whose sums can leave 32 bits is told of; others have no such sums.
void warnOfOverflow(Context& context, const exporters::ResolvedDesign& design) {
    const auto integers =
        quantization::integerNetwork(*design.network, design.weights, design.activations,
                                     quantization::Multiplier::Kind::Gemmlowp);
    if (integers.hasValue()) {
        for (const std::string& warning : integers.value().overflowWarnings({})) {
            context.err << "warning: " << warning << '\n';
        }
    }
}

void run(Context& context, const ExportOptions& options) {
    const auto kind = findKind(options.kind);
    if (kind.hasError()) {
        return context.fail(kind.error());
    }
    const auto loaded = load(options, context.threads);
    if (loaded.hasError()) {
        return context.fail(loaded.error());
    }
    warnOfOverflow(context, loaded.value().design);
    const auto written =
        exporters::exportDesign(kind.value(), loaded.value().design, options.output);
    if (written.hasError()) {
        return context.fail(written.error(), kWorkFailed);
    }
    Outcome outcome;
    outcome.bytes = exporters::sizeOnDisk(options.output);
    outcome.floatBytes = exporters::floatBytes(*loaded.value().session->network);
    if (options.check > 0 && exporters::canCheckAgreement(kind.value())) {
        const auto agreement =
            exporters::checkAgreement(kind.value(), options.output, loaded.value().design,
                                      samplesFor(*loaded.value().session, options.check));
        if (agreement.hasError()) {
            return context.fail(agreement.error(), kWorkFailed);
        }
        outcome.agreement = agreement.value();
    }
    report(context, kind.value(), options, outcome);
}

}  // namespace

void addExportCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("export", "Hand a chosen design to the next tool");
    auto options = std::make_shared<ExportOptions>();
    command->add_option("results", options->results, "Results of a study");
    command->add_option("id", options->id, "Number of the design");
    command->add_option("--to", options->kind, "One of " + text::join(kindKeys(), ", "))
        ->required();
    command->add_option("--output", options->output, "File (or folder) to write")->required();
    command->add_option("--model", options->model, "Network, with --design instead of RESULTS ID");
    command->add_option("--weights-file", options->weightsFile, "Weights of an architecture");
    command->add_option("--data", options->data,
                        "Data set whose calibration split sets the ranges");
    command->add_option("--design", options->design, "Design file (YAML)");
    command
        ->add_option("--check", options->check,
                     "Samples on which the file is compared with the simulation; 0: none")
        ->check(CLI::NonNegativeNumber);
    command->callback([&context, options] { run(context, *options); });
}

}  // namespace bitloupe::cli
