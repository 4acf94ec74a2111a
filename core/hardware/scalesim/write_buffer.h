// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

namespace bitloupe::hardware::scalesim {

/// SCALE-Sim's output buffer: words are collected in lines of one DRAM transfer; when half of the
/// buffer is full, the oldest half is drained, a line a cycle. A line that is cut short by a drain
/// counts as full unless it is the last of its drain.
class WriteBuffer {
public:
    /// `words` in the whole buffer; `bandwidth` in words per cycle.
    WriteBuffer(std::int64_t words, std::int64_t bandwidth);

    /// Writes `count` words in `cycle` and returns the cycle in which the last is taken.
    std::int64_t write(std::int64_t cycle, std::int64_t count);

    /// Drains what is left, from `cycle` on.
    void empty(std::int64_t cycle);

    [[nodiscard]] std::int64_t dramWrites() const { return m_writes; }
    [[nodiscard]] std::int64_t dramStart() const { return m_start; }
    /// The end of the last drain. The final drain does not wait for one that is still running, so
    /// an earlier one may end later: v2 reports this one, v3 the latest.
    [[nodiscard]] std::int64_t lastDramStop() const { return m_drainEnd; }
    [[nodiscard]] std::int64_t latestDramStop() const { return m_latestStop; }

private:
    struct CutLine {
        std::int64_t line = 0;
        std::int64_t missing = 0;
    };

    void store(std::int64_t count);
    void drain(std::int64_t cycle);
    void closeLine();

    std::int64_t m_bandwidth;
    std::int64_t m_drainWords;
    std::int64_t m_activeWords;
    std::int64_t m_free;
    std::int64_t m_lines = 0;    ///< closed lines so far
    std::int64_t m_inLine = 0;   ///< words in the open line
    std::int64_t m_drained = 0;  ///< lines drained so far
    std::deque<CutLine> m_cut;   ///< closed, not yet drained, not full
    std::int64_t m_drainEnd = 0;
    std::int64_t m_writes = 0;
    std::int64_t m_start = -1;
    std::int64_t m_latestStop = -1;
};

}  // namespace bitloupe::hardware::scalesim
