// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/array_shapes.h"

#include <algorithm>

#include "core/base/text.h"

namespace bitloupe::hardware {

namespace {

/// Reads "filter=131072" and the like; false for a word it does not know.
bool readSetting(const std::string& word, Accelerator& accelerator) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
        const Result<ProcessingElement> element = parseProcessingElement(word);
        if (element.hasValue()) {
            accelerator.element = element.value();
        } else if (word == "split") {
            accelerator.sharedBandwidth = false;
        } else {
            return false;
        }
        return true;
    }
    const std::string key = word.substr(0, equals);
    const std::string text = word.substr(equals + 1);
    const auto whole = text::parseInteger(text);
    const auto number = text::parseNumber(text);
    for (const auto& [name, target] : {std::pair{"ifmap", &accelerator.ifmapBytes},
                                       std::pair{"filter", &accelerator.filterBytes},
                                       std::pair{"ofmap", &accelerator.ofmapBytes},
                                       std::pair{"lanes", &accelerator.vectorLanes}}) {
        if (key == name && whole) {
            *target = *whole;
            return true;
        }
    }
    for (const auto& [name, target] : {std::pair{"bandwidth", &accelerator.bandwidth},
                                       std::pair{"clock", &accelerator.clockMhz}}) {
        if (key == name && number) {
            *target = *number;
            return true;
        }
    }
    return false;
}

}  // namespace

std::string arrayShape(const Accelerator& accelerator) {
    return std::to_string(accelerator.rows) + "x" + std::to_string(accelerator.columns) + " " +
           std::string(dataflowName(accelerator.dataflow));
}

Result<Accelerator> parseArrayName(std::string_view name) {
    const Error malformed{"`" + std::string(name) + "` is not an array", "",
                          "write it like `16x16 os` or `16x16 os serial-inputs bandwidth=16`"};
    const std::vector<std::string> words = text::split(name, ' ');
    const std::vector<std::string> sides = text::split(words.front(), 'x');
    if (words.size() < 2 || sides.size() != 2) {
        return malformed;
    }
    const auto rows = text::parseInteger(sides[0]);
    const auto columns = text::parseInteger(sides[1]);
    const Result<Dataflow> dataflow = parseDataflow(words[1]);
    if (!rows || !columns || dataflow.hasError()) {
        return malformed;
    }
    Accelerator accelerator{.rows = *rows, .columns = *columns, .dataflow = dataflow.value()};
    for (std::size_t i = 2; i < words.size(); ++i) {
        if (!readSetting(words[i], accelerator)) {
            return malformed;
        }
    }
    const Result<void> checked = checkAccelerator(accelerator);
    return checked.hasError() ? Result<Accelerator>(checked.error())
                              : Result<Accelerator>(accelerator);
}

std::vector<std::pair<std::int64_t, std::int64_t>> factorPairs(std::int64_t product) {
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    const auto keep = [&](std::int64_t rows, std::int64_t columns) {
        if (std::max(rows, columns) <= kMaximumArraySide) {
            pairs.emplace_back(rows, columns);
        }
    };
    for (std::int64_t side = 1; side <= product / side; ++side) {
        if (product % side == 0) {
            keep(side, product / side);
            if (side != product / side) {
                keep(product / side, side);
            }
        }
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

std::vector<Accelerator> arraysOf(std::int64_t processingElements,
                                  std::span<const Dataflow> dataflows) {
    std::vector<Accelerator> arrays;
    for (const auto& [rows, columns] : factorPairs(processingElements)) {
        for (const Dataflow dataflow : dataflows) {
            arrays.push_back({.rows = rows, .columns = columns, .dataflow = dataflow});
        }
    }
    return arrays;
}

std::vector<Accelerator> arraysOf(std::span<const std::int64_t> rows,
                                  std::span<const std::int64_t> columns,
                                  std::span<const Dataflow> dataflows) {
    std::vector<Accelerator> arrays;
    arrays.reserve(rows.size() * columns.size() * dataflows.size());
    for (const std::int64_t row : rows) {
        for (const std::int64_t column : columns) {
            for (const Dataflow dataflow : dataflows) {
                arrays.push_back({.rows = row, .columns = column, .dataflow = dataflow});
            }
        }
    }
    return arrays;
}

}  // namespace bitloupe::hardware
