// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "core/base/text.h"
#include "core/exporters/design_file.h"
#include "core/exporters/exporter.h"
#include "core/quantization/integer/build_integer_network.h"
#include "core/study/session.h"
#include "core/study/study_of_results.h"

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

/// A design with the session that measured it: the design points into the session's network.
struct LoadedDesign {
    std::unique_ptr<study::Session> session;
    exporters::ResolvedDesign design;
};

Result<LoadedDesign> resolve(study::Session session, const exploration::Assignment& assignment,
                             const hardware::Accelerator& accelerator) {
    LoadedDesign loaded{std::make_unique<study::Session>(std::move(session)), {}};
    Result<exporters::ResolvedDesign> design = exporters::resolveDesign(
        *loaded.session->network, *loaded.session->evaluator, assignment, accelerator);
    if (design.hasError()) {
        return design.error();
    }
    loaded.design = std::move(design).value();
    return loaded;
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
    const auto known = journal.value()->load(session.value().space);
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
    return resolve(std::move(session).value(), assignment, accelerator);
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
    return resolve(std::move(session).value(), assignment.value(), design.value().accelerator);
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

void report(Context& context, const exporters::ExportKind& kind, const ExportOptions& options) {
    std::error_code code;
    const auto size = std::filesystem::file_size(options.output, code);
    if (context.json) {
        nlohmann::ordered_json document = {{"kind", kind.key}, {"output", options.output}};
        if (!code) {
            document["bytes"] = size;
        }
        context.out << document.dump(2) << '\n';
        return;
    }
    context.out << "written: " << options.output;
    if (!code) {
        context.out << " (" << size << " bytes)";
    }
    context.out << "\nread by: " << kind.consumer << '\n';
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
    report(context, kind.value(), options);
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
    command->callback([&context, options] { run(context, *options); });
}

}  // namespace bitloupe::cli
