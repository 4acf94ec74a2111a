// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::data {

/// A picture of bytes, row by row, the channels of a pixel together.
struct Image {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t channels = 0;
    std::vector<std::uint8_t> pixels;
};

/// How a file of an image is read.
enum class ImageForm {
    AsStored,  ///< one channel where the file has gray, else three
    Gray,      ///< one channel; colours as 0.299 R + 0.587 G + 0.114 B
    Colour,    ///< three channels
    Numbers    ///< one channel of the file's own numbers: a palette's places, not its colours
};

/// Whether the name ends like one of the files that can be read: .png, .jpg, .jpeg.
[[nodiscard]] bool isImageName(const std::string& path);

/// Height, width and channels (1 or 3) of a PNG or JPEG file, from its head.
struct ImageHead {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t channels = 0;
};
[[nodiscard]] Result<ImageHead> readImageHead(const std::string& path);

/// The whole image: 16-bit values are cut to 8, what can be seen through is taken as opaque, gamma
/// is left as it is. Errors: neither PNG nor JPEG, cut short, damaged, more than 16,384 pixels wide
/// or high or 67 million in all.
[[nodiscard]] Result<Image> readImage(const std::string& path, ImageForm form);

inline constexpr std::int64_t kMostImageSide = 16'384;
inline constexpr std::int64_t kMostImagePixels = std::int64_t{1} << 26U;

/// Another size. Smooth: bilinear with a triangle as wide as the step when it becomes smaller, in
/// 22-bit fixed point, columns before rows, as Pillow's `Image.resize(..., BILINEAR)` and so
/// torchvision's Resize. Else the nearest pixel, for label images.
[[nodiscard]] Image resized(const Image& image, std::int64_t height, std::int64_t width,
                            bool smooth = true);

/// The middle part (at most the size of the image), as torchvision's CenterCrop.
[[nodiscard]] Image centreCropped(const Image& image, std::int64_t height, std::int64_t width);

}  // namespace bitloupe::data
