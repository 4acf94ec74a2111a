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

/// The parts of a source by kind; the first must be there.
const std::map<std::string, std::vector<std::string>>& partsOfKinds() {
    static const std::map<std::string, std::vector<std::string>> kParts = {
        {"idx", {"images", "labels"}},
        {"csv", {"table"}},
        {"cifar", {"images"}},
        {"arrays", {}},
        {"hdf5", {"file"}},
        {"images", {"folder", "file", "labels", "masks"}},
        {"text", {"text", "encoder", "merges"}},
    };
    return kParts;
}

/// The keys that only some kinds of data have.
struct KindKey {
    const char* key;
    std::vector<std::string> kinds;
};
const std::vector<KindKey>& keysOfKinds() {
    static const std::vector<KindKey> kKeys = {
        {"target", {"csv", "cifar", "arrays", "hdf5", "images"}},
        {"columns", {"csv"}},
        {"one_hot", {"csv"}},
        {"header", {"csv"}},
        {"missing", {"csv"}},
        {"task", {"csv", "arrays", "hdf5"}},
        {"inputs", {"arrays", "hdf5"}},
        {"resize", {"images"}},
        {"crop", {"images"}},
        {"channels", {"images"}},
        {"tokens", {"text"}},
        {"window", {"text"}},
        {"stride", {"text"}},
    };
    return kKeys;
}

DataSource readSource(const yaml::Value& value, const std::string& kind) {
    DataSource source;
    const auto& parts = partsOfKinds();
    const auto found = parts.find(kind);
    const bool free = found == parts.end() || found->second.empty();  // parts are names
    for (const auto& [part, file] : value.entries()) {
        const bool known = free || std::find(found->second.begin(), found->second.end(), part) !=
                                       found->second.end();
        const bool another = kind == "cifar" && part.starts_with("images");
        if (!known && !another) {
            file.fail("a source of `kind: " + kind + "` has no `" + part + "`",
                      "give " + text::join(found->second, ", "));
        }
        source.files[part] = file.text();
    }
    const bool oneImage = kind == "images" && source.files.contains("file");
    if (!free && !oneImage && !source.files.contains(found->second.front())) {
        (void)value[found->second.front()].text();  // keeps the error of a missing key
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

std::vector<std::string> readTexts(const yaml::Value& value) {
    std::vector<std::string> texts;
    if (value.exists()) {
        for (const yaml::Value& item : value.items()) {
            texts.push_back(item.text());
        }
    }
    return texts;
}

/// One number, or a list of them.
std::vector<double> readNumbers(const yaml::Value& value) {
    std::vector<double> numbers;
    if (value.exists() && value.isText()) {
        numbers.push_back(value.number());
    } else if (value.exists()) {
        for (const yaml::Value& item : value.items()) {
            numbers.push_back(item.number());
        }
    }
    return numbers;
}

/// `224`, or `[height, width]`; a single number gives `{number, second}`.
std::optional<std::array<std::int64_t, 2>> readSize(const yaml::Value& value, bool square) {
    constexpr std::int64_t kMostPixels = 16'384;
    if (!value.exists()) {
        return std::nullopt;
    }
    if (value.isText()) {
        const std::int64_t side = value.integer(1, kMostPixels);
        return std::array<std::int64_t, 2>{side, square ? side : 0};
    }
    const std::vector<yaml::Value> items = value.items();
    if (items.size() != 2) {
        value.fail("a size has a height and a width", "give for instance [224, 224]");
        return std::nullopt;
    }
    return std::array<std::int64_t, 2>{items[0].integer(1, kMostPixels),
                                       items[1].integer(1, kMostPixels)};
}

void readKindKeys(const yaml::Value& value, DataDescription& description) {
    for (const KindKey& known : keysOfKinds()) {
        const bool fits = std::find(known.kinds.begin(), known.kinds.end(), description.kind) !=
                          known.kinds.end();
        if (value[known.key].exists() && !fits) {
            value[known.key].fail("this key is for `kind: " + text::join(known.kinds, "`, `") + "`",
                                  "remove it");
        }
    }
    const auto textOf = [&value](const char* key) {
        return value[key].exists() ? value[key].text() : std::string();
    };
    description.target = textOf("target");
    description.columns = readTexts(value["columns"]);
    description.oneHot = readTexts(value["one_hot"]);
    if (value["header"].exists()) {
        description.header = value["header"].boolean();
    }
    if (value["missing"].exists()) {
        description.missing = readChoice(value["missing"], {"drop"});
    }
    if (value["task"].exists()) {
        description.task = readChoice(value["task"], {"classification", "regression"});
    }
    if (value["inputs"].exists()) {
        for (const auto& [name, array] : value["inputs"].entries()) {
            description.inputs[name] = array.text();
        }
    }
    description.images.resize = readSize(value["resize"], false);
    description.images.crop = readSize(value["crop"], true);
    if (value["channels"].exists()) {
        description.images.channels = value["channels"].integer(1, 3);
        if (*description.images.channels == 2) {
            value["channels"].fail("images have one channel or three", "give 1 or 3");
        }
    }
    if (value["tokens"].exists()) {
        description.text.tokens =
            readChoice(value["tokens"], {"characters", "bytes", "printable", "gpt2"});
    }
    constexpr std::int64_t kLongestWindow = std::int64_t{1} << 20U;
    if (value["window"].exists()) {
        description.text.window = value["window"].integer(1, kLongestWindow);
    }
    if (value["stride"].exists()) {
        description.text.stride = value["stride"].integer(1, description.text.window);
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

}  // namespace

DataDescription readDataDescription(const yaml::Value& value, const std::string& folder) {
    value.allow({"kind",    "name",    "sources",  "splits",  "target", "inputs",
                 "columns", "one_hot", "header",   "missing", "task",   "metric",
                 "resize",  "crop",    "channels", "tokens",  "window", "stride",
                 "shuffle", "scaling", "divisor",  "mean",    "std"});
    DataDescription description;
    description.folder = folder;
    std::vector<std::string> kinds;
    for (const auto& [kind, parts] : partsOfKinds()) {
        kinds.push_back(kind);
    }
    description.kind = readChoice(value["kind"], kinds);
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
    readKindKeys(value, description);
    if (value["metric"].exists()) {
        description.metric = findMetric(readChoice(value["metric"], metricKeys()));
    }
    if (value["shuffle"].exists()) {
        description.shuffle = static_cast<std::uint64_t>(value["shuffle"].integer(0, kMost));
    }
    readScaling(value, description);
    description.mean = readNumbers(value["mean"]);
    description.deviation = readNumbers(value["std"]);
    return description;
}

}  // namespace bitloupe::data
