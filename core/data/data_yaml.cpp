// SPDX-License-Identifier: Apache-2.0
#include "core/data/data_yaml.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/text.h"

namespace bitloupe::data {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::array<Role, 4> kRoles = {Role::Calibration, Role::Search, Role::Test,
                                        Role::Training};

std::string readChoice(const yaml::Value& value, const std::vector<std::string>& choices) {
    const std::string text = value.text();
    if (value.isText() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
        value.fail("`" + text + "` is none of the choices", "give " + text::join(choices, ", "));
    }
    return text;
}

DataSource readSource(const yaml::Value& value, const std::string& kind) {
    DataSource source;
    if (kind == "idx") {
        value.allow({"images", "labels"});
    } else {
        value.allow({"table"});
    }
    const std::string main = kind == "idx" ? "images" : "table";
    source.files[main] = value[main].text();
    if (kind == "idx" && value["labels"].exists()) {
        source.files["labels"] = value["labels"].text();
    }
    return source;
}

SplitDescription readSplit(const yaml::Value& value, const DataDescription& description) {
    value.allow({"source", "first", "count"});
    SplitDescription split;
    if (value["source"].exists() || description.sources.size() != 1) {
        split.source = value["source"].text();
    } else {
        split.source = description.sources.begin()->first;
    }
    if (!split.source.empty() && !description.sources.contains(split.source)) {
        value["source"].fail("there is no source `" + split.source + "`", "name one of `sources`");
    }
    if (value["first"].exists()) {
        split.first = value["first"].integer(0, kMost);
    }
    if (value["count"].exists()) {
        split.count = value["count"].integer(1, kMost);
    }
    return split;
}

void readTableKeys(const yaml::Value& value, DataDescription& description) {
    if (value["target"].exists()) {
        description.target = value["target"].text();
    }
    if (value["columns"].exists()) {
        for (const yaml::Value& column : value["columns"].items()) {
            description.columns.push_back(column.text());
        }
    }
    if (value["header"].exists()) {
        description.header = value["header"].boolean();
    }
    if (value["task"].exists()) {
        description.task = readChoice(value["task"], {"classification", "regression"});
    }
}

void readScaling(const yaml::Value& value, DataDescription& description) {
    if (value["scaling"].exists()) {
        description.scaling =
            readChoice(value["scaling"], {"none", "divide", "standardize", "minmax"});
    }
    if (description.scaling == "divide") {
        description.divisor = value["divisor"].number();
        if (description.divisor == 0) {
            value["divisor"].fail("samples cannot be divided by 0", "give for instance 255");
        }
    } else if (value["divisor"].exists()) {
        value["divisor"].fail("a divisor without `scaling: divide`", "remove one or add the other");
    }
}

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

}  // namespace

DataDescription readDataDescription(const yaml::Value& value, const std::string& folder) {
    value.allow({"kind", "name", "sources", "splits", "target", "columns", "header", "task",
                 "shuffle", "scaling", "divisor"});
    DataDescription description;
    description.folder = folder;
    description.kind = readChoice(value["kind"], {"idx", "csv"});
    description.name = value["name"].exists() ? value["name"].text() : "data";
    for (const auto& [name, source] : value["sources"].entries()) {
        description.sources[name] = readSource(source, description.kind);
    }
    value["splits"].allow({"calibration", "search", "test", "training"});
    for (const Role role : kRoles) {
        const yaml::Value split = value["splits"][roleName(role)];
        if (split.exists()) {
            description.splits[role] = readSplit(split, description);
        }
    }
    if (description.splits.empty()) {
        value["splits"].fail("there are no splits", "give calibration, search and test");
    }
    if (description.kind == "csv") {
        readTableKeys(value, description);
    } else {
        for (const char* key : {"target", "columns", "header", "task"}) {
            if (value[key].exists()) {
                value[key].fail("this key is for `kind: csv`", "remove it");
            }
        }
    }
    if (value["shuffle"].exists()) {
        description.shuffle = static_cast<std::uint64_t>(value["shuffle"].integer(0, kMost));
    }
    readScaling(value, description);
    return description;
}

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
    if (!description.target.empty()) {
        add("target", yaml::scalar(description.target));
    }
    if (!description.columns.empty()) {
        add("columns", yaml::flowList(description.columns));
    }
    if (description.header.has_value()) {
        add("header", *description.header ? "true" : "false");
    }
    if (!description.task.empty()) {
        add("task", description.task);
    }
    if (description.shuffle.has_value()) {
        add("shuffle", std::to_string(*description.shuffle));
    }
    add("scaling", description.scaling);
    if (description.scaling == "divide") {
        add("divisor", text::number(description.divisor));
    }
    return text;
}

}  // namespace bitloupe::data
