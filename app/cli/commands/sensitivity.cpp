// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <iomanip>
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_options.h"
#include "app/cli/open_session.h"
#include "app/cli/result_document.h"
#include "core/base/text.h"
#include "core/data/data_description.h"
#include "core/study/session.h"

namespace bitloupe::cli {

namespace {

using nlohmann::json;

struct SensitivityOptions {
    ModelOptions model;
    std::string data;
    std::string formats;
    std::string on = "both";

    [[nodiscard]] bool roundsWeights() const { return on != "activations"; }
    [[nodiscard]] bool roundsActivations() const { return on != "weights"; }
};

/// Splits at commas outside of angle brackets: `posit<8,1>,int4` are two formats.
std::vector<std::string> splitFormats(const std::string& list) {
    std::vector<std::string> names(1);
    int depth = 0;
    for (const char character : list) {
        depth += character == '<' ? 1 : (character == '>' ? -1 : 0);
        if (character == ',' && depth == 0) {
            names.emplace_back();
        } else {
            names.back() += character;
        }
    }
    return names;
}

Result<std::vector<quantization::Quantizer>> parseFormats(const std::string& list) {
    std::vector<quantization::Quantizer> quantizers;
    for (const std::string& name : splitFormats(list)) {
        Result<quantization::Quantizer> quantizer =
            quantization::Quantizer::parse(text::trim(name));
        if (quantizer.hasError()) {
            return quantizer.error().within("--formats");
        }
        quantizers.push_back(std::move(quantizer).value());
    }
    return quantizers;
}

/// The study that a model and data on the command line amount to.
Result<study::StudyDescription> describe(const SensitivityOptions& options,
                                         const std::vector<quantization::Quantizer>& formats) {
    Result<data::DataDescription> data = data::describeData(options.data);
    if (data.hasError()) {
        return data.error();
    }
    study::StudyDescription study;
    study.name = "sensitivity";
    study.network = options.model.source;
    study.data = std::move(data).value();
    study.weights = options.roundsWeights() ? formats : std::vector<quantization::Quantizer>{};
    study.activations =
        options.roundsActivations() ? formats : std::vector<quantization::Quantizer>{};
    study.accelerators = {hardware::Accelerator{}};
    study.objectives = {exploration::QuantityId::Accuracy};
    return study;
}

/// One row a layer, one column a format.
struct Map {
    std::vector<std::string> layers;
    std::vector<std::string> formats;
    std::vector<exploration::Measurement> cells;
    std::vector<double> sqnrDb;

