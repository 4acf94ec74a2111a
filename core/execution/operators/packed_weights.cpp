// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/packed_weights.h"

namespace bitloupe::execution {

namespace {

constexpr std::size_t kMostFloats = std::size_t{1} << 22;

bool isTrained(const at::Tensor& tensor) {
    return tensor.defined() && tensor.requires_grad();
}

std::int64_t versionOf(const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<std::int64_t>(tensor._version()) : 0;
}

}  // namespace

PackedWeights::Packed PackedWeights::find(const Entry& wanted) const {
    for (const Entry& entry : m_entries) {
        if (entry.weight.is_same(wanted.weight) && entry.bias.is_same(wanted.bias) &&
            entry.weightVersion == wanted.weightVersion &&
            entry.biasVersion == wanted.biasVersion) {
            return entry.packed;
        }
    }
    return nullptr;
}

PackedWeights::Packed PackedWeights::get(const at::Tensor& weight, const at::Tensor& bias,
                                         const std::function<std::vector<float>()>& pack) {
    if (isTrained(weight) || isTrained(bias)) {
        return std::make_shared<const std::vector<float>>(pack());
    }
    Entry entry{weight, bias, versionOf(weight), versionOf(bias), nullptr};
    {
        const std::scoped_lock lock(m_mutex);
        if (Packed known = find(entry)) {
            return known;
        }
    }
    entry.packed = std::make_shared<const std::vector<float>>(pack());
    const std::scoped_lock lock(m_mutex);
    m_floats += entry.packed->size();
    m_entries.push_back(entry);
    while (m_floats > kMostFloats && m_entries.size() > 1) {
        m_floats -= m_entries.front().packed->size();
        m_entries.pop_front();
    }
    return entry.packed;
}

}  // namespace bitloupe::execution
