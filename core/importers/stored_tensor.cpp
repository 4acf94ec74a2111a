// SPDX-License-Identifier: Apache-2.0
#include "core/importers/stored_tensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/base/half_float.h"

namespace bitloupe::importers {

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

/// What the highest exponent of a small float means.
enum class TopExponent { Infinities, LastIsNan, Numbers };

struct SmallFloat {
    int exponentBits;
    int mantissaBits;
    int bias;
    TopExponent top;
    bool minusZeroIsNan;
};

constexpr SmallFloat kE4M3 = {4, 3, 7, TopExponent::LastIsNan, false};
constexpr SmallFloat kE4M3Fnuz = {4, 3, 8, TopExponent::Numbers, true};
constexpr SmallFloat kE5M2 = {5, 2, 15, TopExponent::Infinities, false};
constexpr SmallFloat kE5M2Fnuz = {5, 2, 16, TopExponent::Numbers, true};
constexpr SmallFloat kE2M1 = {2, 1, 1, TopExponent::Numbers, false};

float decode(const SmallFloat& kind, unsigned bits) {
    const unsigned mantissaMask = (1U << kind.mantissaBits) - 1;
    const unsigned exponentMask = (1U << kind.exponentBits) - 1;
    const unsigned mantissa = bits & mantissaMask;
    const unsigned exponent = (bits >> kind.mantissaBits) & exponentMask;
    const bool negative = ((bits >> (kind.mantissaBits + kind.exponentBits)) & 1U) != 0;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    if (kind.minusZeroIsNan && negative && exponent == 0 && mantissa == 0) {
        return nan;
    }
    float magnitude = 0;
    if (exponent == exponentMask && kind.top == TopExponent::Infinities) {
        magnitude = mantissa == 0 ? std::numeric_limits<float>::infinity() : nan;
    } else if (exponent == exponentMask && mantissa == mantissaMask &&
               kind.top == TopExponent::LastIsNan) {
        magnitude = nan;
    } else {
        const unsigned leading = exponent == 0 ? 0 : 1U << kind.mantissaBits;
        const int power = static_cast<int>(exponent == 0 ? 1 : exponent) - kind.bias;
        magnitude = std::ldexp(static_cast<float>(leading | mantissa), power - kind.mantissaBits);
    }
    return negative ? -magnitude : magnitude;
}

std::uint16_t word(std::span<const std::byte> bytes, std::size_t i) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data() + 2 * i, sizeof value);
    return value;
}

unsigned byteAt(std::span<const std::byte> bytes, std::size_t i) {
    return std::to_integer<unsigned>(bytes[i]);
}

/// Element i of a row of elements of `bits` bits, packed from the lowest bits of each byte.
unsigned packed(std::span<const std::byte> bytes, std::size_t i, unsigned bits) {
    const std::size_t perByte = 8 / bits;
    return (byteAt(bytes, i / perByte) >> (bits * (i % perByte))) & ((1U << bits) - 1);
}

std::int8_t packedSigned(std::span<const std::byte> bytes, std::size_t i, unsigned bits) {
    const auto value = static_cast<int>(packed(bytes, i, bits));
    const int half = 1 << (bits - 1);
    return static_cast<std::int8_t>(value >= half ? value - 2 * half : value);
}

float powerOfTwo(unsigned bits) {
    return bits == 0xff ? std::numeric_limits<float>::quiet_NaN()
                        : std::ldexp(1.0F, static_cast<int>(bits) - 127);
}

template <typename T, typename Decode>
Array decoded(Shape shape, std::size_t count, Decode element) {
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = element(i);
    }
    return Array::of<T>(std::move(shape), values);
}

Array smallFloats(const SmallFloat& kind, Shape shape, std::size_t count,
                  std::span<const std::byte> bytes) {
    return decoded<float>(std::move(shape), count,
                          [&](std::size_t i) { return decode(kind, byteAt(bytes, i)); });
}

Array packedSignedArray(Shape shape, std::size_t count, std::span<const std::byte> bytes,
                        unsigned bits) {
    return decoded<std::int8_t>(std::move(shape), count,
                                [&](std::size_t i) { return packedSigned(bytes, i, bits); });
}

Array packedArray(Shape shape, std::size_t count, std::span<const std::byte> bytes, unsigned bits) {
    return decoded<std::uint8_t>(std::move(shape), count, [&](std::size_t i) {
        return static_cast<std::uint8_t>(packed(bytes, i, bits));
    });
}

Array booleans(Shape shape, std::span<const std::byte> bytes) {
    std::vector<std::byte> normal(bytes.begin(), bytes.end());
    for (std::byte& value : normal) {
        value = value == std::byte{0} ? std::byte{0} : std::byte{1};
    }
    return Array::fromBytes(ElementType::Bool, std::move(shape), normal);
}

