// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/winograd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/winograd.cpp"
// Vectors of unknown size cannot stand in arrays, which the tile below is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/execution/kernels/vector_part-inl.h"

// A tile is 2 x 2 outputs, which see 4 x 4 pixels; in the transformed plane it has 4 x 4 places.
#ifndef BITLOUPE_WINOGRAD_TILES
#define BITLOUPE_WINOGRAD_TILES
namespace bitloupe::execution::kernels {

inline constexpr std::size_t kPlaces = 16;
// Tiles at a time: their transformed values stay in the fast caches beside the weights.
inline constexpr std::size_t kTiles = 16;
// A block is filled up to a multiple of so many.
inline constexpr std::size_t kTileMultiple = 4;

/// Neighbouring tiles of one row of tiles of one image.
struct TileRun {
    std::size_t image = 0;
    std::size_t row = 0;     ///< of tiles
    std::size_t column = 0;  ///< the first one's
    std::size_t count = 0;
    std::size_t place = 0;  ///< the first one's, in the block
};

/// Where the transformed values of a block of tiles lie: place by place, tile by tile.
struct TransformedPlane {
    float* values = nullptr;
    std::size_t length = 0;  ///< of one tile at one place: its channels
    std::size_t stride = 0;  ///< between places
};

}  // namespace bitloupe::execution::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

// Registers hold the sums of so many tiles at four places: AVX-512 has 32, the others 16.
inline constexpr std::size_t kTilesTogether = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// Rows of the image that a row of tiles sees; a row beyond the image is `zeros` for every pixel.
struct SeenRows {
    std::array<const float*, 4> first;  ///< pixel 0
    std::array<std::size_t, 4> step;    ///< from pixel to pixel
};

SeenRows rowsSeen(const WinogradConvolution& shape, const float* image, std::size_t tileRow,
                  const float* zeros) {
    SeenRows rows{};
    for (std::size_t r = 0; r < 4; ++r) {
        const std::size_t y = 2 * tileRow + r;  // in the padded image
        const bool inside = y >= shape.padTop && y - shape.padTop < shape.height;
        rows.first[r] = inside ? image + (y - shape.padTop) * shape.width * shape.channels : zeros;
        rows.step[r] = inside ? shape.channels : 0;
    }
    return rows;
}

/// A column of four pixels, transformed: B^T d.
struct Column {
    Vector at0, at1, at2, at3;
};

HWY_INLINE Column transform(Vector d0, Vector d1, Vector d2, Vector d3) {
    return {hn::Sub(d0, d2), hn::Add(d1, d2), hn::Sub(d2, d1), hn::Sub(d1, d3)};
}

/// `count` values, or a whole vector.
template <bool kWhole>
HWY_INLINE Vector load(std::size_t count, const float* from) {
    return kWhole ? hn::LoadU(Floats(), from) : loadPart(Floats(), count, from);
}

template <bool kWhole>
HWY_INLINE void store(Vector values, std::size_t count, float* to) {
    if constexpr (kWhole) {
        hn::StoreU(values, Floats(), to);
    } else {
        storePart(values, count, Floats(), to);
    }
}

/// Column `x` of the padded image, `lanes` channels from `channel` on.
template <bool kWhole>
HWY_INLINE Column columnAt(const WinogradConvolution& shape, const SeenRows& rows, std::size_t x,
                           std::size_t channel, std::size_t lanes) {
    if (x < shape.padLeft || x - shape.padLeft >= shape.width) {
        const Vector zero = hn::Zero(Floats());
        return {zero, zero, zero, zero};
    }
    const std::size_t column = x - shape.padLeft;
    const auto at = [&](std::size_t r) HWY_ATTR {
        return load<kWhole>(lanes, rows.first[r] + column * rows.step[r] + channel);
    };
    return transform(at(0), at(1), at(2), at(3));
}

/// One row of four places of the transformed plane: (B^T d) B.
template <bool kWhole>
HWY_INLINE void storeRow(Vector c0, Vector c1, Vector c2, Vector c3, std::size_t lanes, float* to,
                         std::size_t stride) {
    const Column row = transform(c0, c1, c2, c3);
    store<kWhole>(row.at0, lanes, to);
    store<kWhole>(row.at1, lanes, to + stride);
    store<kWhole>(row.at2, lanes, to + 2 * stride);
    store<kWhole>(row.at3, lanes, to + 3 * stride);
}

