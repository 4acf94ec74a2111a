// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "core/base/text.h"
#include "core/data/data_yaml.h"

namespace bitloupe::data {
namespace {

std::string splitText(const SplitDescription& split) {
    std::string text = "{source: " + yaml::scalar(split.source);
    text += split.first == 0 ? "" : ", first: " + std::to_string(split.first);
    text += split.count.has_value() ? ", count: " + std::to_string(*split.count) : "";
    return text + "}";
}

std::string sourceText(const DataSource& source) {
    std::vector<std::string> parts;
    for (const auto& [part, file] : source.files) {
        parts.push_back(part + ": " + yaml::scalar(file));
    }
    return "{" + text::join(parts, ", ") + "}";
}

/// `[1, 2]`, or the number itself when there is one.
std::string numbersText(const std::vector<double>& numbers) {
    std::vector<std::string> texts;
    for (const double number : numbers) {
        texts.push_back(text::number(number));
    }
    return texts.size() == 1 ? texts.front() : "[" + text::join(texts, ", ") + "]";
}

std::string sizeText(const std::array<std::int64_t, 2>& size) {
    return size[1] == 0 ? std::to_string(size[0])
                        : "[" + std::to_string(size[0]) + ", " + std::to_string(size[1]) + "]";
}

using Add = std::function<void(const std::string& key, const std::string& value)>;

void writeKindKeys(const DataDescription& description, const Add& add) {
    const auto addText = [&](const char* key, const std::string& text) {
        if (!text.empty()) {
            add(key, yaml::scalar(text));
        }
    };
    const auto addList = [&](const char* key, const std::vector<std::string>& texts) {
        if (!texts.empty()) {
            add(key, yaml::flowList(texts));
        }
    };
    addText("target", description.target);
    std::vector<std::string> inputs;
    for (const auto& [name, array] : description.inputs) {
        inputs.push_back(yaml::scalar(name) + ": " + yaml::scalar(array));
    }
    if (!inputs.empty()) {
        add("inputs", "{" + text::join(inputs, ", ") + "}");
    }
    addList("columns", description.columns);
    addList("one_hot", description.oneHot);
    if (description.header.has_value()) {
        add("header", *description.header ? "true" : "false");
    }
    addText("missing", description.missing);
    addText("task", description.task);
    if (description.images.resize.has_value()) {
        add("resize", sizeText(*description.images.resize));
    }
    if (description.images.crop.has_value()) {
        add("crop", sizeText(*description.images.crop));
    }
    if (description.images.channels.has_value()) {
        add("channels", std::to_string(*description.images.channels));
    }
    if (description.kind == "text") {
        add("tokens", description.text.tokens);
        add("window", std::to_string(description.text.window));
        if (description.text.stride > 0) {
            add("stride", std::to_string(description.text.stride));
        }
    }
}

}  // namespace

std::string writeDataDescription(const DataDescription& description, std::size_t indent) {
    const std::string start(indent, ' ');
    std::string text = start + "kind: " + description.kind + "\n" + start +
                       "name: " + yaml::scalar(description.name) + "\n" + start + "sources:\n";
    for (const auto& [name, source] : description.sources) {
        text += start + "  " + yaml::scalar(name) + ": " + sourceText(source) + "\n";
    }
    text += start + "splits:\n";
    for (const auto& [role, split] : description.splits) {
        text += start + "  " + std::string(roleName(role)) + ": " + splitText(split) + "\n";
    }
    const auto add = [&](const std::string& key, const std::string& value) {
        text += start + key + ": " + value + "\n";
    };
    writeKindKeys(description, add);
    if (description.metric.has_value()) {
        add("metric", std::string(metricKey(*description.metric)));
    }
    if (description.shuffle.has_value()) {
        add("shuffle", std::to_string(*description.shuffle));
    }
    add("scaling", description.scaling);
    if (description.scaling == "divide") {
        add("divisor", text::number(description.divisor));
    }
    if (!description.mean.empty()) {
        add("mean", numbersText(description.mean));
    }
    if (!description.deviation.empty()) {
        add("std", numbersText(description.deviation));
    }
    return text;
}

}  // namespace bitloupe::data
