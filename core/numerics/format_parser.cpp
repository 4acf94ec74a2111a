// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/numerics/format_catalogue.h"
#include "core/numerics/number_format.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

constexpr int kMaxBits = 16;
constexpr int kMaxBlock = 4096;
constexpr int kMaxTerms = 8;
constexpr int kMaxPositExponent = 126;
constexpr std::size_t kShownLength = 60;

/// `head<argument,argument>`, blanks removed; arguments may hold brackets of their own.
struct Call {
    std::string head;
    std::vector<std::string> arguments;
    bool hasBrackets = false;
};

std::string withoutBlanks(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    return result;
}

/// Nothing when the brackets do not match or something follows them.
std::optional<Call> splitCall(const std::string& name) {
    const std::size_t open = name.find('<');
    if (open == std::string::npos) {
        return Call{name, {}, false};
    }
    if (name.back() != '>') {
        return std::nullopt;
    }
    Call call{name.substr(0, open), {""}, true};
    int depth = 0;
    for (std::size_t i = open + 1; i + 1 < name.size(); ++i) {
        depth += (name[i] == '<' ? 1 : 0) - (name[i] == '>' ? 1 : 0);
        if (depth < 0) {
            return std::nullopt;
        }
        if (name[i] == ',' && depth == 0) {
            call.arguments.emplace_back();
        } else {
            call.arguments.back() += name[i];
        }
    }
    return depth == 0 ? std::optional<Call>(call) : std::nullopt;
}

/// A plain decimal number (no sign, no leading zero) from `low` to `high`.
std::optional<int> integerIn(std::string_view text, int low, int high) {
    const std::optional<std::int64_t> value = text::parseInteger(text);
    if (!value.has_value() || *value < low || *value > high || std::to_string(*value) != text) {
        return std::nullopt;
    }
    return static_cast<int>(*value);
}

template <typename Enum, std::size_t kSize>
std::optional<Enum> wordOf(const std::array<std::pair<std::string_view, Enum>, kSize>& words,
                           std::string_view word) {
    for (const auto& [text, value] : words) {
        if (text == word) {
            return value;
        }
    }
    return std::nullopt;
}

template <typename Enum, std::size_t kSize>
std::string nameOf(const std::array<std::pair<std::string_view, Enum>, kSize>& words, Enum value) {
    for (const auto& [text, candidate] : words) {
        if (candidate == value) {
            return std::string(text);
        }
    }
    return {};
}

constexpr std::array<std::pair<std::string_view, FixedRounding>, 4> kRoundings = {
    {{"rnd_conv", FixedRounding::NearestEven},
     {"rnd", FixedRounding::HalfUp},
     {"trn", FixedRounding::Floor},
     {"trn_zero", FixedRounding::TowardZero}}};

constexpr std::array<std::pair<std::string_view, FixedOverflow>, 2> kOverflows = {
    {{"sat", FixedOverflow::Saturate}, {"wrap", FixedOverflow::Wrap}}};

constexpr std::array<std::pair<std::string_view, FloatSpecials>, 4> kSpecials = {
    {{"ieee", FloatSpecials::Ieee},
     {"fn", FloatSpecials::Fn},
     {"fnuz", FloatSpecials::Fnuz},
     {"finite", FloatSpecials::Finite}}};

constexpr std::array<std::pair<std::string_view, CodebookKind>, 4> kKinds = {
    {{"uniform", CodebookKind::Uniform},
     {"histogram", CodebookKind::Histogram},
     {"normal", CodebookKind::Normal},
     {"kmeans", CodebookKind::KMeans}}};

struct NamedFloat {
    std::string_view name;
    FloatParameters parameters;
};

constexpr std::array kNamedFloats = {
    NamedFloat{"fp32", {8, 23, FloatSpecials::Ieee, true}},
    NamedFloat{"fp16", {5, 10, FloatSpecials::Ieee, true}},
    NamedFloat{"bf16", {8, 7, FloatSpecials::Ieee, true}},
    NamedFloat{"fp8e4m3", {4, 3, FloatSpecials::Fn, true}},
    NamedFloat{"fp8e5m2", {5, 2, FloatSpecials::Ieee, true}},
    NamedFloat{"fp8e4m3fnuz", {4, 3, FloatSpecials::Fnuz, true}},
    NamedFloat{"fp8e5m2fnuz", {5, 2, FloatSpecials::Fnuz, true}},
    NamedFloat{"fp6e3m2", {3, 2, FloatSpecials::Finite, true}},
    NamedFloat{"fp6e2m3", {2, 3, FloatSpecials::Finite, true}},
    NamedFloat{"fp4e2m1", {2, 1, FloatSpecials::Finite, true}},
};

