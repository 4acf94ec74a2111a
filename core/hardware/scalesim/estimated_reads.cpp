// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/hardware/scalesim/read_buffer.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kFirstFillWordsPerCycle = 10;  // hard-wired in SCALE-Sim
constexpr std::int64_t kSets = 100;

struct Flushes {
    std::int64_t reads = 0;
    std::int64_t firstDemandRow = -1;
    std::int64_t lastFlushRow = -1;
};

/// One stamp an address: the number of the filling in which it was last seen. Null addresses carry
/// the largest stamp and so are never new.
Flushes countFlushes(const OperandStream& stream, const Mapping& mapping, std::int64_t capacity) {
    std::vector<std::int32_t> stamps(static_cast<std::size_t>(stream.addresses), 0);
    for (std::size_t i = 0; i < stream.isNull.size(); ++i) {
        stamps[i] = stream.isNull[i] != 0 ? std::numeric_limits<std::int32_t>::max() : 0;
    }
    std::int32_t filling = 1;
    std::int64_t held = 0;
    Flushes flushes;
    std::int32_t* stamp = stamps.data();
    forEachDemand(stream, mapping, [&](std::int64_t row, std::int64_t count, auto address) {
        if (flushes.firstDemandRow < 0) {
            flushes.firstDemandRow = row;
        }
        for (std::int64_t i = 0; i < count; ++i) {
            std::int32_t& seen = stamp[address(i)];
            if (seen < filling) {
                seen = filling;
                if (++held == capacity) {
                    flushes.reads += held;
                    flushes.lastFlushRow = row;
                    held = 0;
                    ++filling;
                }
            }
        }
    });
    flushes.reads += held;
    return flushes;
}

}  // namespace

EstimatedReads estimateReads(const OperandStream& stream, const Mapping& mapping,
                             std::int64_t bufferWords) {
    const std::int64_t wordsPerSet = bufferWords / kSets;
    const std::int64_t capacity = wordsPerSet * kSets / 2;
    if (stream.footprint < capacity) {
        const std::int64_t sets = ceilDivide(stream.footprint, wordsPerSet);
        return {stream.footprint, -ceilDivide(sets * wordsPerSet, kFirstFillWordsPerCycle), -1};
    }
    const Flushes flushes = countFlushes(stream, mapping, capacity);
    return {flushes.reads, flushes.firstDemandRow - ceilDivide(capacity, kFirstFillWordsPerCycle),
            flushes.lastFlushRow + 1};
}

}  // namespace bitloupe::hardware::scalesim
