// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

struct Box {
    float top, left, bottom, right;

    [[nodiscard]] float area() const { return (bottom - top) * (right - left); }
};

Box readBox(const float* values, bool byCentre) {
    if (byCentre) {  // x, y, width, height
        return {values[1] - values[3] / 2, values[0] - values[2] / 2, values[1] + values[3] / 2,
                values[0] + values[2] / 2};
    }
    return {std::min(values[0], values[2]), std::min(values[1], values[3]),
            std::max(values[0], values[2]), std::max(values[1], values[3])};
}

float overlap(const Box& a, const Box& b) {
    const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
    if (height <= 0 || width <= 0) {
        return 0;
    }
    const float both = height * width;
    return both / (a.area() + b.area() - both);
}

/// What NonMaxSuppression keeps and drops.
struct Suppression {
    std::int64_t most = 0;
    float overlapLimit = 0;
    float scoreLimit = -std::numeric_limits<float>::infinity();
    bool byCentre = false;
};

/// Indices of the boxes that stay, best first; equal scores in order of their index.
std::vector<std::int64_t> keptBoxes(const Suppression& rules, std::span<const float> boxes,
                                    std::span<const float> scores) {
    std::vector<std::int64_t> order;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (scores[i] > rules.scoreLimit) {
            order.push_back(static_cast<std::int64_t>(i));
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    std::vector<std::int64_t> kept;
    for (const std::int64_t candidate : order) {
        if (static_cast<std::int64_t>(kept.size()) >= rules.most) {
            break;
        }
        const Box box = readBox(&boxes[static_cast<std::size_t>(candidate) * 4], rules.byCentre);
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](std::int64_t other) {
            return overlap(box, readBox(&boxes[static_cast<std::size_t>(other) * 4],
                                        rules.byCentre)) > rules.overlapLimit;
        });
        if (!covered) {
            kept.push_back(candidate);
        }
    }
    return kept;
}

/// Inputs: boxes [batch, boxes, 4], scores [batch, classes, boxes], limits. Output: rows of
/// (batch, class, box).
Kernel makeNonMaxSuppression(const Attributes& attributes) {
    const bool byCentre = attributes.integer("center_point_box", 0) != 0;
    return [byCentre](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor boxes = inputs[0].to(at::kFloat).contiguous();
        const at::Tensor scores = inputs[1].to(at::kFloat).contiguous();
        require(boxes.dim() == 3 && boxes.size(2) == 4 && scores.dim() == 3 &&
                    scores.size(0) == boxes.size(0) && scores.size(2) == boxes.size(1),
                "boxes and scores do not fit each other");
        Suppression rules;
        rules.byCentre = byCentre;
        if (const at::Tensor given = optionalInput(inputs, 2); given.defined()) {
            rules.most = integerValues(given).at(0);
        }
        if (const at::Tensor given = optionalInput(inputs, 3); given.defined()) {
            rules.overlapLimit = given.item<float>();
        }
        if (const at::Tensor given = optionalInput(inputs, 4); given.defined()) {
            rules.scoreLimit = given.item<float>();
        }
        const auto count = static_cast<std::size_t>(boxes.size(1));
        std::vector<std::int64_t> rows;
        for (std::int64_t batch = 0; batch < boxes.size(0); ++batch) {
            for (std::int64_t category = 0; category < scores.size(1); ++category) {
                const float* first =
                    scores.data_ptr<float>() + (batch * scores.size(1) + category) * scores.size(2);
                const float* corner = boxes.data_ptr<float>() + batch * boxes.size(1) * 4;
                for (const std::int64_t box :
                     keptBoxes(rules, {corner, 4 * count}, {first, count})) {
                    rows.insert(rows.end(), {batch, category, box});
                }
            }
        }
        return {at::tensor(rows, at::kLong).reshape({-1, 3})};
    };
}

struct RoiRules {
    std::int64_t height = 1;
    std::int64_t width = 1;
    std::int64_t samples = 0;
    double scale = 1;
    bool average = true;
    bool halfPixel = true;
};

/// The four neighbours of a place with their weights; a place far outside weighs nothing.
struct Neighbours {
    std::array<std::int64_t, 4> offsets = {};
    std::array<float, 4> weights = {};
};

