// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_tensor.h"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/importers/onnx_external.h"

namespace bitloupe::importers {

namespace {

struct DataType {
    std::string_view name;
    std::optional<StoredType> stored;
};

/// TensorProto::DataType by number; libonnx 1.12 knows the first seventeen.
const std::array<DataType, 27>& dataTypes() {
    static const std::array<DataType, 27> kTypes = {{{"undefined", {}},
                                                     {"float32", StoredType::Float32},
                                                     {"uint8", StoredType::Uint8},
                                                     {"int8", StoredType::Int8},
                                                     {"uint16", StoredType::Uint16},
                                                     {"int16", StoredType::Int16},
                                                     {"int32", StoredType::Int32},
                                                     {"int64", StoredType::Int64},
                                                     {"string", {}},
                                                     {"bool", StoredType::Bool},
                                                     {"float16", StoredType::Float16},
                                                     {"float64", StoredType::Float64},
                                                     {"uint32", StoredType::Uint32},
                                                     {"uint64", StoredType::Uint64},
                                                     {"complex64", {}},
                                                     {"complex128", {}},
                                                     {"bfloat16", StoredType::BFloat16},
                                                     {"float8e4m3fn", StoredType::Float8E4M3},
                                                     {"float8e4m3fnuz", StoredType::Float8E4M3Fnuz},
                                                     {"float8e5m2", StoredType::Float8E5M2},
                                                     {"float8e5m2fnuz", StoredType::Float8E5M2Fnuz},
                                                     {"uint4", StoredType::Uint4},
                                                     {"int4", StoredType::Int4},
                                                     {"float4e2m1", StoredType::Float4E2M1},
                                                     {"float8e8m0", StoredType::Float8E8M0},
                                                     {"uint2", StoredType::Uint2},
                                                     {"int2", StoredType::Int2}}};
    return kTypes;
}

/// The values of a typed field, cut to the bytes that `type` stores.
template <typename Field>
std::vector<std::byte> narrowed(const Field& values, std::size_t width) {
    std::vector<std::byte> bytes;
    bytes.reserve(static_cast<std::size_t>(values.size()) * width);
    for (const auto value : values) {
        const std::span<const std::byte> all = std::as_bytes(std::span(&value, 1));
        bytes.insert(bytes.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(width));
    }
    return bytes;
}

/// The typed fields are repeated numbers, wider than the element for the small types.
Result<Array> arrayOfFields(const onnx::TensorProto& tensor, StoredType type, Shape shape) {
    switch (type) {
        case StoredType::Float32:
            return arrayFromStored(
                type, std::move(shape),
                std::as_bytes(std::span(tensor.float_data().data(),
                                        static_cast<std::size_t>(tensor.float_data_size()))));
        case StoredType::Float64:
            return arrayFromStored(
                type, std::move(shape),
                std::as_bytes(std::span(tensor.double_data().data(),
                                        static_cast<std::size_t>(tensor.double_data_size()))));
        case StoredType::Int64:
            return arrayFromStored(
                type, std::move(shape),
                std::as_bytes(std::span(tensor.int64_data().data(),
                                        static_cast<std::size_t>(tensor.int64_data_size()))));
        case StoredType::Uint64:
            return arrayFromStored(type, std::move(shape), narrowed(tensor.uint64_data(), 8));
        case StoredType::Uint32:
            return arrayFromStored(type, std::move(shape), narrowed(tensor.uint64_data(), 4));
        case StoredType::Int32:
            return arrayFromStored(type, std::move(shape), narrowed(tensor.int32_data(), 4));
        case StoredType::Float16:
        case StoredType::BFloat16:
        case StoredType::Int16:
        case StoredType::Uint16:
            return arrayFromStored(type, std::move(shape), narrowed(tensor.int32_data(), 2));
        default:
            return arrayFromStored(type, std::move(shape), narrowed(tensor.int32_data(), 1));
    }
}

std::string tensorPlace(const onnx::TensorProto& tensor) {
    return tensor.name().empty() ? "a tensor without a name" : "tensor " + tensor.name();
}

/// Large enough that a copy would count, and already in the form that arrays have in memory.
bool canBeShared(const onnx::TensorProto& tensor, const Shape& shape) {
    constexpr std::size_t kLarge = std::size_t{1} << 16;
    const std::string& bytes = tensor.raw_data();
    const std::optional<ElementType> type = elementTypeOf(tensor.data_type());
    if (bytes.size() < kLarge || !type || !hasElementType(tensor.data_type()) ||
        *type == ElementType::Bool ||
        reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(double) != 0) {
        return false;
    }
    const Result<std::int64_t> count = checkedElementCount(shape);
    return count.hasValue() &&
           bytes.size() == static_cast<std::size_t>(count.value()) * elementSize(*type);
}

Result<Array> contentOf(const onnx::TensorProto& tensor, const std::string& folder,
                        const std::shared_ptr<const void>& owner) {
    const std::optional<StoredType> type = storedTypeOf(tensor.data_type());
    if (!type) {
        return Error{"elements of type " + dataTypeName(tensor.data_type()) + " are not supported",
                     "", "export the network with numbers"};
    }
    Shape shape(tensor.dims().begin(), tensor.dims().end());
    if (tensor.has_segment()) {
        return Error{"it is stored in segments", "", "export the network again"};
    }
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
        const Result<std::int64_t> count = checkedElementCount(shape);
        if (count.hasError()) {
            return count.error();
        }
        const Result<std::string> bytes =
            readExternalData(tensor, folder, storedBytes(*type, count.value()));
        if (bytes.hasError()) {
            return bytes.error();
        }
        return arrayFromStored(*type, std::move(shape), std::as_bytes(std::span(bytes.value())));
    }
    if (owner != nullptr && canBeShared(tensor, shape)) {
        return Array::sharing(*elementTypeOf(tensor.data_type()), std::move(shape), owner,
                              std::as_bytes(std::span(tensor.raw_data())));
    }
    if (tensor.has_raw_data()) {
        return arrayFromStored(*type, std::move(shape),
                               std::as_bytes(std::span(tensor.raw_data())));
    }
    return arrayOfFields(tensor, *type, std::move(shape));
}

}  // namespace

