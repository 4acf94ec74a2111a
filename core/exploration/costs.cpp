// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/base/array.h"
#include "core/exploration/explorer.h"
#include "core/hardware/cost.h"

namespace bitloupe::exploration {

namespace {

/// The product that an array has to compute: N:M shortens every dot product, whole channels leave
/// columns out. Zeros at single places save an array nothing.
hardware::Gemm productOf(const hardware::Gemm& dense, const quantization::Pruning& pruning) {
    using Pattern = quantization::Pruning::Pattern;
    hardware::Gemm gemm = dense;
    if (pruning.pattern == Pattern::NOfM) {
        const std::int64_t groups = gemm.k / pruning.of;
        gemm.k = groups * pruning.kept +
                 std::min<std::int64_t>(pruning.kept, gemm.k - groups * pruning.of);
    } else if (pruning.pattern == Pattern::Channels) {
        gemm.n -= std::llround(static_cast<double>(gemm.n) * pruning.percent / 100);
    }
    return gemm;
}

double weightCount(const network::Layer& layer) {
    return layer.weight.empty() ? 0 : static_cast<double>(elementCount(layer.weightShape));
}

}  // namespace

Costs computeCosts(const std::vector<network::Layer>& layers, const Assignment& assignment,
                   const hardware::Accelerator& accelerator, const FormatConversions& conversions) {
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
            bitsPerValue(layer.weight.empty() ? scheme.activations : scheme.weights);
        const bool hasWeights = !layer.weight.empty() && scheme.weights.has_value();
        const quantization::Pruning pruning =
            hasWeights ? scheme.weights->pruning : quantization::Pruning{};
        costs.macs += static_cast<double>(layer.gemm.macs());
        costs.bops += hardware::bitOperations({.gemm = layer.gemm,
                                               .weightBits = weightBits,
                                               .activationBits = bitsPerValue(scheme.activations),
                                               .density = pruning.density()});
        costs.weightBits += weightCount(layer) *
                            (hasWeights ? scheme.weights->storedBits() : quantization::kFloatBits);
        gemms.push_back(hardware::foldedGemm(productOf(layer.gemm, pruning), accelerator.element,
                                             weightBits, bitsPerValue(scheme.activations)));
    }
    costs.conversions = conversions.elements(assignment);
    costs.bops += conversions.price().bops * costs.conversions;
    costs.cycles = static_cast<double>(hardware::computeCycles(gemms, accelerator)) +
                   conversions.price().cycles * costs.conversions;
    costs.utilization = hardware::utilization(gemms, accelerator);
    return costs;
}

}  // namespace bitloupe::exploration
