// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "core/base/sha256.h"
#include "core/data/data_description.h"
#include "core/data/range_check.h"
#include "core/data/sample_store.h"
#include "core/data/scaling.h"
#include "core/data/source.h"
#include "core/data/split.h"

namespace bitloupe::data {
namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{16} << 20U;
constexpr std::int64_t kMaximumLabels = std::int64_t{1} << 28U;

/// A split that is being filled.
struct Filling {
    std::vector<SampleStore> inputs;
    std::vector<std::int64_t> labels;
    std::vector<float> targets;
};

/// One sample of a source on its way to a split.
struct Delivery {
    std::int64_t index = 0;  ///< in the source
    Role role = Role::Search;
    std::int64_t place = 0;  ///< in the split
};

using Fillings = std::map<Role, Filling>;

std::int64_t bytesPerSample(const SampleHead& head) {
    std::int64_t bytes = 0;
    for (const InputHead& input : head.inputs) {
        bytes += elementCount(input.sample) * static_cast<std::int64_t>(elementSize(input.type));
    }
    return std::max<std::int64_t>(bytes, 1);
}

bool sameSamples(const SampleHead& a, const SampleHead& b) {
    return a.labels == b.labels && a.targets == b.targets &&
           std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                      [](const InputHead& one, const InputHead& other) {
                          return one.name == other.name && one.type == other.type &&
                                 one.sample == other.sample;
                      });
}

/// Different sources may hold samples of different sizes; one network cannot.
/// Only what is `read` takes room.
Result<void> checkSizes(const std::map<Role, SplitIndices>& splits,
                        const std::map<Role, SplitIndices>& read, const Sources& sources,
                        const LoadLimits& limits) {
    const SampleHead& first = sources.byName.at(splits.begin()->second.source)->head();
    std::int64_t samples = 0;
    for (const auto& [role, split] : splits) {
        const std::string where = "data.splits." + std::string(roleName(role));
        if (!sameSamples(sources.byName.at(split.source)->head(), first)) {
            return Error{"the samples of `" + split.source + "` have another shape than the others",
                         where, "give sources whose samples are alike"};
        }
        samples += read.contains(role) ? static_cast<std::int64_t>(split.indices.size()) : 0;
        if (samples > limits.diskBytes / bytesPerSample(first)) {
            return Error{"the samples of all splits take more than " +
                             std::to_string(limits.diskBytes >> 20U) + " MiB",
                         where, "give smaller `count`s"};
        }
        if (samples > kMaximumLabels / std::max<std::int64_t>(1, first.labels + first.targets)) {
            return Error{"the samples of all splits have more than 268 million labels", where,
                         "give smaller `count`s"};
        }
    }
    return {};
}

Result<Fillings> makeRoom(const std::map<Role, SplitIndices>& splits, const SampleHead& head,
                          const LoadLimits& limits) {
    std::int64_t samples = 0;
    for (const auto& [role, split] : splits) {
        samples += static_cast<std::int64_t>(split.indices.size());
    }
    const bool onDisk = samples > limits.memoryBytes / bytesPerSample(head);
    Fillings fillings;
    for (const auto& [role, split] : splits) {
        Filling& filling = fillings[role];
        const auto count = static_cast<std::int64_t>(split.indices.size());
        for (const InputHead& input : head.inputs) {
            Shape shape = input.sample;
            shape.insert(shape.begin(), count);
            Result<SampleStore> store = SampleStore::make(input.type, std::move(shape), onDisk);
            if (store.hasError()) {
                return store.error();
            }
            filling.inputs.push_back(std::move(store).value());
        }
        filling.labels.resize(static_cast<std::size_t>(count * head.labels));
        filling.targets.resize(static_cast<std::size_t>(count * head.targets));
    }
    return fillings;
}

/// Copies `size` bytes for each sample: those of sample `from` to the place of sample `to`.
void copySample(std::span<const std::byte> source, std::int64_t from, std::span<std::byte> target,
                std::int64_t to, std::size_t size) {
    std::memcpy(target.data() + static_cast<std::size_t>(to) * size,
                source.data() + static_cast<std::size_t>(from) * size, size);
}