Neighbours neighboursOf(double y, double x, std::int64_t height, std::int64_t width) {
    Neighbours found;
    if (y < -1 || y > static_cast<double>(height) || x < -1 || x > static_cast<double>(width)) {
        return found;
    }
    const auto split = [](double at, std::int64_t size, std::int64_t& low, std::int64_t& high) {
        at = std::max(at, 0.0);
        low = std::min(static_cast<std::int64_t>(at), size - 1);
        high = std::min(low + 1, size - 1);
        return low == high ? 0.0 : at - static_cast<double>(low);
    };
    std::int64_t top = 0, bottom = 0, left = 0, right = 0;
    const double down = split(y, height, top, bottom);
    const double across = split(x, width, left, right);
    found.offsets = {top * width + left, top * width + right, bottom * width + left,
                     bottom * width + right};
    found.weights = {static_cast<float>((1 - down) * (1 - across)),
                     static_cast<float>((1 - down) * across),
                     static_cast<float>(down * (1 - across)), static_cast<float>(down * across)};
    return found;
}

/// All sampled places of one cell of a region.
std::vector<Neighbours> cellSamples(const RoiRules& rules, const float* roi, std::int64_t row,
                                    std::int64_t column, std::int64_t height, std::int64_t width) {
    const double offset = rules.halfPixel ? 0.5 : 0;
    const auto edge = [&](int i) { return static_cast<double>(roi[i]) * rules.scale - offset; };
    double roiWidth = edge(2) - edge(0);
    double roiHeight = edge(3) - edge(1);
    if (!rules.halfPixel) {
        roiWidth = std::max(roiWidth, 1.0);
        roiHeight = std::max(roiHeight, 1.0);
    }
    const double cellHeight = roiHeight / static_cast<double>(rules.height);
    const double cellWidth = roiWidth / static_cast<double>(rules.width);
    const auto countOf = [&](double cell) {
        return std::clamp<std::int64_t>(
            rules.samples > 0 ? rules.samples : static_cast<std::int64_t>(std::ceil(cell)), 0,
            4096);
    };
    const std::int64_t rows = countOf(cellHeight);
    const std::int64_t columns = countOf(cellWidth);
    std::vector<Neighbours> samples;
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
            const auto at = [](double start, std::int64_t cell, double size, std::int64_t k,
                               std::int64_t count) {
                return start + static_cast<double>(cell) * size +
                       (static_cast<double>(k) + 0.5) * size / static_cast<double>(count);
            };
            samples.push_back(neighboursOf(at(edge(1), row, cellHeight, i, rows),
                                           at(edge(0), column, cellWidth, j, columns), height,
                                           width));
        }
    }
    return samples;
}

/// The mean of the samples, or the largest weighted neighbour, as ONNX's operator defines "max".
float pooledCell(const RoiRules& rules, const std::vector<Neighbours>& samples,
                 const float* plane) {
    float sum = 0;
    float largest = -std::numeric_limits<float>::infinity();
    for (const Neighbours& sample : samples) {
        for (std::size_t i = 0; i < 4; ++i) {
            const float value = sample.weights[i] * plane[sample.offsets[i]];
            sum += value;
            largest = std::max(largest, value);
        }
    }
    if (samples.empty()) {
        return 0;
    }
    return rules.average ? sum / static_cast<float>(samples.size()) : largest;
}

