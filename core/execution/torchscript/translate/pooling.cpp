// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

Integers twice(Integers pads) {
    const Integers befores = pads;
    pads.insert(pads.end(), befores.begin(), befores.end());
    return pads;
}

/// ONNX's pooling wants a batch and channels before the `places` spatial dimensions.
void requireBatch(Call& call, std::size_t places) {
    if (static_cast<std::size_t>(call.rank(0)) != places + 2) {
        throw TranslationError("pooling of a sample without its batch has no translation");
    }
}

/// max_pool(x, kernel, stride, padding, dilation, ceil).
Translator maxPool(std::size_t places, bool withIndices) {
    return [=](Call& call) {
        requireBatch(call, places);
        const Integers kernel = call.integersFor(1, places);
        const bool own = call.value(2)->isSequence && !call.value(2)->items.empty();
        const std::string pooled =
            call.emit("MaxPool", {call.edge(0)},
                      {{"kernel_shape", kernel},
                       {"strides", own ? call.integersFor(2, places) : kernel},
                       {"pads", twice(call.integersFor(3, places))},
                       {"dilations", call.integersFor(4, places)},
                       {"ceil_mode", std::int64_t{call.flag(5) ? 1 : 0}}});
        call.giveMany({pooled, withIndices ? call.number(0, at::kLong) : std::string()});
    };
}

/// avg_pool(x, kernel, stride, padding, ceil, count padding, divisor).
Translator averagePool(std::size_t places) {
    return [=](Call& call) {
        requireBatch(call, places);
        if (!call.isNone(6)) {
            throw TranslationError("average pooling with a divisor of its own has no translation");
        }
        const Integers kernel = call.integersFor(1, places);
        const bool own = call.value(2)->isSequence && !call.value(2)->items.empty();
        call.give(call.emit("AveragePool", {call.edge(0)},
                            {{"kernel_shape", kernel},
                             {"strides", own ? call.integersFor(2, places) : kernel},
                             {"pads", twice(call.integersFor(3, places))},
                             {"ceil_mode", std::int64_t{call.flag(4) ? 1 : 0}},
                             {"count_include_pad", std::int64_t{call.flag(5) ? 1 : 0}}}));
    };
}

/// Windows that divide the input evenly; one window is the whole input, whatever its size.
Translator adaptivePool(std::size_t places, const char* global, const char* windowed) {
    return [=](Call& call) {
        requireBatch(call, places);
        const at::Tensor result = call.result();
        const auto resultSize = [&](std::size_t i) {
            return result.size(static_cast<std::int64_t>(i) + 2);
        };
        bool whole = true;
        Integers kernel;
        for (std::size_t i = 0; i < places; ++i) {
            const auto axis = static_cast<std::int64_t>(i) + 2;
            const std::int64_t length = call.tensor(0).size(axis);
            const bool fixed =
                length == call.value(0)->on[1].toTensor().size(axis) && length % resultSize(i) == 0;
            whole = whole && resultSize(i) == 1 && call.results(0)[1].toTensor().size(axis) == 1;
            kernel.push_back(fixed ? length / resultSize(i) : 0);
        }
        if (whole) {
            call.giveMany({call.emit(global, {call.edge(0)})});
            return;
        }
        if (std::find(kernel.begin(), kernel.end(), 0) != kernel.end()) {
            throw TranslationError(
                "adaptive pooling of an input whose size it does not divide has no translation");
        }
        call.giveMany(
            {call.emit(windowed, {call.edge(0)}, {{"kernel_shape", kernel}, {"strides", kernel}})});
    };
}

/// upsample(x, size, [align corners,] factors): the sizes that the samples came to, as factors
/// where they are the same for both.
Translator upsample(std::size_t places, const char* mode, bool hasAlign) {
    return [=](Call& call) {
        const bool align = hasAlign && call.flag(2);
        std::vector<float> factors = {1, 1};
        bool known = true;
        for (std::size_t i = 0; i < places; ++i) {
            const auto axis = static_cast<std::int64_t>(i) + 2;
            const auto factor = [&](std::size_t sample) {
                return static_cast<double>(call.results(0)[sample].toTensor().size(axis)) /
                       static_cast<double>(call.value(0)->on[sample].toTensor().size(axis));
            };
            known = known && factor(0) == factor(1);
            factors.push_back(static_cast<float>(factor(0)));
        }
        const bool nearest = std::string(mode) == "nearest";
        const Attributes attributes = {
            {"mode", std::string(mode)},
            {"nearest_mode", std::string("floor")},
            {"cubic_coeff_a", -0.75F},
            {"coordinate_transformation_mode", std::string(nearest ? "asymmetric"
                                                           : align ? "align_corners"
                                                                   : "half_pixel")}};
        if (known) {
            const std::string scales = call.translation().store("constant", at::tensor(factors));
            call.give(call.emit("Resize", {call.edge(0), "", scales}, attributes));
            return;
        }
        const std::string sizes = call.emit("Shape", {call.edge(0)});
        const std::string front =
            call.emit("Slice", {sizes, call.integers({0}), call.integers({2})});
        const std::string wanted =
            call.emit("Concat", {front, call.translation().shapeOf(call.value(1)->items)},
                      {{"axis", std::int64_t{0}}});
        call.give(call.emit("Resize", {call.edge(0), "", "", wanted}, attributes));
    };
}

}  // namespace

void addPooling(Translators& table) {
    for (std::size_t places = 1; places <= 3; ++places) {
        const std::string suffix = std::to_string(places) + "d";
        table["aten::max_pool" + suffix] = maxPool(places, false);
        table["aten::max_pool" + suffix + "_with_indices"] = maxPool(places, true);
        table["aten::avg_pool" + suffix] = averagePool(places);
        table["aten::adaptive_avg_pool" + suffix] =
            adaptivePool(places, "GlobalAveragePool", "AveragePool");
        table["aten::adaptive_max_pool" + suffix] =
            adaptivePool(places, "GlobalMaxPool", "MaxPool");
        table["aten::upsample_nearest" + suffix] = upsample(places, "nearest", false);
    }
    table["aten::upsample_linear1d"] = upsample(1, "linear", true);
    table["aten::upsample_bilinear2d"] = upsample(2, "linear", true);
    table["aten::upsample_trilinear3d"] = upsample(3, "linear", true);
    table["aten::upsample_bicubic2d"] = upsample(2, "cubic", true);
}

}  // namespace bitloupe::execution::torchscript
