// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

namespace bitloupe::execution {

/// Which kernel weights are packed for. One convolution may go by several: the size of the image
/// decides, and may change from call to call.
enum class PackedLayout { Dense, Depthwise, Winograd };

/// The weights of one convolution or product in the order that its kernel reads them, kept for the
/// next call: a population runs the same few over many small batches. Thread-safe; holds at most
/// some megabytes.
class PackedWeights {
public:
    using Packed = std::shared_ptr<const std::vector<float>>;

    /// What `pack` makes of the two tensors (`bias` may be undefined), or what it made of them
    /// before: it is kept when they come for the second time. Tensors that are being trained are
    /// packed each time.
    [[nodiscard]] Packed get(PackedLayout layout, const at::Tensor& weight, const at::Tensor& bias,
                             const std::function<std::vector<float>()>& pack);

private:
    struct Entry {
        at::Tensor weight;
        at::Tensor bias;
        std::int64_t weightVersion = 0;  ///< grows with every change of the values
        std::int64_t biasVersion = 0;
        Packed packed;  ///< from the second call on

        [[nodiscard]] bool isOf(const Entry& other) const;
        [[nodiscard]] std::size_t size() const;  ///< floats held, the weight's own too
    };

    /// Tensors by their address; the entry holds them, so that no other tensor takes their place.
    using Key = std::tuple<PackedLayout, const void*, const void*>;

    void forgetOldest();

    std::mutex m_mutex;
    std::map<Key, Entry> m_entries;
    std::deque<Key> m_order;   ///< the oldest first
    std::size_t m_floats = 0;  ///< of all entries
};

}  // namespace bitloupe::execution
