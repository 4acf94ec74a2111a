// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/quantizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"

namespace bitloupe::quantization {

namespace {

constexpr std::int64_t kLargestGroup = 1 << 20;
constexpr std::string_view kGroup = "group";
constexpr std::string_view kPercentile = "percentile";
constexpr std::string_view kPowerOfTwoScale = "pow2scale";
constexpr std::string_view kBiasCorrection = "biascorr";
constexpr std::string_view kOutput = "output";
constexpr std::string_view kFloat = "float";

constexpr std::array<std::pair<RangeRule, std::string_view>, 8> kRanges = {
    {{RangeRule::MinMax, "minmax"},
     {RangeRule::MovingAverage, "movingaverage"},
     {RangeRule::Mse, "mse"},
     {RangeRule::Entropy, "entropy"},
     {RangeRule::Histogram, "histogram"},
     {RangeRule::Energy, "energy"},
     {RangeRule::Sweep, "sweep"},
     {RangeRule::Unscaled, "unscaled"}}};

constexpr std::array<std::pair<WeightRounding, std::string_view>, 4> kRoundings = {
    {{WeightRounding::Stochastic, "stochastic"},
     {WeightRounding::AdaRound, "adaround"},
     {WeightRounding::Gptq, "gptq"},
     {WeightRounding::GptqOrdered, "gptqordered"}}};

Error notAQuantizer(std::string_view text, const std::string& what, const std::string& remedy) {
    return {what, "'" + std::string(text) + "'", remedy};
}

template <typename Table, typename Value>
std::string_view nameIn(const Table& table, Value value) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [value](const auto& entry) { return entry.first == value; });
    return found == table.end() ? std::string_view() : found->second;
}

template <typename Table>
auto findIn(const Table& table, std::string_view name) {
    return std::find_if(table.begin(), table.end(),
                        [name](const auto& entry) { return entry.second == name; });
}

/// Reads the suffixes of one text, one after another.
class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<Quantizer> parse() {
        const std::string_view head = next();
        const bool isFloat = head == kFloat && !m_rest.empty();
        Result<numerics::NumberFormat> format =
            numerics::NumberFormat::parse(isFloat ? "fp32" : head);
        if (format.hasError()) {
            return format.error();
        }
        Quantizer quantizer{.format = std::move(format).value()};
        quantizer.range = defaultRange(quantizer.format);
        char last = '@';
        while (!m_rest.empty()) {
            const char kind = m_rest.front();
            m_rest.remove_prefix(1);
            const bool repeats = kind == last && (kind == '@' ? m_granularity : kind == '~');
            if (order(kind) < order(last) || repeats) {
                return notAQuantizer(m_text, "the parts are out of order",
                                     "write FORMAT@channel/mse+gptq~50%, each part or none");
            }
            last = kind;
            if (const Result<void> done = suffix(kind, next(), quantizer); done.hasError()) {
                return done.error();
            }
        }
        if (const Result<void> fits = check(quantizer); fits.hasError()) {
            return fits.error();
        }
        return quantizer;
    }