std::optional<FloatParameters> namedFloat(std::string_view name) {
    for (const NamedFloat& candidate : kNamedFloats) {
        if (candidate.name == name) {
            return candidate.parameters;
        }
    }
    return std::nullopt;
}

}  // namespace

/// What was understood so far: the family is known, and the parameters too when they are allowed.
class FormatParser {
public:
    static Result<NumberFormat> parse(std::string_view text);

private:
    struct Parsed {
        Family family;
        std::optional<FormatParameters> parameters;
        std::string name;
    };

    static std::optional<Parsed> parseFamily(const Call& call);
    static std::optional<Parsed> parseIntegers(const Call& call);
    static std::optional<Parsed> parseScalars(const Call& call);
    static std::optional<Parsed> parseBlocks(const Call& call);
    static Parsed fixedPoint(const Call& call);
    static Parsed floatingPoint(const Call& call);
    static Parsed posit(const Call& call);
    static Parsed codebook(const Call& call);
    static Parsed multipoint(const Call& call);

    /// A family with one number of bits, `head<N>`.
    template <typename Parameters>
    static Parsed oneWidth(Family family, const Call& call, int low, int high) {
        const auto bits =
            call.arguments.size() == 1 ? integerIn(call.arguments[0], low, high) : std::nullopt;
        if (!bits.has_value()) {
            return {family, std::nullopt, ""};
        }
        return {family, ScalarParameters(Parameters{*bits}),
                call.head + "<" + std::to_string(*bits) + ">"};
    }
};

std::optional<FormatParser::Parsed> FormatParser::parseIntegers(const Call& call) {
    const bool isUnsigned = call.head.starts_with("uint");
    if (!isUnsigned && !call.head.starts_with("int")) {
        return std::nullopt;
    }
    const std::string_view digits = std::string_view(call.head).substr(isUnsigned ? 4 : 3);
    if (!text::parseInteger(digits).has_value()) {
        return std::nullopt;
    }
    const auto bits = call.hasBrackets ? std::nullopt : integerIn(digits, 2, kMaxBits);
    if (!bits.has_value()) {
        return Parsed{Family::Integer, std::nullopt, ""};
    }
    return Parsed{Family::Integer, ScalarParameters(IntegerParameters{*bits, !isUnsigned}),
                  call.head};
}

FormatParser::Parsed FormatParser::fixedPoint(const Call& call) {
    Parsed parsed{Family::Fixed, std::nullopt, ""};
    if (call.arguments.size() < 2 || call.arguments.size() > 4) {
        return parsed;
    }
    const auto width = integerIn(call.arguments[0], 2, kMaxBits);
    const auto integerBits = integerIn(call.arguments[1], 0, width.value_or(0));
    if (!width.has_value() || !integerBits.has_value()) {
        return parsed;
    }
    FixedParameters format{*width, *integerBits, call.head == "fixed"};
    bool roundingGiven = false;
    bool overflowGiven = false;
    for (std::size_t i = 2; i < call.arguments.size(); ++i) {
        if (const auto rounding = wordOf(kRoundings, call.arguments[i]);
            rounding && !roundingGiven && !overflowGiven) {
            format.rounding = *rounding;
            roundingGiven = true;
        } else if (const auto overflow = wordOf(kOverflows, call.arguments[i]);
                   overflow && !overflowGiven) {
            format.overflow = *overflow;
            overflowGiven = true;
        } else {
            return parsed;
        }
    }
    parsed.name = call.head + "<" + call.arguments[0] + "," + call.arguments[1];
    parsed.name += format.rounding == FixedRounding::NearestEven
                       ? ""
                       : "," + nameOf(kRoundings, format.rounding);
    parsed.name += format.overflow == FixedOverflow::Saturate
                       ? ">"
                       : "," + nameOf(kOverflows, format.overflow) + ">";
    parsed.parameters = ScalarParameters(format);
    return parsed;
}

