// SPDX-License-Identifier: Apache-2.0
#include "core/data/metric.h"

#include <algorithm>

namespace bitloupe::data {

const std::vector<std::string>& metricKeys() {
    static const std::vector<std::string> kKeys = {"accuracy", "top5", "auc", "f1",  "perplexity",
                                                   "miou",     "r2",   "mse", "mae", "agreement"};
    return kKeys;
}

std::string_view metricKey(Metric metric) {
    return metricKeys().at(static_cast<std::size_t>(metric));
}

std::optional<Metric> findMetric(std::string_view key) {
    const std::vector<std::string>& keys = metricKeys();
    const auto found = std::find(keys.begin(), keys.end(), key);
    return found == keys.end() ? std::nullopt
                               : std::optional<Metric>(static_cast<Metric>(found - keys.begin()));
}

}  // namespace bitloupe::data
