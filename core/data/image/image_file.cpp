// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "core/base/file.h"
#include "core/data/image/decoders.h"
#include "core/data/letters.h"

namespace bitloupe::data {

namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} << 20U;
constexpr std::string_view kPngStart = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegStart = "\xff\xd8\xff";

Result<Image> decode(const std::string& path, ImageForm form, bool headOnly) {
    const Result<std::string> bytes = readFile(path, kMostFileBytes);
    if (bytes.hasError()) {
        return bytes.error();
    }
    Image image;
    std::string wrong;
    if (bytes.value().starts_with(kPngStart)) {
        wrong = decodePng(bytes.value(), form, headOnly, image);
    } else if (bytes.value().starts_with(kJpegStart)) {
        wrong = decodeJpeg(bytes.value(), headOnly, image);
    } else {
        return Error{"this is neither a PNG nor a JPEG image", path, "convert it to PNG"};
    }
    if (!wrong.empty()) {
        return Error{"the image cannot be read (" + wrong + ")", path,
                     "remove it, or copy it again from its source"};
    }
    return image;
}

Image grayOf(const Image& image) {
    Image gray{image.height, image.width, 1, {}};
    gray.pixels.reserve(image.pixels.size() / 3);
    for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
        // ITU-R 601-2 luma in 16-bit fixed point.
        const std::uint32_t luma = 19'595U * image.pixels[i] + 38'470U * image.pixels[i + 1] +
                                   7'471U * image.pixels[i + 2] + 0x8000U;
        gray.pixels.push_back(static_cast<std::uint8_t>(luma >> 16U));
    }
    return gray;
}

Image colourOf(const Image& image) {
    Image colour{image.height, image.width, 3, {}};
    colour.pixels.reserve(image.pixels.size() * 3);
    for (const std::uint8_t value : image.pixels) {
        colour.pixels.insert(colour.pixels.end(), 3, value);
    }
    return colour;
}

}  // namespace

bool isImageName(const std::string& path) {
    const std::string extension = lower(std::filesystem::path(path).extension().string());
    return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Result<ImageHead> readImageHead(const std::string& path) {
    const Result<Image> image = decode(path, ImageForm::AsStored, true);
    return image.hasError()
               ? Result<ImageHead>(image.error())
               : ImageHead{image.value().height, image.value().width, image.value().channels};
}

Result<Image> readImage(const std::string& path, ImageForm form) {
    Result<Image> image = decode(path, form, false);
    if (image.hasError()) {
        return image;
    }
    if (form == ImageForm::Gray && image.value().channels == 3) {
        return grayOf(image.value());
    }
    if (form == ImageForm::Colour && image.value().channels == 1) {
        return colourOf(image.value());
    }
    return image;
}

}  // namespace bitloupe::data
