// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/quantizer.h"

#include <algorithm>

#include "core/base/text.h"

namespace bitloupe::quantization {

namespace {

constexpr std::int64_t kLargestGroup = 1 << 20;
constexpr std::string_view kGroup = "group";
constexpr std::string_view kPercentile = "percentile";

Error notAQuantizer(std::string_view text, const std::string& what, const std::string& remedy) {
    return {what, "'" + std::string(text) + "'", remedy};
}

Result<void> parseGranularity(std::string_view text, std::string_view suffix,
                              Quantizer& quantizer) {
    if (suffix == "tensor") {
        quantizer.granularity = Granularity::Tensor;
    } else if (suffix == "channel") {
        quantizer.granularity = Granularity::Channel;
    } else if (suffix.starts_with(kGroup)) {
        const auto size = text::parseInteger(suffix.substr(kGroup.size()));
        if (!size.has_value() || *size < 1 || *size > kLargestGroup) {
            return notAQuantizer(text, "a group needs its size",
                                 "write @group32, with 1 to 1048576 elements a group");
        }
        quantizer.granularity = Granularity::Group;
        quantizer.groupSize = static_cast<int>(*size);
    } else {
        return notAQuantizer(text, "'@" + std::string(suffix) + "' is not a granularity",
                             "use @tensor, @channel or @group32");
    }
    return {};
}

Result<void> parseRange(std::string_view text, std::string_view suffix, Quantizer& quantizer) {
    if (suffix == "minmax") {
        quantizer.range = RangeRule::MinMax;
    } else if (suffix == "mse") {
        quantizer.range = RangeRule::Mse;
    } else if (suffix == "entropy") {
        quantizer.range = RangeRule::Entropy;
    } else if (suffix.starts_with(kPercentile)) {
        const auto percentile = text::parseNumber(suffix.substr(kPercentile.size()));
        if (!percentile.has_value() || !(*percentile > 50 && *percentile <= 100)) {
            return notAQuantizer(text, "a percentile needs its number",
                                 "write /percentile99.9, with a number above 50 and up to 100");
        }
        quantizer.range = RangeRule::Percentile;
        quantizer.percentile = *percentile;
    } else {
        return notAQuantizer(text, "'/" + std::string(suffix) + "' is not a range rule",
                             "use /minmax, /mse, /percentile99.9 or /entropy");
    }
    return {};
}

std::string granularitySuffix(const Quantizer& quantizer) {
    switch (quantizer.granularity) {
        case Granularity::Tensor:
            return "";
        case Granularity::Channel:
            return "@channel";
        case Granularity::Group:
            return "@group" + std::to_string(quantizer.groupSize);
    }
    return "";
}

std::string rangeSuffix(const Quantizer& quantizer) {
    switch (quantizer.range) {
        case RangeRule::MinMax:
            return "/minmax";
        case RangeRule::Mse:
            return "";
        case RangeRule::Percentile:
            return "/percentile" + text::number(quantizer.percentile);
        case RangeRule::Entropy:
            return "/entropy";
    }
    return "";
}

}  // namespace

Result<Quantizer> Quantizer::parse(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string_view beforeRange = text.substr(0, slash);
    const std::size_t at = std::min(beforeRange.find('@'), beforeRange.size());
    Result<numerics::NumberFormat> format =
        numerics::NumberFormat::parse(beforeRange.substr(0, at));
    if (format.hasError()) {
        return format.error();
    }
    Quantizer quantizer{.format = std::move(format).value()};
    if (at < beforeRange.size()) {
        const auto done = parseGranularity(text, beforeRange.substr(at + 1), quantizer);
        if (done.hasError()) {
            return done.error();
        }
    }
    if (slash < text.size()) {
        const auto done = parseRange(text, text.substr(slash + 1), quantizer);
        if (done.hasError()) {
            return done.error();
        }
    }
    return quantizer;
}

std::string Quantizer::name() const {
    return format.name() + granularitySuffix(*this) + rangeSuffix(*this);
}

}  // namespace bitloupe::quantization