private:
    static int order(char kind) { return static_cast<int>(std::string_view("@/+~").find(kind)); }

    /// The text up to the next suffix.
    std::string_view next() {
        if (!m_started) {
            m_rest = m_text;
            m_started = true;
        }
        const std::size_t end = std::min(m_rest.find_first_of("@/+~"), m_rest.size());
        const std::string_view part = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        return part;
    }

    Result<void> suffix(char kind, std::string_view part, Quantizer& quantizer) {
        switch (kind) {
            case '@':
                return granularity(part, quantizer);
            case '/':
                return range(part, quantizer);
            case '+':
                return method(part, quantizer);
            default: {
                Result<Pruning> pruning = Pruning::parse(part);
                if (pruning.hasError()) {
                    return pruning.error().within("'" + std::string(m_text) + "'");
                }
                quantizer.pruning = pruning.value();
                return {};
            }
        }
    }

    Result<void> granularity(std::string_view part, Quantizer& quantizer) {
        m_granularity = true;
        if (part == "tensor") {
            quantizer.granularity = Granularity::Tensor;
        } else if (part == "channel") {
            quantizer.granularity = Granularity::Channel;
        } else if (part.starts_with(kGroup)) {
            const auto size = text::parseInteger(part.substr(kGroup.size()));
            if (!size.has_value() || *size < 1 || *size > kLargestGroup) {
                return notAQuantizer(m_text, "a group needs its size",
                                     "write @group32, with 1 to 1048576 elements a group");
            }
            quantizer.granularity = Granularity::Group;
            quantizer.groupSize = static_cast<int>(*size);
        } else {
            return notAQuantizer(m_text, "'@" + std::string(part) + "' is not a granularity",
                                 "use @tensor, @channel or @group32");
        }
        return {};
    }

    Result<void> range(std::string_view part, Quantizer& quantizer) {
        if (part == kPowerOfTwoScale && !quantizer.powerOfTwoScale) {
            quantizer.powerOfTwoScale = true;
            return {};
        }
        if (m_range) {
            return notAQuantizer(m_text, "there are two range rules", "keep one of them");
        }
        m_range = true;
        if (part.starts_with(kPercentile)) {
            const auto percentile = text::parseNumber(part.substr(kPercentile.size()));
            if (!percentile.has_value() || !(*percentile > 50 && *percentile <= 100)) {
                return notAQuantizer(m_text, "a percentile needs its number",
                                     "write /percentile99.9, with a number above 50 and up to 100");
            }
            quantizer.range = RangeRule::Percentile;
            quantizer.percentile = *percentile;
            return {};
        }
        if (part.starts_with(kOutput)) {
            const bool isShare = part.ends_with('%');
            const auto bound = text::parseNumber(
                part.substr(kOutput.size(), part.size() - kOutput.size() - (isShare ? 1 : 0)));
            if (!isShare || !bound || !(*bound > 0 && *bound < 100)) {
                return notAQuantizer(m_text, "a bound on output errors needs its share",
                                     "write /output1%, above 0 and below 100");
            }
            quantizer.outputError = *bound;
            return {};
        }
        const auto found = findIn(kRanges, part);
        if (found == kRanges.end()) {
            return notAQuantizer(
                m_text, "'/" + std::string(part) + "' is not a range rule",
                "use /minmax, /movingaverage, /mse, /percentile99.9, /entropy, for "
                "posits /histogram, /energy, /sweep or /unscaled, and /pow2scale");
        }
        quantizer.range = found->first;
        return {};
    }

    Result<void> method(std::string_view part, Quantizer& quantizer) {
        if (part == kBiasCorrection && !quantizer.biasCorrection) {
            quantizer.biasCorrection = true;
            return {};
        }
        const auto found = findIn(kRoundings, part);
        if (found == kRoundings.end() || quantizer.rounding != WeightRounding::Nearest) {
            return notAQuantizer(m_text, "'+" + std::string(part) + "' is not one more method",
                                 "use one of +stochastic, +adaround, +gptq and +gptqordered, and "
                                 "+biascorr");
        }
        quantizer.rounding = found->first;
        return {};
    }

    [[nodiscard]] Result<void> check(const Quantizer& quantizer) const {
        using numerics::Family;
        const Family family = quantizer.format.family();
        const bool tapers =
            family == Family::Posit || family == Family::Float || family == Family::PowerOfTwo;
        const bool perValue = quantizer.format.hasCodes() && !quantizer.format.isIdentity();
        const bool learned = quantizer.rounding != WeightRounding::Nearest &&
                             quantizer.rounding != WeightRounding::Stochastic;
        const bool byLogarithm =
            quantizer.range == RangeRule::Histogram || quantizer.range == RangeRule::Energy ||
            quantizer.range == RangeRule::Sweep || quantizer.range == RangeRule::Unscaled;
        if (byLogarithm && !tapers) {
            return notAQuantizer(m_text, "this range rule is for formats that taper",
                                 "use it with posits, floats or pow2, or use /mse");
        }
        if (quantizer.outputError > 0 && family != Family::Multipoint) {
            return notAQuantizer(m_text, "only multipoint formats can add terms for their outputs",
                                 "write for instance multipoint<int4,3>/output1%");
        }
        if (learned && !perValue) {
            return notAQuantizer(m_text, "this method rounds each weight to a code of its own",
                                 "use it with integers, fixed point, floats or posits");
        }
        if (quantizer.rounding != WeightRounding::Nearest && quantizer.format.isIdentity()) {
            return notAQuantizer(m_text, "nothing is rounded in float", "leave out the method");
        }
        return {};
    }

    std::string_view m_text;
    std::string_view m_rest;
    bool m_started = false;
    bool m_granularity = false;
    bool m_range = false;
};

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
    std::string suffix;
    if (quantizer.range == RangeRule::Percentile) {
        suffix = "/percentile" + text::number(quantizer.percentile);
    } else if (quantizer.range != defaultRange(quantizer.format)) {
        suffix = "/" + std::string(nameIn(kRanges, quantizer.range));
    }
    if (quantizer.outputError > 0) {
        suffix = "/" + std::string(kOutput) + text::number(quantizer.outputError) + "%";
    }
    return suffix + (quantizer.powerOfTwoScale ? "/" + std::string(kPowerOfTwoScale) : "");
}

}  // namespace

double bitsPerValue(const std::optional<Quantizer>& side) {
    return side.has_value() ? side->format.bitsPerValue() : kFloatBits;
}

RangeRule defaultRange(const numerics::NumberFormat& format) {
    return format.family() == numerics::Family::Posit ? RangeRule::Energy : RangeRule::Mse;
}

Result<Quantizer> Quantizer::parse(std::string_view text) {
    return Parser(text).parse();
}

bool Quantizer::needsInputs() const {
    return biasCorrection || outputError > 0 || rounding == WeightRounding::AdaRound ||
           rounding == WeightRounding::Gptq || rounding == WeightRounding::GptqOrdered;
}

Quantizer Quantizer::withoutWeightMethods() const {
    Quantizer plain = *this;
    plain.granularity = Granularity::Tensor;
    plain.groupSize = 0;
    plain.rounding = WeightRounding::Nearest;
    plain.biasCorrection = false;
    plain.pruning = {};
    return plain;
}

std::string Quantizer::name() const {
    const bool isPrunedFloat = format.isIdentity() && pruning.pattern != Pruning::Pattern::None;
    std::string name = isPrunedFloat ? std::string(kFloat) : format.name();
    name += granularitySuffix(*this) + rangeSuffix(*this);
    if (rounding != WeightRounding::Nearest) {
        name += "+" + std::string(nameIn(kRoundings, rounding));
    }
    name += biasCorrection ? "+" + std::string(kBiasCorrection) : "";
    return name + (pruning.pattern == Pruning::Pattern::None ? "" : "~" + pruning.name());
}

}  // namespace bitloupe::quantization
