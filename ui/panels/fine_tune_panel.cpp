// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/fine_tune_panel.h"

#include <algorithm>

#include "ui/bridge/design_editor.h"
#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

FineTunePanel::FineTunePanel(StudyDocument& document, Selection& selection, DesignEditor& editor,
                             TrainingJob& job, QWidget* parent)
    : TrainingPanel(job, TrainingJob::Kind::FineTuning, parent),
      m_document(document),
      m_selection(selection),
      m_editor(editor),
      m_job(job) {
    connect(this, &TrainingPanel::settingsEdited, this,
            [this](const execution::TrainingSettings& settings) {
                m_document.edit(
                    tr("fine-tuning"),
                    [&settings](study::StudyDescription& study) { study.fineTuning = settings; },
                    StudyDocument::kMergeFineTuning);
            });
    connect(this, &TrainingPanel::startRequested, this,
            [this] { m_job.fineTune(m_selection.design(), settings()); });
    connect(&job, &TrainingJob::fineTuned, this, [this](std::int64_t began, std::int64_t design) {
        const Snapshot& snapshot = *m_document.bridge().snapshot();
        const auto metric = exploration::metricAmong(snapshot.objectives);
        const exploration::Evaluation* before = snapshot.find(began);
        const exploration::Evaluation* after = snapshot.find(design);
        if (before && after) {
            m_newsOf = design;
            m_news = tr("Design %1 is design %2 fine-tuned: %3, %4 before.")
                         .arg(design)
                         .arg(began)
                         .arg(wording::valueWithUnit(metric, after->measured.metric),
                              wording::valueWithUnit(metric, before->measured.metric));
        }
        refreshSubject();
    });
    connect(&job, &TrainingJob::stopped, this, [this] {
        m_newsOf = m_job.design();
        m_news = tr("Stopped. Fine-tune goes on from there.");
        refreshSubject();
    });
    for (auto signal : {&StudyDocument::descriptionChanged, &StudyDocument::opened}) {
        connect(&document, signal, this, &FineTunePanel::refreshSubject);
    }
    connect(&editor, &DesignEditor::changed, this, &FineTunePanel::refreshSubject);
    connect(&selection, &Selection::designChanged, this, &FineTunePanel::refreshSubject);
    refreshSubject();
}

void FineTunePanel::refreshSubject() {
    setSettings(m_document.description().fineTuning);
    const std::int64_t design = m_selection.design();
    const auto state = m_editor.stateOf(design);
    if (!state) {
        setSubject(tr("Select a design to fine-tune."), false);
        return;
    }
    const bool isDraft = m_editor.draft() == state;
    const bool rounds = std::any_of(
        state->assignment.begin(), state->assignment.end(),
        [](const quantization::LayerScheme& scheme) { return scheme.weights.has_value(); });
    if (isDraft) {
        setSubject(tr("The changed design has to be measured first."), false);
    } else if (!rounds) {
        setSubject(tr("Every layer of this design is float: there is nothing to fine-tune."),
                   false);
    } else if (design == m_newsOf) {
        setSubject(m_news, true);
    } else {
        setSubject(tr("Trains the weights of design %1 further with its rounding in place. The "
                      "result is a new design; this one stays.")
                       .arg(design),
                   true);
    }
}

}  // namespace bitloupe::ui
