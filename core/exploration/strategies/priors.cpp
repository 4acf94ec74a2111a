// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/priors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace bitloupe::exploration {

namespace {

/// (layer, side, quantizer) -> score.
using Scores = std::map<std::tuple<std::size_t, Side, std::string>, double>;

SlotTable tableOf(const DesignSpace& space, const Scores& scores) {
    SlotTable table;
    for (const Slot& slot : space.layerSlots()) {
        std::vector<double> row;
        for (const quantization::Quantizer& quantizer : space.choices(slot)) {
            const auto found = scores.find({slot.layer, slot.side, quantizer.name()});
            const double unknown =
                quantizer.isIdentity() ? 0 : std::numeric_limits<double>::quiet_NaN();
            // Sampling noise can make a measured score negative; rounding never helps.
            row.push_back(found == scores.end() ? unknown : std::max(found->second, 0.0));
        }
        table.push_back(std::move(row));
    }
    return table;
}

/// Scales to a mean of 1; false when a choice is unknown or all are 0.
bool normalize(SlotTable& table) {
    double sum = 0;
    double count = 0;
    for (const std::vector<double>& row : table) {
        for (const double score : row) {
            sum += score;
            count += 1;
        }
    }
    if (!std::isfinite(sum) || sum <= 0) {
        return false;
    }
    for (std::vector<double>& row : table) {
        for (double& score : row) {
            score *= count / sum;
        }
    }
    return true;
}

Scores bitScores(const DesignSpace& space) {
    Scores scores;
    for (const Slot& slot : space.layerSlots()) {
        for (const quantization::Quantizer& quantizer : space.choices(slot)) {
            scores[{slot.layer, slot.side, quantizer.name()}] =
                std::exp2(-2 * quantizer.storedBits());
        }
    }
    return scores;
}

}  // namespace

std::vector<Prior> gatherPriors(const DesignSpace& space, const PriorKnowledge& knowledge) {
    Scores kl;
    Scores outputMse;
    Scores meanSquare;
    Scores noise;
    Scores fisher;
    for (const SensitivityCell& cell : knowledge.sensitivity) {
        const auto key = std::make_tuple(cell.layer, cell.side, cell.quantizer.name());
        kl[key] = cell.measured.kl;
        outputMse[key] = cell.measured.outputMse;
    }
    for (const LayerRoundingError& rounding : knowledge.rounding) {
        const auto key = std::make_tuple(rounding.layer, rounding.side, rounding.quantizer.name());
        meanSquare[key] = rounding.error.meanSquare;
        noise[key] = std::pow(10, -rounding.error.sqnrDb / 10);
        if (rounding.layer < knowledge.fisher.size()) {
            const FisherTrace& trace = knowledge.fisher[rounding.layer];
            fisher[key] = rounding.error.meanSquare *
                          (rounding.side == Side::Weights ? trace.weights : trace.activations);
        }
    }
    std::vector<Prior> priors;
    const std::vector<std::pair<std::string, Scores>> sources = {{"kl", kl},
                                                                 {"output_mse", outputMse},
                                                                 {"fisher", fisher},
                                                                 {"sqnr", noise},
                                                                 {"mse", meanSquare}};
    for (const auto& [name, scores] : sources) {
        Prior prior{.name = name, .scores = tableOf(space, scores)};
        if (normalize(prior.scores)) {
            makeMonotone(prior.scores, space);
            priors.push_back(std::move(prior));
        }
    }
    Prior bits{.name = "bits", .scores = tableOf(space, bitScores(space))};
    if (priors.empty() && normalize(bits.scores)) {
        priors.push_back(std::move(bits));
    }
    return priors;
}

void makeMonotone(SlotTable& scores, const DesignSpace& space) {
    for (std::size_t s = 0; s < scores.size(); ++s) {
        const std::vector<quantization::Quantizer>& choices = space.choices(space.layerSlots()[s]);
        const std::vector<double> original = scores[s];
        for (std::size_t i = 0; i < choices.size(); ++i) {
            for (std::size_t j = 0; j < choices.size(); ++j) {
                const bool comparable = choices[i].format.family() == choices[j].format.family() &&
                                        choices[i].granularity == choices[j].granularity &&
                                        choices[i].groupSize == choices[j].groupSize &&
                                        choices[i].range == choices[j].range &&
                                        choices[i].rounding == choices[j].rounding &&
                                        choices[i].pruning == choices[j].pruning;
                if (comparable &&
                    choices[i].format.bitsPerValue() < choices[j].format.bitsPerValue()) {
                    scores[s][i] = std::max(scores[s][i], original[j]);
                }
            }
        }
    }
}

}  // namespace bitloupe::exploration