/// `lanes` channels from `channel` on.
template <bool kWhole>
void transformChannels(const WinogradConvolution& shape, const SeenRows& rows, const TileRun& run,
                       std::size_t channel, std::size_t lanes, const TransformedPlane& plane) {
    const auto at = [&](std::size_t x)
                        HWY_ATTR { return columnAt<kWhole>(shape, rows, x, channel, lanes); };
    const std::size_t stride = plane.stride;
    float* to = plane.values + run.place * plane.length + channel;
    Column c0 = at(2 * run.column);
    Column c1 = at(2 * run.column + 1);
    for (std::size_t tile = run.column; tile < run.column + run.count; ++tile) {
        const Column c2 = at(2 * tile + 2);
        const Column c3 = at(2 * tile + 3);
        storeRow<kWhole>(c0.at0, c1.at0, c2.at0, c3.at0, lanes, to, stride);
        storeRow<kWhole>(c0.at1, c1.at1, c2.at1, c3.at1, lanes, to + 4 * stride, stride);
        storeRow<kWhole>(c0.at2, c1.at2, c2.at2, c3.at2, lanes, to + 8 * stride, stride);
        storeRow<kWhole>(c0.at3, c1.at3, c2.at3, c3.at3, lanes, to + 12 * stride, stride);
        to += plane.length;
        c0 = c2;
        c1 = c3;
    }
}

void transformRun(const WinogradConvolution& shape, const float* image, const float* zeros,
                  const TileRun& run, const TransformedPlane& plane) {
    const std::size_t lanes = hn::Lanes(Floats());
    const SeenRows rows = rowsSeen(shape, image, run.row, zeros);
    std::size_t channel = 0;
    for (; channel + lanes <= shape.channels; channel += lanes) {
        transformChannels<true>(shape, rows, run, channel, lanes, plane);
    }
    if (channel < shape.channels) {
        transformChannels<false>(shape, rows, run, channel, shape.channels - channel, plane);
    }
}

/// Two outputs of a row of four places, or of a column: A^T m.
struct Pair {
    Vector first, second;
};

HWY_INLINE Pair outputsOf(Vector m0, Vector m1, Vector m2, Vector m3) {
    return {hn::Add(hn::Add(m0, m1), m2), hn::Sub(hn::Sub(m1, m2), m3)};
}

/// Sums over the channels of kTile neighbouring tiles for one vector of filters, at the four places
/// of a row: 16 sums stay in registers beside the weights. `seen`: the first tile at the first of
/// the places; `weights`: channel by channel, place by place; `made`: two vectors for each tile.
template <std::size_t kTile>
HWY_INLINE void multiplyRow(const float* HWY_RESTRICT seen, const TransformedPlane& plane,
                            const float* HWY_RESTRICT weights, float* HWY_RESTRICT made) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t channels = plane.length;
    Vector sums[4][kTile];
    const float* HWY_RESTRICT places[4];
#pragma GCC unroll 4
    for (std::size_t p = 0; p < 4; ++p) {
        places[p] = seen + p * plane.stride;
#pragma GCC unroll 4
        for (std::size_t t = 0; t < kTile; ++t) {
            sums[p][t] = hn::Zero(d);
        }
    }
    for (std::size_t c = 0; c < channels; ++c) {
#pragma GCC unroll 4
        for (std::size_t p = 0; p < 4; ++p) {
            const Vector weight = hn::LoadU(d, weights + p * lanes);
#pragma GCC unroll 4
            for (std::size_t t = 0; t < kTile; ++t) {
                const Vector value = hn::Set(d, places[p][t * channels + c]);
                sums[p][t] = hn::MulAdd(value, weight, sums[p][t]);
            }
        }
        weights += 4 * lanes;
    }
#pragma GCC unroll 4
    for (std::size_t t = 0; t < kTile; ++t) {
        const Pair pair = outputsOf(sums[0][t], sums[1][t], sums[2][t], sums[3][t]);
        hn::StoreU(pair.first, d, made + 2 * t * lanes);
        hn::StoreU(pair.second, d, made + (2 * t + 1) * lanes);
    }
}

