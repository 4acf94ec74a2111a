// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/accumulator.h"

#include <algorithm>

#include "core/base/text.h"

namespace bitloupe::quantization {

Result<Accumulator> Accumulator::parse(std::string_view text) {
    constexpr int kFewest = 2;
    constexpr int kMost = 62;
    const std::vector<std::string> parts = text::split(text, ',');
    const auto bits = parts.empty() ? std::nullopt : text::parseInteger(parts.front());
    const bool named = parts.size() == 2 && (parts[1] == "wrap" || parts[1] == "saturate");
    if (!bits || *bits < kFewest || *bits > kMost || !(parts.size() == 1 || named)) {
        return Error{"'" + std::string(text) + "' is not an accumulator", "",
                     "give its bits, 2 to 62, and wrap or saturate: 24,saturate"};
    }
    Accumulator accumulator;
    accumulator.bits = static_cast<int>(*bits);
    if (parts.size() == 2 && parts[1] == "saturate") {
        accumulator.overflow = Overflow::Saturate;
    }
    return accumulator;
}

std::int64_t Accumulator::wrapped(std::int64_t value) const {
    const int unused = 64 - bits;
    const auto shifted = static_cast<std::uint64_t>(value) << unused;
    return static_cast<std::int64_t>(shifted) >> unused;
}

void IntegerRange::include(std::int64_t value) {
    least = std::min(least, value);
    most = std::max(most, value);
}

int IntegerRange::bits() const {
    int bits = 1;
    while (bits < 64 && (most > (std::int64_t{1} << (bits - 1)) - 1 ||
                         least < -(std::int64_t{1} << (bits - 1)))) {
        ++bits;
    }
    return bits;
}

IntegerRange worstCase(std::span<const std::int32_t> weights, const IntegerRange& inputs,
                       std::int64_t bias) {
    IntegerRange range{bias, bias};
    for (const std::int32_t weight : weights) {
        const std::int64_t a = weight * inputs.least;
        const std::int64_t b = weight * inputs.most;
        range.least += std::min(a, b);
        range.most += std::max(a, b);
    }
    return range;
}

Sum addProducts(std::span<const std::int32_t> weights, std::span<const std::int32_t> inputs,
                std::int64_t bias, const Accumulator& accumulator) {
    Sum sum{.value = bias, .exact = bias};
    const bool saturates = accumulator.overflow == Accumulator::Overflow::Saturate;
    if (!accumulator.holds(bias)) {
        sum.overflowed = true;
        sum.value = std::clamp(bias, accumulator.least(), accumulator.most());
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::int64_t product = std::int64_t{weights[i]} * inputs[i];
        sum.exact += product;
        if (saturates) {
            const std::int64_t next = sum.value + product;
            sum.overflowed = sum.overflowed || !accumulator.holds(next);
            sum.value = std::clamp(next, accumulator.least(), accumulator.most());
        }
    }
    if (!saturates) {
        sum.overflowed = !accumulator.holds(sum.exact);
        sum.value = accumulator.wrapped(sum.exact);
    }
    return sum;
}

}  // namespace bitloupe::quantization
