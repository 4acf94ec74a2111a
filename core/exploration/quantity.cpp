// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/quantity.h"

#include <algorithm>

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

const std::vector<Quantity>& allQuantities() {
    static const std::vector<Quantity> kQuantities = {
        {QuantityId::Accuracy, "accuracy", "Accuracy", "", Direction::Maximize},
        {QuantityId::Kl, "kl", "KL divergence", "nat", Direction::Minimize},
        {QuantityId::OutputMse, "output_mse", "Output error (MSE)", "", Direction::Minimize},
        {QuantityId::Bops, "bops", "BOPs", "", Direction::Minimize},
        {QuantityId::Macs, "macs", "MACs", "", Direction::Minimize},
        {QuantityId::WeightBits, "weight_bits", "Weight bits", "bit", Direction::Minimize},
        {QuantityId::Cycles, "cycles", "Cycles", "cycles", Direction::Minimize},
        {QuantityId::Utilization, "utilization", "Utilization", "", Direction::Maximize},
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

double Evaluation::value(QuantityId quantity) const {
    switch (quantity) {
        case QuantityId::Accuracy:
            return measured.metric;
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
    }
    return 0;  // every quantity returned above
}

}  // namespace bitloupe::exploration
