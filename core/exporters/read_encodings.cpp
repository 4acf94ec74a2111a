// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/read_encodings.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace bitloupe::exporters {

namespace {

using nlohmann::json;
using Encodings = std::map<std::string, TensorEncoding>;

Error malformed(const std::string& what, const std::string& where) {
    return {what, where, "write AIMET encodings of version 0.6.1, 1.0.0 or 2.0.0"};
}

/// A JSON value as a list of numbers: alone, or nested in lists.
bool collectNumbers(const json& value, std::vector<double>& numbers) {
    if (value.is_number()) {
        numbers.push_back(value.get<double>());
        return true;
    }
    return value.is_array() && std::all_of(value.begin(), value.end(), [&](const json& item) {
               return collectNumbers(item, numbers);
           });
}

std::vector<double> numbersAt(const json& entry, const char* key) {
    std::vector<double> numbers;
    const auto found = entry.find(key);
    return found != entry.end() && collectNumbers(*found, numbers) ? numbers
                                                                   : std::vector<double>();
}

std::string textAt(const json& entry, const char* key) {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// true, or the word that version 0.6.1 writes for it.
bool flagAt(const json& entry, const char* key) {
    const auto found = entry.find(key);
    return found != entry.end() && ((found->is_boolean() && found->get<bool>()) ||
                                    (found->is_string() && found->get<std::string>() == "True"));
}

/// Codes counted from zero, offset is minus the zero point: -2^(bits-1) means signed codes around
/// 0.
void setOffsets(const std::vector<double>& offsets, TensorEncoding& encoding) {
    const std::int64_t half = std::int64_t{1} << static_cast<unsigned>(encoding.bits - 1);
    encoding.isSigned = std::all_of(offsets.begin(), offsets.end(),
                                    [&](double offset) { return std::llround(offset) == -half; });
    for (const double offset : offsets) {
        encoding.zeroPoints.push_back(-std::llround(offset) - (encoding.isSigned ? half : 0));
    }
}

Result<TensorEncoding> checked(TensorEncoding encoding, const std::string& name) {
    constexpr int kMostBits = 32;
    if (encoding.bits < 1 || encoding.bits > kMostBits) {
        return malformed("the width of an encoding is not 1 to 32 bits", name);
    }
    const bool usable = std::all_of(encoding.scales.begin(), encoding.scales.end(),
                                    [](double s) { return std::isfinite(s) && s > 0; });
    if (!encoding.isFloat && (encoding.scales.empty() || !usable)) {
        return malformed("an encoding has no scale above 0", name);
    }
    return encoding;
}

/// Entries of 0.6.1 (one object a channel) and of 1.0.0 (lists in one object).
Result<TensorEncoding> readOldEntry(const json& entry, const std::string& name, bool parameter) {
    const json& first = entry.is_array() && !entry.empty() ? entry.front() : entry;
    if (!first.is_object()) {
        return malformed("an encoding is not an object", name);
    }
    TensorEncoding encoding;
    encoding.isParameter = parameter;
    const auto bits = numbersAt(first, entry.is_array() ? "bitwidth" : "bw");
    encoding.bits = bits.size() == 1 ? static_cast<int>(std::clamp(bits[0], 0.0, 64.0)) : 0;
    const std::string type = textAt(first, "dtype");
    encoding.isFloat = type == "float" || type == "FLOAT";
    if (const auto block = numbersAt(first, "block_size"); block.size() == 1) {
        encoding.blockSize = std::llround(block[0]);
    }
    std::vector<double> offsets;
    for (const json& item : entry.is_array() ? entry : json::array({entry})) {
        const auto scales = item.is_object() ? numbersAt(item, "scale") : std::vector<double>();
        const auto shifts = item.is_object() ? numbersAt(item, "offset") : std::vector<double>();
        encoding.scales.insert(encoding.scales.end(), scales.begin(), scales.end());
        offsets.insert(offsets.end(), shifts.begin(), shifts.end());
    }
    Result<TensorEncoding> result = checked(std::move(encoding), name);
    if (result.hasValue() && !result.value().isFloat) {
        if (offsets.empty() && flagAt(first, "is_sym")) {
            offsets = {-std::ldexp(1.0, result.value().bits - 1)};
        }
        setOffsets(offsets, result.value());
    }
    return result;
}

Result<TensorEncoding> readNewEntry(const json& entry, const std::string& name) {
    TensorEncoding encoding;
    std::string type = textAt(entry, "output_dtype");
    encoding.isFloat = type.starts_with("float") || type.starts_with("bfloat");
    if (encoding.isFloat) {
        static const std::map<std::string, std::string> kFormats = {
            {"float16", "fp16"},
            {"bfloat16", "bf16"},
            {"float32", "fp32"},
            {"float8e4m3fn", "fp8e4m3"},
            {"float8e4m3fnuz", "fp8e4m3fnuz"},
            {"float8e5m2", "fp8e5m2"},
            {"float8e5m2fnuz", "fp8e5m2fnuz"}};
        const auto format = kFormats.find(type);
        encoding.floatFormat = format == kFormats.end() ? "" : format->second;
    } else {
        encoding.isSigned = !type.starts_with('u');
        const std::size_t digits = type.find_first_of("0123456789");
        const auto bits =
            digits == std::string::npos ? std::nullopt : text::parseInteger(type.substr(digits));
        encoding.bits = static_cast<int>(std::clamp<std::int64_t>(bits.value_or(0), 0, 64));
    }
    encoding.scales = numbersAt(entry, "y_scale");
    for (const double zero : numbersAt(entry, "y_zero_point")) {
        encoding.zeroPoints.push_back(std::llround(zero));
    }
    if (const auto block = numbersAt(entry, "block_size"); block.size() == 1) {
        encoding.blockSize = std::llround(block[0]);
    }
    return checked(std::move(encoding), name);
}

Result<void> addList(const json& list, bool parameter, bool newStyle, Encodings& found) {
    for (const json& entry : list) {
        const std::string name = entry.is_object() ? textAt(entry, "name") : "";
        if (name.empty()) {
            return malformed("an encoding has no name", "encodings");
        }
        Result<TensorEncoding> encoding =
            newStyle ? readNewEntry(entry, name) : readOldEntry(entry, name, parameter);
        if (encoding.hasError()) {
            return encoding.error();
        }
        found[name] = std::move(encoding).value();
    }
    return {};
}

Result<void> addObject(const json& object, bool parameter, Encodings& found) {
    for (const auto& [name, entry] : object.items()) {
        Result<TensorEncoding> encoding = readOldEntry(entry, name, parameter);
        if (encoding.hasError()) {
            return encoding.error();
        }
        found[name] = std::move(encoding).value();
    }
    return {};
}

/// The fixed<W,I> whose steps are `scale`, or "".
std::string fixedName(const TensorEncoding& encoding) {
    int exponent = 0;
    const bool zero = std::all_of(encoding.zeroPoints.begin(), encoding.zeroPoints.end(),
                                  [](std::int64_t z) { return z == 0; });
    if (encoding.scales.size() != 1 || !zero || std::frexp(encoding.scales[0], &exponent) != 0.5) {
        return {};
    }
    const int integerBits = encoding.bits + exponent - 1;
    if (integerBits < 0 || integerBits > encoding.bits) {
        return {};
    }
    return (encoding.isSigned ? "fixed<" : "ufixed<") + std::to_string(encoding.bits) + ',' +
           std::to_string(integerBits) + '>';
}

}  // namespace

Result<quantization::Quantizer> quantizerOf(const TensorEncoding& encoding) {
    std::string name = encoding.floatFormat;
    if (encoding.isFloat && name.empty()) {
        name = encoding.bits == 16 ? "fp16" : encoding.bits == 32 ? "fp32" : "";
    } else if (!encoding.isFloat) {
        name = fixedName(encoding);
        if (name.empty()) {
            name = (encoding.isSigned ? "int" : "uint") + std::to_string(encoding.bits);
        }
    }
    if (name.empty()) {
        return malformed("floats of " + std::to_string(encoding.bits) + " bits have no name here",
                         "encodings");
    }
    if (encoding.blockSize > 0) {
        name += "@group" + std::to_string(encoding.blockSize);
    } else if (encoding.scales.size() > 1) {
        name += "@channel";
    }
    return quantization::Quantizer::parse(name);
}

Result<Encodings> readEncodings(const std::string& text) {
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object()) {
        return malformed("this is not JSON with encodings", "");
    }
    Encodings found;
    const std::string version = textAt(document, "version");
    if (version.starts_with("2.") && document.contains("encodings")) {
        const Result<void> read = addList(document["encodings"], false, true, found);
        return read.hasError() ? Result<Encodings>(read.error()) : Result<Encodings>(found);
    }
    if (!version.starts_with("0.") && !version.starts_with("1.")) {
        return malformed("encodings of version '" + version + "' are not known", "version");
    }
    for (const auto& [key, parameter] :
         {std::pair{"activation_encodings", false}, std::pair{"param_encodings", true}}) {
        const auto part = document.find(key);
        if (part == document.end()) {
            continue;
        }
        const Result<void> read = part->is_array() ? addList(*part, parameter, false, found)
                                                   : addObject(*part, parameter, found);
        if (read.hasError()) {
            return read.error();
        }
    }
    return found;
}

}  // namespace bitloupe::exporters
