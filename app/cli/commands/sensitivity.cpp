// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_options.h"
#include "app/cli/open_session.h"
#include "app/cli/sensitivity_map.h"
#include "core/base/text.h"
#include "core/data/data_description.h"
#include "core/exploration/pace.h"
#include "core/study/session.h"

namespace bitloupe::cli {

namespace {

struct SensitivityOptions {
    ModelOptions model;
    std::string data;
    std::string formats;
    std::string on = "both";
    std::string channelLayer;  ///< empty: the map of layers
    std::int64_t channelGroup = 1;
    bool leaveOneInFloat = false;
    bool csv = false;

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

/// What is measured: the map's rows and columns, and how each cell is asked for.
struct Work {
    SensitivityMap map;
    std::vector<exploration::Assignment> assignments;  ///< a cell each, or of channels none
    std::vector<exploration::ChannelProbe> probes;     ///< a cell each, or none
};

/// Both sides of one layer as far as --on and the layer have them.
void roundLayer(const network::Layer& layer, const SensitivityOptions& options,
                const quantization::Quantizer& format, quantization::LayerScheme& scheme) {
    if (options.roundsWeights() && !layer.weight.empty()) {
        scheme.weights = format;
    }
    if (options.roundsActivations() && !layer.input.empty()) {
        scheme.activations = format.withoutWeightMethods();
    }
}

/// Weights decide where both sides are rounded: a tensor has one ratio.
double sqnrOf(exploration::Evaluator& evaluator, const SensitivityOptions& options,
              std::size_t layer, const quantization::Quantizer& format) {
    const exploration::Side side =
        options.roundsWeights() ? exploration::Side::Weights : exploration::Side::Activations;
    return evaluator.roundingError(layer, side, format).sqnrDb;
}

void addLayersAlone(const study::Session& session, const SensitivityOptions& options,
                    const std::vector<quantization::Quantizer>& formats, Work& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        work.map.rows.push_back({.name = layers[layer].name});
        for (const quantization::Quantizer& format : formats) {
            exploration::Assignment assignment(layers.size());
            roundLayer(layers[layer], options, format, assignment[layer]);
            work.assignments.push_back(std::move(assignment));
            work.map.sqnrDb.push_back(sqnrOf(*session.evaluator, options, layer, format));
        }
    }
}

/// The first row leaves none in float.
void addLeaveOneInFloat(const study::Session& session, const SensitivityOptions& options,
                        const std::vector<quantization::Quantizer>& formats, Work& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    work.map.kind = SensitivityMap::Kind::LeaveOneInFloat;
    for (std::size_t row = 0; row <= layers.size(); ++row) {
        work.map.rows.push_back({.name = row == 0 ? "(none)" : layers[row - 1].name});
        for (const quantization::Quantizer& format : formats) {
            exploration::Assignment assignment(layers.size());
            for (std::size_t layer = 0; layer < layers.size(); ++layer) {
                if (layer + 1 != row) {
                    roundLayer(layers[layer], options, format, assignment[layer]);
                }
            }
            work.assignments.push_back(std::move(assignment));
            work.map.sqnrDb.push_back(std::numeric_limits<double>::quiet_NaN());
        }
    }
}

Result<void> addChannels(const study::Session& session, const SensitivityOptions& options,
                         const std::vector<quantization::Quantizer>& formats, Work& work) {
    const std::vector<network::Layer>& layers = session.network->layers;
    std::vector<std::string> names;
    for (const network::Layer& layer : layers) {
        names.push_back(layer.name);
    }
    const auto found = std::find(names.begin(), names.end(), options.channelLayer);
    if (found == names.end()) {
        return Error{"the network has no such layer", "--channels " + options.channelLayer,
                     "give " + text::join(names, ", ")};
    }
    const auto layer = static_cast<std::size_t>(found - names.begin());
    const exploration::Side side =
        options.on == "activations" ? exploration::Side::Activations : exploration::Side::Weights;
    const std::vector<exploration::ChannelGroup> groups =
        exploration::channelGroups(layers, layer, side, options.channelGroup);
    if (groups.empty()) {
        return Error{"the layer has nothing to round there", "--channels " + options.channelLayer,
                     "choose another layer, or --on weights or activations"};
    }
    work.map.kind = SensitivityMap::Kind::Channels;
    work.map.layer = options.channelLayer;
    for (const exploration::ChannelGroup& group : groups) {
        const std::string last = std::to_string(group.first + group.count - 1);
        work.map.rows.push_back(
            {.name = std::to_string(group.first) + (group.count > 1 ? "-" + last : ""),
             .firstChannel = group.first,
             .channels = group.count});
        for (const quantization::Quantizer& format : formats) {
            work.probes.push_back({.channels = group,
                                   .quantizer = side == exploration::Side::Weights
                                                    ? format
                                                    : format.withoutWeightMethods()});
        }
    }
    for (const exploration::RoundingError& error :
         session.evaluator->channelRoundingErrors(work.probes)) {
        work.map.sqnrDb.push_back(error.sqnrDb);
    }
    return {};
}

Result<Work> plan(const study::Session& session, const SensitivityOptions& options,
                  const std::vector<quantization::Quantizer>& formats) {
    Work work;
    work.map.metric = exploration::quantityOf(session.evaluator->metric());
    work.map.on = options.on;
    for (const quantization::Quantizer& format : formats) {
        work.map.formats.push_back(format.name());
    }
    if (!options.channelLayer.empty()) {
        const Result<void> added = addChannels(session, options, formats, work);
        return added.hasError() ? Result<Work>(added.error()) : Result<Work>(std::move(work));
    }
    (options.leaveOneInFloat ? addLeaveOneInFloat : addLayersAlone)(session, options, formats,
                                                                    work);
    return work;
}

/// Measures cell after cell, many at a time: neighbours share the network up to the layer that is
/// rounded. What an interrupt finds finished stays.
class Measuring {
public:
    Measuring(exploration::Evaluator& evaluator, Work& work, ProgressLine& line)
        : m_evaluator(evaluator), m_work(work), m_line(line) {}

