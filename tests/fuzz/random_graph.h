// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::fuzz {

/// The operators that randomCase() picks from, as DOMAIN/NAME where they have a domain.
[[nodiscard]] const std::vector<std::string>& operatorsUsed();

/// A small graph and values for its inputs.
struct RandomCase {
    std::shared_ptr<const network::Graph> graph;
    std::map<std::string, Array> inputs;
};

/// One to four operators over small tensors. Types, shapes, numbers of inputs and attributes are
/// often wrong; numbers are now and then at the limits of their type. Follows from `seed` alone.
[[nodiscard]] RandomCase randomCase(std::uint32_t seed);

}  // namespace bitloupe::fuzz