/// All rows of places of one vector of filters: to `made` [row, tile, 2, lanes].
void multiplyFilters(const TransformedPlane& seen, std::size_t tiles, const float* weights,
                     float* made) {
    const std::size_t lanes = hn::Lanes(Floats());
    for (std::size_t row = 0; row < 4; ++row) {
        for (std::size_t tile = 0; tile < tiles; tile += kTilesTogether) {
            multiplyRow<kTilesTogether>(seen.values + 4 * row * seen.stride + tile * seen.length,
                                        seen, weights, made + 2 * (row * kTiles + tile) * lanes);
        }
        weights += 4 * lanes * seen.length;
    }
}

/// `transformed` [place, filter, channel] vector of filters by vector of filters as
/// multiplyFilters() reads it; filters that do not exist have weights of zero.
void packTransformed(const float* transformed, std::size_t filters, std::size_t channels,
                     std::vector<float>& packed) {
    const std::size_t lanes = hn::Lanes(Floats());
    for (std::size_t first = 0; first < filters; first += lanes) {
        for (std::size_t row = 0; row < 4; ++row) {
            for (std::size_t i = 0; i < 4 * channels; ++i) {
                const float* from = transformed + (4 * row + i % 4) * filters * channels + i / 4;
                for (std::size_t filter = first; filter < first + lanes; ++filter) {
                    packed.push_back(filter < filters ? from[filter * channels] : 0.0F);
                }
            }
        }
    }
}

/// `lanes` filters from `filter` on; `made` as multiplyFilters() leaves it.
template <bool kWhole>
void finishFilters(const WinogradConvolution& shape, const float* made, const float* bias,
                   const TileRun& run, std::size_t filter, std::size_t lanes, float* output) {
    const std::size_t all = hn::Lanes(Floats());
    const std::size_t rowLength = shape.outputWidth * shape.filters;
    const bool hasLower = 2 * run.row + 1 < shape.outputHeight;
    const Vector start = load<kWhole>(lanes, bias + filter);
    const float* from = made + 2 * run.place * all;
    float* to = output + 2 * run.row * rowLength + 2 * run.column * shape.filters + filter;
    for (std::size_t tile = run.column; tile < run.column + run.count; ++tile) {
        const auto column = [&](std::size_t side) HWY_ATTR {
            const auto at = [&](std::size_t row) HWY_ATTR {
                return hn::LoadU(Floats(), from + (2 * row * kTiles + side) * all);
            };
            return outputsOf(at(0), at(1), at(2), at(3));
        };
        const Pair left = column(0);
        const Pair right = column(1);
        const bool hasRight = 2 * tile + 1 < shape.outputWidth;
        store<kWhole>(hn::Add(left.first, start), lanes, to);
        if (hasRight) {
            store<kWhole>(hn::Add(right.first, start), lanes, to + shape.filters);
        }
        if (hasLower) {
            store<kWhole>(hn::Add(left.second, start), lanes, to + rowLength);
        }
        if (hasLower && hasRight) {
            store<kWhole>(hn::Add(right.second, start), lanes, to + rowLength + shape.filters);
        }
        from += 2 * all;
        to += 2 * shape.filters;
    }
}

