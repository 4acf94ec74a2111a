// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <memory>
#include <optional>
#include <string>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/importers/stored_tensor.h"

namespace bitloupe::importers {

/// The element type behind a TensorProto::DataType (its number: newer files have more than libonnx
/// knows); nothing for strings, complex numbers and numbers that mean nothing.
[[nodiscard]] std::optional<StoredType> storedTypeOf(int dataType);

/// The type an array of that data type has in memory; nothing when there is none.
[[nodiscard]] std::optional<ElementType> elementTypeOf(int dataType);

/// Whether ElementType has that data type itself, not only a wider one.
[[nodiscard]] bool hasElementType(int dataType);

/// What people call a data type: "string", "complex64", "float16".
[[nodiscard]] std::string dataTypeName(int dataType);

/// The elements of a TensorProto. External data is read from inside `folder` only. Large tensors
/// that need no conversion are shared with `owner`, which must hold the tensor, where it is given.
/// Errors name the tensor.
[[nodiscard]] Result<Array> arrayOf(const onnx::TensorProto& tensor, const std::string& folder,
                                    const std::shared_ptr<const void>& owner = nullptr);

}  // namespace bitloupe::importers
