// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/exploration/evaluation.h"

namespace bitloupe::ui {

/// Evaluations in the order of their journal, which only ever grows.
///
/// A value: a copy costs one pointer per thousand evaluations and never changes afterwards, so a
/// snapshot of 100,000 designs can be handed on many times a second.
class EvaluationLog {
public:
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] const exploration::Evaluation& operator[](std::size_t index) const {
        return (*m_chunks[index / kChunk])[index % kChunk];
    }

    /// Ids of `evaluations` ascend, and are above all that is already in the log.
    void append(std::span<const exploration::Evaluation> evaluations);

    /// Where the evaluation with this id stands.
    [[nodiscard]] std::optional<std::size_t> find(std::int64_t id) const;

private:
    static constexpr std::size_t kChunk = 1024;
    using Chunk = std::vector<exploration::Evaluation>;
    std::vector<std::shared_ptr<const Chunk>> m_chunks;
    std::size_t m_size = 0;
};

}  // namespace bitloupe::ui
