// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "core/exploration/design.h"

namespace bitloupe::exploration {

/// FNV-1a over the genes.
struct DesignHash {
    std::size_t operator()(const Design& design) const {
        std::uint64_t hash = 0xcbf29ce484222325ULL;
        for (const std::uint16_t gene : design.genes) {
            hash = (hash ^ gene) * 0x100000001b3ULL;
        }
        return static_cast<std::size_t>(hash ^ (hash >> 32));
    }
};

using DesignSet = std::unordered_set<Design, DesignHash>;
template <typename Value>
using DesignMap = std::unordered_map<Design, Value, DesignHash>;

}  // namespace bitloupe::exploration
