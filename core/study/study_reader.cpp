// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/data_yaml.h"
#include "core/exploration/memory_budget.h"
#include "core/study/accelerator_yaml.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kArchitecture = "architecture:";

void readNetwork(const yaml::Value& value, StudyDescription& study) {
    if (value.isText()) {
        study.network.model = value.text();
        return;
    }
    value.allow({"model", "weights"});
    study.network.model = value["model"].text();
    if (value["weights"].exists()) {
        study.network.weightsFile = value["weights"].text();
    }
}

/// Files found by data::describeData() under its own folder, written from the study's folder.
void rebase(data::DataDescription& data, const std::string& folder) {
    for (auto& [name, source] : data.sources) {
        for (auto& [part, file] : source.files) {
            const fs::path path = (fs::path(data.folder) / file).lexically_normal();
            const fs::path relative = path.lexically_relative(fs::path(folder).lexically_normal());
            file = (relative.empty() ? path : relative).string();
        }
    }
    data.folder = folder;
}

void readData(const yaml::Value& value, StudyDescription& study) {
    if (!value.isText()) {
        study.data = data::readDataDescription(value, study.folder);
        return;
    }
    const std::string path = (fs::path(study.folder) / value.text()).string();
    Result<data::DataDescription> data = data::describeData(path);
    if (data.hasError()) {
        const Error& error = data.error();
        value.fail(error.what + " (" + error.where + ")", error.remedy);
        return;
    }
    study.data = std::move(data).value();
    rebase(study.data, study.folder);
}

std::optional<quantization::Quantizer> readQuantizer(const yaml::Value& value) {
    const std::string text = value.text();
    if (!value.isText()) {
        return std::nullopt;
    }
    Result<quantization::Quantizer> quantizer = quantization::Quantizer::parse(text);
    if (quantizer.hasError()) {
        value.fail(quantizer.error());
        return std::nullopt;
    }
    return std::move(quantizer).value();
}

std::vector<quantization::Quantizer> readQuantizers(const yaml::Value& value) {
    std::vector<quantization::Quantizer> quantizers;
    for (const yaml::Value& item : value.items()) {
        std::optional<quantization::Quantizer> quantizer = readQuantizer(item);
        if (!quantizer.has_value()) {
            continue;
        }
        if (std::find(quantizers.begin(), quantizers.end(), *quantizer) != quantizers.end()) {
            item.fail("`" + quantizer->name() + "` is given twice", "keep one of them");
        }
        quantizers.push_back(std::move(*quantizer));
    }
    return quantizers;
}

void readPreparations(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    for (const yaml::Value& item : value.items()) {
        const Result<quantization::Preparation> read =
            quantization::Preparation::parse(item.text());
        if (read.hasError()) {
            item.fail(read.error());
        } else {
            study.preparations.push_back(read.value());
        }
    }
}

/// `50%`
void readGlobalPruning(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    const Result<quantization::Pruning> read = quantization::Pruning::parse(value.text());
    if (read.hasError() || read.value().pattern != quantization::Pruning::Pattern::Elements) {
        value.fail("`" + value.text() + "` is not a share of all weights",
                   "write for instance 50%");
    } else {
        study.globalPruning = read.value().percent;
    }
}

std::vector<std::string> readOverride(const yaml::Value& value) {
    std::vector<std::string> names;
    if (!value.exists()) {
        return names;
    }
    const std::vector<yaml::Value> items = value.items();
    for (const yaml::Value& item : items) {
        const std::string name = item.text();
        if (name != "float") {
            const std::optional<quantization::Quantizer> quantizer = readQuantizer(item);
            names.push_back(quantizer.has_value() ? quantizer->name() : name);
        } else if (items.size() > 1) {
            item.fail("`float` cannot stand beside formats", "write it alone, or use `fp32`");
        } else {
            names.push_back(name);
        }
    }
    if (items.empty()) {
        value.fail("the list is empty", "name formats, or `float`");
    }
    return names;
}

void readLayers(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    for (const auto& [name, layer] : value.entries()) {
        layer.allow({"weights", "activations"});
        study.layers[name] = {.weights = readOverride(layer["weights"]),
                              .activations = readOverride(layer["activations"])};
    }
}

std::optional<exploration::QuantityId> readQuantity(const yaml::Value& value) {
    const std::string key = value.text();
    const std::optional<exploration::QuantityId> id = exploration::findQuantity(key);
    if (!id.has_value()) {
        std::vector<std::string> keys;
        for (const exploration::Quantity& quantity : exploration::allQuantities()) {
            keys.push_back(quantity.key);
        }
        const std::string near = text::nearest(key, keys);
        value.fail("unknown objective `" + key + "`", near.empty()
                                                          ? "give " + text::join(keys, ", ")
                                                          : "did you mean `" + near + "`?");
    }
    return id;
}

