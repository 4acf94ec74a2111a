// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/input_rows.h"

#include <algorithm>
#include <functional>

#include "core/network/graph_index.h"
#include "core/quantization/sliding_window.h"

namespace bitloupe::quantization {

namespace {

using network::Layer;
using network::Node;

Error unsuited(const Layer& layer, const std::string& what) {
    return {what, "layer \"" + layer.name + "\"",
            "use a method that needs no calibration inputs with this layer"};
}

/// At most `limit` of `total` rows, evenly spaced, ascending; of those that `counts`, if any does.
std::vector<std::size_t> evenly(std::size_t total, std::size_t limit,
                                const std::function<bool(std::size_t)>& counts) {
    std::vector<std::size_t> all;
    for (std::size_t row = 0; counts && row < total; ++row) {
        if (counts(row)) {
            all.push_back(row);
        }
    }
    const std::size_t available = all.empty() ? total : all.size();
    const std::size_t count = std::min(available, limit);
    std::vector<std::size_t> picked(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = i * available / count;
        picked[i] = all.empty() ? place : all[place];
    }
    return picked;
}

Result<InputRows> convolutionRows(const Layer& layer, const Node& node,
                                  std::span<const float> inputs, const std::vector<bool>& counts,
                                  std::size_t limit) {
    if (layer.inputShape.size() < 3 || layer.weightShape.size() != layer.inputShape.size()) {
        return unsuited(layer, "the shapes of the layer are not known");
    }
    const Result<SlidingWindow> made = SlidingWindow::of(
        node, std::span(layer.inputShape).subspan(2), std::span(layer.weightShape).subspan(2));
    if (made.hasError()) {
        return made.error();
    }
    const SlidingWindow& window = made.value();
    const auto channels = static_cast<std::size_t>(layer.inputShape[1]);
    const auto perGroup = static_cast<std::size_t>(layer.weightShape[1]);
    const auto area =
        static_cast<std::size_t>(elementCount(std::span(layer.inputShape).subspan(2)));
    if (perGroup == 0 || channels % perGroup != 0 || area == 0) {
        return unsuited(layer, "the weight and the input do not fit together");
    }
    const std::size_t samples = inputs.size() / (channels * area);
    const auto rowCounts = [&](std::size_t row) {
        const std::size_t first = row / window.places() * channels * area;
        for (std::size_t tap = 0; tap < window.taps(); ++tap) {
            const std::int32_t element = window.element(row % window.places(), tap);
            for (std::size_t c = 0; element != SlidingWindow::kPadding && c < channels; ++c) {
                if (counts[first + c * area + static_cast<std::size_t>(element)]) {
                    return true;
                }
            }
        }
        return false;
    };
    const std::vector<std::size_t> picked =
        counts.empty() ? evenly(samples * window.places(), limit, nullptr)
                       : evenly(samples * window.places(), limit, rowCounts);
    InputRows rows;
    rows.groups = channels / perGroup;
    rows.rows = picked.size();
    rows.length = perGroup * window.taps();
    rows.original.reserve(rows.groups * rows.rows * rows.length);
    for (std::size_t group = 0; group < rows.groups; ++group) {
        for (const std::size_t row : picked) {
            const std::size_t sample = row / window.places();
            const std::size_t place = row % window.places();
            for (std::size_t c = 0; c < perGroup; ++c) {
                const float* plane =
                    inputs.data() + (sample * channels + group * perGroup + c) * area;
                for (std::size_t tap = 0; tap < window.taps(); ++tap) {
                    const std::int32_t element = window.element(place, tap);
                    rows.original.push_back(element == SlidingWindow::kPadding ? 0.0F
                                                                               : plane[element]);
                }
            }
        }
    }
    return rows;
}

/// Rows of a matrix [..., length], or its columns where the weight stands on the left.
Result<InputRows> matrixRows(const Layer& layer, std::span<const float> inputs,
                             const std::vector<bool>& counts, bool columns, std::size_t limit) {
    const auto axis = static_cast<std::size_t>(layer.channelAxis);
    if (layer.weightShape.size() != 2 || axis > 1 || layer.inputShape.empty()) {
        return unsuited(layer, "the weight is not one matrix");
    }
    InputRows rows;
    rows.length = static_cast<std::size_t>(layer.weightShape[1 - axis]);
    // Along a column the elements lie `stride` apart.
    const std::size_t stride =
        columns ? static_cast<std::size_t>(layer.inputShape.back()) : std::size_t{1};
    const std::size_t block = rows.length * stride;
    if (block == 0 || inputs.size() % block != 0) {
        return unsuited(layer, "the weight and the input do not fit together");
    }
    const auto firstOf = [&](std::size_t row) { return row / stride * block + row % stride; };
    const auto rowCounts = [&](std::size_t row) {
        for (std::size_t i = 0; i < rows.length; ++i) {
            if (counts[firstOf(row) + i * stride]) {
                return true;
            }
        }
        return false;
    };
    const std::vector<std::size_t> picked =
        counts.empty() ? evenly(inputs.size() / rows.length, limit, nullptr)
                       : evenly(inputs.size() / rows.length, limit, rowCounts);
    rows.rows = picked.size();
    rows.original.reserve(rows.rows * rows.length);
    for (const std::size_t row : picked) {
        const float* first = inputs.data() + firstOf(row);
        for (std::size_t i = 0; i < rows.length; ++i) {
            rows.original.push_back(first[i * stride]);
        }
    }
    return rows;
}

}  // namespace

Result<InputRows> inputRows(const network::Network& network, std::size_t index,
                            std::span<const float> inputs, const std::vector<bool>& counts,
                            std::size_t limit) {
    const Layer& layer = network.layers.at(index);
    const Node& node = network.graph->nodes.at(layer.node);
    if (layer.operatorType == "Conv") {
        return convolutionRows(layer, node, inputs, counts, limit);
    }
    const bool transposed = network::attributeOr(node, "transA", std::int64_t{0}) != 0;
    if ((layer.operatorType == "Gemm" && !transposed) || layer.operatorType == "MatMul") {
        const bool weightOnTheLeft = network::inputOr(node, 0) != layer.input;
        if (layer.operatorType == "MatMul" || !weightOnTheLeft) {
            return matrixRows(layer, inputs, counts, weightOnTheLeft, limit);
        }
    }
    return unsuited(layer,
                    "calibration inputs of " + layer.operatorType + " are not cut into rows");
}

}  // namespace bitloupe::quantization
