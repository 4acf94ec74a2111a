// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace bitloupe::hardware {

/// Which operand stays in the array: outputs, weights or inputs.
enum class Dataflow { OutputStationary, WeightStationary, InputStationary };

inline constexpr std::array<Dataflow, 3> kAllDataflows = {
    Dataflow::OutputStationary, Dataflow::WeightStationary, Dataflow::InputStationary};

/// "os", "ws", "is".
[[nodiscard]] std::string_view dataflowName(Dataflow dataflow);
[[nodiscard]] Result<Dataflow> parseDataflow(std::string_view name);

/// How a processing element multiplies, and so how its throughput depends on the bit widths.
enum class ProcessingElement {
    BitParallel,    ///< one multiply a cycle, whatever the widths
    SerialInputs,   ///< Stripes: time grows with the bits of the activations
    SerialBoth,     ///< Loom: time grows with the bits of both
    BitComposable,  ///< Bit Fusion: 2-bit bricks that join to 2, 4, 8 or 16 bits
};

inline constexpr std::array<ProcessingElement, 4> kAllProcessingElements = {
    ProcessingElement::BitParallel, ProcessingElement::SerialInputs, ProcessingElement::SerialBoth,
    ProcessingElement::BitComposable};

/// "parallel", "serial-inputs", "serial-both", "composable".
[[nodiscard]] std::string_view processingElementName(ProcessingElement element);
[[nodiscard]] Result<ProcessingElement> parseProcessingElement(std::string_view name);

inline constexpr std::int64_t kMaximumArraySide = 65536;

/// A systolic array with three double-buffered memories beside it and DRAM behind them.
/// The cycle counts of cost.h read rows, columns and dataflow alone.
struct Accelerator {
    std::int64_t rows = 16;     ///< 1 to 65,536
    std::int64_t columns = 16;  ///< 1 to 65,536
    Dataflow dataflow = Dataflow::OutputStationary;
    ProcessingElement element = ProcessingElement::BitParallel;
    std::int64_t ifmapBytes = 65536;   ///< input buffer, both halves; at least 2
    std::int64_t filterBytes = 65536;  ///< weight buffer
    std::int64_t ofmapBytes = 65536;   ///< output and partial-sum buffer
    /// DRAM bytes per cycle; 0: the memory is never the limit. Shared by the three operands, or
    /// given in full to each of them.
    double bandwidth = 0;
    bool sharedBandwidth = true;
    std::int64_t vectorLanes = 0;  ///< element-wise operations per cycle; 0: one per column
    double clockMhz = 200;         ///< above 0

    [[nodiscard]] std::int64_t processingElements() const { return rows * columns; }
    [[nodiscard]] std::int64_t effectiveVectorLanes() const {
        return vectorLanes > 0 ? vectorLanes : columns;
    }
    /// "16x16 os"
    [[nodiscard]] std::string name() const;
    friend bool operator==(const Accelerator&, const Accelerator&) = default;
};

/// Refuses a value out of its range, naming the range.
[[nodiscard]] Result<void> checkAccelerator(const Accelerator& accelerator);

/// Multiply-accumulates of one processing element per cycle at these stored widths.
///   parallel 1 · serial-inputs 16/a (Judd et al., MICRO 2016) · serial-both 256/(a w), or 16/w
///   when there is one output row (Sharify et al., DAC 2018) · composable (8/a)(8/w) with the
///   widths rounded up to 2, 4, 8, 16 (Sharma et al., ISCA 2018).
[[nodiscard]] double multipliesPerCycle(ProcessingElement element, double weightBits,
                                        double activationBits, bool oneRow = false);

}  // namespace bitloupe::hardware
