// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include <cstdio>
#include <cstdlib>
#include <vector>
// jpeglib.h needs FILE, so it comes after cstdio.
#include <jpeglib.h>

#include "core/data/image/decoders.h"
#include "tests/fuzz/data_target.h"

using namespace bitloupe;

namespace {

constexpr int kSide = 24;

std::vector<unsigned char> pixels(int channels) {
    std::vector<unsigned char> values;
    for (int i = 0; i < kSide * kSide * channels; ++i) {
        values.push_back(static_cast<unsigned char>(i * 5 + i / 31));
    }
    return values;
}

std::string png(unsigned format, int channels) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = kSide;
    image.format = format;
    const std::vector<unsigned char> values = pixels(channels);
    png_alloc_size_t size = 0;
    png_image_write_to_memory(&image, nullptr, &size, 0, values.data(), 0, nullptr);
    std::string bytes(size, '\0');
    png_image_write_to_memory(&image, bytes.data(), &size, 0, values.data(), 0, nullptr);
    bytes.resize(size);
    return bytes;
}

std::string jpeg(bool progressive) {
    jpeg_compress_struct info{};
    jpeg_error_mgr manager{};
    info.err = jpeg_std_error(&manager);
    jpeg_create_compress(&info);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = info.image_height = kSide;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    if (progressive) {
        jpeg_simple_progression(&info);
    }
    jpeg_start_compress(&info, TRUE);
    std::vector<unsigned char> values = pixels(3);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = values.data() + info.next_scanline * kSide * 3;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    std::string result(reinterpret_cast<char*>(bytes), size);
    std::free(bytes);
    return result;
}

/// As samples, and as a label image.
std::string readBytes(const std::string& bytes) {
    data::Image image;
    (void)data::decodePng(bytes, data::ImageForm::Numbers, false, image);
    return fuzz::readAsData(bytes, ".png");
}

}  // namespace

int main(int argc, char** argv) {
    return fuzz::run("image", argc, argv,
                     {png(PNG_FORMAT_RGB, 3), png(PNG_FORMAT_GRAY, 1), png(PNG_FORMAT_GA, 2),
                      jpeg(false), jpeg(true)},
                     6000, readBytes);
}
