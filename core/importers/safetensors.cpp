// SPDX-License-Identifier: Apache-2.0
#include "core/importers/safetensors.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/base/file.h"
#include "core/importers/stored_tensor.h"

namespace bitloupe::importers {

namespace {

using nlohmann::json;

constexpr const char* kCopyAgain = "copy the file again from its source";
constexpr std::uint64_t kLargestHeader = 100'000'000;  // the format's own limit

std::optional<StoredType> typeOf(const std::string& name) {
    static const std::map<std::string, StoredType> kTypes = {
        {"F64", StoredType::Float64},        {"F32", StoredType::Float32},
        {"F16", StoredType::Float16},        {"BF16", StoredType::BFloat16},
        {"F8_E4M3", StoredType::Float8E4M3}, {"F8_E5M2", StoredType::Float8E5M2},
        {"I64", StoredType::Int64},          {"I32", StoredType::Int32},
        {"I16", StoredType::Int16},          {"I8", StoredType::Int8},
        {"U64", StoredType::Uint64},         {"U32", StoredType::Uint32},
        {"U16", StoredType::Uint16},         {"U8", StoredType::Uint8},
        {"BOOL", StoredType::Bool}};
    const auto found = kTypes.find(name);
    return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Two numbers that may be trusted: not negative, in order, inside the data.
std::optional<Range> rangeOf(const json& entry, std::uint64_t dataBytes) {
    const auto offsets = entry.find("data_offsets");
    if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
        !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
        return std::nullopt;
    }
    const Range range{(*offsets)[0].get<std::uint64_t>(), (*offsets)[1].get<std::uint64_t>()};
    return range.begin <= range.end && range.end <= dataBytes ? std::optional(range) : std::nullopt;
}

std::optional<Shape> shapeOf(const json& entry) {
    const auto dimensions = entry.find("shape");
    if (dimensions == entry.end() || !dimensions->is_array()) {
        return std::nullopt;
    }
    Shape shape;
    for (const json& dimension : *dimensions) {
        if (!dimension.is_number_unsigned() || dimension.get<std::uint64_t>() > std::uint64_t{1}
                                                                                    << 40U) {
            return std::nullopt;
        }
        shape.push_back(dimension.get<std::int64_t>());
    }
    return shape;
}

Result<Array> tensorOf(const json& entry, std::string_view data, Range& range) {
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string()) {
        return Error{"its entry in the header is damaged", "", kCopyAgain};
    }
    const std::string typeName = entry["dtype"].get<std::string>();
    const std::optional<StoredType> type = typeOf(typeName);
    if (!type) {
        return Error{"elements of type " + typeName + " are not supported", "",
                     "save the weights as F32"};
    }
    const std::optional<Range> found = rangeOf(entry, data.size());
    std::optional<Shape> shape = shapeOf(entry);
    if (!found || !shape) {
        return Error{"its place in the file or its shape makes no sense", "", kCopyAgain};
    }
    range = *found;
    const std::string_view bytes = data.substr(range.begin, range.end - range.begin);
    return arrayFromStored(*type, std::move(*shape), std::as_bytes(std::span(bytes)));
}

/// The header, with a name given twice told apart from a good one.
Result<json> parseHeader(std::string_view text) {
    std::set<std::string> names;
    std::string doubled;
    const json header = json::parse(
        text,
        [&](int depth, json::parse_event_t event, json& value) {
            if (depth == 1 && event == json::parse_event_t::key &&
                !names.insert(value.get<std::string>()).second) {
                doubled = value.get<std::string>();
            }
            return true;
        },
        false);
    if (!doubled.empty()) {
        return Error{"the header names it twice", "tensor " + doubled, kCopyAgain};
    }
    if (!header.is_object()) {
        return Error{"the header is not JSON", "", kCopyAgain};
    }
    return header;
}

Result<network::NamedTensors> parse(std::string_view content) {
    if (content.size() < 8) {
        return Error{"this is not a whole safetensors file", "", kCopyAgain};
    }
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) {
        length = (length << 8U) | static_cast<unsigned char>(content[i]);
    }
    if (length > kLargestHeader || length > content.size() - 8) {
        return Error{"this is not a whole safetensors file", "", kCopyAgain};
    }
    const Result<json> header = parseHeader(content.substr(8, length));
    if (header.hasError()) {
        return header.error();
    }
    const std::string_view data = content.substr(8 + length);
    std::vector<std::pair<Range, std::pair<std::string, Array>>> found;
    for (const auto& [name, entry] : header.value().items()) {
        if (name == "__metadata__") {
            continue;
        }
        Range range;
        Result<Array> array = tensorOf(entry, data, range);
        if (array.hasError()) {
            return array.error().within("tensor " + name);
        }
        found.push_back({range, {name, std::move(array).value()}});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
    network::NamedTensors tensors;
    std::uint64_t end = 0;
    for (auto& [range, tensor] : found) {
        if (range.begin < end) {
            return Error{"it lies over another tensor", "tensor " + tensor.first, kCopyAgain};
        }
        end = range.end;
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

}  // namespace

Result<network::NamedTensors> readSafetensors(const std::string& path) {
    const Result<std::string> content = readFile(path);
    if (content.hasError()) {
        return content.error();
    }
    Result<network::NamedTensors> tensors = parse(content.value());
    return tensors.hasError() ? Result<network::NamedTensors>(tensors.error().within(path))
                              : tensors;
}

}  // namespace bitloupe::importers
