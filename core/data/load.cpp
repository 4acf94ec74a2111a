// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include "core/base/sha256.h"
#include "core/data/data_description.h"
#include "core/data/scaling.h"
#include "core/data/source.h"
#include "core/data/split.h"

namespace bitloupe::data {
namespace {

constexpr std::int64_t kMaximumSplitValues = std::int64_t{1} << 30U;

template <typename T>
void gatherAs(const Array& all, std::span<const std::int64_t> indices, std::vector<float>& out) {
    const std::span<const T> values = all.as<T>();
    const std::size_t size = values.size() / static_cast<std::size_t>(all.shape().front());
    out.reserve(indices.size() * size);
    for (const std::int64_t index : indices) {
        for (const T value : values.subspan(static_cast<std::size_t>(index) * size, size)) {
            out.push_back(static_cast<float>(value));
        }
    }
}

std::vector<float> gather(const Array& all, std::span<const std::int64_t> indices) {
    std::vector<float> out;
    switch (all.type()) {
        case ElementType::Uint8:
            gatherAs<std::uint8_t>(all, indices, out);
            break;
        case ElementType::Int8:
            gatherAs<std::int8_t>(all, indices, out);
            break;
        case ElementType::Int16:
            gatherAs<std::int16_t>(all, indices, out);
            break;
        case ElementType::Int32:
            gatherAs<std::int32_t>(all, indices, out);
            break;
        case ElementType::Float32:
            gatherAs<float>(all, indices, out);
            break;
        case ElementType::Float64:
            gatherAs<double>(all, indices, out);
            break;
        default:
            throw std::logic_error("a source of samples has an unexpected element type");
    }
    return out;
}

template <typename T>
std::vector<T> gatherValues(const std::vector<T>& all, std::span<const std::int64_t> indices) {
    std::vector<T> out;
    for (std::size_t i = 0; !all.empty() && i < indices.size(); ++i) {
        out.push_back(all[static_cast<std::size_t>(indices[i])]);
    }
    return out;
}

Shape shapeOf(const Source& source, const SplitIndices& split) {
    Shape shape = source.values.shape();
    shape.front() = static_cast<std::int64_t>(split.indices.size());
    return shape;
}

/// Different sources may hold samples of different sizes; one network cannot.
Result<void> checkShapes(const std::map<Role, SplitIndices>& splits, const Sources& sources) {
    const Shape* first = nullptr;
    for (const auto& [role, split] : splits) {
        const Shape& shape = sources.byName.at(split.source).values.shape();
        first = first == nullptr ? &shape : first;
        if (!std::equal(first->begin() + 1, first->end(), shape.begin() + 1, shape.end())) {
            return Error{"the samples of `" + split.source + "` have another shape than the others",
                         "data.splits." + std::string(roleName(role)),
                         "give sources whose samples are alike"};
        }
        if (elementCount(shapeOf(sources.byName.at(split.source), split)) > kMaximumSplitValues) {
            return Error{"the " + std::string(roleName(role)) +
                             " split holds more than a thousand million values",
                         "data.splits." + std::string(roleName(role)), "give a smaller `count`"};
        }
    }
    return {};
}

Result<void> checkFinite(std::span<const float> values, std::size_t samples, Role role) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            return Error{"a value is not a finite number",
                         std::string(roleName(role)) + " split, sample " +
                             std::to_string(i / (values.size() / samples)),
                         "remove the sample from the file"};
        }
    }
    return {};
}

Result<Scaling> fit(const DataDescription& description, const Sources& sources,
                    const std::map<Role, SplitIndices>& splits) {
    const bool needsCalibration =
        description.scaling == "standardize" || description.scaling == "minmax";
    const auto calibration = splits.find(Role::Calibration);
    if (calibration == splits.end() && needsCalibration) {
        return Error{"the scaling `" + description.scaling + "` needs a calibration split",
                     "data.splits", "add one"};
    }
    // The other rules look at the number of channels alone.
    const SplitIndices& split =
        calibration == splits.end() ? splits.begin()->second : calibration->second;
    const Source& source = sources.byName.at(split.source);
    const std::span<const std::int64_t> all = split.indices;
    SplitIndices used{split.source, {}};
    used.indices.assign(all.begin(), needsCalibration ? all.end() : all.begin() + 1);
    return fitScaling(description.scaling, description.divisor,
                      Array::of<float>(shapeOf(source, used), gather(source.values, used.indices)));
}

