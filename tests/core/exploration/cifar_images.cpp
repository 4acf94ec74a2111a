// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exploration/cifar_images.h"

#include <array>

#include "core/base/file.h"

namespace bitloupe::testing {

Result<data::Samples> cifarImages(const std::string& file, std::size_t first, std::size_t count) {
    constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20U;
    constexpr std::size_t kPixels = 1024;
    constexpr std::size_t kRecord = 1 + 3 * kPixels;
    constexpr std::array<float, 3> kMean = {0.485F, 0.456F, 0.406F};
    constexpr std::array<float, 3> kDeviation = {0.229F, 0.224F, 0.225F};
    const Result<std::string> bytes = readFile(file, kLargestFile);
    if (bytes.hasError()) {
        return bytes.error();
    }
    if (bytes.value().size() < (first + count) * kRecord) {
        return Error{"too few images", file, "give a file of CIFAR-10's binary form"};
    }
    data::Samples samples;
    std::vector<float> pixels;
    for (std::size_t record = first; record < first + count; ++record) {
        const char* start = bytes.value().data() + record * kRecord;
        samples.labels.push_back(static_cast<unsigned char>(*start));
        for (std::size_t i = 0; i < 3 * kPixels; ++i) {
            const auto byte = static_cast<unsigned char>(start[1 + i]);
            pixels.push_back((static_cast<float>(byte) / 255.0F - kMean[i / kPixels]) /
                             kDeviation[i / kPixels]);
        }
    }
    samples.inputs["input"] =
        Array::of<float>({static_cast<std::int64_t>(count), 3, 32, 32}, pixels);
    return samples;
}

}  // namespace bitloupe::testing