void readObjectives(const yaml::Value& value, StudyDescription& study) {
    for (const yaml::Value& item : value.items()) {
        const std::optional<exploration::QuantityId> id = readQuantity(item);
        if (!id.has_value()) {
            continue;
        }
        if (std::find(study.objectives.begin(), study.objectives.end(), *id) !=
            study.objectives.end()) {
            item.fail("`" + item.text() + "` is given twice", "keep one of them");
        } else {
            study.objectives.push_back(*id);
        }
    }
    if (study.objectives.empty()) {
        value.fail("there are no objectives", "give for instance [accuracy, bops]");
    }
}

/// `{cost: bops, at_most: 2e6}`, `{metric: accuracy, at_least: 0.95}`
void readConstraints(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    for (const yaml::Value& item : value.items()) {
        item.allow({"cost", "metric", "at_least", "at_most"});
        if (item["cost"].exists() == item["metric"].exists()) {
            item.fail("a limit is on one `cost` or on one `metric`",
                      "write for instance {cost: bops, at_most: 2000000}");
            continue;
        }
        const auto id = readQuantity(item["cost"].exists() ? item["cost"] : item["metric"]);
        exploration::Constraint constraint;
        if (item["at_least"].exists()) {
            constraint.atLeast = item["at_least"].number();
        }
        if (item["at_most"].exists()) {
            constraint.atMost = item["at_most"].number();
        }
        if (!constraint.atLeast.has_value() && !constraint.atMost.has_value()) {
            item.fail("the limit has no end", "give `at_most`, `at_least` or both");
        } else if (id.has_value()) {
            constraint.quantity = *id;
            study.strategy.rules.constraints.push_back(constraint);
        }
    }
}

/// `{bops: 44, cycles: 0.5}`
void readConversions(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    value.allow({"bops", "cycles"});
    const auto read = [&value](const char* key, double& price) {
        if (!value[key].exists()) {
            return;
        }
        price = value[key].number();
        if (price < 0) {
            value[key].fail("a conversion cannot cost less than nothing", "give 0 or more");
        }
    };
    read("bops", study.conversionPrice.bops);
    read("cycles", study.conversionPrice.cycles);
}

/// `[q, k, v]`, or `{layers: [q, k, v], side: activations}`
void readTies(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    for (const yaml::Value& item : value.items()) {
        exploration::TieGroup tie;
        const bool hasKeys = item.isMap();
        if (hasKeys) {
            item.allow({"layers", "side"});
        }
        const std::vector<yaml::Value> layers = hasKeys ? item["layers"].items() : item.items();
        for (const yaml::Value& layer : layers) {
            tie.layers.push_back(layer.text());
        }
        if (layers.size() < 2) {
            item.fail("a tie is between two layers or more", "name them, or take it out");
        }
        if (hasKeys && item["side"].exists()) {
            const std::string side = item["side"].text();
            tie.weights = side == "weights";
            tie.activations = side == "activations";
            if (!tie.weights && !tie.activations) {
                item["side"].fail("`" + side + "` is no side of a layer",
                                  "give weights or activations, or leave it out for both");
            }
        }
        study.strategy.rules.ties.push_back(std::move(tie));
    }
}

void readStrategy(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    value.allow({"name", "seed", "target"});
    const std::vector<std::string> names = exploration::strategyNames();
    if (value["name"].exists()) {
        study.strategy.name = value["name"].text();
        if (std::find(names.begin(), names.end(), study.strategy.name) == names.end()) {
            value["name"].fail("there is no strategy `" + study.strategy.name + "`",
                               "give " + text::join(names, ", "));
        }
    }
    if (value["seed"].exists()) {
        study.strategy.seed = static_cast<std::uint64_t>(value["seed"].integer(0));
    }
    if (value["target"].exists()) {
        study.strategy.target = value["target"].number();
        if (study.strategy.name != "bisection") {
            value["target"].fail("only bisection searches for a target",
                                 "name bisection, or give constraints");
        }
    }
}

/// `[conv1, fc2]` or `{layers: [conv1, fc2], group: 4}`
void readChannelSensitivity(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    const bool isMap = value.isMap();
    if (isMap) {
        value.allow({"layers", "group"});
        if (value["group"].exists()) {
            study.channelGroup = value["group"].integer(1, std::int64_t{1} << 30U);
        }
    }
    for (const yaml::Value& item : (isMap ? value["layers"] : value).items()) {
        study.channelLayers.push_back(item.text());
    }
}

