// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exploration/population_evaluator.h"
#include "core/quantization/integer/build_integer_network.h"
#include "core/quantization/integer/run_integers.h"

namespace bitloupe::exploration {

/// How a design is run in integers.
struct IntegerSettings {
    quantization::Accumulator accumulator;
    quantization::Multiplier::Kind requantization = quantization::Multiplier::Kind::Gemmlowp;
};

/// What running in integers showed beside the simulation in rounded floats.
struct IntegerEvaluation {
    std::int64_t samples = 0;
    std::int64_t correct = 0;       ///< largest output is the label; -1 without labels
    std::int64_t agreeing = 0;      ///< largest output is the simulated design's
    double largestDifference = 0;   ///< of any output to the simulated design's
    double simulatedMagnitude = 0;  ///< largest output of the simulated design, by magnitude
    std::vector<quantization::AccumulatorReport> layers;
    std::vector<std::string> warnings;  ///< accumulators whose worst case does not fit
};

/// Runs a design of integer formats in integer arithmetic only, over `samples`, those the evaluator
/// measures on. Errors: quantization::integerNetwork's, a network with several inputs.
[[nodiscard]] Result<IntegerEvaluation> evaluateIntegers(
    const network::Network& network, PopulationEvaluator& evaluator, const Assignment& assignment,
    const data::Samples& samples, const IntegerSettings& settings, int threads);

/// The float network with 8-bit weights alone (quantization::byteWeightNetwork), compared with the
/// float network.
[[nodiscard]] Result<IntegerEvaluation> evaluateByteWeights(
    const network::Network& network, PopulationEvaluator& evaluator, const data::Samples& samples,
    const quantization::Accumulator& accumulator, int threads);

}  // namespace bitloupe::exploration
