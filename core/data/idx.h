// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::data {

/// The head of an IDX file: element type and dimensions, the first one counting the samples.
/// Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
struct IdxHeader {
    ElementType type = ElementType::Uint8;
    Shape shape;
};

/// Whether the (maybe gzipped) file begins like an IDX file.
[[nodiscard]] bool looksLikeIdx(const std::string& path);
[[nodiscard]] Result<IdxHeader> readIdxHeader(const std::string& path);
/// The whole of it. Errors: another kind of file, more than 2 GiB, longer or shorter than its head
/// says.
[[nodiscard]] Result<Array> readIdx(const std::string& path);

}  // namespace bitloupe::data
