// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/hardware/array_shapes.h"
#include "core/study/accelerator_yaml.h"
#include "core/study/journal_rows.h"

namespace bitloupe::study {
namespace {

/// Names of formats that one side of a layer used, in the order they were met.
using Names = std::vector<std::string>;

constexpr std::size_t kMostChoices = std::numeric_limits<std::uint16_t>::max();

struct UsedNames {
    Names layers;
    std::vector<Names> weights;
    std::vector<Names> activations;
    Names arrays;
};

Error damaged(const Database& database, const std::string& what) {
    return {"the file of results is damaged (" + what + ")", database.path(),
            "restore it from a copy"};
}

void addOnce(Names& names, std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
    }
}

Result<Names> readColumn(const Database& database, std::string_view sql) {
    Names names;
    Statement statement = database.prepare(sql);
    while (statement.step()) {
        names.push_back(statement.text(0));
    }
    const Result<void> result = statement.result();
    return result.hasError() ? Result<Names>(result.error().within(database.path()))
                             : Result<Names>(std::move(names));
}

Result<void> addSchemes(const Database& database, const std::string& schemes, UsedNames& used) {
    const std::vector<std::string> layers =
        schemes.empty() ? std::vector<std::string>() : text::split(schemes, '|');
    if (layers.size() != used.layers.size()) {
        return damaged(database, "a design has another number of layers than the network");
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::vector<std::string> sides = text::split(layers[i], ' ');
        if (sides.size() != 2) {
            return damaged(database, "a design names something else than two formats a layer");
        }
        addOnce(used.weights[i], sides[0]);
        addOnce(used.activations[i], sides[1]);
        if (std::max(used.weights[i].size(), used.activations[i].size()) > kMostChoices) {
            return damaged(database, "a layer has more than 65,535 formats");
        }
    }
    return {};
}

/// One column of the evaluations of `origin`, or of all; values in the order they were met.
Result<Names> readUsed(const Database& database, const std::string& column,
                       std::string_view origin) {
    Names names;
    Statement statement = database.prepare("SELECT " + column +
                                           " FROM evaluations WHERE ? IN ('', origin) GROUP BY " +
                                           column + " ORDER BY min(id)");
    statement.bind(std::string(origin));
    while (statement.step()) {
        names.push_back(statement.text(0));
    }
    const Result<void> result = statement.result();
    return result.hasError() ? Result<Names>(result.error().within(database.path()))
                             : Result<Names>(std::move(names));
}

Result<UsedNames> readUsedNames(const Database& database, std::string_view origin) {
    UsedNames used;
    Result<Names> layers = readColumn(database, "SELECT name FROM layers ORDER BY position");
    if (layers.hasError()) {
        return layers.error();
    }
    used.layers = std::move(layers).value();
    used.weights.resize(used.layers.size());
    used.activations.resize(used.layers.size());
    const Result<Names> designs = readUsed(database, "schemes", origin);
    if (designs.hasError()) {
        return designs.error();
    }
    if (designs.value().empty() && !origin.empty()) {
        return UsedNames();
    }
    for (const std::string& schemes : designs.value()) {
        const Result<void> added = addSchemes(database, schemes, used);
        if (added.hasError()) {
            return added.error();
        }
    }
    Result<Names> arrays = readUsed(database, "array", origin);
    if (arrays.hasError()) {
        return arrays.error();
    }
    used.arrays = std::move(arrays).value();
    return used;
}

Result<std::vector<quantization::Quantizer>> quantizersOf(const Names& names) {
    std::vector<quantization::Quantizer> quantizers;
    if (names.size() == 1 && names.front() == kFloatName) {
        return quantizers;
    }
    for (const std::string& name : names) {
        Result<quantization::Quantizer> quantizer =
            quantization::Quantizer::parse(name == kFloatName ? "fp32" : name);
        if (quantizer.hasError()) {
            return quantizer.error();
        }
        quantizers.push_back(std::move(quantizer).value());
    }
    return quantizers;
}

}  // namespace

Result<exploration::DesignSpace> readSpace(const Database& database, std::string_view origin) {
    const Result<UsedNames> names = readUsedNames(database, origin);
    if (names.hasError()) {
        return names.error();
    }
    const UsedNames& used = names.value();
    std::vector<exploration::LayerChoices> layers;
    for (std::size_t i = 0; i < used.layers.size(); ++i) {
        Result<std::vector<quantization::Quantizer>> weights = quantizersOf(used.weights[i]);
        Result<std::vector<quantization::Quantizer>> activations =
            quantizersOf(used.activations[i]);
        if (weights.hasError() || activations.hasError()) {
            const Error& error = weights.hasError() ? weights.error() : activations.error();
            return error.within(database.path());
        }
        layers.push_back({.layer = used.layers[i],
                          .weights = std::move(weights).value(),
                          .activations = std::move(activations).value()});
    }
    std::vector<hardware::Accelerator> arrays;
    for (const std::string& name : used.arrays) {
        const Result<hardware::Accelerator> array = hardware::parseArrayName(name);
        if (array.hasError()) {
            return array.error().within(database.path());
        }
        arrays.push_back(array.value());
    }
    if (arrays.empty()) {
        arrays.emplace_back();  // nothing kept yet; a space has at least one array
    }
    if (arrays.size() > kMostChoices) {
        return damaged(database, "it names more than 65,535 arrays");
    }
    return exploration::DesignSpace(std::move(layers), std::move(arrays));
}

}  // namespace bitloupe::study
