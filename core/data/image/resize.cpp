// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/data/image/image.h"

namespace bitloupe::data {

namespace {

constexpr int kPrecision = 22;

/// The weights of one output position over a run of input positions.
struct Taps {
    std::int64_t first = 0;
    std::vector<std::int32_t> weights;  ///< times 2^kPrecision
};

std::vector<Taps> triangleTaps(std::int64_t from, std::int64_t to) {
    const double step = static_cast<double>(from) / static_cast<double>(to);
    const double reach = std::max(step, 1.0);
    std::vector<Taps> taps(static_cast<std::size_t>(to));
    for (std::int64_t i = 0; i < to; ++i) {
        const double centre = (static_cast<double>(i) + 0.5) * step;
        const auto first =
            std::max<std::int64_t>(static_cast<std::int64_t>(centre - reach + 0.5), 0);
        const auto end =
            std::min<std::int64_t>(static_cast<std::int64_t>(centre + reach + 0.5), from);
        std::vector<double> weights;
        double total = 0;
        for (std::int64_t x = first; x < end; ++x) {
            const double distance = std::abs((static_cast<double>(x) - centre + 0.5) / reach);
            weights.push_back(std::max(0.0, 1 - distance));
            total += weights.back();
        }
        Taps& one = taps[static_cast<std::size_t>(i)];
        one.first = first;
        for (const double weight : weights) {
            one.weights.push_back(
                static_cast<std::int32_t>(0.5 + weight / total * (1 << kPrecision)));
        }
    }
    return taps;
}

/// Combines values that lie `stride` apart.
std::uint8_t combine(const std::uint8_t* values, std::int64_t stride, const Taps& taps) {
    std::int64_t sum = 1 << (kPrecision - 1);
    for (std::size_t i = 0; i < taps.weights.size(); ++i) {
        sum += std::int64_t{taps.weights[i]} * values[static_cast<std::int64_t>(i) * stride];
    }
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kPrecision, 0, 255));
}

Image sized(std::int64_t height, std::int64_t width, std::int64_t channels) {
    return {height, width, channels,
            std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * channels))};
}

Image withWidth(const Image& image, std::int64_t width) {
    const std::vector<Taps> taps = triangleTaps(image.width, width);
    Image out = sized(image.height, width, image.channels);
    std::size_t place = 0;
    for (std::int64_t y = 0; y < image.height; ++y) {
        for (const Taps& one : taps) {
            for (std::int64_t c = 0; c < image.channels; ++c) {
                const std::int64_t from = (y * image.width + one.first) * image.channels + c;
                out.pixels[place++] = combine(image.pixels.data() + from, image.channels, one);
            }
        }
    }
    return out;
}

Image withHeight(const Image& image, std::int64_t height) {
    const std::vector<Taps> taps = triangleTaps(image.height, height);
    const std::int64_t row = image.width * image.channels;
    Image out = sized(height, image.width, image.channels);
    std::size_t place = 0;
    for (const Taps& one : taps) {
        for (std::int64_t x = 0; x < row; ++x) {
            out.pixels[place++] = combine(image.pixels.data() + one.first * row + x, row, one);
        }
    }
    return out;
}

Image nearest(const Image& image, std::int64_t height, std::int64_t width) {
    Image out = sized(height, width, image.channels);
    std::size_t place = 0;
    for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
            const std::int64_t fromY = (2 * y + 1) * image.height / (2 * height);
            const std::int64_t fromX = (2 * x + 1) * image.width / (2 * width);
            for (std::int64_t c = 0; c < image.channels; ++c) {
                out.pixels[place++] = image.pixels[static_cast<std::size_t>(
                    (fromY * image.width + fromX) * image.channels + c)];
            }
        }
    }
    return out;
}

/// Half of a margin, to the even number where it ends in one half.
std::int64_t halfOf(std::int64_t margin) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(margin) / 2));
}

}  // namespace

Image resized(const Image& image, std::int64_t height, std::int64_t width, bool smooth) {
    if (!smooth) {
        return nearest(image, height, width);
    }
    Image out = width == image.width ? image : withWidth(image, width);
    return height == out.height ? out : withHeight(out, height);
}

Image centreCropped(const Image& image, std::int64_t height, std::int64_t width) {
    const std::int64_t top = halfOf(image.height - height);
    const std::int64_t left = halfOf(image.width - width);
    Image out = sized(height, width, image.channels);
    const std::int64_t row = width * image.channels;
    for (std::int64_t y = 0; y < height; ++y) {
        const auto from = image.pixels.begin() + ((top + y) * image.width + left) * image.channels;
        std::copy(from, from + row, out.pixels.begin() + y * row);
    }
    return out;
}

}  // namespace bitloupe::data
