// SPDX-License-Identifier: Apache-2.0
#include "core/base/npy.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>

#include "core/base/half_float.h"
#include "core/base/text.h"

namespace bitloupe {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct ElementCode {
    std::string_view code;
    ElementType type;
};
constexpr ElementCode kCodes[] = {
    {"<f4", ElementType::Float32}, {"<f8", ElementType::Float64}, {"|i1", ElementType::Int8},
    {"|u1", ElementType::Uint8},   {"<i2", ElementType::Int16},   {"<u2", ElementType::Uint16},
    {"<i4", ElementType::Int32},   {"<u4", ElementType::Uint32},  {"<i8", ElementType::Int64},
    {"<u8", ElementType::Uint64},  {"|b1", ElementType::Bool},
};
constexpr std::string_view kHalfCode = "<f2";

struct Header {
    std::string code;
    bool columnMajor = false;
    Shape shape;
    std::size_t dataStart = 0;
};

Error broken(const std::string& what, const std::string& where) {
    return {what, where, "write it again with numpy.save"};
}

/// What follows `key` in the header's dictionary.
std::optional<std::string_view> after(std::string_view header, std::string_view key) {
    const std::size_t place = header.find("'" + std::string(key) + "':");
    if (place == std::string_view::npos) {
        return std::nullopt;
    }
    return header.substr(place + key.size() + 3);
}

std::optional<Shape> readShape(std::string_view tuple) {
    const std::size_t open = tuple.find('(');
    const std::size_t close = tuple.find(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    Shape shape;
    std::int64_t elements = 1;
    for (const std::string& part : text::split(tuple.substr(open + 1, close - open - 1), ',')) {
        const std::string number = text::trim(part);
        if (number.empty()) {
            continue;
        }
        const auto size = text::parseInteger(number);
        if (!size || *size < 0 ||
            (elements > 0 && *size > std::numeric_limits<std::int64_t>::max() / 16 / elements)) {
            return std::nullopt;
        }
        elements *= *size;
        shape.push_back(*size);
    }
    return shape;
}

Result<Header> readHeader(std::string_view bytes, const std::string& where) {
    if (bytes.size() < 12 || !bytes.starts_with(kMagic)) {
        return broken("this is not a .npy file", where);
    }
    const bool first = bytes[6] == 1;
    const std::size_t lengthBytes = first ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < lengthBytes; ++i) {
        length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
    }
    Header header;
    header.dataStart = 8 + lengthBytes + length;
    if (header.dataStart > bytes.size()) {
        return broken("the file ends in its header", where);
    }
    const std::string_view dictionary = bytes.substr(8 + lengthBytes, length);
    const auto descr = after(dictionary, "descr");
    const auto order = after(dictionary, "fortran_order");
    const auto tuple = after(dictionary, "shape");
    const std::optional<Shape> shape = tuple ? readShape(*tuple) : std::nullopt;
    if (!descr || !order || !shape) {
        return broken("the header is not understood", where);
    }
    const std::vector<std::string> quoted = text::split(descr->substr(0, descr->find(',')), '\'');
    header.code = quoted.size() > 1 ? quoted[1] : "";
    header.columnMajor = text::trim(order->substr(0, order->find(','))) == "True";
    header.shape = *shape;
    return header;
}

std::string widenHalves(std::string_view halves) {
    std::string floats(halves.size() * 2, '\0');
    for (std::size_t i = 0; i < halves.size() / 2; ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, halves.data() + i * 2, sizeof(half));
        const float value = halfToFloat(half);
        std::memcpy(floats.data() + i * 4, &value, sizeof(value));
    }
    return floats;
}

/// Elements stored with the first dimension running fastest, put in row-major order.
std::string toRowMajor(std::string_view data, const Shape& shape, std::size_t size) {
    std::string result(data.size(), '\0');
    std::vector<std::int64_t> place(shape.size(), 0);
    for (std::size_t to = 0; to < data.size(); to += size) {
        std::int64_t from = 0;
        for (std::size_t i = shape.size(); i-- > 0;) {
            from = from * shape[i] + place[i];
        }
        std::memcpy(result.data() + to, data.data() + static_cast<std::size_t>(from) * size, size);
        for (std::size_t i = shape.size(); i-- > 0 && ++place[i] == shape[i];) {
            place[i] = 0;
        }
    }
    return result;
}

}  // namespace

Result<NpyHead> parseNpyHead(std::string_view bytes, const std::string& where) {
    const Result<Header> read = readHeader(bytes, where);
    if (read.hasError()) {
        return read.error();
    }
    const Header& header = read.value();
    NpyHead head{.type = ElementType::Float32,
                 .half = header.code == kHalfCode,
                 .columnMajor = header.columnMajor,
                 .shape = header.shape,
                 .dataStart = header.dataStart,
                 .elementBytes = 2};
    const auto known =
        std::find_if(std::begin(kCodes), std::end(kCodes),
                     [&](const ElementCode& code) { return header.code == code.code; });
    if (!head.half && known == std::end(kCodes)) {
        return Error{"elements of type \"" + header.code + "\" are not supported", where,
                     "save the array as float32 or int64"};
    }
    if (!head.half) {
        head.type = known->type;
        head.elementBytes = elementSize(known->type);
    }
    return head;
}

Array npyElements(const NpyHead& head, Shape shape, std::string_view data) {
    if (!head.half) {
        return Array::fromBytes(head.type, std::move(shape), std::as_bytes(std::span(data)));
    }
    const std::string wide = widenHalves(data);
    return Array::fromBytes(head.type, std::move(shape), std::as_bytes(std::span(wide)));
}

Result<Array> parseNpy(std::string_view bytes, const std::string& where) {
    const Result<NpyHead> read = parseNpyHead(bytes, where);
    if (read.hasError()) {
        return read.error();
    }
    const NpyHead& head = read.value();
    const std::string_view data = bytes.substr(head.dataStart);
    const std::size_t expected =
        static_cast<std::size_t>(elementCount(head.shape)) * head.elementBytes;
    if (data.size() != expected) {
        return broken("the file holds " + std::to_string(data.size()) +
                          " bytes of elements where " + std::to_string(expected) + " are declared",
                      where);
    }
    return head.columnMajor
               ? npyElements(head, head.shape, toRowMajor(data, head.shape, head.elementBytes))
               : npyElements(head, head.shape, data);
}

std::string npyBytes(const Array& array) {
    std::string code;
    for (const ElementCode& known : kCodes) {
        if (array.type() == known.type) {
            code = known.code;
        }
    }
    std::string header = "{'descr': '" + code + "', 'fortran_order': False, 'shape': (";
    for (const std::int64_t dimension : array.shape()) {
        header += std::to_string(dimension) + ", ";
    }
    header += "), }";
    constexpr std::size_t kPrefix = 10;
    constexpr std::size_t kAlignment = 64;  // as the format asks
    header.resize((kPrefix + header.size() + kAlignment) / kAlignment * kAlignment - kPrefix - 1,
                  ' ');
    header += '\n';
    std::string bytes(kMagic);
    bytes += {'\x01', '\x00', static_cast<char>(header.size() & 255U),
              static_cast<char>(header.size() >> 8U)};
    bytes += header;
    const std::span<const std::byte> data = array.bytes();
    return bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
}

}  // namespace bitloupe
