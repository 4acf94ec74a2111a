// SPDX-License-Identifier: Apache-2.0
#include "core/data/stored_array.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/base/text.h"

namespace bitloupe::data {
namespace {

class ArrayInMemory : public StoredArray {
public:
    explicit ArrayInMemory(Array array) : m_array(std::move(array)) {}
    ElementType type() const override { return m_array.type(); }
    const Shape& shape() const override { return m_array.shape(); }
    Result<Array> read(std::int64_t first, std::int64_t count) override {
        return m_array.rows(first, count);
    }

private:
    Array m_array;
};

/// What the target of a source says.
struct Answers {
    std::vector<std::int64_t> labels;
    std::vector<float> targets;
};

/// Class numbers of rows that hold one 1 and zeros; nothing when some row does not.
std::vector<std::int64_t> oneHotLabels(std::span<const float> values, std::size_t width) {
    std::vector<std::int64_t> labels;
    for (std::size_t row = 0; row < values.size(); row += width) {
        const auto part = values.subspan(row, width);
        const auto one = std::find(part.begin(), part.end(), 1.0F);
        if (one == part.end() ||
            std::count(part.begin(), part.end(), 0.0F) != static_cast<std::ptrdiff_t>(width) - 1) {
            return {};
        }
        labels.push_back(one - part.begin());
    }
    return labels;
}

/// Whole numbers from 0 on, few of them different.
bool looksLikeClasses(std::span<const float> values) {
    constexpr std::size_t kMostClasses = 1000;
    std::set<float> seen;
    for (const float value : values) {
        if (value != std::floor(value) || value < 0 || seen.size() > kMostClasses) {
            return false;
        }
        seen.insert(value);
    }
    return true;
}

Result<Answers> readAnswers(StoredArray& target, const std::string& task,
                            const std::string& where) {
    constexpr std::int64_t kMostAnswers = std::int64_t{1} << 28U;
    const Shape& shape = target.shape();
    if (elementCount(shape) > kMostAnswers) {
        return Error{"the target has more than 268 million values", where, "give fewer samples"};
    }
    const Result<Array> read = target.read(0, shape.front());
    if (read.hasError()) {
        return read.error();
    }
    const Array floats = converted(read.value(), ElementType::Float32);
    const std::span<const float> values = floats.as<float>();
    Answers answers;
    if (task != "regression" && shape.size() == 2 && shape[1] > 1) {
        answers.labels = oneHotLabels(values, static_cast<std::size_t>(shape[1]));
        if (!answers.labels.empty()) {
            return answers;
        }
    }
    const bool whole =
        read.value().type() != ElementType::Float32 && read.value().type() != ElementType::Float64;
    if (task == "classification" || (task.empty() && (whole || looksLikeClasses(values)))) {
        Result<std::vector<std::int64_t>> labels = labelsOf(read.value(), where, true);
        if (labels.hasError()) {
            return labels.error();
        }
        answers.labels = std::move(labels).value();
    } else {
        answers.targets.assign(values.begin(), values.end());
    }
    return answers;
}

/// Arrays read together, a block of rows at a time.
class ArraysReader : public SampleReader {
public:
    ArraysReader(std::vector<std::pair<std::string, std::unique_ptr<StoredArray>>> inputs,
                 Answers answers)
        : m_inputs(std::move(inputs)), m_answers(std::move(answers)) {
        m_head.count = m_inputs.front().second->shape().front();
        for (const auto& [name, array] : m_inputs) {
            m_head.inputs.push_back(
                {name, sampleType(array->type()), sampleShapeOf(array->shape()), {}});
        }
        const auto each = [&](std::size_t values) {
            return m_head.count == 0 ? 0 : static_cast<std::int64_t>(values) / m_head.count;
        };
        m_head.labels = each(m_answers.labels.size());
        m_head.targets = each(m_answers.targets.size());
    }

    const SampleHead& head() const override { return m_head; }

