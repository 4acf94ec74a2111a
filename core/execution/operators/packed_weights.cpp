// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/packed_weights.h"

namespace bitloupe::execution {

namespace {

constexpr std::size_t kMostFloats = std::size_t{1} << 23;
constexpr std::size_t kMostEntries = 4096;

bool isTrained(const at::Tensor& tensor) {
    return tensor.defined() && tensor.requires_grad();
}

std::int64_t versionOf(const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<std::int64_t>(tensor._version()) : 0;
}

}  // namespace

bool PackedWeights::Entry::isOf(const Entry& other) const {
    return weightVersion == other.weightVersion && biasVersion == other.biasVersion;
}

std::size_t PackedWeights::Entry::size() const {
    return static_cast<std::size_t>(weight.defined() ? weight.numel() : 0) +
           (packed ? packed->size() : 0);
}

void PackedWeights::forgetOldest() {
    const auto oldest = m_entries.find(m_order.front());
    m_order.pop_front();
    m_floats -= oldest->second.size();
    m_entries.erase(oldest);
}

PackedWeights::Packed PackedWeights::get(PackedLayout layout, const at::Tensor& weight,
                                         const at::Tensor& bias,
                                         const std::function<std::vector<float>()>& pack) {
    if (isTrained(weight) || isTrained(bias)) {
        return std::make_shared<const std::vector<float>>(pack());
    }
    const Key key(layout, weight.unsafeGetTensorImpl(), bias.unsafeGetTensorImpl());
    Entry entry{weight, bias, versionOf(weight), versionOf(bias), nullptr};
    bool known = false;
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_entries.find(key);
        known = found != m_entries.end() && found->second.isOf(entry);
        if (known && found->second.packed) {
            return found->second.packed;
        }
    }
    const auto packed = std::make_shared<const std::vector<float>>(pack());
    entry.packed = known ? packed : nullptr;  // what comes but once is not worth its memory
    const std::scoped_lock lock(m_mutex);
    if (const auto [place, fresh] = m_entries.try_emplace(key); fresh) {
        m_order.push_back(key);
    } else {
        m_floats -= place->second.size();
    }
    m_floats += entry.size();
    m_entries[key] = std::move(entry);
    while ((m_floats > kMostFloats || m_order.size() > kMostEntries) && m_order.size() > 1) {
        forgetOldest();
    }
    return packed;
}

}  // namespace bitloupe::execution
