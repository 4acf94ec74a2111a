// SPDX-License-Identifier: Apache-2.0
#include "core/study/accelerator_yaml.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/base/text.h"
#include "core/hardware/array_shapes.h"

namespace bitloupe::study {

using hardware::Accelerator;
using hardware::Dataflow;

namespace {

constexpr std::size_t kMostAccelerators = std::numeric_limits<std::uint16_t>::max();
constexpr std::int64_t kMostProcessingElements =
    hardware::kMaximumArraySide * hardware::kMaximumArraySide;

template <typename T>
void addUnique(std::vector<T>& list, const T& item, const yaml::Value& place,
               const std::string& name) {
    if (std::find(list.begin(), list.end(), item) != list.end()) {
        place.fail("`" + name + "` is given twice", "keep one of them");
    } else {
        list.push_back(item);
    }
}

std::vector<std::int64_t> readSides(const yaml::Value& value) {
    std::vector<std::int64_t> sides;
    for (const yaml::Value& item : value.items()) {
        const std::int64_t side = item.integer(1, hardware::kMaximumArraySide);
        addUnique(sides, side, item, std::to_string(side));
    }
    return sides;
}

std::vector<Dataflow> readDataflows(const yaml::Value& value) {
    std::vector<Dataflow> dataflows;
    if (!value.exists()) {
        return {Dataflow::OutputStationary};
    }
    for (const yaml::Value& item : value.items()) {
        const Result<Dataflow> dataflow = hardware::parseDataflow(item.text());
        if (dataflow.hasError()) {
            item.fail(dataflow.error());
        } else {
            addUnique(dataflows, dataflow.value(), item, item.text());
        }
    }
    return dataflows;
}

std::vector<Accelerator> readLists(const yaml::Value& value) {
    value.allow({"rows", "columns", "dataflow", "processing_elements"});
    const std::vector<Dataflow> dataflows = readDataflows(value["dataflow"]);
    std::optional<std::int64_t> budget;
    if (value["processing_elements"].exists()) {
        budget = value["processing_elements"].integer(1, kMostProcessingElements);
    }
    if (budget.has_value() && !value["rows"].exists() && !value["columns"].exists()) {
        return hardware::arraysOf(*budget, dataflows);
    }
    const std::vector<std::int64_t> rows = readSides(value["rows"]);
    const std::vector<std::int64_t> columns = readSides(value["columns"]);
    if (rows.size() * columns.size() * dataflows.size() > kMostAccelerators) {
        value.fail("more than 65,535 arrays", "give shorter lists");
        return {};
    }
    std::vector<Accelerator> arrays = hardware::arraysOf(rows, columns, dataflows);
    if (budget.has_value()) {
        std::erase_if(arrays, [&budget](const Accelerator& array) {
            return array.processingElements() > *budget;
        });
    }
    return arrays;
}

std::vector<Accelerator> readNames(const yaml::Value& value) {
    std::vector<Accelerator> arrays;
    const std::vector<yaml::Value> items = value.items();
    if (items.size() > kMostAccelerators) {
        value.fail("more than 65,535 arrays", "give a shorter list");
        return {};
    }
    for (const yaml::Value& item : items) {
        const Result<Accelerator> array = hardware::parseArrayName(item.text());
        if (array.hasError()) {
            item.fail(array.error());
        } else {
            addUnique(arrays, array.value(), item, item.text());
        }
    }
    return arrays;
}

template <typename T, typename Member>
std::vector<T> distinct(const std::vector<Accelerator>& arrays, Member member) {
    std::vector<T> values;
    for (const Accelerator& array : arrays) {
        if (std::find(values.begin(), values.end(), array.*member) == values.end()) {
            values.push_back(array.*member);
        }
    }
    return values;
}

std::string numberList(const std::vector<std::int64_t>& numbers) {
    std::vector<std::string> texts;
    std::transform(numbers.begin(), numbers.end(), std::back_inserter(texts),
                   [](std::int64_t number) { return std::to_string(number); });
    return "[" + text::join(texts, ", ") + "]";
}

}  // namespace

std::vector<Accelerator> readAccelerators(const yaml::Value& study) {
    const yaml::Value lists = study["accelerator"];
    const yaml::Value names = study["accelerators"];
    if (lists.exists() && names.exists()) {
        names.fail("both `accelerator` and `accelerators` are given", "keep one of them");
    }
    const yaml::Value& given = names.exists() ? names : lists;
    std::vector<Accelerator> arrays = names.exists() ? readNames(names) : readLists(lists);
    if (arrays.empty()) {
        given.fail("no array is left to consider", "give longer lists or a larger budget");
    }
    return arrays;
}

std::string writeAccelerators(const std::vector<Accelerator>& accelerators) {
    const auto rows = distinct<std::int64_t>(accelerators, &Accelerator::rows);
    const auto columns = distinct<std::int64_t>(accelerators, &Accelerator::columns);
    const auto dataflows = distinct<Dataflow>(accelerators, &Accelerator::dataflow);
    std::vector<std::string> names;
    if (rows.size() * columns.size() * dataflows.size() == accelerators.size() &&
        hardware::arraysOf(rows, columns, dataflows) == accelerators) {
        for (const Dataflow dataflow : dataflows) {
            names.emplace_back(hardware::dataflowName(dataflow));
        }
        return "accelerator:\n  rows: " + numberList(rows) + "\n  columns: " + numberList(columns) +
               "\n  dataflow: " + yaml::flowList(names) + "\n";
    }
    for (const Accelerator& array : accelerators) {
        names.push_back("\"" + array.name() + "\"");
    }
    return "accelerators: [" + text::join(names, ", ") + "]\n";
}

}  // namespace bitloupe::study
