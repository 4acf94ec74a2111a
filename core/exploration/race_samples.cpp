// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/race_samples.h"

#include <cstddef>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "core/base/random.h"

namespace bitloupe::exploration {

namespace {

/// Part of what a raced study means, so it never changes.
constexpr std::uint64_t kOrderSeed = 20130713;

/// Rows of `bytes` in `order`; each is `length` bytes long.
void gather(const std::byte* bytes, std::size_t length, const std::vector<std::size_t>& order,
            std::byte* to) {
    for (const std::size_t row : order) {
        std::memcpy(to, bytes + row * length, length);
        to += length;
    }
}

Array gathered(const Array& array, const std::vector<std::size_t>& order) {
    const std::size_t size = array.bytes().size();
    const std::shared_ptr<std::byte[]> rows(new std::byte[size]);
    gather(array.bytes().data(), size / order.size(), order, rows.get());
    return Array::sharing(array.type(), array.shape(), rows, {rows.get(), size});
}

template <typename T>
std::vector<T> gathered(const std::vector<T>& values, const std::vector<std::size_t>& order) {
    std::vector<T> mixed(values.size());
    gather(reinterpret_cast<const std::byte*>(values.data()),
           sizeof(T) * values.size() / order.size(), order,
           reinterpret_cast<std::byte*>(mixed.data()));
    return mixed;
}

}  // namespace

data::Samples mixedSamples(const data::Samples& samples) {
    std::vector<std::size_t> order(static_cast<std::size_t>(samples.count()));
    if (order.empty()) {
        return samples;
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(kOrderSeed).shuffle(order);
    data::Samples mixed;
    for (const auto& [name, array] : samples.inputs) {
        mixed.inputs.emplace(name, gathered(array, order));
    }
    mixed.labels = gathered(samples.labels, order);
    mixed.targets = gathered(samples.targets, order);
    return mixed;
}

}  // namespace bitloupe::exploration
