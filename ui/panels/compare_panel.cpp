// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/compare_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

ComparePanel::ComparePanel(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_baseline(new QComboBox(this)),
      m_hint(makeLabel(tr("Pin designs (P) to see them side by side."), TextRole::Muted, this)),
      m_table(makeTable(m_model, tr("Designs side by side"), this)) {
    m_baseline->setAccessibleName(tr("Differences to"));
    m_baseline->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_baseline->addItem(tr("the float network"), QVariant::fromValue(std::int64_t{0}));
    fillWidth(*m_table);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid);
    tools->addWidget(makeLabel(tr("Differences to"), TextRole::Muted, this));
    tools->addWidget(m_baseline);
    tools->addWidget(m_hint);
    tools->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->setSpacing(kGrid);
    column->addLayout(tools);
    column->addWidget(m_table, 1);
    connect(m_baseline, &QComboBox::activated, this, &ComparePanel::refresh);
    connect(&selection, &Selection::designChanged, this, &ComparePanel::refresh);
    connect(&selection, &Selection::pinnedChanged, this, &ComparePanel::refresh);
    connect(&document, &StudyDocument::opened, this, &ComparePanel::refresh);
}

void ComparePanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void ComparePanel::refreshBaselines(const std::vector<std::int64_t>& designs) {
    const QSignalBlocker quiet(m_baseline);
    const QVariant chosen = m_baseline->currentData();
    m_baseline->clear();
    m_baseline->addItem(tr("the float network"), QVariant::fromValue(std::int64_t{0}));
    for (const std::int64_t design : designs) {
        m_baseline->addItem(tr("design %1").arg(design), QVariant::fromValue(design));
    }
    m_baseline->setCurrentIndex(std::max(0, m_baseline->findData(chosen)));
}

std::vector<ComparisonModel::Entry> ComparePanel::entries() const {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const auto baseline = m_baseline->currentData().value<std::int64_t>();
    std::vector<ComparisonModel::Entry> entries;
    if (baseline == 0 && snapshot.reference && snapshot.referenceCosts) {
        ComparisonModel::Entry& entry = entries.emplace_back();
        entry.evaluation.measured = *snapshot.reference;
        entry.evaluation.costs = *snapshot.referenceCosts;
    }
    for (int item = 0; item < m_baseline->count(); ++item) {
        const auto id = m_baseline->itemData(item).value<std::int64_t>();
        const exploration::Evaluation* evaluation = id > 0 ? snapshot.find(id) : nullptr;
        if (evaluation) {
            const auto place = id == baseline ? entries.begin() : entries.end();
            entries.insert(place,
                           {*evaluation, m_document.shown().space.assignment(evaluation->design)});
        }
    }
    return entries;
}

void ComparePanel::refresh() {
    if (!isVisible()) {
        return;
    }
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    std::vector<std::int64_t> designs;
    for (const std::int64_t pinned : m_selection.pinned()) {
        if (snapshot.find(pinned)) {
            designs.push_back(pinned);
        }
    }
    const std::int64_t selected = m_selection.design();
    if (snapshot.find(selected) &&
        std::find(designs.begin(), designs.end(), selected) == designs.end()) {
        designs.push_back(selected);
    }
    refreshBaselines(designs);
    m_hint->setVisible(m_selection.pinned().empty());
    m_model.set(m_document.shown().network,
                exploration::quantitiesWith(exploration::metricAmong(snapshot.objectives)),
                entries());
    fitColumns(*m_table);
}

}  // namespace bitloupe::ui