void deliver(const SampleBlock& block, std::int64_t from, const SampleHead& head, Filling& filling,
             std::int64_t to) {
    for (std::size_t i = 0; i < block.inputs.size(); ++i) {
        const std::size_t size = static_cast<std::size_t>(elementCount(head.inputs[i].sample)) *
                                 elementSize(head.inputs[i].type);
        copySample(block.inputs[i].bytes(), from, filling.inputs[i].bytes(), to, size);
    }
    copySample(std::as_bytes(std::span(block.labels)), from,
               std::as_writable_bytes(std::span(filling.labels)), to,
               static_cast<std::size_t>(head.labels) * sizeof(std::int64_t));
    copySample(std::as_bytes(std::span(block.targets)), from,
               std::as_writable_bytes(std::span(filling.targets)), to,
               static_cast<std::size_t>(head.targets) * sizeof(float));
}

/// Reads what is wanted of one source from its beginning to its end, a run of neighbours at a time.
Result<void> readSource(SampleReader& reader, std::vector<Delivery> deliveries,
                        Fillings& fillings) {
    std::sort(deliveries.begin(), deliveries.end(),
              [](const Delivery& a, const Delivery& b) { return a.index < b.index; });
    const SampleHead& head = reader.head();
    const std::int64_t most = std::max<std::int64_t>(1, kBlockBytes / bytesPerSample(head));
    for (std::size_t begin = 0; begin < deliveries.size();) {
        const std::int64_t first = deliveries[begin].index;
        std::size_t end = begin + 1;
        while (end < deliveries.size() && deliveries[end].index - deliveries[end - 1].index <= 1 &&
               deliveries[end].index - first < most) {
            ++end;
        }
        const Result<SampleBlock> block = reader.read(first, deliveries[end - 1].index - first + 1);
        if (block.hasError()) {
            return block.error();
        }
        for (; begin < end; ++begin) {
            const Delivery& one = deliveries[begin];
            deliver(block.value(), one.index - first, head, fillings.at(one.role), one.place);
        }
    }
    return {};
}

Result<void> readAll(const Sources& sources, const std::map<Role, SplitIndices>& splits,
                     Fillings& fillings) {
    for (const auto& [name, reader] : sources.byName) {
        std::vector<Delivery> deliveries;
        for (const auto& [role, split] : splits) {
            for (std::size_t i = 0; split.source == name && i < split.indices.size(); ++i) {
                deliveries.push_back({split.indices[i], role, static_cast<std::int64_t>(i)});
            }
        }
        Result<void> read = readSource(*reader, std::move(deliveries), fillings);
        if (read.hasError()) {
            return read;
        }
    }
    return {};
}

Result<void> checkFinite(std::span<const float> values, std::int64_t samples, Role role) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            return Error{
                "a value is not a finite number",
                std::string(roleName(role)) + " split, sample " +
                    std::to_string(i / (values.size() / static_cast<std::size_t>(samples))),
                "remove the sample from the file"};
        }
    }
    return {};
}

/// Masks are no measurements: with several inputs they stay as they are.
bool isScaled(const SampleHead& head, std::size_t input) {
    return head.inputs[input].type == ElementType::Float32 &&
           (head.inputs.size() == 1 || head.inputs[input].name.find("mask") == std::string::npos);
}

/// Whether the scaling depends on the calibration split.
bool isFitted(const DataDescription& description) {
    return description.scaling == "standardize" || description.scaling == "minmax";
}

