// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/yaml_document.h"
#include "core/hardware/accelerator.h"

namespace bitloupe::study {

/// Reads the arrays of a study from `accelerator` (lists whose combinations are meant) and
/// `accelerators` (names such as `16x16 os`, see hardware::parseArrayName), one of which must be
/// given.
///
/// `accelerator` has `rows`, `columns`, `dataflow` and `processing_elements`: with rows and
/// columns, combinations with more processing elements are left out; without them, every array of
/// exactly that many is meant. Errors stay in the document.
[[nodiscard]] std::vector<hardware::Accelerator> readAccelerators(const yaml::Value& study);

/// The same as YAML lines, in the shorter of the two ways that fit.
[[nodiscard]] std::string writeAccelerators(const std::vector<hardware::Accelerator>& accelerators);

}  // namespace bitloupe::study
