// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace bitloupe::exporters {

/// resources/verilog/processing_element.sv
extern const std::string_view kProcessingElement;

}  // namespace bitloupe::exporters
