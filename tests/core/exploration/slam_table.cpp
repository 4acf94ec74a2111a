// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exploration/slam_table.h"

#include <cmath>
#include <set>

#include "core/base/file.h"
#include "core/base/text.h"

namespace bitloupe::testing {

using exploration::Features;
using exploration::Losses;
using exploration::SherlockSearch;

Result<SlamTable> readSlamTable(const std::string& path) {
    const Result<std::string> content = readFile(path);
    if (content.hasError()) {
        return content.error();
    }
    SlamTable table;
    for (const std::string& line : text::split(content.value(), '\n')) {
        const std::vector<std::string> fields = text::split(text::trim(line), ',');
        if (fields.size() != 9 || !text::parseNumber(fields[1]).has_value()) {
            continue;
        }
        Features design;
        for (std::size_t i = 1; i < 7; ++i) {
            design.push_back(*text::parseNumber(fields[i]));
        }
        table.designs.push_back(std::move(design));
        table.losses.push_back({*text::parseNumber(fields[7]), *text::parseNumber(fields[8])});
    }
    table.designs = exploration::standardized(std::move(table.designs));
    for (const std::size_t index : exploration::paretoFront(table.losses)) {
        table.truth.push_back(table.losses[index]);
    }
    return table;
}

SlamWalk walkSlamTable(const SlamTable& table, std::uint64_t seed, std::size_t most) {
    constexpr double kNear = 0.01;
    SherlockSearch search(seed);
    std::vector<SherlockSearch::Sample> samples;
    std::vector<Losses> found;
    std::set<std::size_t> taken;
    const auto take = [&](std::size_t index) {
        const Losses& losses = table.losses[index];
        taken.insert(index);
        found.push_back(losses);
        samples.push_back({.features = table.designs[index],
                           .losses = {std::log(losses[0]), std::log(losses[1])}});
    };
    for (const std::size_t index : exploration::transductiveDesign(table.designs, 5)) {
        take(index);
    }
    while (exploration::averageDistance(found, table.truth) > kNear && samples.size() < most) {
        std::vector<SherlockSearch::Candidate> candidates;
        std::vector<std::size_t> indices;
        for (std::size_t i = 0; i < table.designs.size(); ++i) {
            if (!taken.contains(i)) {
                candidates.push_back({.features = table.designs[i]});
                indices.push_back(i);
            }
        }
        for (const std::size_t chosen : search.choose(samples, candidates, 1)) {
            take(indices[chosen]);
        }
    }
    return {.samples = samples.size(),
            .distance = exploration::averageDistance(found, table.truth)};
}

}  // namespace bitloupe::testing
