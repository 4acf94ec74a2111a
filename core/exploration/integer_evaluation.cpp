// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/integer_evaluation.h"

#include <algorithm>
#include <cmath>

#include "core/execution/stored_constants.h"

namespace bitloupe::exploration {

namespace {

using quantization::IntegerNetwork;

std::size_t largest(std::span<const double> row) {
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

/// The one input of the network.
Result<std::span<const float>> inputOf(const data::Samples& samples) {
    if (samples.inputs.size() != 1 ||
        samples.inputs.begin()->second.type() != ElementType::Float32) {
        return Error{"integer arithmetic needs one input of real numbers", "",
                     "choose a network with one input"};
    }
    return samples.inputs.begin()->second.as<float>();
}

void compare(const quantization::IntegerRun& run, double scale, std::span<const float> simulated,
             std::span<const std::int64_t> labels, IntegerEvaluation& result) {
    std::vector<double> integers(run.width);
    std::vector<double> reals(run.width);
    result.samples = static_cast<std::int64_t>(run.outputs.size() / run.width);
    result.correct = labels.empty() ? -1 : 0;
    for (std::size_t first = 0; first < run.outputs.size(); first += run.width) {
        for (std::size_t i = 0; i < run.width; ++i) {
            integers[i] = static_cast<double>(run.outputs[first + i]) * scale;
            reals[i] = static_cast<double>(simulated[first + i]);
            result.largestDifference =
                std::max(result.largestDifference, std::fabs(integers[i] - reals[i]));
            result.simulatedMagnitude = std::max(result.simulatedMagnitude, std::fabs(reals[i]));
        }
        const std::size_t vote = largest(integers);
        result.agreeing += vote == largest(reals) ? 1 : 0;
        if (!labels.empty()) {
            const std::int64_t label = labels[first / run.width];
            result.correct += label == static_cast<std::int64_t>(vote) ? 1 : 0;
        }
    }
}

Result<IntegerEvaluation> runAndCompare(const IntegerNetwork& integers,
                                        PopulationEvaluator& evaluator,
                                        const Assignment& simulatedDesign,
                                        const data::Samples& samples,
                                        const quantization::Accumulator& accumulator, int threads) {
    const Result<std::span<const float>> input = inputOf(samples);
    if (input.hasError()) {
        return input.error();
    }
    const auto count = static_cast<std::size_t>(samples.count());
    if (input.value().size() != count * integers.sampleLength()) {
        return Error{"the samples do not have the size of the network's input", "",
                     "use the samples the network was fitted to"};
    }
    const Result<std::vector<float>> simulated = evaluator.outputs(simulatedDesign);
    if (simulated.hasError()) {
        return simulated.error();
    }
    IntegerEvaluation result;
    result.warnings = integers.overflowWarnings(accumulator);
    quantization::IntegerRun run =
        quantization::runIntegers(integers, input.value(), accumulator, threads);
    if (run.outputs.size() != simulated.value().size()) {
        return Error{"the integer network gives another number of outputs than the simulated one",
                     "", "choose a network with one row of outputs a sample"};
    }
    compare(run, integers.outputScale, simulated.value(), samples.labels, result);
    result.layers = std::move(run.layers);
    return result;
}

}  // namespace

Result<IntegerEvaluation> evaluateIntegers(const network::Network& network,
                                           PopulationEvaluator& evaluator,
                                           const Assignment& assignment,
                                           const data::Samples& samples,
                                           const IntegerSettings& settings, int threads) {
    const Result<ResolvedLayers> layers = evaluator.resolve(assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    const Result<IntegerNetwork> integers = quantization::integerNetwork(
        execution::withStoredConstants(network), layers.value().weights, layers.value().activations,
        settings.requantization);
    return integers.hasError() ? Result<IntegerEvaluation>(integers.error())
                               : runAndCompare(integers.value(), evaluator, assignment, samples,
                                               settings.accumulator, threads);
}

Result<IntegerEvaluation> evaluateByteWeights(const network::Network& network,
                                              PopulationEvaluator& evaluator,
                                              const data::Samples& samples,
                                              const quantization::Accumulator& accumulator,
                                              int threads) {
    const Result<IntegerNetwork> integers = quantization::byteWeightNetwork(network);
    return integers.hasError()
               ? Result<IntegerEvaluation>(integers.error())
               : runAndCompare(integers.value(), evaluator, {}, samples, accumulator, threads);
}

}  // namespace bitloupe::exploration