    [[nodiscard]] json rows(const std::function<json(std::size_t)>& cell) const {
        json matrix = json::array();
        for (std::size_t row = 0; row < layers.size(); ++row) {
            json line = json::array();
            for (std::size_t column = 0; column < formats.size(); ++column) {
                line.push_back(cell(row * formats.size() + column));
            }
            matrix.push_back(line);
        }
        return matrix;
    }
};

std::vector<exploration::Assignment> population(
    const study::Session& session, const SensitivityOptions& options,
    const std::vector<quantization::Quantizer>& formats) {
    const std::vector<network::Layer>& layers = session.network->layers;
    std::vector<exploration::Assignment> assignments;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        for (const quantization::Quantizer& format : formats) {
            exploration::Assignment assignment(layers.size());
            if (options.roundsWeights() && !layers[layer].weight.empty()) {
                assignment[layer].weights = format;
            }
            if (options.roundsActivations() && !layers[layer].input.empty()) {
                assignment[layer].activations = format;
            }
            assignments.push_back(std::move(assignment));
        }
    }
    return assignments;
}

/// Weights decide where both sides are rounded: a tensor has one ratio.
double sqnrOf(exploration::Evaluator& evaluator, const SensitivityOptions& options,
              std::size_t layer, const quantization::Quantizer& format) {
    const exploration::Side side =
        options.roundsWeights() ? exploration::Side::Weights : exploration::Side::Activations;
    return evaluator.roundingError(layer, side, format).sqnrDb;
}

/// All cells as one population: they share the float network up to the layer that is rounded.
exploration::Evaluator::Answer measure(exploration::Evaluator& evaluator,
                                       const std::vector<exploration::Assignment>& cells,
                                       ProgressLine& line) {
    std::stop_source stop;
    const InterruptGuard guard([&stop] { stop.request_stop(); });
    const auto start = std::chrono::steady_clock::now();
    return evaluator.evaluate(cells, stop.get_token(), [&](double share) {
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const double done = share * static_cast<double>(cells.size());
        line.show({.phase = exploration::Phase::Sensitivity,
                   .done = static_cast<std::int64_t>(done),
                   .total = static_cast<std::int64_t>(cells.size()),
                   .perSecond = done / std::max(seconds, 1e-9),
                   .secondsLeft = share > 0 ? seconds * (1 - share) / share : -1});
    });
}

json documentOf(const Map& map, bool hasLabels) {
    const auto number = [](double value) { return numberJson(value); };
    json document = {
        {"layers", map.layers},
        {"formats", map.formats},
        {"metric", map.rows([&](std::size_t i) { return number(map.cells[i].metric); })},
        {"kl", map.rows([&](std::size_t i) { return number(map.cells[i].kl); })},
        {"sqnr_db", map.rows([&](std::size_t i) { return number(map.sqnrDb[i]); })},
        {"samples", map.cells.empty() ? 0 : map.cells.front().samples}};
    if (hasLabels) {
        document["correct"] = map.rows([&](std::size_t i) { return json(map.cells[i].correct); });
    }
    return document;
}

void print(const Map& map, std::ostream& out) {
    constexpr int kColumn = 18;
    std::size_t width = 5;
    for (const std::string& layer : map.layers) {
        width = std::max(width, layer.size());
    }
    const int nameColumn = static_cast<int>(width) + 2;
    out << "accuracy (KL divergence) with each layer alone rounded\n\n"
        << std::left << std::setw(nameColumn) << "layer" << std::right;
    for (const std::string& format : map.formats) {
        out << std::setw(kColumn) << format;
    }
    for (std::size_t row = 0; row < map.layers.size(); ++row) {
        out << '\n' << std::left << std::setw(nameColumn) << map.layers[row] << std::right;
        for (std::size_t column = 0; column < map.formats.size(); ++column) {
            const exploration::Measurement& cell = map.cells[row * map.formats.size() + column];
            out << std::setw(kColumn)
                << valueText(exploration::QuantityId::Accuracy, cell.metric) + " (" +
                       valueText(exploration::QuantityId::Kl, cell.kl) + ")";
        }
    }
    out << '\n';
}

void measureAndReport(const study::Session& session, const SensitivityOptions& options,
                      const std::vector<quantization::Quantizer>& formats,
                      std::unique_ptr<ProgressLine> line, Context& context) {
    exploration::Evaluator::Answer answer =
        measure(*session.evaluator, population(session, options, formats), *line);
    line.reset();
    if (answer.outcome != JobOutcome::Finished) {
        const bool wasCancelled = answer.outcome == JobOutcome::Cancelled;
        context.fail(wasCancelled ? Error{"interrupted", "", "nothing was kept"} : answer.error,
                     wasCancelled ? kInterrupted : kWorkFailed);
        return;
    }
    Map map;
    map.cells = std::move(answer.measurements);
    for (const quantization::Quantizer& format : formats) {
        map.formats.push_back(format.name());
    }
    for (std::size_t layer = 0; layer < session.network->layers.size(); ++layer) {
        map.layers.push_back(session.network->layers[layer].name);
        for (const quantization::Quantizer& format : formats) {
            map.sqnrDb.push_back(sqnrOf(*session.evaluator, options, layer, format));
        }
    }
    if (context.json) {
        const bool hasLabels = session.data->task == data::Task::Classification;
        context.out << documentOf(map, hasLabels).dump(2) << '\n';
    } else {
        print(map, context.out);
    }
}

void runSensitivity(const SensitivityOptions& options, Context& context) {
    const auto formats = parseFormats(options.formats);
    if (formats.hasError()) {
        context.fail(formats.error());
        return;
    }
    const Result<study::StudyDescription> description = describe(options, formats.value());
    if (description.hasError()) {
        context.fail(description.error());
        return;
    }
    std::unique_ptr<ProgressLine> line;
    const Result<study::Session> session = openSession(description.value(), line, context);
    if (session.hasError()) {
        context.fail(session.error());
        return;
    }
    measureAndReport(session.value(), options, formats.value(), std::move(line), context);
}

}  // namespace

void addSensitivityCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("sensitivity",
                                       "What each layer alone in each format does to the network");
    const auto options = std::make_shared<SensitivityOptions>();
    addModelOptions(*command, options->model);
    command->add_option("--data", options->data, "Data set: a YAML description, a file or a folder")
        ->required();
    command->add_option("--formats", options->formats, "Formats, for instance int2,int4,posit<8,1>")
        ->required();
    command->add_option("--on", options->on, "What is rounded (both: weights and activations)")
        ->check(CLI::IsMember({"weights", "activations", "both"}))
        ->capture_default_str();
    command->callback([options, &context] { runSensitivity(*options, context); });
}

}  // namespace bitloupe::cli
