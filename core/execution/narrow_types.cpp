// SPDX-License-Identifier: Apache-2.0
#include "core/execution/narrow_types.h"

#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/execution/operator_table.h"
#include "core/numerics/rounding.h"

namespace bitloupe::execution {

namespace {

/// A float of fewer than 16 bits.
struct SmallFloat {
    const char* format;    ///< its name in core/numerics
    float largest;         ///< finite
    float limit;           ///< half way to what would come next: from here on it is too large
    bool limitRoundsDown;  ///< the tie goes to the largest, whose code is even
    bool hasInfinity;
    bool hasNan;
};

const SmallFloat* smallFloat(std::int64_t dataType) {
    static const std::map<std::int64_t, SmallFloat> kFloats = {
        {17, {"float<4,3,fn>", 448, 464, true, false, true}},
        {18, {"float<4,3,fnuz>", 240, 248, false, false, true}},
        {19, {"float<5,2,ieee>", 57344, 61440, false, true, true}},
        {20, {"float<5,2,fnuz>", 57344, 61440, false, false, true}},
        {23, {"float<2,1,finite>", 6, 7, false, false, false}}};
    const auto found = kFloats.find(dataType);
    return found == kFloats.end() ? nullptr : &found->second;
}

at::Tensor roundedTo(const SmallFloat& kind, const at::Tensor& x, bool saturate) {
    const Result<numerics::NumberFormat> format = numerics::NumberFormat::parse(kind.format);
    require(format.hasValue(), "a number format is not known");
    const at::Tensor from = x.to(at::kFloat).contiguous();
    const at::Tensor inside = at::clamp(from, -kind.largest, kind.largest).contiguous();
    at::Tensor to = at::empty_like(inside);
    const auto count = static_cast<std::size_t>(inside.numel());
    numerics::roundSpan(format.value(), {inside.data_ptr<float>(), count},
                        {to.data_ptr<float>(), count});
    to = at::where(at::isnan(from), kind.hasNan ? from : at::zeros_like(from), to);
    if (saturate) {
        return to;
    }
    const at::Tensor size = at::abs(from);
    const at::Tensor beyond = kind.limitRoundsDown ? size > kind.limit : size >= kind.limit;
    const float instead = kind.hasInfinity ? std::numeric_limits<float>::infinity()
                                           : std::numeric_limits<float>::quiet_NaN();
    return at::where(beyond, at::copysign(at::full_like(from, instead), from), to);
}

/// Powers of two with an eight-bit exponent; there is no sign and no zero.
at::Tensor powersOfTwo(const at::Tensor& x, const std::string& mode) {
    const at::Tensor from = x.to(at::kFloat).contiguous();
    at::Tensor to = at::empty_like(from);
    const float* in = from.data_ptr<float>();
    float* out = to.data_ptr<float>();
    for (std::int64_t i = 0; i < from.numel(); ++i) {
        int exponent = 0;
        const float mantissa = std::frexp(std::fabs(in[i]), &exponent);  // in [0.5, 1)
        const bool exact = mantissa == 0.5F;
        const bool up = mode == "up" ? !exact : mode == "nearest" && mantissa >= 0.75F;
        const int power = std::clamp(exponent - (up ? 0 : 1), -127, 127);
        out[i] = std::isfinite(in[i]) ? std::ldexp(1.0F, in[i] == 0 ? -127 : power)
                                      : std::numeric_limits<float>::quiet_NaN();
    }
    return to;
}

struct SmallInteger {
    int bits;
    bool isSigned;
};

const SmallInteger* smallInteger(std::int64_t dataType) {
    static const std::map<std::int64_t, SmallInteger> kIntegers = {
        {21, {4, false}}, {22, {4, true}}, {25, {2, false}}, {26, {2, true}}};
    const auto found = kIntegers.find(dataType);
    return found == kIntegers.end() ? nullptr : &found->second;
}

at::Tensor wrappedTo(const SmallInteger& kind, const at::Tensor& x) {
    const std::int64_t values = std::int64_t{1} << kind.bits;
    const std::int64_t low = kind.isSigned ? -values / 2 : 0;
    const at::Tensor whole = x.to(at::kLong);  // towards zero
    return (at::remainder(whole - low, values) + low).to(kind.isSigned ? at::kChar : at::kByte);
}

}  // namespace

bool isNarrowType(std::int64_t dataType) {
    return dataType == 10 || (dataType >= 16 && dataType <= 26);
}

bool isFloatingDataType(std::int64_t dataType) {
    return dataType == 1 || dataType == 10 || dataType == 11 ||
           (dataType >= 16 && dataType <= 20) || dataType == 23 || dataType == 24;
}

at::ScalarType carrierOf(std::int64_t dataType) {
    static const std::map<std::int64_t, at::ScalarType> kCarriers = {
        {1, at::kFloat},  {2, at::kByte},    {3, at::kChar},   {4, at::kInt},  // uint16
        {5, at::kShort},  {6, at::kInt},     {7, at::kLong},   {9, at::kBool},
        {10, at::kFloat}, {11, at::kDouble}, {12, at::kLong},  // uint32
        {13, at::kLong},                                       // uint64
        {16, at::kFloat}, {17, at::kFloat},  {18, at::kFloat}, {19, at::kFloat},
        {20, at::kFloat}, {21, at::kByte},   {22, at::kChar},  {23, at::kFloat},
        {24, at::kFloat}, {25, at::kByte},   {26, at::kChar}};
    const auto found = kCarriers.find(dataType);
    require(found != kCarriers.end(),
            "tensors of ONNX type number " + std::to_string(dataType) + " are not supported");
    return found->second;
}

IntegerRange integerRangeOf(std::int64_t dataType) {
    static const std::map<std::int64_t, IntegerRange> kRanges = {{2, {0, 255}},
                                                                 {3, {-128, 127}},
                                                                 {4, {0, 65535}},
                                                                 {5, {-32768, 32767}},
                                                                 {6, {-2147483648.0, 2147483647.0}},
                                                                 {21, {0, 15}},
                                                                 {22, {-8, 7}},
                                                                 {25, {0, 3}},
                                                                 {26, {-2, 1}}};
    const auto found = kRanges.find(dataType);
    require(found != kRanges.end(),
            "ONNX type number " + std::to_string(dataType) + " is not a type to quantize to");
    return found->second;
}

at::Tensor castTo(const at::Tensor& x, std::int64_t dataType, const CastRules& rules) {
    const at::ScalarType carrier = carrierOf(dataType);
    if (dataType == 10 || dataType == 16) {
        return x.to(dataType == 10 ? at::kHalf : at::kBFloat16).to(at::kFloat);
    }
    if (dataType == 24) {
        return powersOfTwo(x, rules.roundMode);
    }
    if (const SmallFloat* kind = smallFloat(dataType)) {
        return roundedTo(*kind, x, rules.saturate);
    }
    if (const SmallInteger* kind = smallInteger(dataType)) {
        return wrappedTo(*kind, x);
    }
    const bool unsignedWide = dataType == 4 || dataType == 12;
    if (unsignedWide) {
        return at::bitwise_and(x.to(at::kLong),
                               std::int64_t{dataType == 4 ? 0xffffLL : 0xffffffffLL})
            .to(carrier);
    }
    return x.to(carrier);
}

}  // namespace bitloupe::execution
