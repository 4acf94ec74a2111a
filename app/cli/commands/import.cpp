// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/import_design.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "core/base/file.h"
#include "core/execution/executor.h"
#include "core/exporters/design_file.h"
#include "core/study/imported_designs.h"
#include "core/study/study_of_results.h"

namespace bitloupe::cli {

namespace {

struct ImportOptions {
    std::string file;
    ModelOptions model;
    std::string results;
    std::string output;
};

/// What became of the file.
struct Outcome {
    exporters::ImportedDesign design;
    std::vector<std::string> layers;
    std::string text;                                 ///< the design file
    std::optional<exploration::Evaluation> measured;  ///< kept in the results
};

std::string designText(const network::Network& network, const exploration::Assignment& assignment,
                       const hardware::Accelerator& accelerator) {
    exporters::DesignFile file;
    file.network = network.source;
    file.networkHash = network.hash;
    file.accelerator = accelerator;
    for (const network::Layer& layer : network.layers) {
        file.layers.push_back(layer.name);
    }
    file.assignment = assignment;
    return exporters::writeDesignFile(file);
}

Result<Outcome> importFor(const std::string& file, const network::Network& network,
                          const hardware::Accelerator& accelerator) {
    Result<exporters::ImportedDesign> design = exporters::importDesign(file, network);
    if (design.hasError()) {
        return design.error();
    }
    Outcome outcome{std::move(design).value(), {}, {}, {}};
    for (const network::Layer& layer : network.layers) {
        outcome.layers.push_back(layer.name);
    }
    outcome.text = designText(network, outcome.design.assignment, accelerator);
    return outcome;
}

/// The space of this one design.
exploration::DesignSpace spaceOf(const exploration::DesignSpace& space,
                                 const exploration::Assignment& assignment) {
    std::vector<exploration::LayerChoices> layers;
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        exploration::LayerChoices& layer = layers.emplace_back();
        layer.layer = space.layers()[i].layer;
        if (assignment[i].weights) {
            layer.weights.push_back(*assignment[i].weights);
        }
        if (assignment[i].activations) {
            layer.activations.push_back(*assignment[i].activations);
        }
    }
    return {std::move(layers), space.accelerators()};
}

/// Measures the design as the study measures its own, and keeps it among its results.
Result<Outcome> importIntoResults(const ImportOptions& options, int threads) {
    auto reading = study::Journal::openReadOnly(options.results);
    if (reading.hasError()) {
        return reading.error();
    }
    const auto header = reading.value()->header();
    const auto description = study::studyOfResults(*reading.value(), options.results);
    for (const Error* error : {header.hasError() ? &header.error() : nullptr,
                               description.hasError() ? &description.error() : nullptr}) {
        if (error != nullptr) {
            return *error;
        }
    }
    reading.value().reset();
    const auto session = study::openSession(description.value(), threads);
    if (session.hasError()) {
        return session.error();
    }
    const hardware::Accelerator accelerator = session.value().space.accelerators().front();
    Result<Outcome> outcome = importFor(options.file, *session.value().network, accelerator);
    if (outcome.hasError()) {
        return outcome;
    }
    exploration::Assignment& assignment = outcome.value().design.assignment;
    const exploration::DesignSpace space =
        study::widened(session.value().space, spaceOf(session.value().space, assignment)).all;
    for (std::size_t i = 0; i < assignment.size(); ++i) {  // as the space spells float
        const auto fp32 = quantization::Quantizer::parse("fp32").value();
        if (!assignment[i].weights && !space.layers()[i].weights.empty()) {
            assignment[i].weights = fp32;
        }
        if (!assignment[i].activations && !space.layers()[i].activations.empty()) {
            assignment[i].activations = fp32;
        }
    }
    const auto design = space.find(assignment, accelerator);
    if (!design) {
        return Error{"the design does not fit the study's layers", options.results,
                     "import it with --model and evaluate it by itself"};
    }
    auto answer = session.value().evaluator->evaluate({&assignment, 1}, {}, {});
    if (answer.outcome != JobOutcome::Finished) {
        return answer.error;
    }
    auto journal = study::Journal::open(options.results, header.value());
    if (journal.hasError()) {
        return journal.error();
    }
    if (const auto known = journal.value()->load(space); known.hasError()) {
        return known.error();
    }
    std::vector<exploration::Evaluation> evaluations(1);
    evaluations[0].design = *design;
    evaluations[0].measured = answer.measurements.front();
    evaluations[0].costs = exploration::computeCosts(session.value().network->layers, assignment,
                                                     accelerator, session.value().conversions());
    evaluations[0].origin = study::kImportOrigin;
    const Result<void> kept = journal.value()->append(evaluations);
    if (kept.hasError()) {
        return kept.error();
    }
    outcome.value().measured = evaluations[0];
    return outcome;
}

Result<Outcome> importForModel(const ImportOptions& options) {
    const auto graph = importers::importNetwork(options.model.source);
    if (graph.hasError()) {
        return graph.error();
    }
    const auto shapes = options.model.inputShapes();
    if (shapes.hasError()) {
        return shapes.error();
    }
    const auto network =
        execution::makeNetwork(graph.value(), options.model.source.model, shapes.value());
    return network.hasError() ? Result<Outcome>(network.error())
                              : importFor(options.file, network.value(), {});
}

void report(Context& context, const ImportOptions& options, const Outcome& outcome) {
    if (context.json) {
        nlohmann::ordered_json layers = nlohmann::json::array();
        for (std::size_t i = 0; i < outcome.layers.size(); ++i) {
            const quantization::LayerScheme& scheme = outcome.design.assignment[i];
            layers.push_back(
                {{"name", outcome.layers[i]},
                 {"weights", scheme.weights ? scheme.weights->name() : "float"},
                 {"activations", scheme.activations ? scheme.activations->name() : "float"}});
        }
        nlohmann::ordered_json document = {{"layers", layers}, {"notes", outcome.design.notes}};
        if (outcome.measured) {
            document["id"] = outcome.measured->id;
            document["value"] = outcome.measured->measured.metric;
        }
        context.out << document.dump(2) << '\n';
        return;
    }
    if (options.output.empty() && options.results.empty()) {
        context.out << outcome.text;
    }
    for (const std::string& note : outcome.design.notes) {
        context.err << "note: " << note << '\n';
    }
    if (outcome.measured) {
        context.out << "kept as design " << outcome.measured->id << " of " << options.results
                    << ": metric " << outcome.measured->measured.metric << '\n';
    }
}

void run(Context& context, const ImportOptions& options) {
    if (options.results.empty() == options.model.source.model.empty()) {
        return context.fail({"it is not clear which network the file belongs to", "import",
                             "give either --model or --results"});
    }
    const Result<Outcome> outcome = options.results.empty()
                                        ? importForModel(options)
                                        : importIntoResults(options, context.threads);
    if (outcome.hasError()) {
        return context.fail(outcome.error());
    }
    if (!options.output.empty()) {
        const Result<void> written = writeFileAtomically(options.output, outcome.value().text);
        if (written.hasError()) {
            return context.fail(written.error(), kWorkFailed);
        }
    }
    report(context, options, outcome.value());
}

}  // namespace

void addImportCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("import", "Open an already quantized file as a design");
    const auto options = std::make_shared<ImportOptions>();
    command
        ->add_option("FILE", options->file,
                     "Quantized ONNX, QONNX, or AIMET encodings (0.6.1, 1.0.0, 2.0.0)")
        ->required();
    command->add_option("--model", options->model.source.model, "The float network it came from");
    command->add_option("--weights-file", options->model.source.weightsFile,
                        "Weights of an architecture");
    addInputShapeOption(*command, options->model);
    command->add_option("--results", options->results,
                        "Results of a study: measure the design and keep it beside the others");
    command->add_option("--output", options->output, "Design file (YAML) to write");
    command->callback([options, &context] { run(context, *options); });
}

}  // namespace bitloupe::cli
