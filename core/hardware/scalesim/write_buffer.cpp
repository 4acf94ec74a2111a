// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/write_buffer.h"

#include <algorithm>

#include "core/hardware/mapping.h"

namespace bitloupe::hardware::scalesim {

WriteBuffer::WriteBuffer(std::int64_t words, std::int64_t bandwidth)
    : m_bandwidth(bandwidth),
      m_drainWords(words / 2),
      m_activeWords(words - words / 2),
      m_free(words) {}

std::int64_t WriteBuffer::write(std::int64_t cycle, std::int64_t count) {
    std::int64_t now = cycle;
    while (count > 0) {
        // While a drain runs, only a full buffer matters; else a half full one starts a drain.
        const bool draining = now < m_drainEnd;
        const std::int64_t quiet = m_free - (draining ? 1 : m_activeWords);
        if (count <= quiet) {
            store(count);
            break;
        }
        const std::int64_t part = std::max<std::int64_t>(quiet, 0) + 1;
        store(part);
        count -= part;
        if (draining) {
            now = m_drainEnd;
        } else {
            drain(now);
        }
    }
    return now;
}

void WriteBuffer::empty(std::int64_t cycle) {
    closeLine();
    while (m_drained < m_lines) {
        drain(cycle);
        cycle = m_drainEnd + 1;
    }
}

void WriteBuffer::store(std::int64_t count) {
    m_inLine += count;
    m_lines += m_inLine / m_bandwidth;
    m_inLine %= m_bandwidth;
    m_free -= count;
}

void WriteBuffer::closeLine() {
    if (m_inLine > 0) {
        m_cut.push_back({m_lines, m_bandwidth - m_inLine});
        ++m_lines;
        m_inLine = 0;
    }
}

void WriteBuffer::drain(std::int64_t cycle) {
    closeLine();
    const std::int64_t end = std::min(m_drained + ceilDivide(m_drainWords, m_bandwidth), m_lines);
    const std::int64_t lines = end - m_drained;
    if (lines == 0) {
        return;
    }
    std::int64_t words = lines * m_bandwidth;
    while (!m_cut.empty() && m_cut.front().line < end) {
        if (m_cut.front().line == end - 1) {
            words -= m_cut.front().missing;
        }
        m_cut.pop_front();
    }
    m_writes += words;
    m_free += words;
    m_drained = end;
    m_drainEnd = cycle + lines - 1;
    m_start = m_start < 0 ? cycle : m_start;
    m_latestStop = std::max(m_latestStop, m_drainEnd);
}

}  // namespace bitloupe::hardware::scalesim
