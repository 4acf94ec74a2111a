// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/metric.h"

namespace bitloupe::exploration {

enum class Direction { Maximize, Minimize };

/// Everything that is known about an evaluated design and can stand on an axis. Those from Accuracy
/// to Agreement are metrics: a study measures one of them.
enum class QuantityId {
    Accuracy,
    Top5,
    Auc,
    F1,
    Perplexity,
    Miou,
    R2,
    Mse,
    Mae,
    Agreement,
    Kl,
    OutputMse,
    Bops,
    Macs,
    WeightBits,
    Cycles,
    Utilization,
    Conversions
};

/// An objective is a quantity with its declared direction.
struct Quantity {
    QuantityId id;
    /// In files: a metric's own key, "kl", "output_mse", "bops", "macs", "weight_bits", "cycles",
    /// "utilization", "conversions".
    std::string key;
    std::string label;  ///< on screen
    std::string unit;   ///< "", "bit", "cycles", "nat"
    Direction direction;
};

/// All quantities, in the order they are offered.
[[nodiscard]] const std::vector<Quantity>& allQuantities();
[[nodiscard]] const Quantity& quantity(QuantityId id);
[[nodiscard]] std::optional<QuantityId> findQuantity(std::string_view key);

[[nodiscard]] bool isMetric(QuantityId id);
/// Quantities between 0 and 1 that people read in percent.
[[nodiscard]] bool isShare(QuantityId id);
[[nodiscard]] QuantityId quantityOf(data::Metric metric);
/// The metric behind a quantity; nothing for the others.
[[nodiscard]] std::optional<data::Metric> metricOf(QuantityId id);
/// The metric among the objectives of a study; accuracy when there is none.
[[nodiscard]] QuantityId metricAmong(const std::vector<QuantityId>& objectives);
/// Whether a value is at least as good as a limit, in the direction of the quantity.
[[nodiscard]] bool reaches(QuantityId id, double value, double limit);
/// What a study with this metric can show: it and everything that is no metric.
[[nodiscard]] std::vector<Quantity> quantitiesWith(QuantityId metric);

}  // namespace bitloupe::exploration
