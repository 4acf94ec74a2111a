// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/exporters/exporter.h"

/// The multiply-accumulate unit of a design in SystemVerilog (resources/verilog): any pair of
/// integer, fixed-point, float, posit and power-of-two formats, with an accumulator that holds
/// every sum exactly or one of bounded width.
namespace bitloupe::exporters {

/// How a scalar format is taken apart: value = significand * 2^(shift + unit).
struct OperandShape {
    int kind = 0;  ///< KIND of resources/verilog/processing_element.sv
    int width = 8;
    int exponentBits = 0;
    int specials = 0;
    int subnormals = 1;
    int significandBits = 8;
    int largestShift = 0;
    int unit = 0;      ///< exponent of the least step
    int zeroBits = 0;  ///< lowest bits of the shifted significand that are always zero
};
/// Nothing for formats without a decoder: blocks, codebooks, sums of terms, midrise, binary,
/// ternary.
[[nodiscard]] std::optional<OperandShape> operandShape(const numerics::NumberFormat& format);

struct ElementOptions {
    int carryBits = 32;   ///< sums of 2^carryBits of the largest product fit an exact accumulator
    int boundedBits = 0;  ///< above 0: an accumulator of that many bits, its last bit set so that
                          ///< the largest product still fits with 8 bits to spare
};

/// One element and what proves it.
struct ProcessingElement {
    /// Of the module: "pe_int4_posit_8_1", "pe_int8_int8_acc16" with a bounded accumulator.
    std::string name;
    std::string module;  ///< SystemVerilog: bitloupe_pe with its parameters, posit output if both
                         ///< operands are that posit and the accumulator is exact
    std::string testBench;  ///< reads `name`.vectors and prints "PASS n vectors" or what failed
    std::string vectors;    ///< hexadecimal, one step a line
    std::int64_t steps = 0;
    int accumulatorBits = 0;
};

/// All pairs of codes when there are at most 2^16 of them, random ones beyond; then `random` steps
/// of sums of random length. Expected sums are exact integers computed from what core/numerics says
/// the codes are; rounded posits come from its quire.
[[nodiscard]] std::optional<ProcessingElement> processingElement(const numerics::NumberFormat& a,
                                                                 const numerics::NumberFormat& b,
                                                                 const ElementOptions& options,
                                                                 int random = 4096);

/// The library, and for each pair of formats of the design an element, its test bench and vectors.
[[nodiscard]] std::map<std::string, std::string> verilogFiles(const ResolvedDesign& design);
[[nodiscard]] std::vector<std::string> verilogObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
