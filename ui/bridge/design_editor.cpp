// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/design_editor.h"

#include <QPointer>
#include <QUndoCommand>
#include <algorithm>
#include <chrono>

#include "core/exploration/scheme_side.h"
#include "ui/bridge/study_document.h"

namespace bitloupe::ui {

namespace {

using exploration::Evaluation;
using exploration::Side;
using quantization::Quantizer;

/// A person who changes several layers does so faster than this.
constexpr std::chrono::milliseconds kBeforeMeasuring{600};

/// The metric with one side of one layer rounded; nothing where it was not measured.
std::optional<double> alone(const Snapshot& snapshot, std::size_t layer, Side side,
                            const std::optional<Quantizer>& format) {
    if (!format || format->format.isIdentity()) {
        return snapshot.reference ? std::optional(snapshot.reference->metric) : std::nullopt;
    }
    for (const exploration::SensitivityCell& cell : snapshot.sensitivity) {
        if (cell.layer == layer && cell.side == side && cell.quantizer == *format) {
            return cell.measured.metric;
        }
    }
    return std::nullopt;
}

}  // namespace

/// One change of the draft.
class DesignEditor::Step final : public QUndoCommand {
public:
    Step(DesignEditor& editor, const QString& name, DesignDraft after)
        : QUndoCommand(name),
          m_editor(editor),
          m_before(editor.m_draft),
          m_after(std::move(after)) {}

    void undo() override { show(m_before); }
    void redo() override { show(m_after); }

private:
    void show(const std::optional<DesignDraft>& draft) {
        m_editor.setDraft(draft);
        const std::int64_t known = m_editor.known();
        Q_EMIT m_editor.concerns(known != 0 ? known : m_after.base);
    }

    DesignEditor& m_editor;
    std::optional<DesignDraft> m_before;
    DesignDraft m_after;
};

DesignEditor::DesignEditor(StudyDocument& document, QObject* parent)
    : QObject(parent), m_document(document) {
    m_pause.setSingleShot(true);
    m_pause.setInterval(kBeforeMeasuring);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_automatic && canMeasure()) {
            measure();
        }
    });
    connect(&document, &StudyDocument::opened, this, [this] { setDraft({}); });
    connect(&document.bridge(), &ExplorationBridge::finished, this, &DesignEditor::follow);
    connect(&document, &StudyDocument::busyChanged, this, [this] {
        follow();
        Q_EMIT changed();
    });
}

DesignEditor::~DesignEditor() {
    m_stop.request_stop();
}

std::optional<DesignDraft> DesignEditor::stateOf(std::int64_t design) const {
    if (m_draft && m_draft->base == design && known() == 0) {
        return m_draft;
    }
    const StudyDocument::Shown& shown = m_document.shown();
    const Evaluation* evaluation =
        shown.network ? m_document.bridge().snapshot()->find(design) : nullptr;
    if (!evaluation) {
        return std::nullopt;
    }
    return DesignDraft{design, shown.space.assignment(evaluation->design),
                       shown.space.accelerator(evaluation->design)};
}

bool DesignEditor::canEdit() const {
    return m_document.shown().session != nullptr;
}

void DesignEditor::setFormat(std::int64_t design, std::size_t layer, Side side,
                             const Quantizer& format) {
    std::optional<DesignDraft> next = stateOf(design);
    if (!next || !canEdit() || layer >= next->assignment.size()) {
        return;
    }
    const std::vector<Quantizer>& choices = m_document.shown().space.choices({layer, side});
    std::optional<Quantizer>& place = sideOf(next->assignment[layer], side);
    if (place == format || std::find(choices.begin(), choices.end(), format) == choices.end()) {
        return;
    }
    place = format;
    push(tr("%1 for %2")
             .arg(QString::fromStdString(format.name()),
                  QString::fromStdString(m_document.shown().network->layers[layer].name)),
         std::move(*next));
}

void DesignEditor::setAccelerator(std::int64_t design, const hardware::Accelerator& accelerator) {
    std::optional<DesignDraft> next = stateOf(design);
    const auto& choices = m_document.shown().space.accelerators();
    if (!next || !canEdit() || next->accelerator == accelerator ||
        std::find(choices.begin(), choices.end(), accelerator) == choices.end()) {
        return;
    }
    next->accelerator = accelerator;
    push(tr("array %1").arg(QString::fromStdString(accelerator.name())), std::move(*next));
}

void DesignEditor::push(const QString& name, DesignDraft next) {
    m_document.undoStack().push(new Step(*this, name, std::move(next)));
}

void DesignEditor::setDraft(std::optional<DesignDraft> draft) {
    m_stop.request_stop();
    ++m_asked;
    m_isMeasuring = false;
    m_draft = std::move(draft);
    Q_EMIT changed();
    follow();
}

