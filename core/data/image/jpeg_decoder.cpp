// SPDX-License-Identifier: Apache-2.0
#include <csetjmp>
#include <cstdio>
// jpeglib.h needs FILE, so it comes after cstdio.
#include <jerror.h>
#include <jpeglib.h>

#include "core/data/image/decoders.h"

namespace bitloupe::data {

namespace {

/// libjpeg's own error manager with a way out.
struct Reading {
    jpeg_error_mgr manager{};
    char message[JMSG_LENGTH_MAX] = {};
    bool endsEarly = false;
    std::string wrong;
    std::jmp_buf escape;
};

Reading& readingOf(j_common_ptr info) {
    return *static_cast<Reading*>(info->client_data);
}

[[noreturn]] void onError(j_common_ptr info) {
    info->err->format_message(info, readingOf(info).message);
    std::longjmp(readingOf(info).escape, 1);
}

/// Warnings are common and harmless but for the one that the picture is not all there.
void onMessage(j_common_ptr info, int /*level*/) {
    const int code = info->err->msg_code;
    readingOf(info).endsEarly |= code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER;
}

}  // namespace

// Nothing that has to be destroyed may be made between setjmp and a longjmp: it stands in Reading.
std::string decodeJpeg(std::string_view bytes, bool headOnly, Image& image) {
    Reading reading;
    jpeg_decompress_struct info{};
    info.client_data = &reading;
    info.err = jpeg_std_error(&reading.manager);
    reading.manager.error_exit = onError;
    reading.manager.emit_message = onMessage;
    if (setjmp(reading.escape) != 0) {
        jpeg_destroy_decompress(&info);
        return reading.message;
    }
    jpeg_create_decompress(&info);  // keeps the client's data
    info.mem->max_memory_to_use = 512L << 20U;
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()),
                 static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&info, TRUE);
    image.height = info.image_height;
    image.width = info.image_width;
    image.channels = info.num_components == 1 ? 1 : 3;
    reading.wrong = refusedSize(image.height, image.width);
    if (reading.wrong.empty() && info.num_components == 4) {
        reading.wrong = "the image has four colours for printing";
    }
    if (reading.wrong.empty() && !headOnly) {
        info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&info);
        const auto row = static_cast<std::size_t>(image.width * image.channels);
        image.pixels.resize(row * static_cast<std::size_t>(image.height));
        // A scan more than this is a bomb: each is decoded in full.
        constexpr int kMostScans = 200;
        while (info.output_scanline < info.output_height && info.input_scan_number < kMostScans) {
            JSAMPROW target = image.pixels.data() + info.output_scanline * row;
            jpeg_read_scanlines(&info, &target, 1);
        }
        reading.wrong =
            info.output_scanline < info.output_height ? "the image has too many scans" : "";
        jpeg_abort_decompress(&info);
    }
    jpeg_destroy_decompress(&info);
    return reading.endsEarly ? "the image is not all there" : reading.wrong;
}

}  // namespace bitloupe::data