FormatParser::Parsed FormatParser::floatingPoint(const Call& call) {
    Parsed parsed{Family::Float, std::nullopt, ""};
    if (call.arguments.size() < 2 || call.arguments.size() > 4) {
        return parsed;
    }
    const auto exponent = integerIn(call.arguments[0], 2, 8);
    const auto mantissa =
        integerIn(call.arguments[1], 0, kMaxBits - 1 - exponent.value_or(kMaxBits - 1));
    if (!exponent.has_value() || !mantissa.has_value()) {
        return parsed;
    }
    FloatParameters format{*exponent, *mantissa, FloatSpecials::Ieee, true};
    bool specialsGiven = false;
    for (std::size_t i = 2; i < call.arguments.size(); ++i) {
        if (const auto specials = wordOf(kSpecials, call.arguments[i]);
            specials && !specialsGiven && format.subnormals) {
            format.specials = *specials;
            specialsGiven = true;
        } else if (call.arguments[i] == "nosub" && format.subnormals) {
            format.subnormals = false;
        } else {
            return parsed;
        }
    }
    if (format.exponentBits == 8 && format.specials != FloatSpecials::Ieee) {
        return parsed;  // the values would not all be float32 values
    }
    parsed.name = "float<" + call.arguments[0] + "," + call.arguments[1];
    parsed.name +=
        format.specials == FloatSpecials::Ieee ? "" : "," + nameOf(kSpecials, format.specials);
    parsed.name += format.subnormals ? ">" : ",nosub>";
    parsed.parameters = ScalarParameters(format);
    return parsed;
}

FormatParser::Parsed FormatParser::posit(const Call& call) {
    Parsed parsed{Family::Posit, std::nullopt, ""};
    if (call.arguments.size() != 2) {
        return parsed;
    }
    const auto bits = integerIn(call.arguments[0], 2, kMaxBits);
    const auto exponentBits = integerIn(call.arguments[1], 0, 6);
    if (bits.has_value() && exponentBits.has_value() &&
        ((*bits - 2) << *exponentBits) <= kMaxPositExponent) {
        parsed.parameters = ScalarParameters(PositParameters{*bits, *exponentBits});
        parsed.name = "posit<" + call.arguments[0] + "," + call.arguments[1] + ">";
    }
    return parsed;
}

std::optional<FormatParser::Parsed> FormatParser::parseScalars(const Call& call) {
    if (auto integers = parseIntegers(call)) {
        return integers;
    }
    if (const auto parameters = namedFloat(call.head); parameters && !call.hasBrackets) {
        return Parsed{Family::Float, ScalarParameters(*parameters), call.head};
    }
    if (call.head == "binary" || call.head == "ternary") {
        const Family family = call.head == "binary" ? Family::Binary : Family::Ternary;
        if (call.hasBrackets) {
            return Parsed{family, std::nullopt, ""};
        }
        return Parsed{family,
                      family == Family::Binary ? ScalarParameters(BinaryParameters())
                                               : ScalarParameters(TernaryParameters()),
                      call.head};
    }
    if (call.head == "fixed" || call.head == "ufixed") {
        return fixedPoint(call);
    }
    if (call.head == "float") {
        return floatingPoint(call);
    }
    if (call.head == "posit") {
        return posit(call);
    }
    if (call.head == "pow2") {
        return oneWidth<PowerOfTwoParameters>(Family::PowerOfTwo, call, 2, 8);
    }
    if (call.head == "midrise") {
        return oneWidth<MidRiseParameters>(Family::MidRise, call, 1, kMaxBits);
    }
    return std::nullopt;
}

