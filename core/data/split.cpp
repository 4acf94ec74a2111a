// SPDX-License-Identifier: Apache-2.0
#include "core/data/split.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "core/base/random.h"

namespace bitloupe::data {
namespace {

/// Files of a source as the file system knows them, so that two names of one file are one.
std::vector<std::string> filesOf(const DataDescription& description, const std::string& source) {
    std::vector<std::string> files;
    for (const auto& [part, file] : description.sources.at(source).files) {
        std::error_code code;
        const std::string path = pathOf(description, file);
        const auto canonical = std::filesystem::weakly_canonical(path, code);
        files.push_back(code ? path : canonical.string());
    }
    return files;
}

std::int64_t sharedSamples(const SplitIndices& a, const SplitIndices& b) {
    const std::unordered_set<std::int64_t> known(a.indices.begin(), a.indices.end());
    return std::count_if(b.indices.begin(), b.indices.end(),
                         [&known](std::int64_t index) { return known.contains(index); });
}

std::string consequence(Role first, Role second) {
    if (first == Role::Training) {
        return second == Role::Test ? "training sees the test set"
                                    : "training sees samples the search is judged by";
    }
    if (first == Role::Search && second == Role::Test) {
        return "the study is tuned on its test set";
    }
    return first == Role::Calibration && second == Role::Test
               ? "the ranges are fitted to the test set"
               : "the ranges are fitted to samples the search is judged by";
}

}  // namespace

std::vector<std::int64_t> shuffledIndices(std::int64_t count, std::uint64_t seed) {
    std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), std::int64_t{0});
    Random(seed).shuffle(indices);
    return indices;
}

Result<std::map<Role, SplitIndices>> resolveSplits(const DataDescription& description,
                                                   const Sources& sources) {
    std::map<Role, SplitIndices> splits;
    for (const auto& [role, split] : description.splits) {
        const std::int64_t available = sources.byName.at(split.source)->head().count;
        const std::int64_t count = split.count.value_or(available - split.first);
        if (split.first < 0 || count < 1 || split.first > available - count) {
            return Error{
                "the " + std::string(roleName(role)) + " split wants " + std::to_string(count) +
                    " samples from sample " + std::to_string(split.first) +
                    " on, but the source `" + split.source + "` has " + std::to_string(available),
                "data.splits." + std::string(roleName(role)), "give smaller `first` and `count`"};
        }
        SplitIndices& resolved = splits[role];
        resolved.source = split.source;
        std::vector<std::int64_t> all;
        if (description.shuffle.has_value()) {
            all = shuffledIndices(available, *description.shuffle);
        } else {
            all.resize(static_cast<std::size_t>(available));
            std::iota(all.begin(), all.end(), std::int64_t{0});
        }
        resolved.indices.assign(all.begin() + split.first, all.begin() + split.first + count);
    }
    return splits;
}

std::vector<std::string> splitWarnings(const DataDescription& description,
                                       const std::map<Role, SplitIndices>& splits) {
    std::vector<std::string> warnings;
    constexpr std::array<std::pair<Role, Role>, 5> kPairs = {{{Role::Search, Role::Test},
                                                              {Role::Calibration, Role::Test},
                                                              {Role::Calibration, Role::Search},
                                                              {Role::Training, Role::Test},
                                                              {Role::Training, Role::Search}}};
    for (const auto& [first, second] : kPairs) {
        const auto a = splits.find(first);
        const auto b = splits.find(second);
        if (a == splits.end() || b == splits.end() ||
            filesOf(description, a->second.source) != filesOf(description, b->second.source)) {
            continue;
        }
        const std::int64_t shared = sharedSamples(a->second, b->second);
        if (shared > 0) {
            warnings.push_back("the " + std::string(roleName(first)) + " and the " +
                               std::string(roleName(second)) + " split share " +
                               std::to_string(shared) + " samples: " + consequence(first, second));
        }
    }
    if (!splits.contains(Role::Test)) {
        warnings.emplace_back(
            "there is no test split: nothing is left to judge the chosen design by");
    }
    return warnings;
}

}  // namespace bitloupe::data
