// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/open_session.h"
#include "app/cli/sensitivity_work.h"
#include "core/base/text.h"
#include "core/data/data_description.h"
#include "core/exploration/pace.h"
#include "core/study/session.h"

namespace bitloupe::cli {

namespace {

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
    if (const auto memory = readMemoryOption(options.memory); memory.hasError()) {
        return memory.error();
    }
    study::StudyDescription study;
    study.name = "sensitivity";
    study.memory = options.memory;
    study.network = options.model.source;
    study.data = std::move(data).value();
    study.weights = options.roundsWeights() ? formats : std::vector<quantization::Quantizer>{};
    study.activations =
        options.roundsActivations() ? formats : std::vector<quantization::Quantizer>{};
    study.accelerators = {hardware::Accelerator{}};
    study.objectives = {exploration::QuantityId::Accuracy};
    return study;
}

/// Measures cell after cell, many at a time: neighbours share the network up to the layer that is
/// rounded. What an interrupt finds finished stays.
class Measuring {
public:
    Measuring(exploration::Evaluator& evaluator, SensitivityWork& work, ProgressLine& line)
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
    SensitivityWork& m_work;
    ProgressLine& m_line;
    std::stop_source m_stop;
    exploration::BatchSizer m_sizer;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

void measureAndReport(const study::Session& session, const SensitivityOptions& options,
                      SensitivityWork work, std::unique_ptr<ProgressLine> line, Context& context) {
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
    Result<SensitivityWork> work = planSensitivity(session.value(), options, formats.value());
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
    addMemoryOption(*command, options->memory);
    command->callback([options, &context] { runSensitivity(*options, context); });
}

}  // namespace bitloupe::cli
