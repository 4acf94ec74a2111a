// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace bitloupe {

/// Element types that cross a folder border. Half types are widened to Float32 when they are read.
enum class ElementType {
    Float32,
    Float64,
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Uint64,
    Bool
};

[[nodiscard]] std::size_t elementSize(ElementType type);
[[nodiscard]] std::string_view elementTypeName(ElementType type);

using Shape = std::vector<std::int64_t>;

/// Product of the dimensions; 1 for a scalar (empty shape). Dimensions are not negative.
[[nodiscard]] std::int64_t elementCount(std::span<const std::int64_t> shape);

template <typename T>
struct ElementTypeOf;
template <>
struct ElementTypeOf<float> {
    static constexpr ElementType kValue = ElementType::Float32;
};
template <>
struct ElementTypeOf<double> {
    static constexpr ElementType kValue = ElementType::Float64;
};
template <>
struct ElementTypeOf<std::int8_t> {
    static constexpr ElementType kValue = ElementType::Int8;
};
template <>
struct ElementTypeOf<std::uint8_t> {
    static constexpr ElementType kValue = ElementType::Uint8;
};
template <>
struct ElementTypeOf<std::int16_t> {
    static constexpr ElementType kValue = ElementType::Int16;
};
template <>
struct ElementTypeOf<std::uint16_t> {
    static constexpr ElementType kValue = ElementType::Uint16;
};
template <>
struct ElementTypeOf<std::int32_t> {
    static constexpr ElementType kValue = ElementType::Int32;
};
template <>
struct ElementTypeOf<std::uint32_t> {
    static constexpr ElementType kValue = ElementType::Uint32;
};
template <>
struct ElementTypeOf<std::int64_t> {
    static constexpr ElementType kValue = ElementType::Int64;
};
template <>
struct ElementTypeOf<std::uint64_t> {
    static constexpr ElementType kValue = ElementType::Uint64;
};
template <>
struct ElementTypeOf<bool> {
    static constexpr ElementType kValue = ElementType::Bool;
};

/// A dense row-major array in memory: plain data, no LibTorch.
///
/// Copies share their elements; the elements never change once the array is made, so an Array may
/// be read from any thread.
class Array {
public:
    Array() = default;

    /// Takes `shape` and exactly elementCount(shape) elements.
    template <typename T>
    static Array of(Shape shape, std::span<const T> elements) {
        return fromBytes(ElementTypeOf<T>::kValue, std::move(shape), std::as_bytes(elements));
    }
    template <typename T>
    static Array of(Shape shape, const std::vector<T>& elements) {
        return of(std::move(shape), std::span<const T>(elements));
    }

    /// Copies `bytes`, whose size must be elementCount(shape) * elementSize(type); anything else is
    /// a broken invariant (std::logic_error): readers check sizes before they come here.
    static Array fromBytes(ElementType type, Shape shape, std::span<const std::byte> bytes);

    /// The same without a copy: `bytes` stay where they are (in a mapped file, say) and unchanged
    /// as long as `owner` is kept, which the array does.
    static Array sharing(ElementType type, Shape shape, std::shared_ptr<const void> owner,
                         std::span<const std::byte> bytes);

    [[nodiscard]] ElementType type() const { return m_type; }
    [[nodiscard]] const Shape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t size() const { return elementCount(m_shape); }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

    /// The elements as T; T must be the element type (std::logic_error otherwise).
    template <typename T>
    [[nodiscard]] std::span<const T> as() const {
        requireType(ElementTypeOf<T>::kValue);
        const std::span<const std::byte> raw = bytes();
        return {reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T)};
    }

    /// The same elements under another shape with the same element count.
    [[nodiscard]] Array reshaped(Shape shape) const;

    /// Rows `first` .. `first + count - 1` of the first dimension, sharing the elements. A range
    /// outside of it is a broken invariant (std::logic_error).
    [[nodiscard]] Array rows(std::int64_t first, std::int64_t count) const;

private:
    void requireType(ElementType type) const;

    ElementType m_type = ElementType::Float32;
    Shape m_shape = {0};
    std::shared_ptr<const void> m_owner;
    std::span<const std::byte> m_bytes;
};

}  // namespace bitloupe
