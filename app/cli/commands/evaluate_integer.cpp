// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands/evaluate_integer.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace bitloupe::cli {

using exploration::IntegerEvaluation;
using quantization::AccumulatorReport;

void addIntegerOptions(CLI::App& command, IntegerOptions& options) {
    auto* integer = command.add_flag(
        "--integer", options.wanted,
        "Also run the design in integers alone, and compare it with the simulated one");
    command
        .add_option("--accumulator", options.accumulator,
                    "Bits of the accumulators, and what they do beyond: 24,wrap or 24,saturate")
        ->needs(integer)
        ->capture_default_str();
    command
        .add_option(
            "--requantization", options.requantization,
            "gemmlowp: 31-bit multipliers, rounded; shift15: the best m / 2^s with s to 15, "
            "floored; byte-weights: 8-bit weights alone, activations in units of 1/256")
        ->needs(integer)
        ->check(CLI::IsMember({"gemmlowp", "shift15", "byte-weights"}))
        ->capture_default_str();
}

Result<IntegerEvaluation> runIntegers(const IntegerOptions& options,
                                      const network::Network& network,
                                      exploration::PopulationEvaluator& evaluator,
                                      const exploration::Assignment& assignment,
                                      const data::Samples& samples, int threads) {
    exploration::IntegerSettings settings;
    const Result<quantization::Accumulator> accumulator =
        quantization::Accumulator::parse(options.accumulator);
    if (accumulator.hasError()) {
        return accumulator.error().within("--accumulator");
    }
    settings.accumulator = accumulator.value();
    if (options.requantization == "byte-weights") {
        return exploration::evaluateByteWeights(network, evaluator, samples, settings.accumulator,
                                                threads);
    }
    if (options.requantization == "shift15") {
        settings.requantization = quantization::Multiplier::Kind::FloorShift;
    }
    return exploration::evaluateIntegers(network, evaluator, assignment, samples, settings,
                                         threads);
}

nlohmann::ordered_json integerJson(const IntegerEvaluation& evaluation) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const AccumulatorReport& report : evaluation.layers) {
        layers.push_back({{"name", report.layer},
                          {"worst_bits", report.worst.bits()},
                          {"worst", {report.worst.least, report.worst.most}},
                          {"observed_bits", report.observed.bits()},
                          {"observed", {report.observed.least, report.observed.most}},
                          {"sums", report.sums},
                          {"overflows", report.overflows},
                          {"saturated_inputs", report.saturated}});
    }
    nlohmann::ordered_json document = {{"samples", evaluation.samples}};
    if (evaluation.correct >= 0) {
        document["correct"] = evaluation.correct;
    }
    document["agreeing"] = evaluation.agreeing;
    document["largest_difference"] = evaluation.largestDifference;
    document["layers"] = layers;
    document["warnings"] = evaluation.warnings;
    return document;
}

void printIntegers(const IntegerEvaluation& evaluation, std::ostream& out) {
    out << "\nin integers alone         ";
    if (evaluation.correct >= 0) {
        out << evaluation.correct << " correct, ";
    }
    out << evaluation.agreeing << " of " << evaluation.samples
        << " answers as simulated, outputs at most " << evaluation.largestDifference
        << " apart (largest " << evaluation.simulatedMagnitude << ")\n";
    std::size_t width = 5;
    for (const AccumulatorReport& report : evaluation.layers) {
        width = std::max(width, report.layer.size());
    }
    const int name = static_cast<int>(width) + 2;
    constexpr int kColumn = 14;
    out << std::left << std::setw(name) << "layer" << std::right << std::setw(kColumn)
        << "worst bits" << std::setw(kColumn) << "seen bits" << std::setw(kColumn) << "least sum"
        << std::setw(kColumn) << "largest sum" << std::setw(kColumn) << "overflows"
        << std::setw(kColumn + 4) << "clamped inputs" << '\n';
    for (const AccumulatorReport& report : evaluation.layers) {
        out << std::left << std::setw(name) << report.layer << std::right << std::setw(kColumn)
            << report.worst.bits() << std::setw(kColumn) << report.observed.bits()
            << std::setw(kColumn) << report.observed.least << std::setw(kColumn)
            << report.observed.most << std::setw(kColumn) << report.overflows
            << std::setw(kColumn + 4) << report.saturated << '\n';
    }
}

}  // namespace bitloupe::cli