void DesignEditor::follow() {
    if (m_draft && m_automatic && known() == 0) {
        m_pause.start();
    } else {
        m_pause.stop();
    }
}

exploration::Costs DesignEditor::costs() const {
    const StudyDocument::Shown& shown = m_document.shown();
    const exploration::ConversionPrice price =
        shown.session ? shown.session->description.conversionPrice : exploration::ConversionPrice{};
    return exploration::computeCosts(shown.network->layers, m_draft->assignment,
                                     m_draft->accelerator, {*shown.network, price});
}

std::optional<double> DesignEditor::expectedMetric() const {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const Evaluation* base = m_draft ? snapshot.find(m_draft->base) : nullptr;
    if (!base || !base->weights.empty()) {
        return std::nullopt;
    }
    double metric = base->measured.metric;
    const exploration::Assignment before = m_document.shown().space.assignment(base->design);
    for (std::size_t layer = 0; layer < before.size(); ++layer) {
        for (const Side side : {Side::Weights, Side::Activations}) {
            const auto& was = sideOf(before[layer], side);
            const auto& is = sideOf(m_draft->assignment[layer], side);
            if (was == is) {
                continue;
            }
            const auto worthBefore = alone(snapshot, layer, side, was);
            const auto worthNow = alone(snapshot, layer, side, is);
            if (!worthBefore || !worthNow) {
                return std::nullopt;
            }
            metric += *worthNow - *worthBefore;
        }
    }
    const bool isShare = exploration::isShare(exploration::metricAmong(snapshot.objectives));
    return isShare ? std::clamp(metric, 0.0, 1.0) : metric;
}

std::int64_t DesignEditor::known() const {
    const auto design =
        m_draft ? m_document.shown().space.find(m_draft->assignment, m_draft->accelerator)
                : std::nullopt;
    if (!design) {
        return 0;
    }
    const EvaluationLog& log = m_document.bridge().snapshot()->evaluations;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].weights.empty() && log[i].design == *design) {
            return log[i].id;
        }
    }
    return 0;
}

void DesignEditor::setAutomatic(bool automatic) {
    m_automatic = automatic;
    follow();
}

bool DesignEditor::canMeasure() const {
    return m_draft && !m_isMeasuring && !m_document.bridge().isBusy() &&
           m_document.busyWith().isEmpty() && !m_document.isOccupied() &&
           m_document.shown().session &&
           m_document.shown().space.find(m_draft->assignment, m_draft->accelerator).has_value();
}

void DesignEditor::measure() {
    if (!canMeasure()) {
        return;
    }
    m_pause.stop();
    const std::int64_t base = m_draft->base;
    if (const std::int64_t existing = known(); existing != 0) {
        Q_EMIT measured(base, existing);
        return;
    }
    m_stop = {};
    m_isMeasuring = true;
    const int asked = ++m_asked;
    Q_EMIT changed();
    const StudyDocument::Shown& shown = m_document.shown();
    Evaluation wanted;
    wanted.design = *shown.space.find(m_draft->assignment, m_draft->accelerator);
    wanted.costs = costs();
    wanted.parent = base;
    wanted.origin = "edit of " + std::to_string(base);
    // A design that was begun is kept even when the person has moved on: its work is done.
    using Answer = std::optional<Evaluation>;
    m_document.worker().run<Answer>(
        [session = shown.session, space = shown.space, wanted, stop = m_stop.get_token(),
         path = shown.resultsPath.toStdString(),
         open = m_document.backend().openJournal]() -> Result<Answer> {
            Evaluation evaluation = wanted;
            const auto begin = std::chrono::steady_clock::now();
            const std::vector<exploration::Assignment> one = {space.assignment(wanted.design)};
            const auto answer = session->evaluator->evaluate(one, stop, {});
            if (answer.outcome == JobOutcome::Failed) {
                return answer.error;
            }
            if (answer.outcome == JobOutcome::Cancelled) {
                return Answer();
            }
            evaluation.measured = answer.measurements.front();
            evaluation.seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            const Result<OpenJournal> journal = open(path, *session);
            if (journal.hasError()) {
                return journal.error();
            }
            std::vector<Evaluation> kept = {evaluation};
            if (const Result<void> done = journal.value().store->append(kept); done.hasError()) {
                return done.error();
            }
            return Answer(kept.front());
        },
        [self = QPointer(this), asked, base](const Result<Answer>& answer) {
            if (!self) {
                return;
            }
            const bool isLatest = asked == self->m_asked;
            if (isLatest) {
                self->m_isMeasuring = false;
            }
            if (answer.hasError()) {
                Q_EMIT self->failed(answer.error());
            } else if (answer.value()) {
                self->m_document.bridge().add(*answer.value());
                if (isLatest) {
                    Q_EMIT self->measured(base, answer.value()->id);
                }
            }
            Q_EMIT self->changed();
        });
}

}  // namespace bitloupe::ui