Result<void> scale(const DataDescription& description, const SampleHead& head, Fillings& fillings) {
    for (std::size_t i = 0; i < head.inputs.size(); ++i) {
        if (!isScaled(head, i)) {
            continue;
        }
        const auto calibration = fillings.find(Role::Calibration);
        const bool fitted = isFitted(description);
        if (calibration == fillings.end() && fitted) {
            return Error{"the scaling `" + description.scaling + "` needs a calibration split",
                         "data.splits", "add one"};
        }
        // The other rules look at the number of channels alone.
        const auto& from = calibration == fillings.end() ? fillings.begin() : calibration;
        const Array samples = from->second.inputs[i].array();
        Result<Scaling> scaling = fitScaling(description.scaling, description.divisor,
                                             fitted ? samples : samples.rows(0, 1));
        if (scaling.hasError()) {
            return scaling.error();
        }
        for (const std::int64_t mark : head.inputs[i].marks) {
            scaling.value().offsets[static_cast<std::size_t>(mark)] = 0;
            scaling.value().spans[static_cast<std::size_t>(mark)] = 1;
        }
        const Result<Scaling> normalization =
            fixedScaling(description.mean, description.deviation, head.inputs[i].sample.front());
        if (normalization.hasError()) {
            return normalization.error();
        }
        for (auto& [role, filling] : fillings) {
            SampleStore& store = filling.inputs[i];
            applyScaling(scaling.value(), store.shape(), store.floats());
            applyScaling(normalization.value(), store.shape(), store.floats());
        }
    }
    return {};
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

/// The splits of some roles, read.
struct Loaded {
    Sources sources;
    std::map<Role, SplitIndices> splits;  ///< all that the description has
    SampleHead head;
    Fillings fillings;
};

Result<Loaded> load(const DataDescription& description, const LoadLimits& limits,
                    const std::set<Role>& wanted) {
    if (description.splits.empty()) {
        return Error{"there are no splits", "data.splits", "add calibration, search and test"};
    }
    Result<Sources> sources = openSources(description);
    if (sources.hasError()) {
        return sources.error();
    }
    Result<std::map<Role, SplitIndices>> splits = resolveSplits(description, sources.value());
    if (splits.hasError()) {
        return splits.error();
    }
    Loaded loaded{std::move(sources).value(), std::move(splits).value(), {}, {}};
    loaded.head = loaded.sources.byName.at(loaded.splits.begin()->second.source)->head();
    std::map<Role, SplitIndices> read = loaded.splits;
    std::erase_if(read, [&](const auto& split) {
        return !wanted.contains(split.first) &&
               !(isFitted(description) && split.first == Role::Calibration);
    });
    Result<void> step = checkSizes(loaded.splits, read, loaded.sources, limits);
    if (step.hasError()) {
        return step.error();
    }
    Result<Fillings> fillings = makeRoom(read, loaded.head, limits);
    if (fillings.hasError()) {
        return fillings.error();
    }
    loaded.fillings = std::move(fillings).value();
    step = readAll(loaded.sources, read, loaded.fillings);
    if (step.hasValue()) {
        step = scale(description, loaded.head, loaded.fillings);
    }
    return step.hasError() ? Result<Loaded>(step.error()) : Result<Loaded>(std::move(loaded));
}

Result<Samples> takeSamples(Loaded& loaded, Role role) {
    Filling& filling = loaded.fillings.at(role);
    Samples samples;
    for (std::size_t i = 0; i < loaded.head.inputs.size(); ++i) {
        SampleStore& store = filling.inputs[i];
        if (store.type() == ElementType::Float32) {
            const Result<void> finite = checkFinite(store.floats(), store.shape().front(), role);
            if (finite.hasError()) {
                return finite.error();
            }
        }
        samples.inputs.emplace(loaded.head.inputs[i].name, store.array());
    }
    samples.labels = std::move(filling.labels);
    samples.targets = std::move(filling.targets);
    return samples;
}

}  // namespace

Result<DataSet> loadDataSet(const DataDescription& description, const LoadLimits& limits) {
    Result<Loaded> read = load(description, limits, {Role::Calibration, Role::Search, Role::Test});
    if (read.hasError()) {
        return read.error();
    }
    Loaded& loaded = read.value();
    DataSet set{.name = description.name,
                .hash = {},
                .task = loaded.sources.task,
                .metric = description.metric,
                .classNames = std::move(loaded.sources.classNames),
                .splits = {},
                .warnings = std::move(loaded.sources.warnings)};
    const std::vector<std::string> overlaps = splitWarnings(description, loaded.splits);
    set.warnings.insert(set.warnings.end(), overlaps.begin(), overlaps.end());
    Sha256 hash;
    for (const auto& [role, filling] : loaded.fillings) {
        Result<Samples> samples = takeSamples(loaded, role);
        if (samples.hasError()) {
            return samples.error();
        }
        addToHash(hash, role, samples.value());
        set.splits.emplace(role, std::move(samples).value());
    }
    set.hash = hash.hex();
    const std::vector<std::string> ranges = rangeWarnings(description, set);
    set.warnings.insert(set.warnings.end(), ranges.begin(), ranges.end());
    return set;
}

Result<Samples> loadTrainingSamples(const DataDescription& description, const LoadLimits& limits) {
    for (const Role role : {Role::Training, Role::Calibration}) {
        if (description.splits.contains(role)) {
            Result<Loaded> loaded = load(description, limits, {role});
            return loaded.hasError() ? Result<Samples>(loaded.error())
                                     : takeSamples(loaded.value(), role);
        }
    }
    return Error{"there is no training split", "data.splits", "add one"};
}

}  // namespace bitloupe::data
