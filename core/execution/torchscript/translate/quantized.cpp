// SPDX-License-Identifier: Apache-2.0
#include <ATen/native/quantized/PackedParams.h>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

/// The input rounded to whole numbers between its own extremes, which are taken to hold zero, and
/// back: what dynamic quantization does to it before it multiplies.
std::string roundedByItsRange(Call& call, double levels) {
    const std::string x = call.edge(0);
    const std::string zero = call.number(0);
    const std::string top = call.number(levels);
    const auto extreme = [&](const char* reduction, const char* bound) {
        return call.emit(bound, {call.emit(reduction, {x}, {{"keepdims", std::int64_t{0}}}), zero});
    };
    const std::string least = extreme("ReduceMin", "Min");
    const std::string most = extreme("ReduceMax", "Max");
    const std::string scale = call.emit("Div", {call.emit("Sub", {most, least}), top});
    const std::string origin = call.emit(
        "Round",
        {call.emit("Clip", {call.emit("Neg", {call.emit("Div", {least, scale})}), zero, top})});
    const std::string codes = call.emit(
        "Clip", {call.emit("Add", {call.emit("Round", {call.emit("Div", {x, scale})}), origin}),
                 zero, top});
    return call.emit("Mul", {call.emit("Sub", {codes, origin}), scale});
}

/// linear_dynamic(x, packed weights, one bit less).
void dynamicLinear(Call& call) {
    const auto packed = call.value(1)->sample().toCustomClass<LinearPackedParamsBase>();
    const auto [weight, bias] = packed->unpack();
    const bool narrow = call.arguments() > 2 && call.flag(2);
    std::string module = call.value(1)->path;
    for (const std::string suffix = "._packed_params"; module.ends_with(suffix);) {
        module.resize(module.size() - suffix.size());
    }
    Translation& to = call.translation();
    const std::string stored = to.store(module + ".weight", weight.dequantize());
    const std::string turned =
        call.emit("Transpose", {stored}, {{"perm", std::vector<std::int64_t>{1, 0}}});
    const std::string product =
        call.emit("MatMul", {roundedByItsRange(call, narrow ? 127 : 255), turned});
    call.give(bias ? call.emit("Add", {product, to.store(module + ".bias", *bias)}) : product);
}

}  // namespace

void addQuantized(Translators& table) {
    table["quantized::linear_dynamic"] = dynamicLinear;
}

}  // namespace bitloupe::execution::torchscript