std::optional<FormatParser::Parsed> FormatParser::parseBlocks(const Call& call) {
    std::optional<BlockParameters> format;
    if (call.head == "mxint8") {
        format = BlockParameters{FixedParameters{8, 2}, BlockScale::PowerOfTwo, 32, true};
    } else if (call.head == "mxfp4") {
        format = BlockParameters{*namedFloat("fp4e2m1")};
    } else if (call.head == "nvfp4") {
        format = BlockParameters{*namedFloat("fp4e2m1"), BlockScale::Fp8E4M3, 16};
    } else {
        for (const std::string_view element : {"fp8e4m3", "fp8e5m2", "fp6e3m2", "fp6e2m3"}) {
            if (call.head == "mx" + std::string(element)) {
                format = BlockParameters{*namedFloat(element)};
            }
        }
    }
    if (!format.has_value()) {
        return std::nullopt;
    }
    Parsed parsed{Family::Microscaling, std::nullopt, call.head};
    if (call.hasBrackets) {
        const auto size =
            call.arguments.size() == 1 ? integerIn(call.arguments[0], 2, kMaxBlock) : std::nullopt;
        if (!size.has_value()) {
            return parsed;
        }
        parsed.name += *size == format->blockSize ? "" : "<" + call.arguments[0] + ">";
        format->blockSize = *size;
    }
    parsed.parameters = *format;
    return parsed;
}

FormatParser::Parsed FormatParser::codebook(const Call& call) {
    Parsed parsed{Family::Codebook, std::nullopt, ""};
    if (call.arguments.size() != 2) {
        return parsed;
    }
    const auto kind = wordOf(kKinds, call.arguments[0]);
    const auto bits = integerIn(call.arguments[1], 1, kMaxBits);
    if (kind.has_value() && bits.has_value()) {
        parsed.parameters = CodebookParameters{*kind, *bits};
        parsed.name = "codebook<" + call.arguments[0] + "," + call.arguments[1] + ">";
    }
    return parsed;
}

FormatParser::Parsed FormatParser::multipoint(const Call& call) {
    Parsed parsed{Family::Multipoint, std::nullopt, ""};
    if (call.arguments.size() != 2) {
        return parsed;
    }
    const auto terms = integerIn(call.arguments[1], 1, kMaxTerms);
    const auto elementCall = splitCall(call.arguments[0]);
    const auto element = elementCall.has_value() ? parseScalars(*elementCall) : std::nullopt;
    if (!terms.has_value() || !element.has_value() || !element->parameters.has_value() ||
        element->name == "fp32") {
        return parsed;
    }
    parsed.parameters =
        MultipointParameters{std::get<ScalarParameters>(*element->parameters), *terms};
    parsed.name = "multipoint<" + element->name + "," + call.arguments[1] + ">";
    return parsed;
}

std::optional<FormatParser::Parsed> FormatParser::parseFamily(const Call& call) {
    if (call.head == "codebook") {
        return codebook(call);
    }
    if (call.head == "multipoint") {
        return multipoint(call);
    }
    auto blocks = parseBlocks(call);
    return blocks.has_value() ? blocks : parseScalars(call);
}

Result<NumberFormat> FormatParser::parse(std::string_view text) {
    const std::string name = withoutBlanks(text);
    const std::optional<Call> call = splitCall(name);
    const std::optional<Parsed> parsed = call.has_value() ? parseFamily(*call) : std::nullopt;
    const std::string what = "'" + std::string(text.substr(0, kShownLength)) +
                             (text.size() > kShownLength ? "..." : "") + "' is not a number format";
    if (!parsed.has_value()) {
        std::vector<std::string> known;
        for (const FamilyInfo& family : families()) {
            const std::vector<std::string> names = commonFormats(family.family);
            known.insert(known.end(), names.begin(), names.end());
        }
        const std::string slip = name.size() > kShownLength ? "" : text::nearest(name, known);
        return Error{what, "",
                     slip.empty()
                         ? "write a name such as int8, fixed<8,3>, fp8e4m3, posit<8,1> or mxfp4"
                         : "did you mean " + slip + "?"};
    }
    if (!parsed->parameters.has_value()) {
        return Error{what, "", "allowed: " + std::string(familyInfo(parsed->family).parameters)};
    }
    NumberFormat format;
    format.m_name = parsed->name;
    format.m_family = parsed->family;
    format.m_parameters = *parsed->parameters;
    return format;
}

Result<NumberFormat> NumberFormat::parse(std::string_view name) {
    return FormatParser::parse(name);
}

}  // namespace bitloupe::numerics
