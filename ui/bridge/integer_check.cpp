// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/integer_check.h"

#include <QPointer>

#include "core/quantization/integer/build_integer_network.h"
#include "ui/bridge/study_document.h"

namespace bitloupe::ui {

namespace {

using exploration::IntegerEvaluation;

constexpr auto kRequantization = quantization::Multiplier::Kind::Gemmlowp;

Result<std::vector<std::string>> overflows(study::Session& session,
                                           const exploration::Assignment& assignment,
                                           const quantization::Accumulator& accumulator) {
    const Result<exploration::ResolvedLayers> layers = session.evaluator->resolve(assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    const auto integers = quantization::integerNetwork(*session.network, layers.value().weights,
                                                       layers.value().activations, kRequantization);
    return integers.hasError()
               ? Result<std::vector<std::string>>(integers.error())
               : Result<std::vector<std::string>>(integers.value().overflowWarnings(accumulator));
}

}  // namespace

IntegerCheck::IntegerCheck(StudyDocument& document, QObject* parent)
    : QObject(parent), m_document(document) {}

void IntegerCheck::consider(std::int64_t design, const quantization::Accumulator& accumulator) {
    const int asked = ++m_asked;
    m_design = design;
    m_accumulator = accumulator;
    m_ready = false;
    m_running = false;
    m_refusal.clear();
    m_warnings.clear();
    m_result.reset();
    const exploration::Evaluation* evaluation = m_document.bridge().snapshot()->find(design);
    const StudyDocument::Shown& shown = m_document.shown();
    if (!evaluation || !shown.session) {
        Q_EMIT considered();
        return;
    }
    if (!evaluation->weights.empty()) {
        m_refusal = tr("a fine-tuned design has trained scales, which this check does not know")
                        .toStdString();
        Q_EMIT considered();
        return;
    }
    using Answer = std::vector<std::string>;
    m_document.worker().run<Answer>(
        [session = shown.session, assignment = shown.space.assignment(evaluation->design),
         accumulator] { return overflows(*session, assignment, accumulator); },
        [self = QPointer(this), asked](const Result<Answer>& answer) {
            if (!self || asked != self->m_asked) {
                return;
            }
            if (answer.hasError()) {
                self->m_refusal = answer.error().sentence();
            } else {
                self->m_ready = true;
                self->m_warnings = answer.value();
            }
            Q_EMIT self->considered();
        });
}

void IntegerCheck::run() {
    const exploration::Evaluation* evaluation = m_document.bridge().snapshot()->find(m_design);
    const StudyDocument::Shown& shown = m_document.shown();
    if (!m_ready || m_running || !evaluation) {
        return;
    }
    m_running = true;
    const int asked = ++m_asked;
    m_document.worker().run<IntegerEvaluation>(
        [session = shown.session, assignment = shown.space.assignment(evaluation->design),
         accumulator = m_accumulator, evaluate = m_document.backend().evaluateIntegers] {
            return evaluate(*session, assignment, {accumulator, kRequantization});
        },
        [self = QPointer(this), asked](const Result<IntegerEvaluation>& answer) {
            if (!self || asked != self->m_asked) {
                return;
            }
            self->m_running = false;
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
            } else {
                self->m_result = answer.value();
            }
            Q_EMIT self->finished();
        });
}

}  // namespace bitloupe::ui