/// `bytes` has been checked to hold exactly `count` elements.
Array convert(StoredType type, Shape shape, std::size_t count, std::span<const std::byte> bytes) {
    switch (type) {
        case StoredType::Float64:
            return Array::fromBytes(ElementType::Float64, std::move(shape), bytes);
        case StoredType::Float32:
            return Array::fromBytes(ElementType::Float32, std::move(shape), bytes);
        case StoredType::Int64:
            return Array::fromBytes(ElementType::Int64, std::move(shape), bytes);
        case StoredType::Int32:
            return Array::fromBytes(ElementType::Int32, std::move(shape), bytes);
        case StoredType::Int16:
            return Array::fromBytes(ElementType::Int16, std::move(shape), bytes);
        case StoredType::Int8:
            return Array::fromBytes(ElementType::Int8, std::move(shape), bytes);
        case StoredType::Uint64:
            return Array::fromBytes(ElementType::Uint64, std::move(shape), bytes);
        case StoredType::Uint32:
            return Array::fromBytes(ElementType::Uint32, std::move(shape), bytes);
        case StoredType::Uint16:
            return Array::fromBytes(ElementType::Uint16, std::move(shape), bytes);
        case StoredType::Uint8:
            return Array::fromBytes(ElementType::Uint8, std::move(shape), bytes);
        case StoredType::Bool:
            return booleans(std::move(shape), bytes);
        case StoredType::Float16:
            return decoded<float>(std::move(shape), count,
                                  [&](std::size_t i) { return halfToFloat(word(bytes, i)); });
        case StoredType::BFloat16:
            return decoded<float>(std::move(shape), count,
                                  [&](std::size_t i) { return bfloat16ToFloat(word(bytes, i)); });
        case StoredType::Float8E4M3:
            return smallFloats(kE4M3, std::move(shape), count, bytes);
        case StoredType::Float8E4M3Fnuz:
            return smallFloats(kE4M3Fnuz, std::move(shape), count, bytes);
        case StoredType::Float8E5M2:
            return smallFloats(kE5M2, std::move(shape), count, bytes);
        case StoredType::Float8E5M2Fnuz:
            return smallFloats(kE5M2Fnuz, std::move(shape), count, bytes);
        case StoredType::Float8E8M0:
            return decoded<float>(std::move(shape), count,
                                  [&](std::size_t i) { return powerOfTwo(byteAt(bytes, i)); });
        case StoredType::Float4E2M1:
            return decoded<float>(std::move(shape), count, [&](std::size_t i) {
                return decode(kE2M1, packed(bytes, i, 4));
            });
        case StoredType::Int4:
            return packedSignedArray(std::move(shape), count, bytes, 4);
        case StoredType::Int2:
            return packedSignedArray(std::move(shape), count, bytes, 2);
        case StoredType::Uint4:
            return packedArray(std::move(shape), count, bytes, 4);
        case StoredType::Uint2:
            return packedArray(std::move(shape), count, bytes, 2);
    }
    return {};
}

int bitsOf(StoredType type) {
    switch (type) {
        case StoredType::Float64:
        case StoredType::Int64:
        case StoredType::Uint64:
            return 64;
        case StoredType::Float32:
        case StoredType::Int32:
        case StoredType::Uint32:
            return 32;
        case StoredType::Float16:
        case StoredType::BFloat16:
        case StoredType::Int16:
        case StoredType::Uint16:
            return 16;
        case StoredType::Float8E4M3:
        case StoredType::Float8E4M3Fnuz:
        case StoredType::Float8E5M2:
        case StoredType::Float8E5M2Fnuz:
        case StoredType::Float8E8M0:
        case StoredType::Int8:
        case StoredType::Uint8:
        case StoredType::Bool:
            return 8;
        case StoredType::Float4E2M1:
        case StoredType::Int4:
        case StoredType::Uint4:
            return 4;
        case StoredType::Int2:
        case StoredType::Uint2:
            return 2;
    }
    return 8;
}

}  // namespace

Result<std::int64_t> checkedElementCount(std::span<const std::int64_t> dimensions) {
    std::int64_t count = 1;
    bool empty = false;
    for (const std::int64_t dimension : dimensions) {
        if (dimension < 0) {
            return Error{"the shape has a negative dimension", "", "export the network again"};
        }
        empty = empty || dimension == 0;
    }
    for (const std::int64_t dimension : dimensions) {
        if (!empty && dimension > kMostElements / count) {
            return Error{"the shape has more elements than any file can hold", "",
                         "export the network again"};
        }
        count = empty ? 0 : count * dimension;
    }
    return count;
}

std::uint64_t storedBytes(StoredType type, std::int64_t count) {
    return (static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(bitsOf(type)) + 7) / 8;
}

Result<Array> arrayFromStored(StoredType type, Shape shape, std::span<const std::byte> bytes) {
    const Result<std::int64_t> count = checkedElementCount(shape);
    if (count.hasError()) {
        return count.error();
    }
    const std::uint64_t expected = storedBytes(type, count.value());
    if (bytes.size() != expected) {
        return Error{"the shape needs " + std::to_string(expected) + " bytes but " +
                         std::to_string(bytes.size()) + " are stored",
                     "", "export the network again"};
    }
    return convert(type, std::move(shape), static_cast<std::size_t>(count.value()), bytes);
}

float bfloat16ToFloat(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

}  // namespace bitloupe::importers
