// SPDX-License-Identifier: Apache-2.0
#include "app/cli/result_document.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "core/exploration/front.h"
#include "core/study/study_of_results.h"

namespace bitloupe::cli {

using exploration::Evaluation;
using exploration::QuantityId;
using nlohmann::json;

Result<Results> loadResults(const std::string& path) {
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(path);
    if (journal.hasError()) {
        return journal.error();
    }
    Result<study::StudyDescription> study = study::studyOfResults(*journal.value(), path);
    if (study.hasError()) {
        return study.error();
    }
    Result<exploration::DesignSpace> space = journal.value()->spaceOfDesigns();
    if (space.hasError()) {
        return space.error();
    }
    Result<exploration::KnownResults> known = journal.value()->load(space.value());
    if (known.hasError()) {
        return known.error();
    }
    Result<study::Journal::TestResults> test = journal.value()->testResults();
    if (test.hasError()) {
        return test.error();
    }
    return Results{.study = std::move(study).value(),
                   .space = std::move(space).value(),
                   .known = std::move(known).value(),
                   .test = std::move(test).value()};
}

std::vector<Evaluation> Results::front() const {
    return exploration::orderedFront(known.evaluations, study.objectives,
                                     study.strategy.rules.constraints);
}

json numberJson(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}

std::string formatName(const std::optional<quantization::Quantizer>& quantizer) {
    return quantizer.has_value() && !quantizer->isIdentity() ? quantizer->name() : "float";
}

double prunedShare(const quantization::LayerScheme& scheme) {
    return scheme.weights ? 1 - scheme.weights->pruning.density() : 0;
}

json layersJson(const Evaluation& evaluation, const exploration::DesignSpace& space) {
    const exploration::Assignment assignment = space.assignment(evaluation.design);
    json layers = json::array();
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        layers.push_back({{"name", space.layers()[i].layer},
                          {"weights", formatName(assignment[i].weights)},
                          {"activations", formatName(assignment[i].activations)},
                          {"sparsity", prunedShare(assignment[i])}});
    }
    return layers;
}

json acceleratorJson(const hardware::Accelerator& accelerator) {
    return {{"rows", accelerator.rows},
            {"columns", accelerator.columns},
            {"dataflow", hardware::dataflowName(accelerator.dataflow)}};
}

json evaluationJson(const Evaluation& evaluation, const exploration::DesignSpace& space,
                    const std::vector<QuantityId>& objectives) {
    json values = json::object();
    for (const QuantityId id : objectives) {
        values[exploration::quantity(id).key] = numberJson(evaluation.value(id));
    }
    const exploration::Interval& interval = evaluation.measured.interval;
    return {{"id", evaluation.id},
            {"objectives", values},
            {"interval",
             {{exploration::quantity(exploration::metricAmong(objectives)).key,
               json::array({numberJson(interval.low), numberJson(interval.high)})}}},
            {"design",
             {{"layers", layersJson(evaluation, space)},
              {"accelerator", acceleratorJson(space.accelerator(evaluation.design))}}},
            {"samples", evaluation.measured.samples},
            {"stopped_early", evaluation.measured.stoppedEarly},
            {"origin", evaluation.origin}};
}

json frontJson(const std::vector<Evaluation>& front, const exploration::DesignSpace& space,
               const std::vector<QuantityId>& objectives, const study::Journal::TestResults& test) {
    json list = json::array();
    for (const Evaluation& evaluation : front) {
        json document = evaluationJson(evaluation, space, objectives);
        if (const auto found = test.find(evaluation.id); found != test.end()) {
            const exploration::Measurement& measured = found->second;
            document["test"] = {{exploration::quantity(exploration::metricAmong(objectives)).key,
                                 numberJson(measured.metric)},
                                {"interval", json::array({numberJson(measured.interval.low),
                                                          numberJson(measured.interval.high)})},
                                {"samples", measured.samples}};
        }
        list.push_back(std::move(document));
    }
    return list;
}

std::string valueText(QuantityId id, double value) {
    std::ostringstream text;
    if (exploration::isShare(id)) {
        text << std::fixed << std::setprecision(2) << 100 * value << " %";
    } else if (exploration::isMetric(id) || id == QuantityId::Kl || id == QuantityId::OutputMse) {
        text << std::setprecision(4) << value;
    } else {
        text << std::fixed << std::setprecision(0) << value;
    }
    return text.str();
}

namespace {

/// "97.10 % (96.75-97.41)"
std::string testText(QuantityId metric, const exploration::Measurement& measured) {
    std::string low = valueText(metric, measured.interval.low);
    std::string high = valueText(metric, measured.interval.high);
    for (std::string* const text : {&low, &high}) {
        *text = text->substr(0, text->find(' '));
    }
    return valueText(metric, measured.metric) + " (" + low + "-" + high + ")";
}

}  // namespace

void printFront(std::ostream& out, const std::vector<Evaluation>& front,
                const exploration::DesignSpace& space, const std::vector<QuantityId>& objectives,
                const study::Journal::TestResults& test) {
    constexpr int kColumn = 16;
    constexpr int kTestColumn = 30;
    const QuantityId metric = exploration::metricAmong(objectives);
    out << std::right << std::setw(6) << "id";
    for (const QuantityId id : objectives) {
        out << std::setw(kColumn) << exploration::quantity(id).label;
    }
    if (!test.empty()) {
        out << std::setw(kTestColumn) << "on the test split (95 %)";
    }
    out << "  array      weights/activations of each layer\n";
    for (const Evaluation& evaluation : front) {
        out << std::setw(6) << evaluation.id;
        for (const QuantityId id : objectives) {
            out << std::setw(kColumn) << valueText(id, evaluation.value(id));
        }
        if (!test.empty()) {
            const auto found = test.find(evaluation.id);
            out << std::setw(kTestColumn)
                << (found == test.end() ? std::string("-") : testText(metric, found->second));
        }
        out << "  " << std::left << std::setw(10) << space.accelerator(evaluation.design).name();
        for (const quantization::LayerScheme& scheme : space.assignment(evaluation.design)) {
            out << ' ' << formatName(scheme.weights) << '/' << formatName(scheme.activations);
        }
        out << std::right << '\n';
    }
}

std::string csvField(const std::string& field) {
    if (field.find_first_of(",\"\n") == std::string::npos) {
        return field;
    }
    std::string quoted = "\"";
    for (const char character : field) {
        quoted += character == '"' ? std::string("\"\"") : std::string(1, character);
    }
    return quoted + "\"";
}

}  // namespace bitloupe::cli
