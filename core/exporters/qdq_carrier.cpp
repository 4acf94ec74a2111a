// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/qdq_carrier.h"

#include <algorithm>

namespace bitloupe::exporters {

using exploration::Side;
using numerics::FloatParameters;
using numerics::FloatSpecials;
using quantization::Granularity;
using quantization::Quantizer;

namespace {

constexpr int kWidest = 16;

template <typename T>
Array arrayOf(Shape shape, std::span<const std::int64_t> codes) {
    std::vector<T> elements(codes.size());
    std::transform(codes.begin(), codes.end(), elements.begin(),
                   [](std::int64_t code) { return static_cast<T>(code); });
    return Array::of(std::move(shape), elements);
}

/// Groups run along an axis of a matrix; a convolution's filter is stored as one row.
bool groupsFit(const network::Layer& layer) {
    return layer.channelAxis == 0 || layer.weightShape.size() == 2;
}

}  // namespace

std::optional<PackedType> float8Type(const numerics::NumberFormat& format) {
    const auto* scalar = std::get_if<numerics::ScalarParameters>(&format.parameters());
    const auto* p = scalar == nullptr ? nullptr : std::get_if<FloatParameters>(scalar);
    if (p == nullptr || !p->subnormals) {
        return std::nullopt;
    }
    const bool fnuz = p->specials == FloatSpecials::Fnuz;
    if (p->exponentBits == 4 && p->mantissaBits == 3 &&
        (fnuz || p->specials == FloatSpecials::Fn)) {
        return fnuz ? PackedType::Float8E4M3Fnuz : PackedType::Float8E4M3Fn;
    }
    if (p->exponentBits == 5 && p->mantissaBits == 2 &&
        (fnuz || p->specials == FloatSpecials::Ieee)) {
        return fnuz ? PackedType::Float8E5M2Fnuz : PackedType::Float8E5M2;
    }
    return std::nullopt;
}

IntegerCarrier integerCarrier(const quantization::UniformFormat& format, Side side) {
    if (format.bits <= 4 && side == Side::Weights) {
        return format.isSigned ? IntegerCarrier{ElementType::Int8, PackedType::Int4, 4}
                               : IntegerCarrier{ElementType::Uint8, PackedType::Uint4, 4};
    }
    if (format.bits <= 8) {
        return {format.isSigned ? ElementType::Int8 : ElementType::Uint8, {}, 8};
    }
    return {format.isSigned ? ElementType::Int16 : ElementType::Uint16, {}, kWidest};
}

Array carriedCodes(const IntegerCarrier& carrier, Shape shape,
                   std::span<const std::int64_t> codes) {
    switch (carrier.type) {
        case ElementType::Uint8:
            return arrayOf<std::uint8_t>(std::move(shape), codes);
        case ElementType::Int16:
            return arrayOf<std::int16_t>(std::move(shape), codes);
        case ElementType::Uint16:
            return arrayOf<std::uint16_t>(std::move(shape), codes);
        default:
            return arrayOf<std::int8_t>(std::move(shape), codes);
    }
}

std::optional<std::int64_t> qdqOpset(const Quantizer& quantizer, Side side) {
    const bool grouped = quantizer.granularity == Granularity::Group;
    if (float8Type(quantizer.format)) {
        return grouped ? kBlockOpset : kFloat8Opset;
    }
    const std::optional<quantization::UniformFormat> format =
        quantization::uniformFormat(quantizer.format);
    if (!format || format->bits > kWidest) {
        return std::nullopt;
    }
    return grouped || integerCarrier(*format, side).bits != 8 ? kBlockOpset : kAxisOpset;
}

std::string qdqObstacle(const network::Layer& layer, const Quantizer& quantizer, Side side) {
    if (!qdqOpset(quantizer, side)) {
        return quantizer.format.name() +
               " has no ONNX type; integers of 2 to 16 bits and fp8 have one";
    }
    if (quantizer.granularity == Granularity::Group && !groupsFit(layer)) {
        return quantizer.name() + " runs across the axes of these weights; choose @channel";
    }
    Quantizer plain = quantizer;
    plain.granularity = Granularity::Tensor;  // scales by group do fit
    return float8Type(quantizer.format) ? ""
                                        : integerObstacle(plain, side, "QuantizeLinear", kWidest);
}

}  // namespace bitloupe::exporters
