// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

/// Loops over images that the general operators do slowly. Row-major float32, one call an image or
/// plane; no allocation inside.
namespace bitloupe::execution::kernels {

/// A convolution with stride 1 of one image, without groups.
struct DirectConvolution {
    std::size_t channels = 0;
    std::size_t height = 0;  ///< of the padded image
    std::size_t width = 0;
    std::size_t filters = 0;
    std::size_t kernelHeight = 0;
    std::size_t kernelWidth = 0;
    std::size_t dilationHeight = 1;
    std::size_t dilationWidth = 1;

    [[nodiscard]] std::size_t outputHeight() const {
        return height - (kernelHeight - 1) * dilationHeight;
    }
    [[nodiscard]] std::size_t outputWidth() const {
        return width - (kernelWidth - 1) * dilationWidth;
    }
    [[nodiscard]] std::size_t taps() const { return channels * kernelHeight * kernelWidth; }
};

/// Floats that may be read past the end of a padded image.
inline constexpr std::size_t kReadBeyond = 64;

/// `weights`, filter by filter, in the order that convolve() reads them.
[[nodiscard]] std::vector<float> packFilters(const DirectConvolution& shape, const float* weights);

/// Every output is bias, then plus input times weight tap by tap (channel, row, column), each a
/// fused multiply-add: it does not depend on the other filters. `image` has kReadBeyond readable
/// floats behind it; `bias` may be null.
void convolve(const DirectConvolution& shape, const float* image, const std::vector<float>& packed,
              const float* bias, float* output);

/// Mean of each 2 x 2 window of a plane, two apart; an odd last row or column is left out.
void averagePairs(const float* plane, std::size_t height, std::size_t width, float* output);

}  // namespace bitloupe::execution::kernels
