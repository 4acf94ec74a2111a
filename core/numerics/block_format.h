// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/numerics/rounding.h"

/// Formats whose elements share a scale block by block.
/// OCP Microscaling Formats (MX) Specification v1.0, 2023; NVFP4 as NVIDIA's Blackwell describes
/// it.
namespace bitloupe::numerics {

/// The shared scale of one block.
///   PowerOfTwo: 2^(floor(log2 m) - floor(log2 largest element)), m the largest finite magnitude,
///               exponent kept within -127..127; 2^-127 for a block of zeros.
///   Fp8E4M3:    m / 6 rounded to fp8e4m3 (nearest even, at most 448); 0 for a block of zeros.
[[nodiscard]] float blockScale(const BlockParameters& format, std::span<const float> block);

/// The second-level scale of NVFP4 that uses the whole range of its block scales:
/// largest magnitude / (6 * 448), or 1 for a tensor of zeros. 1 for all other formats.
/// Give it to roundSpan as options.scaling.scale.
[[nodiscard]] float blockTensorScale(const NumberFormat& format, std::span<const float> tensor);

/// The bits of one block: E8M0 or fp8e4m3, and one code per element.
struct BlockCode {
    std::uint32_t scale = 0;
    std::vector<std::uint32_t> elements;
};

/// Rounded to nearest; a block may be shorter than the format's size. A tensor scale, if any, has
/// been divided out of `block` and is multiplied onto what decodeBlock gives.
[[nodiscard]] BlockCode encodeBlock(const BlockParameters& format, std::span<const float> block);
void decodeBlock(const BlockParameters& format, const BlockCode& code, std::span<float> block);

void roundBlocks(const BlockParameters& format, std::span<const float> in, std::span<float> out,
                 const RoundingOptions& options);

}  // namespace bitloupe::numerics
