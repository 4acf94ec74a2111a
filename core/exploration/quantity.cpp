// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/quantity.h"

#include <algorithm>

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

const std::vector<Quantity>& allQuantities() {
    static const std::vector<Quantity> kQuantities = {
        {QuantityId::Accuracy, "accuracy", "Accuracy", "", Direction::Maximize},
        {QuantityId::Top5, "top5", "Top-5 accuracy", "", Direction::Maximize},
        {QuantityId::Auc, "auc", "Area under ROC", "", Direction::Maximize},
        {QuantityId::F1, "f1", "Macro F1", "", Direction::Maximize},
        {QuantityId::Perplexity, "perplexity", "Perplexity", "", Direction::Minimize},
        {QuantityId::Miou, "miou", "Mean IoU", "", Direction::Maximize},
        {QuantityId::R2, "r2", "R²", "", Direction::Maximize},
        {QuantityId::Mse, "mse", "Mean squared error", "", Direction::Minimize},
        {QuantityId::Mae, "mae", "Mean absolute error", "", Direction::Minimize},
        {QuantityId::Agreement, "agreement", "Agreement with float", "", Direction::Maximize},
        {QuantityId::Kl, "kl", "KL divergence", "nat", Direction::Minimize},
        {QuantityId::OutputMse, "output_mse", "Output error (MSE)", "", Direction::Minimize},
        {QuantityId::Bops, "bops", "BOPs", "", Direction::Minimize},
        {QuantityId::Macs, "macs", "MACs", "", Direction::Minimize},
        {QuantityId::WeightBits, "weight_bits", "Weight bits", "bit", Direction::Minimize},
        {QuantityId::Cycles, "cycles", "Cycles", "cycles", Direction::Minimize},
        {QuantityId::Utilization, "utilization", "Utilization", "", Direction::Maximize},
        {QuantityId::Conversions, "conversions", "Converted elements", "", Direction::Minimize},
    };
    return kQuantities;
}

const Quantity& quantity(QuantityId id) {
    const std::vector<Quantity>& all = allQuantities();
    return *std::find_if(all.begin(), all.end(), [id](const Quantity& q) { return q.id == id; });
}

std::optional<QuantityId> findQuantity(std::string_view key) {
    for (const Quantity& candidate : allQuantities()) {
        if (candidate.key == key) {
            return candidate.id;
        }
    }
    return std::nullopt;
}

bool isMetric(QuantityId id) {
    return id <= QuantityId::Agreement;
}

bool isShare(QuantityId id) {
    return id == QuantityId::Utilization ||
           (isMetric(id) && id != QuantityId::Perplexity && id != QuantityId::R2 &&
            id != QuantityId::Mse && id != QuantityId::Mae);
}

QuantityId quantityOf(data::Metric metric) {
    return findQuantity(data::metricKey(metric)).value();
}

std::optional<data::Metric> metricOf(QuantityId id) {
    return isMetric(id) ? data::findMetric(quantity(id).key) : std::nullopt;
}

QuantityId metricAmong(const std::vector<QuantityId>& objectives) {
    const auto found = std::find_if(objectives.begin(), objectives.end(), isMetric);
    return found == objectives.end() ? QuantityId::Accuracy : *found;
}

bool reaches(QuantityId id, double value, double limit) {
    return quantity(id).direction == Direction::Maximize ? value >= limit : value <= limit;
}

std::vector<Quantity> quantitiesWith(QuantityId metric) {
    std::vector<Quantity> offered = allQuantities();
    std::erase_if(offered,
                  [metric](const Quantity& one) { return isMetric(one.id) && one.id != metric; });
    return offered;
}

double Evaluation::value(QuantityId quantity) const {
    if (isMetric(quantity)) {
        return measured.metric;
    }
    switch (quantity) {
        case QuantityId::Kl:
            return measured.kl;
        case QuantityId::OutputMse:
            return measured.outputMse;
        case QuantityId::Bops:
            return costs.bops;
        case QuantityId::Macs:
            return costs.macs;
        case QuantityId::WeightBits:
            return costs.weightBits;
        case QuantityId::Cycles:
            return costs.cycles;
        case QuantityId::Utilization:
            return costs.utilization;
        case QuantityId::Conversions:
            return costs.conversions;
        default:
            break;
    }
    return 0;  // every quantity returned above
}

}  // namespace bitloupe::exploration