/// `99%`, or `off`
void readEarlyStopping(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists() || value.text() == "off") {
        return;
    }
    const Result<double> confidence = parseConfidence(value.text());
    if (confidence.hasError()) {
        value.fail(confidence.error());
        return;
    }
    study.earlyStopping = confidence.value();
}

void readMemory(const yaml::Value& value, StudyDescription& study) {
    if (!value.exists()) {
        return;
    }
    study.memory = value.text();
    if (const auto read = exploration::parseMemoryBudget(study.memory); read.hasError()) {
        value.fail(read.error());
    }
}

void readKeys(const yaml::Value& root, StudyDescription& study) {
    root.allow({"name",
                "note",
                "network",
                "data",
                "prepare",
                "weights",
                "activations",
                "global_pruning",
                "layers",
                "accelerator",
                "accelerators",
                "objectives",
                "conversions",
                "constraints",
                "ties",
                "strategy",
                "sensitivity",
                "leave_one_in_float",
                "channel_sensitivity",
                "evaluations",
                "early_stopping",
                "memory",
                "training",
                "fine_tuning"});
    study.name = root["name"].text();
    study.note = root["note"].exists() ? root["note"].text() : "";
    readNetwork(root["network"], study);
    readPreparations(root["prepare"], study);
    study.weights = readQuantizers(root["weights"]);
    readGlobalPruning(root["global_pruning"], study);
    study.activations = readQuantizers(root["activations"]);
    for (const quantization::Quantizer& quantizer : study.activations) {
        if (quantizer.hasWeightMethods()) {
            root["activations"].fail("`" + quantizer.name() + "` has a part that is for weights",
                                     "write `" + quantizer.withoutWeightMethods().name() + "`");
        }
    }
    readLayers(root["layers"], study);
    study.accelerators = readAccelerators(root);
    readObjectives(root["objectives"], study);
    readConversions(root["conversions"], study);
    readConstraints(root["constraints"], study);
    readTies(root["ties"], study);
    readStrategy(root["strategy"], study);
    if (root["sensitivity"].exists()) {
        study.sensitivity = root["sensitivity"].boolean();
    }
    if (root["leave_one_in_float"].exists()) {
        study.leaveOneInFloat = root["leave_one_in_float"].boolean();
    }
    readChannelSensitivity(root["channel_sensitivity"], study);
    readEarlyStopping(root["early_stopping"], study);
    readMemory(root["memory"], study);
    if (root["evaluations"].exists()) {
        study.evaluations = root["evaluations"].integer(0, std::int64_t{1} << 40U);
    }
    readTraining(root["training"], study.training);
    readTraining(root["fine_tuning"], study.fineTuning);
    readData(root["data"], study);
}

}  // namespace

Result<double> parseConfidence(const std::string& text) {
    const bool isPercent = text.ends_with("%");
    const std::optional<double> number =
        text::parseNumber(isPercent ? text.substr(0, text.size() - 1) : text);
    const double confidence = number.value_or(0) / (isPercent ? 100 : 1);
    if (!(confidence >= 0.5 && confidence < 1)) {
        return Error{"`" + text + "` is not a confidence from 50% to less than 100%", "",
                     "write for instance 99%, or off"};
    }
    return confidence;
}

Result<StudyDescription> parseStudy(const std::string& yaml, const std::string& path) {
    Result<yaml::Document> document = yaml::Document::parse(yaml, path);
    if (document.hasError()) {
        return document.error();
    }
    StudyDescription study;
    study.folder = fs::absolute(path).parent_path().string();
    readKeys(document.value().root(), study);
    const Result<void> result = document.value().result();
    return result.hasError() ? Result<StudyDescription>(result.error())
                             : Result<StudyDescription>(std::move(study));
}

Result<StudyDescription> readStudy(const std::string& path) {
    constexpr std::uint64_t kMaximumBytes = std::uint64_t{4} << 20U;
    const Result<std::string> text = readFile(path, kMaximumBytes);
    return text.hasError() ? text.error() : parseStudy(text.value(), path);
}

importers::NetworkSource networkOf(const StudyDescription& study) {
    importers::NetworkSource source = study.network;
    const fs::path folder(study.folder);
    if (!source.model.starts_with(kArchitecture)) {
        source.model = (folder / source.model).string();
    }
    if (!source.weightsFile.empty()) {
        source.weightsFile = (folder / source.weightsFile).string();
    }
    return source;
}

}  // namespace bitloupe::study
