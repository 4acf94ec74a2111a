// SPDX-License-Identifier: Apache-2.0
#include "core/data/idx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "core/base/text.h"
#include "core/data/byte_reader.h"

namespace bitloupe::data {
namespace {

constexpr std::int64_t kMaximumBytes = std::int64_t{2} << 30U;
constexpr int kMaximumDimensions = 4;

std::optional<ElementType> elementType(std::byte code) {
    switch (std::to_integer<int>(code)) {
        case 0x08:
            return ElementType::Uint8;
        case 0x09:
            return ElementType::Int8;
        case 0x0B:
            return ElementType::Int16;
        case 0x0C:
            return ElementType::Int32;
        case 0x0D:
            return ElementType::Float32;
        case 0x0E:
            return ElementType::Float64;
        default:
            return std::nullopt;
    }
}

bool isMagic(std::span<const std::byte> start) {
    return start[0] == std::byte{0} && start[1] == std::byte{0} &&
           elementType(start[2]).has_value() && start[3] >= std::byte{1} &&
           start[3] <= std::byte{kMaximumDimensions};
}

Error endsEarly(const ByteReader& reader, const std::string& expected) {
    return {"the file ends early",
            reader.path() + ", byte " + std::to_string(reader.position()) + " of " + expected,
            "copy it again from its source"};
}

Result<IdxHeader> readHeader(ByteReader& reader) {
    std::array<std::byte, 4> magic{};
    const Result<std::size_t> got = reader.read(magic);
    if (got.hasError()) {
        return got.error();
    }
    if (got.value() < magic.size() || !isMagic(magic)) {
        return Error{"not an IDX file", reader.path() + ", byte 0",
                     "give a file of the MNIST kind (it begins with two zero bytes)"};
    }
    IdxHeader header{.type = *elementType(magic[2]), .shape = {}};
    std::int64_t bytes = static_cast<std::int64_t>(elementSize(header.type));
    for (int i = 0; i < std::to_integer<int>(magic[3]); ++i) {
        std::array<std::byte, 4> field{};
        const Result<std::size_t> part = reader.read(field);
        if (part.hasError()) {
            return part.error();
        }
        if (part.value() < field.size()) {
            return endsEarly(reader, "its head");
        }
        std::int64_t dimension = 0;
        for (const std::byte byte : field) {
            dimension = dimension << 8U | std::to_integer<std::int64_t>(byte);
        }
        if (dimension == 0) {
            return Error{"the file says it holds no samples",
                         reader.path() + ", dimension " + std::to_string(i + 1),
                         "check its source"};
        }
        if (bytes > kMaximumBytes / dimension) {
            return Error{"the file says it holds more than 2 GiB", reader.path() + ", its head",
                         "split it, or copy it again if it should be smaller"};
        }
        bytes *= dimension;
        header.shape.push_back(dimension);
    }
    return header;
}

/// IDX is big-endian.
void swapBytes(std::span<std::byte> bytes, std::size_t size) {
    if constexpr (std::endian::native == std::endian::little) {
        for (std::size_t i = 0; size > 1 && i < bytes.size(); i += size) {
            std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                         bytes.begin() + static_cast<std::ptrdiff_t>(i + size));
        }
    }
}

/// Grows with what really comes: a short file cannot ask for 2 GiB of memory.
Result<std::vector<std::byte>> readBody(ByteReader& reader, std::size_t size) {
    constexpr std::size_t kStep = std::size_t{64} << 20U;
    std::vector<std::byte> body;
    while (body.size() < size) {
        const std::size_t start = body.size();
        const std::size_t step = std::min(kStep, size - start);
        body.resize(start + step);
        const Result<std::size_t> got = reader.read(std::span(body).subspan(start));
        if (got.hasError()) {
            return got.error();
        }
        if (got.value() < step) {
            return endsEarly(reader,
                             std::to_string(reader.position() - start - got.value() + size));
        }
    }
    std::array<std::byte, 1> more{};
    const Result<std::size_t> got = reader.read(more);
    if (got.hasError()) {
        return got.error();
    }
    if (got.value() > 0) {
        return Error{"the file goes on after the samples its head counts",
                     reader.path() + ", byte " + std::to_string(reader.position() - 1),
                     "copy it again from its source"};
    }
    return body;
}

}  // namespace

bool looksLikeIdx(const std::string& path) {
    Result<ByteReader> reader = ByteReader::open(path);
    std::array<std::byte, 4> magic{};
    if (reader.hasError()) {
        return false;
    }
    const Result<std::size_t> got = reader.value().read(magic);
    return got.hasValue() && got.value() == magic.size() && isMagic(magic);
}

Result<IdxHeader> readIdxHeader(const std::string& path) {
    Result<ByteReader> reader = ByteReader::open(path);
    return reader.hasError() ? reader.error() : readHeader(reader.value());
}

Result<Array> readIdx(const std::string& path) {
    Result<ByteReader> reader = ByteReader::open(path);
    if (reader.hasError()) {
        return reader.error();
    }
    Result<IdxHeader> header = readHeader(reader.value());
    if (header.hasError()) {
        return header.error();
    }
    const ElementType type = header.value().type;
    const auto size =
        static_cast<std::size_t>(elementCount(header.value().shape)) * elementSize(type);
    Result<std::vector<std::byte>> body = readBody(reader.value(), size);
    if (body.hasError()) {
        return body.error();
    }
    swapBytes(body.value(), elementSize(type));
    return Array::fromBytes(type, std::move(header).value().shape, body.value());
}

}  // namespace bitloupe::data
