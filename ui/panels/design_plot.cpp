// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/design_plot.h"

#include <QVBoxLayout>

#include "ui/bridge/design_editor.h"
#include "ui/bridge/study_document.h"
#include "ui/charts/design_scatter.h"
#include "ui/models/selection.h"

namespace bitloupe::ui {

std::optional<ScatterBuilder::Draft> draftToShow(StudyDocument& document,
                                                 const DesignEditor& editor) {
    const auto& draft = editor.draft();
    const exploration::Evaluation* base =
        draft ? document.bridge().snapshot()->find(draft->base) : nullptr;
    if (!base || editor.known() != 0) {
        return std::nullopt;
    }
    ScatterBuilder::Draft shown{draft->base, *base, {}};
    shown.expected.costs = editor.costs();
    if (const std::optional<double> metric = editor.expectedMetric()) {
        shown.expected.measured.metric = *metric;
        shown.text = DesignPlot::tr("changed, about here");
    } else {
        shown.text = DesignPlot::tr("changed, not measured");
    }
    return shown;
}

DesignPlot::DesignPlot(StudyDocument& document, Selection& selection, DesignEditor& editor,
                       QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_editor(editor),
      m_scatter(new charts::DesignScatter(this)) {
    m_scatter->setFrameShape(QFrame::NoFrame);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_scatter);
    connect(m_scatter, &charts::DesignScatter::designClicked, &selection, &Selection::setDesign);
    connect(&editor, &DesignEditor::changed, this, &DesignPlot::refresh);
    connect(&selection, &Selection::designChanged, this, &DesignPlot::refresh);
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &DesignPlot::refresh);
}

void DesignPlot::setAxes(const ScatterAxes& axes) {
    m_builder.setAxes(axes);
    refresh();
}

void DesignPlot::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void DesignPlot::refresh() {
    if (!isVisible()) {
        return;
    }
    const std::int64_t design = m_selection.design();
    m_builder.setPinned(m_selection.pinned());
    m_builder.setDraft(draftToShow(m_document, m_editor));
    m_scatter->setData(m_builder.build(*m_document.bridge().snapshot()));
    m_scatter->setSelected(design > 0 ? std::optional<qint64>(design) : std::nullopt);
}

}  // namespace bitloupe::ui
