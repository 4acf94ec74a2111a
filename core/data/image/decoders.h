// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/data/image/image.h"

namespace bitloupe::data {

/// Fill `image` (with `headOnly` without its pixels). What is wrong with the bytes, or "".
[[nodiscard]] std::string decodePng(std::string_view bytes, ImageForm form, bool headOnly,
                                    Image& image);
[[nodiscard]] std::string decodeJpeg(std::string_view bytes, bool headOnly, Image& image);

/// "" when an image of this size is read.
[[nodiscard]] std::string refusedSize(std::int64_t height, std::int64_t width);

}  // namespace bitloupe::data
