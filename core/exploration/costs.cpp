// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "core/base/array.h"
#include "core/exploration/explorer.h"
#include "core/hardware/cost.h"

namespace bitloupe::exploration {

namespace {

constexpr double kFloatBits = 32;

double storedBits(const std::optional<quantization::Quantizer>& quantizer) {
    return quantizer.has_value() ? quantizer->format.bitsPerValue() : kFloatBits;
}

double weightCount(const network::Layer& layer) {
    return layer.weight.empty() ? 0 : static_cast<double>(elementCount(layer.weightShape));
}

}  // namespace

Costs computeCosts(const std::vector<network::Layer>& layers, const Assignment& assignment,
                   const hardware::Accelerator& accelerator) {
    if (!assignment.empty() && assignment.size() != layers.size()) {
        throw std::logic_error("an assignment needs one scheme a layer");
    }
    Costs costs;
    std::vector<hardware::Gemm> gemms;
    gemms.reserve(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const network::Layer& layer = layers[i];
        const quantization::LayerScheme scheme =
            assignment.empty() ? quantization::LayerScheme{} : assignment[i];
        // Where two computed matrices meet (attention), both are rounded as activations.
        const double weightBits =
            storedBits(layer.weight.empty() ? scheme.activations : scheme.weights);
        costs.macs += static_cast<double>(layer.gemm.macs());
        costs.bops += hardware::bitOperations({.gemm = layer.gemm,
                                               .weightBits = weightBits,
                                               .activationBits = storedBits(scheme.activations)});
        costs.weightBits += weightCount(layer) * weightBits;
        gemms.push_back(layer.gemm);
    }
    costs.cycles = static_cast<double>(hardware::computeCycles(gemms, accelerator));
    costs.utilization = hardware::utilization(gemms, accelerator);
    return costs;
}

}  // namespace bitloupe::exploration