    exploration::Evaluator::Answer run() {
        const InterruptGuard guard([this] { m_stop.request_stop(); });
        const std::vector<exploration::Assignment> floatNetwork(1);
        exploration::Evaluator::Answer answer =
            m_evaluator.evaluate(floatNetwork, m_stop.get_token(), {});
        if (answer.outcome != JobOutcome::Finished) {
            return answer;
        }
        m_work.map.reference = answer.measurements.front();
        std::vector<std::optional<exploration::Measurement>>& cells = m_work.map.cells;
        cells.resize(total());
        for (std::size_t first = 0; first < total();) {
            const std::size_t count = std::min(m_sizer.size(), total() - first);
            const double start = seconds();
            answer = measure(first, count);
            if (answer.outcome != JobOutcome::Finished) {
                return answer;
            }
            m_sizer.learn(count, seconds() - start);
            std::move(answer.measurements.begin(), answer.measurements.end(),
                      cells.begin() + static_cast<std::ptrdiff_t>(first));
            first += count;
        }
        return answer;
    }

private:
    [[nodiscard]] std::size_t total() const {
        return m_work.probes.size() + m_work.assignments.size();
    }
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    }
    exploration::Evaluator::Answer measure(std::size_t first, std::size_t count) {
        const auto progressed = [&](double share) {
            const double done = static_cast<double>(first) + share * static_cast<double>(count);
            const double rate = done / std::max(seconds(), 1e-9);
            m_line.show(
                {.phase = exploration::Phase::Sensitivity,
                 .done = static_cast<std::int64_t>(done),
                 .total = static_cast<std::int64_t>(total()),
                 .perSecond = rate,
                 .secondsLeft = done > 0 ? (static_cast<double>(total()) - done) / rate : -1});
        };
        const std::stop_token stop = m_stop.get_token();
        return m_work.probes.empty()
                   ? m_evaluator.evaluate(std::span(m_work.assignments).subspan(first, count), stop,
                                          progressed)
                   : m_evaluator.evaluateChannels(std::span(m_work.probes).subspan(first, count),
                                                  stop, progressed);
    }

    exploration::Evaluator& m_evaluator;
    Work& m_work;
    ProgressLine& m_line;
    std::stop_source m_stop;
    exploration::BatchSizer m_sizer;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

void measureAndReport(const study::Session& session, const SensitivityOptions& options, Work work,
                      std::unique_ptr<ProgressLine> line, Context& context) {
    const exploration::Evaluator::Answer answer = Measuring(*session.evaluator, work, *line).run();
    line.reset();
    if (answer.outcome == JobOutcome::Failed) {
        context.fail(answer.error, kWorkFailed);
        return;
    }
    const auto done =
        static_cast<std::size_t>(std::count_if(work.map.cells.begin(), work.map.cells.end(),
                                               [](const auto& cell) { return cell.has_value(); }));
    if (answer.outcome == JobOutcome::Cancelled) {
        context.fail({"interrupted", "",
                      done == 0 ? "nothing was measured"
                                : "the " + std::to_string(done) + " cells that were measured of " +
                                      std::to_string(work.map.cells.size()) + " are printed"},
                     kInterrupted);
    }
    if (work.map.cells.empty() || (answer.outcome == JobOutcome::Cancelled && done == 0)) {
        return;
    }
    if (context.json) {
        const bool hasLabels = session.data->task == data::Task::Classification;
        context.out << sensitivityJson(work.map, hasLabels).dump(2) << '\n';
    } else if (options.csv) {
        printSensitivityCsv(work.map, context.out);
    } else {
        printSensitivity(work.map, context.out);
    }
}

/// --on both says nothing of channels: those of the weights and those of the inputs are different.
void chooseSide(SensitivityOptions& options) {
    if (!options.channelLayer.empty() && options.on == "both") {
        options.on = "weights";
    }
}

void runSensitivity(SensitivityOptions options, Context& context) {
    chooseSide(options);
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
    Result<Work> work = plan(session.value(), options, formats.value());
    if (work.hasError()) {
        line.reset();
        context.fail(work.error());
        return;
    }
    measureAndReport(session.value(), options, std::move(work).value(), std::move(line), context);
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
    auto* channels = command->add_option(
        "--channels", options->channelLayer,
        "Instead of layers: the channels of this layer, each one alone (--on weights: output "
        "channels of its weights; --on activations: channels of its input)");
    command
        ->add_option("--channel-group", options->channelGroup, "Channels that are rounded together")
        ->needs(channels)
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_flag("--leave-one-in-float", options->leaveOneInFloat,
                   "The reverse map: every layer rounded, and each one alone left in float")
        ->excludes(channels);
    command->add_flag("--csv", options->csv,
                      "Comma-separated values, a line a cell, instead of a table");
    command->callback([options, &context] { runSensitivity(*options, context); });
}

}  // namespace bitloupe::cli
