// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/evaluation_log.h"

#include <algorithm>

namespace bitloupe::ui {

void EvaluationLog::append(std::span<const exploration::Evaluation> evaluations) {
    while (!evaluations.empty()) {
        const std::size_t used = m_size % kChunk;
        const std::size_t taken = std::min(kChunk - used, evaluations.size());
        auto chunk = std::make_shared<Chunk>();
        chunk->reserve(kChunk);
        if (used > 0) {  // others may hold the last chunk: they keep theirs
            *chunk = *m_chunks.back();
            m_chunks.pop_back();
        }
        chunk->insert(chunk->end(), evaluations.begin(),
                      evaluations.begin() + static_cast<std::ptrdiff_t>(taken));
        m_chunks.push_back(std::move(chunk));
        m_size += taken;
        evaluations = evaluations.subspan(taken);
    }
}

std::optional<std::size_t> EvaluationLog::find(std::int64_t id) const {
    std::size_t low = 0;
    std::size_t high = m_size;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if ((*this)[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == m_size || (*this)[low].id != id) {
        return std::nullopt;
    }
    return low;
}

}  // namespace bitloupe::ui
