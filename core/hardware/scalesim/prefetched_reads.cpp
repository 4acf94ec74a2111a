// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/hardware/scalesim/read_buffer.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kLinesPerBuffer = 100;

/// The operand matrix in the order in which it is prefetched, folds stacked: along its
/// anti-diagonals when the array skews it, row by row when it is loaded. visit(address).
template <typename Visit>
void forEachPrefetched(const OperandStream& stream, Visit&& visit) {
    const std::int64_t length = stream.length();
    const std::int64_t rows = stream.blocks() * length;
    const std::int64_t total = static_cast<std::int64_t>(stream.across.size());
    const auto visitElement = [&](std::int64_t row, std::int64_t column) {
        const std::int64_t place = row / length * stream.ports + column;
        if (place < total) {
            visit(stream.across[static_cast<std::size_t>(place)] +
                  stream.along[static_cast<std::size_t>(row % length)]);
        }
    };
    if (!stream.skewed) {
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t column = 0; column < stream.ports; ++column) {
                visitElement(row, column);
            }
        }
        return;
    }
    for (std::int64_t diagonal = 0; diagonal < rows + stream.ports - 1; ++diagonal) {
        const std::int64_t last = std::max<std::int64_t>(0, diagonal - stream.ports + 1);
        for (std::int64_t row = std::min(diagonal, rows - 1); row >= last; --row) {
            visitElement(row, diagonal - row);
        }
    }
}

/// Which lines of the stream hold an address: all lines of all addresses, address by address.
class LineIndex {
public:
    LineIndex(const OperandStream& stream, std::int64_t wordsPerLine)
        : m_start(static_cast<std::size_t>(stream.addresses) + 1, 0) {
        forEachPrefetched(stream, [&](std::int32_t address) {
            ++m_start[static_cast<std::size_t>(address) + 1];
        });
        clearNulls(stream);
        for (std::size_t i = 1; i < m_start.size(); ++i) {
            m_start[i] += m_start[i - 1];
        }
        m_lines.resize(static_cast<std::size_t>(m_start.back()));
        std::vector<std::int64_t> next(m_start.begin(), m_start.end() - 1);
        std::int64_t position = 0;
        forEachPrefetched(stream, [&](std::int32_t address) {
            const std::size_t a = static_cast<std::size_t>(address);
            if (!stream.isNull.empty() && stream.isNull[a] != 0) {
                return;
            }
            m_lines[static_cast<std::size_t>(next[a]++)] =
                static_cast<std::int32_t>(position++ / wordsPerLine);
        });
    }

    [[nodiscard]] std::int64_t elements() const { return m_start.back(); }

    /// The first line at or after `line`, going round, that holds `address`; -1 for a null address.
    [[nodiscard]] std::int32_t nextLine(std::int32_t address, std::int64_t line) const {
        const auto first = m_lines.begin() + m_start[static_cast<std::size_t>(address)];
        const auto last = m_lines.begin() + m_start[static_cast<std::size_t>(address) + 1];
        if (first == last) {
            return -1;
        }
        const auto found = std::lower_bound(first, last, static_cast<std::int32_t>(line));
        return found == last ? *first : *found;
    }

private:
    void clearNulls(const OperandStream& stream) {
        for (std::size_t i = 0; i < stream.isNull.size(); ++i) {
            if (stream.isNull[i] != 0) {
                m_start[i + 1] = 0;
            }
        }
    }

    std::vector<std::int64_t> m_start;
    std::vector<std::int32_t> m_lines;
};

/// The window of `held` lines that starts at `start`, cyclic over `lines`.
struct LineWindow {
    std::int64_t lines = 0;
    std::int64_t held = 0;
    std::int64_t step = 0;  ///< lines by which a refill moves it
    std::int64_t start = 0;

    [[nodiscard]] std::int64_t distance(std::int64_t line) const {
        return line >= start ? line - start : line - start + lines;
    }
};

/// `hint` holds a line of each address that was in the window when it was last asked for.
std::vector<RefillEvent> simulate(const OperandStream& stream, const Mapping& mapping,
                                  const LineIndex& index, LineWindow window) {
    std::vector<std::int32_t> hint(static_cast<std::size_t>(stream.addresses));
    for (std::size_t address = 0; address < hint.size(); ++address) {
        hint[address] = index.nextLine(static_cast<std::int32_t>(address), 0);
    }
    std::vector<RefillEvent> events;
    const auto refill = [&](std::int32_t address) -> std::int64_t {
        std::int32_t& line = hint[static_cast<std::size_t>(address)];
        line = index.nextLine(address, window.start);
        const std::int64_t distance = window.distance(line);
        if (distance < window.held) {
            return 0;
        }
        const std::int64_t refills = ceilDivide(distance - window.held + 1, window.step);
        window.start = (window.start + refills * window.step) % window.lines;
        return refills;
    };
    forEachDemand(stream, mapping, [&](std::int64_t row, std::int64_t count, auto address) {
        std::int64_t refills = 0;
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int32_t requested = address(i);
            const std::int32_t line = hint[static_cast<std::size_t>(requested)];
            if (line >= 0 && window.distance(line) >= window.held) {
                refills += refill(requested);
            }
        }
        if (refills > 0) {
            events.push_back({row, refills});
        }
    });
    return events;
}

/// Elements of the stacked operand matrix, the holes of its last block included.
std::int64_t streamWords(const OperandStream& stream) {
    return stream.blocks() * stream.ports * stream.length();
}

/// An upper bound of the lines needs no index: when even that fits, there never is a miss.
bool alwaysFits(const OperandStream& stream, std::int64_t wordsPerLine, std::int64_t activeLines) {
    const std::int64_t elements = static_cast<std::int64_t>(stream.across.size()) * stream.length();
    return elements / wordsPerLine + 1 <= activeLines;
}

}  // namespace

PrefetchedReads prefetchReads(const OperandStream& stream, const Mapping& mapping,
                              std::int64_t bufferWords, std::int64_t bandwidth) {
    const std::int64_t active = ceilDivide(bufferWords, 2);
    const std::int64_t prefetch = bufferWords - active;
    const std::int64_t wordsPerLine = ceilDivide(bufferWords, kLinesPerBuffer);
    const std::int64_t activeLines = ceilDivide(active, wordsPerLine);
    PrefetchedReads reads;
    reads.bandwidth = bandwidth;
    reads.firstFill =
        std::min(ceilDivide(active, bandwidth), ceilDivide(streamWords(stream), bandwidth));
    const std::int64_t refillCycles = ceilDivide(prefetch, bandwidth);
    reads.cyclesPerRefill = refillCycles + 1;
    reads.wordsPerRefill = refillCycles * bandwidth;
    if (alwaysFits(stream, wordsPerLine, activeLines)) {
        return reads;
    }
    const LineIndex index(stream, wordsPerLine);
    LineWindow window;
    window.lines = index.elements() / wordsPerLine + 1;  // the last may be empty
    window.held = std::min(window.lines, activeLines);
    window.step = std::min(window.lines - window.held, ceilDivide(prefetch, wordsPerLine));
    if (window.step > 0) {
        reads.events = simulate(stream, mapping, index, window);
    }
    return reads;
}

}  // namespace bitloupe::hardware::scalesim
