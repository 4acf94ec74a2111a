// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/exploration/integer_evaluation.h"

namespace bitloupe::ui {

class StudyDocument;

/// A design in integer arithmetic: first whether its sums fit an accumulator in the worst case,
/// then, on request, what its answers are. Work is done on the study's background thread.
class IntegerCheck : public QObject {
    Q_OBJECT

public:
    explicit IntegerCheck(StudyDocument& document, QObject* parent = nullptr);

    /// considered() follows unless something else is asked for meanwhile.
    void consider(std::int64_t design, const quantization::Accumulator& accumulator);
    /// Runs the considered design over the search samples: finished(), or failed().
    void run();

    [[nodiscard]] bool isReady() const { return m_ready; }
    [[nodiscard]] bool isRunning() const { return m_running; }
    /// Why the design has no integer arithmetic; "" when it has.
    [[nodiscard]] const std::string& refusal() const { return m_refusal; }
    /// Layers whose worst case the accumulator does not hold, one sentence each.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return m_warnings; }
    /// Of the last run of the considered design.
    [[nodiscard]] const std::optional<exploration::IntegerEvaluation>& result() const {
        return m_result;
    }

Q_SIGNALS:
    void considered();
    void finished();
    void failed(const bitloupe::Error& error);

private:
    StudyDocument& m_document;
    std::int64_t m_design = 0;
    quantization::Accumulator m_accumulator;
    bool m_ready = false;
    bool m_running = false;
    std::string m_refusal;
    std::vector<std::string> m_warnings;
    std::optional<exploration::IntegerEvaluation> m_result;
    int m_asked = 0;  ///< only the latest answer counts
};

}  // namespace bitloupe::ui