/// Inputs: images [batch, channels, height, width], regions [regions, 4], their image.
Kernel makeRoiAlign(const Attributes& attributes) {
    RoiRules rules;
    rules.height = attributes.integer("output_height", 1);
    rules.width = attributes.integer("output_width", 1);
    rules.samples = attributes.integer("sampling_ratio", 0);
    rules.scale = attributes.real("spatial_scale", 1);
    rules.average = attributes.text("mode", "avg") == "avg";
    rules.halfPixel = attributes.text("coordinate_transformation_mode",
                                      attributes.opset() < 16 ? "output_half_pixel"
                                                              : "half_pixel") == "half_pixel";
    require(rules.height > 0 && rules.width > 0, "the output must have a size");
    return [rules](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor images = inputs[0].to(at::kFloat).contiguous();
        const at::Tensor rois = inputs[1].to(at::kFloat).contiguous();
        const std::vector<std::int64_t> owners = integerValues(inputs[2]);
        require(images.dim() == 4 && images.numel() > 0 && rois.dim() == 2 && rois.size(1) == 4 &&
                    static_cast<std::int64_t>(owners.size()) == rois.size(0),
                "images and regions do not fit each other");
        checkSize({rois.size(0), images.size(1), rules.height, rules.width});
        at::Tensor result =
            at::empty({rois.size(0), images.size(1), rules.height, rules.width}, at::kFloat);
        const std::int64_t plane = images.size(2) * images.size(3);
        const std::int64_t cells = rules.height * rules.width;
        for (std::int64_t roi = 0; roi < rois.size(0); ++roi) {
            const std::int64_t owner = owners[static_cast<std::size_t>(roi)];
            require(owner >= 0 && owner < images.size(0), "a region has no image");
            for (std::int64_t cell = 0; cell < cells; ++cell) {
                const std::vector<Neighbours> samples =
                    cellSamples(rules, rois.data_ptr<float>() + roi * 4, cell / rules.width,
                                cell % rules.width, images.size(2), images.size(3));
                for (std::int64_t channel = 0; channel < images.size(1); ++channel) {
                    const float* from =
                        images.data_ptr<float>() + (owner * images.size(1) + channel) * plane;
                    result.data_ptr<float>()[(roi * images.size(1) + channel) * cells + cell] =
                        pooledCell(rules, samples, from);
                }
            }
        }
        return {result.to(inputs[0].scalar_type())};
    };
}

/// Inputs: images, regions [regions, 5]: image, left, top, right, bottom, ends included.
Kernel makeMaxRoiPool(const Attributes& attributes) {
    const std::vector<std::int64_t> shape = attributes.integers("pooled_shape");
    require(shape.size() == 2 && shape[0] > 0 && shape[1] > 0, "pooled_shape must be two sizes");
    const double scale = attributes.real("spatial_scale", 1);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor rois = inputs[1].to(at::kDouble).contiguous();
        require(inputs[0].dim() == 4 && rois.dim() == 2 && rois.size(1) == 5,
                "images and regions do not fit each other");
        Tensors results;
        for (std::int64_t roi = 0; roi < rois.size(0); ++roi) {
            const double* row = rois.data_ptr<double>() + roi * 5;
            const auto owner = static_cast<std::int64_t>(row[0]);
            require(owner >= 0 && owner < inputs[0].size(0), "a region has no image");
            const auto edge = [&](int i) { return std::llround(row[i] * scale); };
            at::Tensor cells =
                at::zeros({inputs[0].size(1), shape[0], shape[1]}, inputs[0].options());
            const auto range = [&](std::int64_t cell, std::int64_t start, std::int64_t end,
                                   std::int64_t count, std::int64_t size) {
                const double each =
                    static_cast<double>(std::max<std::int64_t>(end - start + 1, 1)) /
                    static_cast<double>(count);
                const auto at = static_cast<double>(cell);
                return std::pair<std::int64_t, std::int64_t>{
                    std::clamp<std::int64_t>(
                        static_cast<std::int64_t>(std::floor(at * each)) + start, 0, size),
                    std::clamp<std::int64_t>(
                        static_cast<std::int64_t>(std::ceil((at + 1) * each)) + start, 0, size)};
            };
            for (std::int64_t y = 0; y < shape[0]; ++y) {
                for (std::int64_t x = 0; x < shape[1]; ++x) {
                    const auto [top, bottom] =
                        range(y, edge(2), edge(4), shape[0], inputs[0].size(2));
                    const auto [left, right] =
                        range(x, edge(1), edge(3), shape[1], inputs[0].size(3));
                    if (top < bottom && left < right) {
                        const at::Tensor part =
                            inputs[0][owner].slice(1, top, bottom).slice(2, left, right);
                        cells.select(1, y).select(1, x).copy_(at::amax(part, {1, 2}));
                    }
                }
            }
            results.push_back(cells);
        }
        return {results.empty()
                    ? at::zeros({0, inputs[0].size(1), shape[0], shape[1]}, inputs[0].options())
                    : at::stack(results, 0)};
    };
}

}  // namespace

void addDetectionOperators(OperatorTable& table) {
    table["NonMaxSuppression"] = makeNonMaxSuppression;
    table["RoiAlign"] = makeRoiAlign;
    table["MaxRoiPool"] = makeMaxRoiPool;
}

}  // namespace bitloupe::execution
