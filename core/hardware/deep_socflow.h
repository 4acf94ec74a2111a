// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bitloupe::hardware {

/// The DeepSoCFlow engine (Kastner group, UCSD): rows work on image rows, columns on filters times
/// kernel columns, weights of a pass in one memory.
struct DeepSocFlow {
    std::int64_t rows = 8;
    std::int64_t columns = 24;
    double clockMhz = 250;
    std::int64_t inputBits = 4;
    std::int64_t weightBits = 4;
    std::int64_t weightMemoryDepth = 2048;  ///< rows of weights; at least the kernel height
    std::int64_t maximumKernel = 13;        ///< the engine pads half of it
};

/// A convolution with `same` padding and stride 1 as the engine runs it. A dense layer is
/// height = rows of the batch, width = 1, kernel 1 x 1.
struct EngineLayer {
    std::int64_t batch = 1;
    std::int64_t height = 1;
    std::int64_t width = 1;
    std::int64_t inputChannels = 1;
    std::int64_t outputChannels = 1;
    std::int64_t kernelHeight = 1;
    std::int64_t kernelWidth = 1;
};

struct EngineCost {
    std::int64_t clocks = 0;
    std::int64_t memoryBits = 0;  ///< read and written in external memory
    double utilization = 0;       ///< 0 to 1

    [[nodiscard]] double seconds(const DeepSocFlow& engine) const {
        return static_cast<double>(clocks) / (engine.clockMhz * 1e6);
    }
};

/// Its own performance formulas: passes over input channels of CM = depth / kernel height each,
/// IT = ceil(filters / (columns / kernel width)) iterations and XL = ceil(height / rows) blocks;
/// clocks = sum over passes of IT (1 + N XL W (1 + CM KH)). The weights of a pass are counted with
/// that pass's channels. A kernel wider than the columns or higher than the memory costs 0 clocks.
[[nodiscard]] EngineCost engineCost(const EngineLayer& layer, const DeepSocFlow& engine);

}  // namespace bitloupe::hardware
