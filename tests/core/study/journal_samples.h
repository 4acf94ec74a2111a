// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/study/journal.h"

/// A small design space and evaluations whose every value follows from their number.
namespace bitloupe::testing {

inline std::vector<quantization::Quantizer> quantizers(const std::vector<std::string>& names) {
    std::vector<quantization::Quantizer> quantizers;
    for (const std::string& name : names) {
        quantizers.push_back(quantization::Quantizer::parse(name).value());
    }
    return quantizers;
}

inline exploration::DesignSpace sampleSpace() {
    return exploration::DesignSpace(
        {{.layer = "conv1",
          .weights = quantizers({"int2", "int4@channel/minmax", "posit<8,1>"}),
          .activations = {}},
         {.layer = "fc, last",
          .weights = quantizers({"int8", "int3"}),
          .activations = quantizers({"int8", "int5"})}},
        {{.rows = 8, .columns = 8, .dataflow = hardware::Dataflow::OutputStationary},
         {.rows = 4, .columns = 16, .dataflow = hardware::Dataflow::WeightStationary}});
}

inline study::JournalHeader sampleHeader() {
    return {.studyYaml = "name: s\n",
            .networkHash = "0123456789abcdef",
            .dataHash = "fedcba9876543210",
            .programVersion = "0.1.0"};
}

inline exploration::Evaluation sampleEvaluation(int number) {
    const auto gene = [&](int size) { return static_cast<std::uint16_t>(number % size); };
    return {.id = 0,
            .design = {{gene(3), gene(2), gene(2), static_cast<std::uint16_t>(number / 2 % 2)}},
            .measured = {.metric = 1.0 / (number + 3),
                         .interval = {.low = 0.1, .high = 1.0 / 3},
                         .correct = number,
                         .samples = 10'000,
                         .kl = 1e-300 * number,
                         .outputMse = number + 0.5},
            .costs = {.macs = 1e15 + number,
                      .bops = 3,
                      .weightBits = 17.25,
                      .cycles = 5,
                      .utilization = 0.7,
                      .conversions = static_cast<double>(number % 3)},
            .seconds = 0.25,
            .origin = "random",
            .weights = ""};
}

inline std::vector<exploration::Evaluation> sampleEvaluations(int first, int count) {
    std::vector<exploration::Evaluation> evaluations;
    for (int i = first; i < first + count; ++i) {
        evaluations.push_back(sampleEvaluation(i));
    }
    return evaluations;
}

}  // namespace bitloupe::testing
