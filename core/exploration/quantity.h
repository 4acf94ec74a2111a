// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitloupe::exploration {

enum class Direction { Maximize, Minimize };

/// Everything that is known about an evaluated design and can stand on an axis.
enum class QuantityId { Accuracy, Kl, OutputMse, Bops, Macs, WeightBits, Cycles, Utilization };

/// An objective is a quantity with its declared direction.
struct Quantity {
    QuantityId id;
    std::string key;  ///< in files: "accuracy", "kl", "output_mse", "bops", "macs", "weight_bits",
                      ///< "cycles", "utilization"
    std::string label;  ///< on screen
    std::string unit;   ///< "", "bit", "cycles", "nat"
    Direction direction;
};

/// All quantities, in the order they are offered.
[[nodiscard]] const std::vector<Quantity>& allQuantities();
[[nodiscard]] const Quantity& quantity(QuantityId id);
[[nodiscard]] std::optional<QuantityId> findQuantity(std::string_view key);

}  // namespace bitloupe::exploration
