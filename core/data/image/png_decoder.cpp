// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "core/data/image/decoders.h"

namespace bitloupe::data {

namespace {

/// What libpng's callbacks reach.
struct Reading {
    std::string_view bytes;
    std::size_t place = 0;
    char message[128] = {};
    std::vector<png_bytep> rows;
    std::string wrong;
    std::jmp_buf escape;
};

[[noreturn]] void onError(png_structp png, png_const_charp message) {
    auto* const reading = static_cast<Reading*>(png_get_error_ptr(png));
    std::strncpy(reading->message, message, sizeof(reading->message) - 1);
    std::longjmp(reading->escape, 1);
}

void onWarning(png_structp /*png*/, png_const_charp /*message*/) {}

void onRead(png_structp png, png_bytep target, std::size_t size) {
    auto* const reading = static_cast<Reading*>(png_get_io_ptr(png));
    if (size > reading->bytes.size() - reading->place) {
        png_error(png, "the file ends early");
    }
    std::memcpy(target, reading->bytes.data() + reading->place, size);
    reading->place += size;
}

/// Palettes, few bits, transparency and 16 bits become bytes of gray or of colours.
void plainBytes(png_structp png, ImageForm form) {
    png_set_packing(png);
    png_set_scale_16(png);
    if (form == ImageForm::Numbers) {
        return;
    }
    png_set_expand(png);
    png_set_strip_alpha(png);
}

}  // namespace

std::string refusedSize(std::int64_t height, std::int64_t width) {
    if (height < 1 || width < 1 || height > kMostImageSide || width > kMostImageSide ||
        height > kMostImagePixels / width) {
        return "the image says it has " + std::to_string(width) + " x " + std::to_string(height) +
               " pixels";
    }
    return "";
}

// Nothing that has to be destroyed may be made between setjmp and a longjmp: it stands in Reading.
std::string decodePng(std::string_view bytes, ImageForm form, bool headOnly, Image& image) {
    Reading reading;
    reading.bytes = bytes;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, onError, onWarning);
    png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr) {
        png_destroy_read_struct(&png, nullptr, nullptr);
        return "there is no memory to read it";
    }
    if (setjmp(reading.escape) != 0) {
        png_destroy_read_struct(&png, &info, nullptr);
        return reading.message;
    }
    png_set_user_limits(png, kMostImageSide, kMostImageSide);
    png_set_chunk_malloc_max(png, 8U << 20U);
    png_set_read_fn(png, &reading, onRead);
    png_read_info(png, info);
    image.height = png_get_image_height(png, info);
    image.width = png_get_image_width(png, info);
    image.channels = (png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    reading.wrong = refusedSize(image.height, image.width);
    if (reading.wrong.empty() && form == ImageForm::Numbers &&
        png_get_color_type(png, info) != PNG_COLOR_TYPE_PALETTE &&
        png_get_color_type(png, info) != PNG_COLOR_TYPE_GRAY) {
        reading.wrong = "a label image has one number a pixel, this has colours";
    }
    if (reading.wrong.empty() && !headOnly) {
        plainBytes(png, form);
        (void)png_set_interlace_handling(png);
        png_read_update_info(png, info);
        const std::size_t row = png_get_rowbytes(png, info);
        image.channels = png_get_channels(png, info);
        image.pixels.resize(row * static_cast<std::size_t>(image.height));
        reading.rows.resize(static_cast<std::size_t>(image.height));
        for (std::size_t y = 0; y < reading.rows.size(); ++y) {
            reading.rows[y] = image.pixels.data() + y * row;
        }
        png_read_image(png, reading.rows.data());
        png_read_end(png, nullptr);
    }
    png_destroy_read_struct(&png, &info, nullptr);
    return reading.wrong;
}

}  // namespace bitloupe::data
