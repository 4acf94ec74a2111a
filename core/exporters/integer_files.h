// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"
#include "core/quantization/integer/integer_network.h"

/// A design in integers alone (core/quantization/integer), for targets without floating point.
namespace bitloupe::exporters {

/// Why a design cannot become one, a sentence each: a side in float, a format that is not integers,
/// an operator without an integer form.
[[nodiscard]] std::vector<std::string> integerNetworkObstacles(const Schemes& schemes);

/// With gemmlowp's multipliers. Errors: an obstacle, or sums that do not fit 32 bits, by layer.
[[nodiscard]] Result<quantization::IntegerNetwork> buildIntegerNetwork(
    const ResolvedDesign& design);

/// An integer network as text files by name:
///   network.txt              the steps, one a line, in order, and the output's unit
///   LAYER.weight.txt, .npy   codes, complete: a line an output; the shape in the first line
///   LAYER.bias.txt, .npy     int32, one an output, in 2^-fraction_bits of a sum
///   LAYER_scale_zero.txt     scales, zero points, code ranges, multipliers and shifts, `key
///   values`
/// Characters that file names cannot hold are '_' in LAYER. A step reads numbered edges (0 is the
/// real input, which its layer rounds by input_scale) and makes one:
///   conv, dense   input codes = clamp(requantized + input_zero_point, input_codes); the sum of
///                 (input code - zero point) * (weight code - zero point), times 2^fraction_bits,
///                 plus the bias. Padding adds nothing. `rows` of a dense layer share its weights.
///   clamp         between `low` and `high`
///   max_pool, sum_pool    of a window; a sum is then divided by 2^shift, ties away from zero
///   add           both operands requantized, and added
///   gather        `from`: the element of the input, -1 for 0; without numbers all as they are
/// Requantized means gemmlowp's product by `multiplier` (after a shift left when `shift` is
/// negative) and its rounding shift right; one multiplier for each `repeat` elements in a row of a
/// sample, from the start again after the last. The same holds for `low` and `high`.
[[nodiscard]] std::map<std::string, std::string> integerFiles(
    const quantization::IntegerNetwork& network);

/// A network read from a folder of such files and nothing else, with steps that fit each other.
/// Errors name the file and the line.
[[nodiscard]] Result<quantization::IntegerNetwork> readIntegerFiles(const std::string& folder);

}  // namespace bitloupe::exporters