std::optional<StoredType> storedTypeOf(int dataType) {
    return dataType >= 0 && static_cast<std::size_t>(dataType) < dataTypes().size()
               ? dataTypes()[static_cast<std::size_t>(dataType)].stored
               : std::nullopt;
}

std::optional<ElementType> elementTypeOf(int dataType) {
    const std::optional<StoredType> stored = storedTypeOf(dataType);
    if (!stored) {
        return std::nullopt;
    }
    return arrayFromStored(*stored, {0}, {}).value().type();
}

bool hasElementType(int dataType) {
    switch (storedTypeOf(dataType).value_or(StoredType::Float16)) {
        case StoredType::Float32:
        case StoredType::Float64:
        case StoredType::Int8:
        case StoredType::Uint8:
        case StoredType::Int16:
        case StoredType::Uint16:
        case StoredType::Int32:
        case StoredType::Uint32:
        case StoredType::Int64:
        case StoredType::Uint64:
        case StoredType::Bool:
            return true;
        default:
            return false;
    }
}

std::string dataTypeName(int dataType) {
    return dataType >= 0 && static_cast<std::size_t>(dataType) < dataTypes().size()
               ? std::string(dataTypes()[static_cast<std::size_t>(dataType)].name)
               : "number " + std::to_string(dataType);
}

Result<Array> arrayOf(const onnx::TensorProto& tensor, const std::string& folder,
                      const std::shared_ptr<const void>& owner) {
    Result<Array> array = contentOf(tensor, folder, owner);
    return array.hasError() ? Result<Array>(array.error().within(tensorPlace(tensor))) : array;
}

}  // namespace bitloupe::importers
