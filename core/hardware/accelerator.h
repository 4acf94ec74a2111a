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

inline constexpr std::int64_t kMaximumArraySide = 65536;

/// A systolic array. Rows and columns are 1 to 65,536.
struct Accelerator {
    std::int64_t rows = 16;
    std::int64_t columns = 16;
    Dataflow dataflow = Dataflow::OutputStationary;

    [[nodiscard]] std::int64_t processingElements() const { return rows * columns; }
    /// "16x16 os"
    [[nodiscard]] std::string name() const;
    friend bool operator==(const Accelerator&, const Accelerator&) = default;
};

/// Refuses rows or columns out of their range, naming the range.
[[nodiscard]] Result<void> checkAccelerator(const Accelerator& accelerator);

}  // namespace bitloupe::hardware
