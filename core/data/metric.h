// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitloupe::data {

/// How well outputs agree with what the data says. Agreement (the share of rows whose largest
/// output is the float network's) is the one that needs no labels.
enum class Metric { Accuracy, Top5, Auc, F1, Perplexity, Miou, R2, Mse, Mae, Agreement };

/// In files: "accuracy", "top5", "auc", "f1", "perplexity", "miou", "r2", "mse", "mae",
/// "agreement".
[[nodiscard]] std::string_view metricKey(Metric metric);
[[nodiscard]] std::optional<Metric> findMetric(std::string_view key);
/// All keys, in the order they are offered.
[[nodiscard]] const std::vector<std::string>& metricKeys();

}  // namespace bitloupe::data
