// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/operand_stream.h"

#include <utility>

namespace bitloupe::hardware::scalesim {

namespace {

/// The addresses of the image, padded to what the windows cover, so that a window's element is
/// always the sum of the window's address and the element's place in the window.
struct Image {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<std::int32_t> windows;   ///< one per output pixel
    std::vector<std::int32_t> elements;  ///< one per element of a window
};

Image imageOf(const Layer& layer) {
    const std::int64_t ofmapHeight = layer.ofmapHeight();
    const std::int64_t ofmapWidth = layer.ofmapWidth();
    Image image;
    image.height =
        std::max(layer.ifmapHeight, (ofmapHeight - 1) * layer.strideHeight + layer.filterHeight);
    image.width =
        std::max(layer.ifmapWidth, (ofmapWidth - 1) * layer.strideWidth + layer.filterWidth);
    const auto address = [&](std::int64_t row, std::int64_t column, std::int64_t channel) {
        return static_cast<std::int32_t>((row * image.width + column) * layer.channels + channel);
    };
    for (std::int64_t row = 0; row < ofmapHeight; ++row) {
        for (std::int64_t column = 0; column < ofmapWidth; ++column) {
            image.windows.push_back(
                address(row * layer.strideHeight, column * layer.strideWidth, 0));
        }
    }
    std::int64_t place = 0;  // in the filter
    for (std::int64_t row = 0; row < layer.filterHeight; ++row) {
        for (std::int64_t column = 0; column < layer.filterWidth; ++column) {
            for (std::int64_t channel = 0; channel < layer.channels; ++channel) {
                if (place++ % layer.blockSize < layer.keptOfBlock) {
                    image.elements.push_back(address(row, column, channel));
                }
            }
        }
    }
    return image;
}

/// How many of `size` rows some window touches.
std::int64_t touched(std::int64_t size, std::int64_t filter, std::int64_t outputs,
                     std::int64_t stride) {
    if (stride <= filter) {
        return std::min(size, (outputs - 1) * stride + filter);
    }
    std::int64_t count = 0;
    for (std::int64_t output = 0; output < outputs; ++output) {
        count += std::clamp<std::int64_t>(size - output * stride, 0, filter);
    }
    return count;
}

void markNulls(OperandStream& stream, const Layer& layer, const Image& image) {
    if (image.height == layer.ifmapHeight && image.width == layer.ifmapWidth) {
        return;
    }
    stream.isNull.assign(static_cast<std::size_t>(stream.addresses), 0);
    std::size_t address = 0;
    for (std::int64_t row = 0; row < image.height; ++row) {
        for (std::int64_t column = 0; column < image.width; ++column) {
            const bool outside = row >= layer.ifmapHeight || column >= layer.ifmapWidth;
            for (std::int64_t channel = 0; channel < layer.channels; ++channel) {
                stream.isNull[address++] = outside ? 1 : 0;
            }
        }
    }
}

/// Distinct addresses inside the input that some window's kept elements touch.
std::int64_t countTouched(const OperandStream& stream, const Image& image) {
    std::vector<std::uint8_t> seen(static_cast<std::size_t>(stream.addresses), 0);
    std::int64_t count = 0;
    for (const std::int32_t window : image.windows) {
        for (const std::int32_t element : image.elements) {
            const auto address = static_cast<std::size_t>(window + element);
            const bool null = !stream.isNull.empty() && stream.isNull[address] != 0;
            count += seen[address] == 0 && !null ? 1 : 0;
            seen[address] = 1;
        }
    }
    return count;
}

OperandStream ifmapStream(const Layer& layer, const Accelerator& array) {
    Image image = imageOf(layer);
    OperandStream stream;
    stream.rows = array.rows;
    stream.addresses = image.height * image.width * layer.channels;
    stream.footprint =
        touched(layer.ifmapHeight, layer.filterHeight, layer.ofmapHeight(), layer.strideHeight) *
        touched(layer.ifmapWidth, layer.filterWidth, layer.ofmapWidth(), layer.strideWidth) *
        layer.channels;
    markNulls(stream, layer, image);
    if (layer.keptOfBlock < layer.blockSize) {
        stream.footprint = countTouched(stream, image);
    }
    stream.skewed = array.dataflow != Dataflow::InputStationary;
    stream.blockOfRowFold = stream.skewed;
    stream.ports = stream.skewed ? array.rows : array.columns;
    stream.delay = array.dataflow == Dataflow::WeightStationary ? array.rows : 0;
    const bool windowsAcross = array.dataflow != Dataflow::WeightStationary;
    stream.across = windowsAcross ? std::move(image.windows) : std::move(image.elements);
    stream.along = windowsAcross ? std::move(image.elements) : std::move(image.windows);
    return stream;
}

OperandStream filterStream(const Layer& layer, const Accelerator& array) {
    const Gemm gemm = layer.gemm();
    std::vector<std::int32_t> filters;
    std::vector<std::int32_t> elements;
    for (std::int64_t n = 0; n < gemm.n; ++n) {
        filters.push_back(static_cast<std::int32_t>(n * gemm.k));
    }
    for (std::int64_t k = 0; k < gemm.k; ++k) {
        if (k % layer.blockSize < layer.keptOfBlock) {
            elements.push_back(static_cast<std::int32_t>(k));
        }
    }
    OperandStream stream;
    stream.rows = array.rows;
    stream.addresses = gemm.n * gemm.k;
    stream.footprint = gemm.n * layer.sparseGemm().k;
    stream.skewed = array.dataflow != Dataflow::WeightStationary;
    const bool filtersAcross = array.dataflow != Dataflow::InputStationary;
    stream.blockOfRowFold = !filtersAcross;
    stream.ports = filtersAcross ? array.columns : array.rows;
    stream.delay = filtersAcross ? 0 : array.rows;
    if (!filtersAcross) {
        std::swap(filters, elements);
    }
    stream.across = std::move(filters);
    stream.along = std::move(elements);
    return stream;
}

}  // namespace

LayerStreams makeStreams(const Layer& layer, const Accelerator& array) {
    return {mapGemm(layer.sparseGemm(), array), ifmapStream(layer, array),
            filterStream(layer, array)};
}

std::int64_t lastDemandRow(const OperandStream& stream, const Mapping& mapping) {
    for (std::int64_t fold = mapping.folds() - 1; fold >= 0; --fold) {
        std::int64_t last = -1;
        forEachDemandOfFold(stream, fold % mapping.rowFolds, fold / mapping.rowFolds,
                            fold * mapping.cyclesPerFold,
                            [&](std::int64_t row, std::int64_t count, auto address) {
                                if (stream.isNull.empty()) {
                                    last = row;
                                    return;
                                }
                                for (std::int64_t i = 0; i < count && last != row; ++i) {
                                    if (stream.isNull[static_cast<std::size_t>(address(i))] == 0) {
                                        last = row;
                                    }
                                }
                            });
        if (last >= 0) {
            return last;
        }
    }
    return 0;
}

}  // namespace bitloupe::hardware::scalesim
