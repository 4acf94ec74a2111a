// SPDX-License-Identifier: Apache-2.0
#include "core/data/data_set.h"

#include <stdexcept>

namespace bitloupe::data {

std::string_view roleName(Role role) {
    switch (role) {
        case Role::Calibration:
            return "calibration";
        case Role::Search:
            return "search";
        case Role::Test:
            return "test";
        case Role::Training:
            return "training";
    }
    throw std::logic_error("unknown role");
}

std::int64_t Samples::count() const {
    return inputs.empty() ? 0 : inputs.begin()->second.shape().front();
}

std::int64_t Samples::labelsPerSample() const {
    return count() == 0 ? 0 : static_cast<std::int64_t>(labels.size()) / count();
}

std::int64_t Samples::targetsPerSample() const {
    return count() == 0 ? 0 : static_cast<std::int64_t>(targets.size()) / count();
}

namespace {

template <typename T>
std::vector<T> part(const std::vector<T>& all, std::int64_t first, std::int64_t count) {
    return all.empty() ? all : std::vector<T>(all.begin() + first, all.begin() + first + count);
}

}  // namespace

Samples Samples::slice(std::int64_t first, std::int64_t count) const {
    if (first < 0 || count < 0 || first > this->count() - count) {
        throw std::logic_error("a slice of samples lies outside of them");
    }
    Samples slice;
    for (const auto& [name, array] : inputs) {
        slice.inputs.emplace(name, array.rows(first, count));
    }
    const std::int64_t perLabel = labelsPerSample();
    slice.labels = part(labels, first * perLabel, count * perLabel);
    const std::int64_t perTarget = targetsPerSample();
    slice.targets = part(targets, first * perTarget, count * perTarget);
    return slice;
}

}  // namespace bitloupe::data
