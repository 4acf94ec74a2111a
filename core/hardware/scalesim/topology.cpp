// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/topology.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/hardware/mapping.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kMaximumElements = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMaximumLayers = 100000;

struct Row {
    std::vector<std::string> cells;  ///< trimmed, the name first
    std::string where;               ///< "file, line 7"
};

std::vector<std::string> columnNames(TopologyKind kind) {
    if (kind == TopologyKind::Gemm) {
        return {"M", "N", "K"};
    }
    return {"the input height",  "the input width",  "the filter height",    "the filter width",
            "the channel count", "the filter count", "the (vertical) stride"};
}

/// SCALE-Sim throws the last cell of every row away, so a number there would be lost in silence.
Result<void> checkComma(const Row& row, TopologyKind kind) {
    const std::size_t lastColumn = kind == TopologyKind::Gemm ? 4 : 8;
    if (!row.cells.back().empty() && row.cells.size() - 1 <= lastColumn) {
        return Error{"the row does not end with a comma, so its last column \"" + row.cells.back() +
                         "\" would be dropped",
                     row.where, "end the row with a comma"};
    }
    return {};
}

Result<std::int64_t> cellValue(const Row& row, std::size_t column, const std::string& name) {
    const std::string cell = column < row.cells.size() ? row.cells[column] : std::string();
    const auto value = text::parseInteger(cell);
    if (!value.has_value() || *value < 1 || *value > kMaximumElements) {
        return Error{name + " is \"" + cell + "\"", row.where,
                     "give a whole number from 1 to " + std::to_string(kMaximumElements)};
    }
    return *value;
}

/// The columns of one row.
struct Columns {
    std::vector<std::int64_t> numbers;
    std::int64_t keptOfBlock = 1;
    std::int64_t blockSize = 1;
};

/// "2:4"
Result<void> readSparsity(const Row& row, const std::string& cell, Columns& columns) {
    constexpr std::int64_t kLargestBlock = 65536;
    const std::vector<std::string> parts = text::split(cell, ':');
    const auto kept = text::parseInteger(text::trim(parts.front()));
    const auto block = text::parseInteger(text::trim(parts.back()));
    if (parts.size() != 2 || !kept || !block || *kept < 1 || *kept > *block ||
        *block > kLargestBlock) {
        return Error{"the sparsity is \"" + cell + "\"", row.where,
                     "write N:M with 1 <= N <= M <= " + std::to_string(kLargestBlock)};
    }
    columns.keptOfBlock = *kept;
    columns.blockSize = *block;
    return {};
}

Result<Columns> readColumns(const Row& row, TopologyKind kind) {
    Columns columns;
    for (const std::string& name : columnNames(kind)) {
        const Result<std::int64_t> value = cellValue(row, columns.numbers.size() + 1, name);
        if (value.hasError()) {
            return value.error();
        }
        columns.numbers.push_back(value.value());
    }
    for (std::size_t extra = columns.numbers.size() + 1; extra < row.cells.size(); ++extra) {
        const std::string& cell = row.cells[extra];
        if (cell.find(':') != std::string::npos) {
            if (const Result<void> read = readSparsity(row, cell, columns); read.hasError()) {
                return read.error();
            }
            return columns;
        }
        const bool stride = kind == TopologyKind::Convolution &&
                            columns.numbers.size() == columnNames(kind).size() &&
                            text::parseInteger(cell).has_value();
        if (!stride) {
            break;  // words behind the numbers
        }
        const Result<std::int64_t> value = cellValue(row, extra, "the horizontal stride");
        if (value.hasError()) {
            return value.error();
        }
        columns.numbers.push_back(value.value());
    }
    return columns;
}

bool exceeds(std::initializer_list<std::int64_t> factors) {
    std::int64_t product = 1;
    for (const std::int64_t factor : factors) {
        if (factor > kMaximumElements / product) {
            return true;
        }
        product *= factor;
    }
    return false;
}

Result<void> checkLayer(const Layer& layer, const std::string& where) {
    if (layer.filterHeight > layer.ifmapHeight || layer.filterWidth > layer.ifmapWidth) {
        return Error{"the filter " + std::to_string(layer.filterHeight) + "x" +
                         std::to_string(layer.filterWidth) + " is larger than its input " +
                         std::to_string(layer.ifmapHeight) + "x" + std::to_string(layer.ifmapWidth),
                     where, "give a filter from 1x1 to the size of the input"};
    }
    const Gemm gemm = layer.gemm();
    const std::int64_t windowHeight =
        (layer.ofmapHeight() - 1) * layer.strideHeight + layer.filterHeight;
    const std::int64_t windowWidth =
        (layer.ofmapWidth() - 1) * layer.strideWidth + layer.filterWidth;
    if (exceeds({layer.ifmapHeight, layer.ifmapWidth, layer.channels}) ||
        exceeds({layer.filterHeight, layer.filterWidth, layer.channels, layer.filters}) ||
        exceeds({std::max(layer.ifmapHeight, windowHeight), std::max(layer.ifmapWidth, windowWidth),
                 layer.channels}) ||
        exceeds({layer.ofmapHeight(), layer.ofmapWidth(), layer.filters}) ||
        exceeds({gemm.m, gemm.k})) {
        return Error{"the layer has an operand of more than 2147483647 elements", where,
                     "split the layer"};
    }
    return {};
}

