// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/block_format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/numerics/kernel_plans.h"
#include "core/numerics/random_key.h"
#include "core/numerics/scalar_codes.h"
#include "core/numerics/scalar_rounding.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

constexpr int kScaleExponentLimit = 127;
const FloatParameters kBlockScaleFloat{4, 3, FloatSpecials::Fn, true};

float largestMagnitude(std::span<const float> values) {
    float largest = 0;
    for (const float value : values) {
        const float magnitude = std::abs(value);
        largest = std::isfinite(magnitude) ? std::max(largest, magnitude) : largest;
    }
    return largest;
}

float roundOne(const ScalarParameters& format, float value) {
    float result = value;
    roundScalars(format, {&result, 1}, {&result, 1}, {});
    return result;
}

}  // namespace

float blockScale(const BlockParameters& format, std::span<const float> block) {
    const float largest = largestMagnitude(block);
    const auto largestElement = static_cast<float>(largestValue(format.element));
    if (format.scale == BlockScale::Fp8E4M3) {
        return roundOne(kBlockScaleFloat, largest / largestElement);
    }
    const int exponent =
        largest == 0 ? -kScaleExponentLimit : std::ilogb(largest) - std::ilogb(largestElement);
    return std::ldexp(1.0F, std::clamp(exponent, -kScaleExponentLimit, kScaleExponentLimit));
}

float blockTensorScale(const NumberFormat& format, std::span<const float> tensor) {
    const auto* block = std::get_if<BlockParameters>(&format.parameters());
    if (block == nullptr || block->scale != BlockScale::Fp8E4M3) {
        return 1;
    }
    const double range = largestValue(block->element) * largestValue(kBlockScaleFloat);
    const auto scale = static_cast<float>(largestMagnitude(tensor) / range);
    return scale > 0 ? scale : 1.0F;
}

BlockCode encodeBlock(const BlockParameters& format, std::span<const float> block) {
    const float shared = blockScale(format, block);
    BlockCode code;
    code.scale = format.scale == BlockScale::Fp8E4M3
                     ? encodeExact(kBlockScaleFloat, shared)
                     : static_cast<std::uint32_t>(std::ilogb(shared) + kScaleExponentLimit);
    for (const float x : block) {
        RoundingOptions options;
        options.narrow = format.narrow;
        const float quotient = shared > 0 ? x / shared : x;
        float value = 0;
        roundScalars(format.element, {&quotient, 1}, {&value, 1}, options);
        code.elements.push_back(encodeExact(format.element, value));
    }
    return code;
}

void decodeBlock(const BlockParameters& format, const BlockCode& code, std::span<float> block) {
    const float shared = format.scale == BlockScale::Fp8E4M3
                             ? decodeScalar(kBlockScaleFloat, code.scale)
                             : std::ldexp(1.0F, static_cast<int>(code.scale) - kScaleExponentLimit);
    for (std::size_t i = 0; i < block.size(); ++i) {
        block[i] = decodeScalar(format.element, code.elements[i]) * shared;
    }
}

namespace {

/// One block after the other, the last one as short as it is.
void roundBlockByBlock(const BlockParameters& format, std::span<const float> in,
                       std::span<float> out, const RoundingOptions& options) {
    const auto size = static_cast<std::size_t>(format.blockSize);
    std::vector<float> scaled(size);
    for (std::size_t begin = 0; begin < in.size(); begin += size) {
        const std::size_t count = std::min(size, in.size() - begin);
        const std::span<const float> block = in.subspan(begin, count);
        std::transform(block.begin(), block.end(), scaled.begin(),
                       [&](float value) { return value / options.scaling.scale; });
        const float shared = blockScale(format, std::span<const float>(scaled).first(count));
        RoundingOptions blockOptions = options;
        blockOptions.narrow = format.narrow;
        blockOptions.firstIndex = options.firstIndex + begin;
        blockOptions.scaling = {shared > 0 ? shared : 1.0F, 0.0F};
        const std::span<float> result = out.subspan(begin, count);
        roundScalars(format.element, std::span<const float>(scaled).first(count), result,
                     blockOptions);
        for (float& value : result) {
            value *= shared > 0 ? options.scaling.scale : 0.0F;
        }
    }
}

kernels::BlockPlan blockPlan(const BlockParameters& format, const RoundingOptions& options) {
    kernels::BlockPlan plan;
    if (const auto* element = std::get_if<FloatParameters>(&format.element)) {
        plan.element = floatPlan(*element, 1, options.mode);
    } else {
        RoundingOptions elementOptions;
        elementOptions.narrow = format.narrow;
        plan.elementIsFloat = false;
        plan.grid = gridPlan(std::get<FixedParameters>(format.element), elementOptions);
    }
    plan.largestElement = static_cast<float>(largestValue(format.element));
    plan.largestElementExponent = std::ilogb(plan.largestElement);
    plan.powerOfTwoScale = format.scale == BlockScale::PowerOfTwo;
    plan.blockScale = floatPlan(kBlockScaleFloat, 1, RoundingMode::Nearest);
    plan.blockSize = static_cast<std::size_t>(format.blockSize);
    plan.tensorScale = options.scaling.scale;
    plan.direction = options.mode;
    return plan;
}

}  // namespace

void roundBlocks(const BlockParameters& format, std::span<const float> in, std::span<float> out,
                 const RoundingOptions& options) {
    std::size_t done = 0;
    const auto counter = static_cast<std::uint32_t>(options.firstIndex);
    if (in.size() <= std::numeric_limits<std::uint32_t>::max() - counter) {
        const kernels::RandomKey key = randomKey(options.seed, options.firstIndex >> 32);
        done = kernels::roundWholeBlocks({in.data(), out.data(), in.size(), key, counter},
                                         blockPlan(format, options));
    }
    RoundingOptions rest = options;
    rest.firstIndex += done;
    roundBlockByBlock(format, in.subspan(done), out.subspan(done), rest);
}

}  // namespace bitloupe::numerics
