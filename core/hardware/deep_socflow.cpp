// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/deep_socflow.h"

#include "core/hardware/mapping.h"

namespace bitloupe::hardware {

EngineCost engineCost(const EngineLayer& layer, const DeepSocFlow& engine) {
    const std::int64_t filtersAtOnce = engine.columns / layer.kernelWidth;
    const std::int64_t channelsPerPass = engine.weightMemoryDepth / layer.kernelHeight;
    if (filtersAtOnce == 0 || channelsPerPass == 0) {
        return {};
    }
    const std::int64_t iterations = ceilDivide(layer.outputChannels, filtersAtOnce);
    const std::int64_t blocks = ceilDivide(layer.height, engine.rows);
    const std::int64_t places = layer.batch * blocks * layer.width;
    const std::int64_t padding = layer.kernelHeight == 1 ? 0 : engine.maximumKernel / 2;
    EngineCost cost;
    for (std::int64_t left = layer.inputChannels; left > 0;) {
        // The first pass takes what does not fill a pass.
        const std::int64_t remainder = left % channelsPerPass;
        const std::int64_t channels = remainder > 0 ? remainder : channelsPerPass;
        left -= channels;
        cost.clocks += iterations * (1 + places * (1 + channels * layer.kernelHeight));
        cost.memoryBits +=
            engine.inputBits * iterations * places * channels * (engine.rows + padding - 1) +
            engine.weightBits * iterations * channels * layer.kernelHeight * engine.columns +
            engine.inputBits * layer.batch * layer.height * layer.width * layer.outputChannels;
    }
    const double macs = static_cast<double>(layer.batch * layer.height * layer.width) *
                        static_cast<double>(layer.inputChannels * layer.outputChannels) *
                        static_cast<double>(layer.kernelHeight * layer.kernelWidth);
    cost.utilization = macs / (static_cast<double>(engine.rows * engine.columns) *
                               static_cast<double>(cost.clocks));
    return cost;
}

}  // namespace bitloupe::hardware
