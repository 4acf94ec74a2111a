// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/hardware/accelerator.h"

namespace bitloupe::hardware::scalesim {

/// Whose behaviour, to the last digit: SCALE-Sim v2 (22f88b1) or v3 (1d62b68).
enum class Version { V2, V3 };

/// How v3 counts the words of a sparse filter: compressed rows, compressed columns, or blocked
/// ELLPACK (the kept weights and the place of each in its block).
enum class SparseForm { Csr, Csc, EllpackBlock };

/// "csr", "csc", "ellpack_block".
[[nodiscard]] std::string_view sparseFormName(SparseForm form);

/// Calc: bandwidth is estimated and nothing stalls. User: the bandwidth is given and the array
/// waits.
enum class InterfaceMode { Calc, User };

/// What a SCALE-Sim .cfg says. Sizes are kB of 1024 words of one byte each.
///
/// The physical mode also reads keys of our own, which SCALE-Sim passes over: WeightBits,
/// ActivationBits, OutputBits, AccumulatorBits (1 to 256), SharedBandwidth (true or false),
/// ProcessingElement, VectorLanes, ClockMhz.
struct Configuration {
    std::string runName = "run";
    Accelerator array;  ///< its buffers and bandwidth are set by physicalAccelerator()
    std::int64_t weightBits = 8;
    std::int64_t activationBits = 8;
    std::int64_t outputBits = 8;
    std::int64_t accumulatorBits = 32;
    std::int64_t ifmapKb = 64;
    std::int64_t filterKb = 64;
    std::int64_t ofmapKb = 64;
    InterfaceMode mode = InterfaceMode::Calc;
    std::int64_t bandwidth = 10;  ///< words per cycle and port; read in User mode only
    /// v3 takes the bandwidth of the two read ports from its [layout] section; 0: as `bandwidth`.
    std::int64_t ifmapBankBandwidth = 0;
    std::int64_t filterBankBandwidth = 0;
    /// v3: the N:M column of the topology counts, layer by layer.
    bool sparsity = false;
    SparseForm sparseForm = SparseForm::EllpackBlock;

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// Reads the text of a .cfg of v1, v2 or v3: sections, keys in any case with `=` or `:`, comments
/// with # or ;. What SCALE-Sim never reads may be absent or odd. `source` names the file in errors.
/// Errors: a missing or malformed key, a value out of its range (with the line and the range), v3's
/// row-wise sparsity, custom layouts and Ramulator traces, which are not modelled.
[[nodiscard]] Result<Configuration> parseConfiguration(std::string_view text,
                                                       const std::string& source);
[[nodiscard]] Result<Configuration> readConfiguration(const std::string& path);

/// A .cfg that SCALE-Sim v2 and v3 read, and that parseConfiguration gives back equal.
[[nodiscard]] std::string configurationText(const Configuration& configuration);

}  // namespace bitloupe::hardware::scalesim
