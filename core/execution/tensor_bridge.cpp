// SPDX-License-Identifier: Apache-2.0
#include "core/execution/tensor_bridge.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace bitloupe::execution {

at::ScalarType scalarTypeOf(ElementType type) {
    switch (type) {
        case ElementType::Float32:
            return at::kFloat;
        case ElementType::Float64:
            return at::kDouble;
        case ElementType::Int8:
            return at::kChar;
        case ElementType::Uint8:
            return at::kByte;
        case ElementType::Int16:
            return at::kShort;
        case ElementType::Uint16:
        case ElementType::Int32:
            return at::kInt;
        case ElementType::Uint32:
        case ElementType::Int64:
        case ElementType::Uint64:
            return at::kLong;
        case ElementType::Bool:
            return at::kBool;
    }
    throw std::logic_error("unknown element type");
}

namespace {

ElementType elementTypeOf(at::ScalarType type) {
    switch (type) {
        case at::kDouble:
            return ElementType::Float64;
        case at::kChar:
            return ElementType::Int8;
        case at::kByte:
            return ElementType::Uint8;
        case at::kShort:
            return ElementType::Int16;
        case at::kInt:
            return ElementType::Int32;
        case at::kLong:
            return ElementType::Int64;
        case at::kBool:
            return ElementType::Bool;
        default:
            return ElementType::Float32;
    }
}

template <typename Narrow, typename Wide>
at::Tensor widened(std::span<const std::byte> bytes, const Shape& shape) {
    const auto* from = reinterpret_cast<const Narrow*>(bytes.data());
    at::Tensor tensor = at::empty(shape, at::CppTypeToScalarType<Wide>::value);
    std::copy(from, from + tensor.numel(), tensor.data_ptr<Wide>());
    return tensor;
}

at::Tensor overBytes(ElementType type, std::span<const std::byte> bytes, const Shape& shape) {
    if (type == ElementType::Uint16) {
        return widened<std::uint16_t, std::int32_t>(bytes, shape);
    }
    if (type == ElementType::Uint32) {
        return widened<std::uint32_t, std::int64_t>(bytes, shape);
    }
    if (elementCount(shape) == 0) {
        return at::empty(shape, scalarTypeOf(type));
    }
    // from_blob has no form for memory that is only read; no operator here writes to its inputs.
    auto* memory = const_cast<std::byte*>(bytes.data());
    return at::from_blob(memory, shape, at::TensorOptions().dtype(scalarTypeOf(type)));
}

}  // namespace

at::Tensor borrowTensor(const Array& array) {
    return overBytes(array.type(), array.bytes(), array.shape());
}

at::Tensor borrowRows(const Array& array, std::int64_t first, std::int64_t count) {
    Shape shape = array.shape();
    const std::int64_t rows = shape.at(0);
    const std::size_t rowBytes =
        rows == 0 ? 0 : array.bytes().size() / static_cast<std::size_t>(rows);
    shape[0] = count;
    return overBytes(array.type(),
                     array.bytes().subspan(static_cast<std::size_t>(first) * rowBytes,
                                           static_cast<std::size_t>(count) * rowBytes),
                     shape);
}

namespace {

template <typename Wide, typename Narrow>
Array narrowed(const at::Tensor& tensor) {
    const at::Tensor dense = tensor.contiguous();
    const Wide* from = dense.data_ptr<Wide>();
    std::vector<Narrow> values(static_cast<std::size_t>(dense.numel()));
    std::transform(from, from + dense.numel(), values.begin(),
                   [](Wide value) { return static_cast<Narrow>(value); });
    return Array::of<Narrow>(tensor.sizes().vec(), values);
}

}  // namespace

Array toArray(const at::Tensor& tensor, ElementType wanted) {
    if (wanted == ElementType::Uint16 && tensor.scalar_type() == at::kInt) {
        return narrowed<std::int32_t, std::uint16_t>(tensor);
    }
    if (wanted == ElementType::Uint32 && tensor.scalar_type() == at::kLong) {
        return narrowed<std::int64_t, std::uint32_t>(tensor);
    }
    if (wanted == ElementType::Uint64 && tensor.scalar_type() == at::kLong) {
        return narrowed<std::int64_t, std::uint64_t>(tensor);
    }
    const bool half = tensor.scalar_type() == at::kHalf || tensor.scalar_type() == at::kBFloat16;
    const at::Tensor dense = (half ? tensor.to(at::kFloat) : tensor).contiguous();
    const auto* bytes = static_cast<const std::byte*>(dense.data_ptr());
    return Array::fromBytes(elementTypeOf(dense.scalar_type()), tensor.sizes().vec(),
                            {bytes, dense.nbytes()});
}

}  // namespace bitloupe::execution