Layer layerOf(const Row& row, TopologyKind kind, const Columns& columns) {
    const std::vector<std::int64_t>& v = columns.numbers;
    if (kind == TopologyKind::Gemm) {
        return {.name = row.cells.front(),
                .ifmapHeight = v[0],
                .ifmapWidth = v[2],
                .filterHeight = 1,
                .filterWidth = v[2],
                .filters = v[1],
                .keptOfBlock = columns.keptOfBlock,
                .blockSize = columns.blockSize};
    }
    return {.name = row.cells.front(),
            .ifmapHeight = v[0],
            .ifmapWidth = v[1],
            .filterHeight = v[2],
            .filterWidth = v[3],
            .channels = v[4],
            .filters = v[5],
            .strideHeight = v[6],
            .strideWidth = v.size() > 7 ? v[7] : v[6],
            .keptOfBlock = columns.keptOfBlock,
            .blockSize = columns.blockSize};
}

Result<void> appendRow(const Row& row, TopologyKind kind, std::vector<Layer>& layers) {
    if (Result<void> comma = checkComma(row, kind); comma.hasError()) {
        return comma;
    }
    const Result<Columns> columns = readColumns(row, kind);
    if (columns.hasError()) {
        return columns.error();
    }
    Layer layer = layerOf(row, kind, columns.value());
    if (Result<void> checked = checkLayer(layer, row.where); checked.hasError()) {
        return checked;
    }
    const bool depthwise =
        kind == TopologyKind::Convolution && layer.name.find("DP") != std::string::npos;
    const std::int64_t copies = depthwise ? layer.channels : 1;
    if (layers.size() + static_cast<std::size_t>(copies) > kMaximumLayers) {
        return Error{"the topology has too many layers", row.where,
                     "give at most " + std::to_string(kMaximumLayers)};
    }
    for (std::int64_t copy = 0; copy < copies; ++copy) {
        Layer next = layer;
        if (depthwise) {
            next.channels = 1;
            next.name += "Channel_" + std::to_string(copy);
        }
        layers.push_back(std::move(next));
    }
    return {};
}

bool isBlank(const std::vector<std::string>& cells) {
    return std::all_of(cells.begin(), cells.end(),
                       [](const std::string& cell) { return cell.empty(); }) ||
           (!cells.front().empty() && cells.front().front() == '#');
}

}  // namespace

std::int64_t Layer::ofmapHeight() const {
    return ceilDivide(ifmapHeight - filterHeight + strideHeight, strideHeight);
}

std::int64_t Layer::ofmapWidth() const {
    return ceilDivide(ifmapWidth - filterWidth + strideWidth, strideWidth);
}

Gemm Layer::gemm() const {
    return {.m = ofmapHeight() * ofmapWidth(),
            .k = filterHeight * filterWidth * channels,
            .n = filters};
}

Gemm Layer::sparseGemm() const {
    Gemm sparse = gemm();
    sparse.k = sparse.k / blockSize * keptOfBlock + std::min(sparse.k % blockSize, keptOfBlock);
    return sparse;
}

Result<std::vector<Layer>> parseTopology(std::string_view text, TopologyKind kind,
                                         const std::string& source) {
    std::vector<Layer> layers;
    int number = 0;
    for (const std::string& line : text::split(text, '\n')) {
        ++number;
        Row row{{}, source + ", line " + std::to_string(number)};
        for (const std::string& cell : text::split(line, ',')) {
            row.cells.push_back(text::trim(cell));
        }
        if (number == 1 || isBlank(row.cells)) {
            continue;
        }
        if (const Result<void> appended = appendRow(row, kind, layers); appended.hasError()) {
            return appended.error();
        }
    }
    if (layers.empty()) {
        return Error{"the topology has no layers", source,
                     "give a heading and at least one row below it"};
    }
    return layers;
}

Result<std::vector<Layer>> readTopology(const std::string& path, TopologyKind kind) {
    const Result<std::string> text = readFile(path, std::uint64_t{64} << 20U);
    if (text.hasError()) {
        return text.error();
    }
    return parseTopology(text.value(), kind, path);
}

}  // namespace bitloupe::hardware::scalesim
