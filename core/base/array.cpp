// SPDX-License-Identifier: Apache-2.0
#include "core/base/array.h"

#include <stdexcept>
#include <string>

namespace bitloupe {

std::size_t elementSize(ElementType type) {
    switch (type) {
        case ElementType::Int8:
        case ElementType::Uint8:
        case ElementType::Bool:
            return 1;
        case ElementType::Int16:
        case ElementType::Uint16:
            return 2;
        case ElementType::Float32:
        case ElementType::Int32:
        case ElementType::Uint32:
            return 4;
        case ElementType::Float64:
        case ElementType::Int64:
        case ElementType::Uint64:
            return 8;
    }
    throw std::logic_error("unknown element type");
}

std::string_view elementTypeName(ElementType type) {
    switch (type) {
        case ElementType::Float32:
            return "float32";
        case ElementType::Float64:
            return "float64";
        case ElementType::Int8:
            return "int8";
        case ElementType::Uint8:
            return "uint8";
        case ElementType::Int16:
            return "int16";
        case ElementType::Uint16:
            return "uint16";
        case ElementType::Int32:
            return "int32";
        case ElementType::Uint32:
            return "uint32";
        case ElementType::Int64:
            return "int64";
        case ElementType::Uint64:
            return "uint64";
        case ElementType::Bool:
            return "bool";
    }
    throw std::logic_error("unknown element type");
}

std::int64_t elementCount(std::span<const std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t dimension : shape) {
        count *= dimension;
    }
    return count;
}

Array Array::fromBytes(ElementType type, Shape shape, std::span<const std::byte> bytes) {
    const auto copy = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    return sharing(type, std::move(shape), copy, *copy);
}

Array Array::sharing(ElementType type, Shape shape, std::shared_ptr<const void> owner,
                     std::span<const std::byte> bytes) {
    const auto expected = static_cast<std::size_t>(elementCount(shape)) * elementSize(type);
    if (bytes.size() != expected) {
        throw std::logic_error("an array of " + std::to_string(expected) + " bytes was given " +
                               std::to_string(bytes.size()));
    }
    Array array;
    array.m_type = type;
    array.m_shape = std::move(shape);
    array.m_owner = std::move(owner);
    array.m_bytes = bytes;
    return array;
}

Array Array::reshaped(Shape shape) const {
    if (elementCount(shape) != size()) {
        throw std::logic_error("an array cannot be reshaped to another element count");
    }
    Array array = *this;
    array.m_shape = std::move(shape);
    return array;
}

Array Array::rows(std::int64_t first, std::int64_t count) const {
    if (m_shape.empty() || first < 0 || count < 0 || first > m_shape.front() - count) {
        throw std::logic_error("rows of an array lie outside of it");
    }
    const std::size_t row =
        m_shape.front() == 0 ? 0 : m_bytes.size() / static_cast<std::size_t>(m_shape.front());
    Array array = *this;
    array.m_shape.front() = count;
    array.m_bytes = m_bytes.subspan(static_cast<std::size_t>(first) * row,
                                    static_cast<std::size_t>(count) * row);
    return array;
}

void Array::requireType(ElementType type) const {
    if (type != m_type) {
        throw std::logic_error("an array of " + std::string(elementTypeName(m_type)) +
                               " was read as " + std::string(elementTypeName(type)));
    }
}

}  // namespace bitloupe
