// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/coded_weights.h"

#include <algorithm>
#include <bit>
#include <set>

namespace bitloupe::exporters {

namespace {

constexpr int kTableBits = 8;

void setScales(const quantization::QuantizedWeights& weights, CodedWeights& coded) {
    for (const numerics::Scaling& scaling : weights.scalings) {
        coded.scales.push_back(scaling.scale);
    }
    coded.zeroPoints.assign(coded.scales.size(), 0);
}

CodedWeights uniformCodes(const quantization::UniformWeights& uniform) {
    CodedWeights coded;
    coded.bits = uniform.format.bits;
    coded.isSigned = uniform.format.isSigned;
    const std::uint32_t mask = (1U << static_cast<unsigned>(coded.bits)) - 1;
    for (const std::int32_t code : uniform.codes.as<std::int32_t>()) {
        coded.codes.push_back(static_cast<std::uint32_t>(code) & mask);
    }
    coded.scales = uniform.scales;
    coded.zeroPoints = uniform.zeroPoints;
    return coded;
}

/// Nothing when a weight is none of the format's values: pruned ones are zero whatever it has.
std::optional<CodedWeights> formatCodes(const quantization::Quantizer& quantizer,
                                        const quantization::QuantizedWeights& weights) {
    CodedWeights coded;
    const numerics::NumberFormat& format = weights.format;
    setScales(weights, coded);
    coded.bits = static_cast<int>(format.bitsPerValue());
    for (std::uint32_t code = 0; code < 1U << static_cast<unsigned>(coded.bits); ++code) {
        coded.table.push_back(format.decode(code));
    }
    const std::vector<std::uint32_t> scaleOf = scaleIndices(quantizer, weights);
    const auto values = weights.values.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float scale = coded.scales[scaleOf[i]];
        coded.codes.push_back(format.encode(values[i] / scale));
        if (coded.table[coded.codes.back()] * scale != values[i]) {
            return std::nullopt;
        }
    }
    return coded;
}

/// Indices into the values that occur, when that is smaller than the values.
CodedWeights occurringValues(const quantization::QuantizedWeights& weights) {
    const auto values = weights.values.as<float>();
    CodedWeights coded;
    coded.scales = {1.0F};
    coded.zeroPoints = {0};
    const std::set<float> occurring(values.begin(), values.end());
    const int bits = std::max(1, static_cast<int>(std::bit_width(occurring.size() - 1)));
    constexpr std::size_t kFloatBits = 32;
    if (values.empty() ||
        occurring.size() * kFloatBits + values.size() * static_cast<std::size_t>(bits) >=
            values.size() * kFloatBits) {
        coded.values.assign(values.begin(), values.end());
        return coded;
    }
    coded.bits = bits;
    coded.table.assign(occurring.begin(), occurring.end());
    for (const float value : values) {
        const auto place = std::lower_bound(coded.table.begin(), coded.table.end(), value);
        coded.codes.push_back(static_cast<std::uint32_t>(place - coded.table.begin()));
    }
    return coded;
}

}  // namespace

CodedWeights codedWeights(const quantization::Quantizer& quantizer,
                          const quantization::QuantizedWeights& weights) {
    if (const auto uniform = uniformWeights(quantizer, weights)) {
        return uniformCodes(*uniform);
    }
    if (weights.format.hasCodes() && weights.format.bitsPerValue() <= kTableBits) {
        if (auto coded = formatCodes(quantizer, weights)) {
            return *std::move(coded);
        }
    }
    return occurringValues(weights);
}

std::vector<std::uint8_t> packCodes(std::span<const std::uint32_t> codes, int bits) {
    const auto width = static_cast<std::size_t>(bits);
    std::vector<std::uint8_t> packed((codes.size() * width + 7) / 8, 0);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        for (std::size_t bit = 0; bit < width;) {  // a byte's share at a time
            const std::size_t at = i * width + bit;
            const std::size_t room = std::min(width - bit, 8 - at % 8);
            const std::uint32_t part = codes[i] >> bit & ((1U << room) - 1);
            packed[at / 8] = static_cast<std::uint8_t>(packed[at / 8] | part << at % 8);
            bit += room;
        }
    }
    return packed;
}

}  // namespace bitloupe::exporters