    Result<SampleBlock> read(std::int64_t first, std::int64_t count) override {
        SampleBlock block;
        for (std::size_t i = 0; i < m_inputs.size(); ++i) {
            const Result<Array> rows = m_inputs[i].second->read(first, count);
            if (rows.hasError()) {
                return rows.error();
            }
            Shape shape = m_head.inputs[i].sample;
            shape.insert(shape.begin(), count);
            block.inputs.push_back(
                converted(rows.value(), m_head.inputs[i].type).reshaped(std::move(shape)));
        }
        const auto part = [&](const auto& all, std::int64_t each) {
            return std::remove_cvref_t<decltype(all)>(all.begin() + first * each,
                                                      all.begin() + (first + count) * each);
        };
        block.labels = part(m_answers.labels, m_head.labels);
        block.targets = part(m_answers.targets, m_head.targets);
        return block;
    }

private:
    std::vector<std::pair<std::string, std::unique_ptr<StoredArray>>> m_inputs;
    Answers m_answers;
    SampleHead m_head;
};

Error noSuchArray(const std::string& name, const StoredArrays& arrays, const std::string& where) {
    std::vector<std::string> names;
    for (const auto& [known, array] : arrays) {
        names.push_back(known);
    }
    const std::string near = text::nearest(name, names);
    names.resize(std::min<std::size_t>(names.size(), 12));
    return {"there is no array `" + name + "`", where,
            near.empty() ? "it has " + text::join(names, ", ") : "did you mean `" + near + "`?"};
}

/// Which array goes to which input of the network.
std::map<std::string, std::string> chosenInputs(const DataDescription& description,
                                                const StoredArrays& arrays) {
    if (!description.inputs.empty()) {
        return description.inputs;
    }
    std::int64_t count = 0;
    if (const auto target = arrays.find(description.target); target != arrays.end()) {
        count = target->second->shape().front();
    }
    for (const auto& [name, array] : arrays) {  // without a target the longest decide
        count =
            arrays.contains(description.target) ? count : std::max(count, array->shape().front());
    }
    std::map<std::string, std::string> inputs;
    for (const auto& [name, array] : arrays) {
        if (name != description.target && array->shape().front() == count) {
            inputs.emplace(name, name);
        }
    }
    return inputs;
}

Result<std::unique_ptr<SampleReader>> openSource(const DataDescription& description,
                                                 StoredArrays arrays, const std::string& where) {
    Answers answers;
    if (!description.target.empty()) {
        const auto target = arrays.find(description.target);
        if (target == arrays.end()) {
            return noSuchArray(description.target, arrays, where);
        }
        Result<Answers> read =
            readAnswers(*target->second, description.task, where + ", " + description.target);
        if (read.hasError()) {
            return read.error();
        }
        answers = std::move(read).value();
    }
    std::vector<std::pair<std::string, std::unique_ptr<StoredArray>>> inputs;
    for (const auto& [name, array] : chosenInputs(description, arrays)) {
        const auto found = arrays.find(array);
        if (found == arrays.end() || found->second == nullptr) {
            return noSuchArray(array, arrays, where);
        }
        inputs.emplace_back(name, std::move(found->second));
        const std::int64_t rows = inputs.back().second->shape().front();
        const std::int64_t expected = inputs.front().second->shape().front();
        if (rows != expected || rows == 0) {
            return Error{"the array `" + array + "` has " + std::to_string(rows) +
                             " samples, the others " + std::to_string(expected),
                         where, "give arrays of the same samples"};
        }
    }
    if (inputs.empty()) {
        return Error{"no array holds samples", where, "name one under `inputs`"};
    }
    const auto count = static_cast<std::size_t>(inputs.front().second->shape().front());
    if ((answers.labels.size() + answers.targets.size()) % count != 0) {
        return Error{"the target `" + description.target + "` has another number of samples than " +
                         std::to_string(count),
                     where, "give the labels that belong to these samples"};
    }
    return std::unique_ptr<SampleReader>(
        std::make_unique<ArraysReader>(std::move(inputs), std::move(answers)));
}

}  // namespace

std::unique_ptr<StoredArray> inMemory(Array array) {
    return std::make_unique<ArrayInMemory>(array.shape().empty() ? array.reshaped({1})
                                                                 : std::move(array));
}

std::string guessTarget(const StoredArrays& arrays) {
    for (const char* known :
         {"label", "labels", "y", "target", "targets", "class", "classes", "y_test", "y_train"}) {
        const auto found = arrays.find(known);
        for (const auto& [name, array] : arrays) {
            if (found != arrays.end() && name != known &&
                array->shape().front() == found->second->shape().front()) {
                return known;
            }
        }
    }
    return "";
}

Result<Sources> sourcesOfArrays(const DataDescription& description, const OpenArrays& open) {
    Sources sources;
    for (const std::string& name : usedSources(description)) {
        if (!description.sources.contains(name)) {
            return partPath(description, name, "").error();
        }
        Result<StoredArrays> arrays = open(name);
        if (arrays.hasError()) {
            return arrays.error();
        }
        const auto& files = description.sources.at(name).files;
        const std::string where = files.empty() ? name : pathOf(description, files.begin()->second);
        Result<std::unique_ptr<SampleReader>> reader =
            openSource(description, std::move(arrays).value(), where);
        if (reader.hasError()) {
            return reader.error();
        }
        const SampleHead& head = reader.value()->head();
        sources.task = head.targets > 0  ? Task::Regression
                       : head.labels > 0 ? Task::Classification
                                         : Task::None;
        sources.byName.emplace(name, std::move(reader).value());
    }
    return sources;
}

}  // namespace bitloupe::data
