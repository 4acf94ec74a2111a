// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

namespace bitloupe::execution {

/// Number types of ONNX (TensorProto.DataType) that tensors here carry in the next wider type:
/// float16, bfloat16, float8 and float4 in float32, int4, uint4, int2 and uint2 in bytes.
[[nodiscard]] bool isNarrowType(std::int64_t dataType);

/// The type of tensor that carries `dataType`; an OperatorError when nothing does.
[[nodiscard]] at::ScalarType carrierOf(std::int64_t dataType);

/// Whether carriers of `dataType` are floating.
[[nodiscard]] bool isFloatingDataType(std::int64_t dataType);

/// Smallest and largest value of an integer data type of up to 32 bits.
struct IntegerRange {
    double low;
    double high;
};
[[nodiscard]] IntegerRange integerRangeOf(std::int64_t dataType);

/// How Cast treats what a float8 cannot hold: `saturate` gives the largest value, otherwise NaN or
/// infinity. `roundMode` ("up", "down", "nearest") is that of float8e8m0.
struct CastRules {
    bool saturate = true;
    std::string roundMode = "up";
};

/// `x` as Cast makes it of `dataType`, in that type's carrier: floats are rounded to the values of
/// the narrow type (ties to even), integers are cut and wrapped.
[[nodiscard]] at::Tensor castTo(const at::Tensor& x, std::int64_t dataType,
                                const CastRules& rules = {});

}  // namespace bitloupe::execution
