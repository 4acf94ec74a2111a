// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/hardware/scalesim/operand_stream.h"

namespace bitloupe::hardware::scalesim {

/// What SCALE-Sim's read buffer does in CALC mode, where nothing stalls: a set of addresses that is
/// emptied each time it has collected half a buffer of distinct ones.
struct EstimatedReads {
    std::int64_t dramReads = 0;
    std::int64_t dramStart = 0;  ///< first DRAM cycle
    std::int64_t dramStop = 0;   ///< last DRAM cycle
};

/// `bufferWords` is the whole buffer, at least 100 words.
[[nodiscard]] EstimatedReads estimateReads(const OperandStream& stream, const Mapping& mapping,
                                           std::int64_t bufferWords);

/// A cycle in which the array misses, and by how many refills the buffer moves on until it has all
/// that the cycle asks for. It does not depend on how long anything takes.
struct RefillEvent {
    std::int64_t row = 0;
    std::int64_t refills = 0;
};

/// What SCALE-Sim's read buffer does in USER mode: a window over the stream of operand elements,
/// cut into lines, that moves forward (and round) by one prefetch half on every miss.
struct PrefetchedReads {
    std::int64_t firstFill = 0;        ///< cycles of the first fill, all before cycle 0
    std::int64_t cyclesPerRefill = 0;  ///< one more than the words need
    std::int64_t wordsPerRefill = 0;
    std::int64_t bandwidth = 0;
    std::vector<RefillEvent> events;  ///< rows ascending
};

/// `bandwidth` in words per cycle.
[[nodiscard]] PrefetchedReads prefetchReads(const OperandStream& stream, const Mapping& mapping,
                                            std::int64_t bufferWords, std::int64_t bandwidth);

}  // namespace bitloupe::hardware::scalesim
