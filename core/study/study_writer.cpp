// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/text.h"
#include "core/base/yaml_document.h"
#include "core/data/data_yaml.h"
#include "core/study/accelerator_yaml.h"
#include "core/study/study_description.h"

namespace bitloupe::study {
namespace {

std::string quantizerList(const std::vector<quantization::Quantizer>& quantizers) {
    std::vector<std::string> names;
    std::transform(quantizers.begin(), quantizers.end(), std::back_inserter(names),
                   [](const quantization::Quantizer& quantizer) { return quantizer.name(); });
    return yaml::flowList(names);
}

std::string layersText(const StudyDescription& study) {
    std::string text;
    for (const auto& [name, layer] : study.layers) {
        if (layer.weights.empty() && layer.activations.empty()) {
            continue;
        }
        text += text.empty() ? "layers:\n" : "";
        text += "  " + yaml::scalar(name) + ":\n";
        text += layer.weights.empty() ? "" : "    weights: " + yaml::flowList(layer.weights) + "\n";
        text += layer.activations.empty()
                    ? ""
                    : "    activations: " + yaml::flowList(layer.activations) + "\n";
    }
    return text;
}

std::string objectiveList(const StudyDescription& study) {
    std::vector<std::string> keys;
    for (const exploration::QuantityId id : study.objectives) {
        keys.push_back(exploration::quantity(id).key);
    }
    return yaml::flowList(keys);
}

std::string conversionsText(const exploration::ConversionPrice& price) {
    return price == exploration::ConversionPrice{}
               ? ""
               : "conversions: {bops: " + text::number(price.bops) +
                     ", cycles: " + text::number(price.cycles) + "}\n";
}

std::string constraintsText(const std::vector<exploration::Constraint>& constraints) {
    std::string text;
    for (const exploration::Constraint& each : constraints) {
        const bool isMetric = exploration::isMetric(each.quantity);
        text += text.empty() ? "constraints:\n" : "";
        text += std::string("  - {") + (isMetric ? "metric" : "cost") + ": " +
                exploration::quantity(each.quantity).key;
        text += each.atLeast.has_value() ? ", at_least: " + text::number(*each.atLeast) : "";
        text += each.atMost.has_value() ? ", at_most: " + text::number(*each.atMost) : "";
        text += "}\n";
    }
    return text;
}

std::string tiesText(const std::vector<exploration::TieGroup>& ties) {
    std::string text;
    for (const exploration::TieGroup& tie : ties) {
        text += text.empty() ? "ties:\n" : "";
        const std::string layers = yaml::flowList(tie.layers);
        text += tie.weights && tie.activations
                    ? "  - " + layers + "\n"
                    : "  - {layers: " + layers +
                          ", side: " + (tie.weights ? "weights" : "activations") + "}\n";
    }
    return text;
}

}  // namespace

std::string writeStudy(const StudyDescription& study) {
    std::string text = "name: " + yaml::scalar(study.name) + "\n";
    text += study.note.empty() ? "" : "note: " + yaml::scalar(study.note) + "\n";
    text += "network:\n  model: " + yaml::scalar(study.network.model) + "\n";
    text += study.network.weightsFile.empty()
                ? ""
                : "  weights: " + yaml::scalar(study.network.weightsFile) + "\n";
    text += "data:\n" + data::writeDataDescription(study.data, 2);
    if (!study.preparations.empty()) {
        std::vector<std::string> names;
        std::transform(study.preparations.begin(), study.preparations.end(),
                       std::back_inserter(names),
                       [](const quantization::Preparation& each) { return each.name(); });
        text += "prepare: " + yaml::flowList(names) + "\n";
    }
    text += "weights: " + quantizerList(study.weights) + "\n";
    text += "activations: " + quantizerList(study.activations) + "\n";
    text += study.globalPruning > 0
                ? "global_pruning: " + yaml::scalar(text::number(study.globalPruning) + "%") + "\n"
                : "";
    text += layersText(study);
    text += writeAccelerators(study.accelerators);
    text += "objectives: " + objectiveList(study) + "\n";
    text += conversionsText(study.conversionPrice);
    text += constraintsText(study.strategy.rules.constraints);
    text += tiesText(study.strategy.rules.ties);
    text += "strategy:\n  name: " + yaml::scalar(study.strategy.name) +
            "\n  seed: " + std::to_string(study.strategy.seed) + "\n";
    text += study.strategy.target.has_value()
                ? "  target: " + text::number(*study.strategy.target) + "\n"
                : "";
    text += std::string("sensitivity: ") + (study.sensitivity ? "true" : "false") + "\n";
    text += study.leaveOneInFloat ? "leave_one_in_float: true\n" : "";
    text += study.channelLayers.empty()
                ? ""
                : "channel_sensitivity:\n  layers: " + yaml::flowList(study.channelLayers) +
                      "\n  group: " + std::to_string(study.channelGroup) + "\n";
    text += "evaluations: " + std::to_string(study.evaluations) + "\n";
    text += study.earlyStopping.has_value()
                ? "early_stopping: " + text::number(*study.earlyStopping) + "\n"
                : "";
    text += study.memory.empty() ? "" : "memory: " + yaml::scalar(study.memory) + "\n";
    text += writeTraining("training", study.training, {});
    return text + writeTraining("fine_tuning", study.fineTuning, fineTuningDefaults());
}

}  // namespace bitloupe::study
