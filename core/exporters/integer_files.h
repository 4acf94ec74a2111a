// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/exporters/integer_network.h"

namespace bitloupe::exporters {

/// The program of an integer network (integer_network.h) as text files by name:
///   network.txt              the steps, one a line, in order
///   LAYER.weight.txt, .npy   codes, complete: a line an output; the shape in the first line
///   LAYER.bias.txt, .npy     int32, one an output
///   LAYER_scale_zero.txt     scales, zero points, code ranges, multipliers and shifts, `key
///   values`
/// Characters that file names cannot hold are '_' in LAYER.
[[nodiscard]] std::map<std::string, std::string> integerFiles(const IntegerNetwork& network);

/// A network read from a folder of such files and nothing else. Errors name the file and the line.
[[nodiscard]] Result<IntegerNetwork> readIntegerFiles(const std::string& folder);

}  // namespace bitloupe::exporters
