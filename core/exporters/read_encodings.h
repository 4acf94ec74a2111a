// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/quantization/quantizer.h"

namespace bitloupe::exporters {

/// What a file says of one tensor's quantizer. Codes are those of the type it is stored in.
struct TensorEncoding {
    int bits = 8;
    bool isFloat = false;
    bool isSigned = true;
    bool isParameter = false;
    std::vector<double> scales;  ///< one, one a channel, or one a block
    std::vector<std::int64_t> zeroPoints;
    std::int64_t blockSize = 0;    ///< above 0: scales by block
    std::string floatFormat = {};  ///< "fp8e4m3"; only with isFloat
};

/// The quantizer that an encoding describes, as schemes name it: fixed point where the scale is a
/// power of two and the zero point 0, integers with a scale found again otherwise. Errors: a width
/// or type without a format.
[[nodiscard]] Result<quantization::Quantizer> quantizerOf(const TensorEncoding& encoding);

/// AIMET encodings of version 0.6.1, 1.0.0 or 2.0.0 by tensor name. Errors name the version, tensor
/// and key.
[[nodiscard]] Result<std::map<std::string, TensorEncoding>> readEncodings(const std::string& text);

}  // namespace bitloupe::exporters
