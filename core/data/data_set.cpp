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

namespace {

template <typename T>
std::vector<T> part(const std::vector<T>& all, std::int64_t first, std::int64_t count) {
    return all.empty() ? all : std::vector<T>(all.begin() + first, all.begin() + first + count);
}

Array part(const Array& all, std::int64_t first, std::int64_t count) {
    Shape shape = all.shape();
    const auto bytesPerSample =
        shape.front() == 0 ? 0 : all.bytes().size() / static_cast<std::size_t>(shape.front());
    shape.front() = count;
    return Array::fromBytes(all.type(), std::move(shape),
                            all.bytes().subspan(static_cast<std::size_t>(first) * bytesPerSample,
                                                static_cast<std::size_t>(count) * bytesPerSample));
}

}  // namespace

Samples Samples::slice(std::int64_t first, std::int64_t count) const {
    if (first < 0 || count < 0 || first > this->count() - count) {
        throw std::logic_error("a slice of samples lies outside of them");
    }
    Samples slice;
    for (const auto& [name, array] : inputs) {
        slice.inputs.emplace(name, part(array, first, count));
    }
    slice.labels = part(labels, first, count);
    slice.targets = part(targets, first, count);
    return slice;
}

}  // namespace bitloupe::data