/// A block of tiles whose values were transformed, to the outputs of their images; `packed`: a bias
/// for each filter, then the weights.
void finishBlock(const WinogradConvolution& shape, const TransformedPlane& seen,
                 const std::vector<TileRun>& runs, const float* packed, float* outputs) {
    constexpr std::size_t kMost = hn::MaxLanes(Floats());
    const std::size_t lanes = hn::Lanes(Floats());
    const std::size_t outputLength = shape.outputHeight * shape.outputWidth * shape.filters;
    const std::size_t tiles = runs.back().place + runs.back().count;
    const float* weights = packed + shape.filters;
    alignas(64) std::array<float, 4 * kTiles * 2 * kMost> made;
    for (std::size_t filter = 0; filter < shape.filters; filter += lanes) {
        multiplyFilters(seen, tiles, weights, made.data());
        weights += kPlaces * lanes * seen.length;
        const std::size_t some = std::min(lanes, shape.filters - filter);
        for (const TileRun& run : runs) {
            float* output = outputs + run.image * outputLength;
            if (some == lanes) {
                finishFilters<true>(shape, made.data(), packed, run, filter, lanes, output);
            } else {
                finishFilters<false>(shape, made.data(), packed, run, filter, some, output);
            }
        }
    }
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(transformRun);
HWY_EXPORT(finishBlock);
HWY_EXPORT(packTransformed);

namespace {

/// Places as far apart as a power of two would share a few lines of the first-level cache.
std::size_t strideFor(std::size_t length) {
    constexpr std::size_t kLine = 16;
    return (kTiles * length + kLine - 1) / kLine * kLine + kLine;
}

/// G g G^T of the weights of one filter and channel.
std::array<float, kPlaces> transformedWeights(const float* g) {
    std::array<std::array<float, 3>, 4> rows{};
    for (std::size_t x = 0; x < 3; ++x) {
        const float outer = g[x] + g[6 + x];
        rows[0][x] = g[x];
        rows[1][x] = 0.5F * (outer + g[3 + x]);
        rows[2][x] = 0.5F * (outer - g[3 + x]);
        rows[3][x] = g[6 + x];
    }
    std::array<float, kPlaces> places{};
    for (std::size_t y = 0; y < 4; ++y) {
        const float outer = rows[y][0] + rows[y][2];
        places[4 * y] = rows[y][0];
        places[4 * y + 1] = 0.5F * (outer + rows[y][1]);
        places[4 * y + 2] = 0.5F * (outer - rows[y][1]);
        places[4 * y + 3] = rows[y][2];
    }
    return places;
}

/// Tiles of all images in order, as many as fit into a block from `next` on.
class TileOrder {
public:
    TileOrder(const WinogradConvolution& shape, std::size_t images)
        : m_rows((shape.outputHeight + 1) / 2),
          m_columns((shape.outputWidth + 1) / 2),
          m_total(images * m_rows * m_columns) {}

    /// How many tiles the next block has; 0 at the end.
    std::size_t nextBlock(std::vector<TileRun>& runs) {
        runs.clear();
        std::size_t tiles = 0;
        while (tiles < kTiles && m_next < m_total) {
            TileRun run;
            run.column = m_next % m_columns;
            run.row = m_next / m_columns % m_rows;
            run.image = m_next / m_columns / m_rows;
            run.count = std::min(kTiles - tiles, m_columns - run.column);
            run.place = tiles;
            runs.push_back(run);
            tiles += run.count;
            m_next += run.count;
        }
        return tiles;
    }

private:
    std::size_t m_rows;
    std::size_t m_columns;
    std::size_t m_total;
    std::size_t m_next = 0;
};

}  // namespace

std::vector<float> packWinograd(const WinogradConvolution& shape, const float* weights,
                                const float* bias) {
    const std::size_t pairs = shape.filters * shape.channels;
    std::vector<float> transformed(kPlaces * pairs);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
        const std::array<float, kPlaces> places = transformedWeights(weights + 9 * pair);
        for (std::size_t place = 0; place < kPlaces; ++place) {
            transformed[place * pairs + pair] = places[place];
        }
    }
    std::vector<float> packed(shape.filters, 0.0F);
    if (bias != nullptr) {
        std::copy_n(bias, shape.filters, packed.begin());
    }
    HWY_DYNAMIC_DISPATCH(packTransformed)
    (transformed.data(), shape.filters, shape.channels, packed);
    return packed;
}

void convolveWinograd(const WinogradConvolution& shape, const float* images, std::size_t count,
                      const std::vector<float>& packed, float* outputs) {
    const std::size_t imageLength = shape.height * shape.width * shape.channels;
    const std::vector<float> zeros(shape.channels, 0.0F);
    const std::size_t stride = strideFor(shape.channels);
    const auto values = std::make_unique_for_overwrite<float[]>(kPlaces * stride);
    const TransformedPlane seen{values.get(), shape.channels, stride};
    TileOrder order(shape, count);
    std::vector<TileRun> runs;
    while (const std::size_t tiles = order.nextBlock(runs)) {
        for (const TileRun& run : runs) {
            HWY_DYNAMIC_DISPATCH(transformRun)
            (shape, images + run.image * imageLength, zeros.data(), run, seen);
        }
        const std::size_t missing = (kTileMultiple - tiles % kTileMultiple) % kTileMultiple;
        for (std::size_t place = 0; missing > 0 && place < kPlaces; ++place) {
            std::fill_n(seen.values + place * stride + tiles * seen.length, missing * seen.length,
                        0.0F);
        }
        HWY_DYNAMIC_DISPATCH(finishBlock)(shape, seen, runs, packed.data(), outputs);
    }
}

}  // namespace bitloupe::execution::kernels
#endif