void addToHash(Sha256& hash, Role role, const Samples& samples) {
    hash.add(roleName(role));
    for (const auto& [name, array] : samples.inputs) {
        hash.add(static_cast<std::uint64_t>(array.shape().size()));
        for (const std::int64_t dimension : array.shape()) {
            hash.add(static_cast<std::uint64_t>(dimension));
        }
        hash.add(array.bytes());
    }
    hash.add(static_cast<std::uint64_t>(samples.labels.size()));
    hash.add(std::as_bytes(std::span(samples.labels)));
    hash.add(static_cast<std::uint64_t>(samples.targets.size()));
    hash.add(std::as_bytes(std::span(samples.targets)));
}

Result<Samples> makeSamples(const Source& source, const SplitIndices& split, Role role,
                            const Scaling& scaling) {
    std::vector<float> values = gather(source.values, split.indices);
    const Shape shape = shapeOf(source, split);
    applyScaling(scaling, shape, values);
    const Result<void> finite = checkFinite(values, split.indices.size(), role);
    if (finite.hasError()) {
        return finite.error();
    }
    Samples samples;
    samples.inputs.emplace("", Array::of<float>(shape, values));
    samples.labels = gatherValues(source.labels, split.indices);
    samples.targets = gatherValues(source.targets, split.indices);
    return samples;
}

/// Everything that reading samples needs.
struct Plan {
    Sources sources;
    std::map<Role, SplitIndices> splits;
    Scaling scaling;
};

Result<Samples> makeSamples(const Plan& plan, Role role) {
    const SplitIndices& split = plan.splits.at(role);
    return makeSamples(plan.sources.byName.at(split.source), split, role, plan.scaling);
}

Result<DataSet> assemble(const DataDescription& description, const Plan& plan) {
    DataSet set{.name = description.name,
                .hash = {},
                .task = plan.sources.task,
                .classNames = plan.sources.classNames,
                .splits = {},
                .warnings = splitWarnings(description, plan.splits)};
    Sha256 hash;
    for (const auto& [role, split] : plan.splits) {
        if (role == Role::Training) {
            continue;
        }
        Result<Samples> samples = makeSamples(plan, role);
        if (samples.hasError()) {
            return samples.error();
        }
        addToHash(hash, role, samples.value());
        set.splits.emplace(role, std::move(samples).value());
    }
    set.hash = hash.hex();
    return set;
}

Result<Plan> planOf(const DataDescription& description) {
    if (description.splits.empty()) {
        return Error{"there are no splits", "data.splits", "add calibration, search and test"};
    }
    Result<Sources> sources = readSources(description);
    if (sources.hasError()) {
        return sources.error();
    }
    Result<std::map<Role, SplitIndices>> splits = resolveSplits(description, sources.value());
    if (splits.hasError()) {
        return splits.error();
    }
    const Result<void> shapes = checkShapes(splits.value(), sources.value());
    if (shapes.hasError()) {
        return shapes.error();
    }
    Result<Scaling> scaling = fit(description, sources.value(), splits.value());
    if (scaling.hasError()) {
        return scaling.error();
    }
    return Plan{std::move(sources).value(), std::move(splits).value(), std::move(scaling).value()};
}

}  // namespace

Result<DataSet> loadDataSet(const DataDescription& description) {
    const Result<Plan> plan = planOf(description);
    return plan.hasError() ? Result<DataSet>(plan.error()) : assemble(description, plan.value());
}

Result<Samples> loadTrainingSamples(const DataDescription& description) {
    const Result<Plan> plan = planOf(description);
    if (plan.hasError()) {
        return plan.error();
    }
    for (const Role role : {Role::Training, Role::Calibration}) {
        if (plan.value().splits.contains(role)) {
            return makeSamples(plan.value(), role);
        }
    }
    return Error{"there is no training split", "data.splits", "add one"};
}

}  // namespace bitloupe::data
