// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/header_bar.h"

#include <QAction>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "core/exploration/strategy.h"
#include "ui/bridge/study_document.h"
#include "ui/panels/space_wording.h"
#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

HeaderBar::HeaderBar(StudyDocument& document, QAction& start, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_size(makeLabel({}, TextRole::Muted, this)),
      m_start(new QPushButton(this)),
      m_time(makeLabel({}, TextRole::Muted, this)),
      m_strategyLabel(makeLabel(tr("S&trategy"), TextRole::Muted, this)),
      m_strategy(new QComboBox(this)),
      m_evaluationsLabel(makeLabel(tr("E&valuations"), TextRole::Muted, this)),
      m_evaluations(new QSpinBox(this)) {
    for (const std::string& name : exploration::strategyNames()) {
        m_strategy->addItem(QString::fromStdString(name));
    }
    m_strategy->setAccessibleName(tr("Strategy"));
    m_strategyLabel->setBuddy(m_strategy);
    m_evaluations->setRange(1, std::numeric_limits<int>::max());
    m_evaluations->setGroupSeparatorShown(true);
    m_evaluations->setAccessibleName(tr("Evaluations of the whole study"));
    m_evaluations->setKeyboardTracking(false);
    m_evaluations->setFixedWidth(
        m_evaluations->fontMetrics().horizontalAdvance(QStringLiteral("0,000,000")) + 5 * kGrid);
    m_evaluationsLabel->setBuddy(m_evaluations);
    for (QLabel* label : {m_strategyLabel, m_evaluationsLabel}) {
        label->setTextFormat(Qt::AutoText);  // the mnemonic is not text
    }
    m_start->setDefault(true);
    m_start->setIcon(icon(QStringLiteral("start")));
    m_start->setFocusPolicy(Qt::TabFocus);
    connect(m_start, &QPushButton::clicked, &start, &QAction::trigger);
    const auto follow = [this, &start] {
        m_start->setText(start.text().section(QLatin1Char('\t'), 0, 0));
        m_start->setEnabled(start.isEnabled());
        m_start->setToolTip(start.toolTip());
        m_start->setIcon(start.icon());
    };
    connect(&start, &QAction::changed, this, follow);
    follow();

    auto* names = new QVBoxLayout;
    names->setSpacing(kGrid / 4);
    names->addWidget(m_title);
    names->addWidget(m_size);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    row->setSpacing(kGrid);
    row->addLayout(names, 1);
    row->addWidget(m_strategyLabel);
    row->addWidget(m_strategy);
    row->addSpacing(kGrid);
    row->addWidget(m_evaluationsLabel);
    row->addWidget(m_evaluations);
    row->addSpacing(kGrid);
    row->addWidget(m_time);
    row->addWidget(m_start);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_size->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    connect(m_strategy, &QComboBox::textActivated, this, &HeaderBar::changeStrategy);
    connect(m_evaluations, &QSpinBox::valueChanged, this, &HeaderBar::changeEvaluations);
    connect(&document, &StudyDocument::descriptionChanged, this, &HeaderBar::refresh);
    connect(&document, &StudyDocument::loadedChanged, this, &HeaderBar::refresh);
    connect(&document, &StudyDocument::estimateChanged, this, &HeaderBar::refresh);
    connect(&document.bridge(), &ExplorationBridge::stateChanged, this, &HeaderBar::refreshRun);
    refresh();
}

QString HeaderBar::subject() const {
    QStringList parts = {m_document.title()};
    if (m_document.data() && !m_document.data()->name.empty()) {
        const QString dataName = QString::fromStdString(m_document.data()->name);
        if (!parts.constFirst().contains(dataName, Qt::CaseInsensitive)) {
            parts << dataName;
        }
    }
    return parts.join(QStringLiteral(" · "));
}

bool HeaderBar::event(QEvent* event) {
    const bool handled = QWidget::event(event);
    if (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest) {
        elide();
    }
    return handled;
}

/// Both lines give way to the controls; what does not fit ends in an ellipsis, the tool tip has it
/// whole.
void HeaderBar::elide() {
    for (QLabel* label : {m_title, m_size}) {
        label->setText(label->fontMetrics().elidedText(label->toolTip(), Qt::ElideRight,
                                                       std::max(label->width(), 1)));
    }
}

void HeaderBar::refresh() {
    setVisible(m_document.isOpen());
    const study::StudyDescription& study = m_document.description();
    m_title->setToolTip(subject());
    m_size->setToolTip(spaceSentence(m_document));
    elide();
    const QSignalBlocker quietStrategy(m_strategy);
    const QSignalBlocker quietEvaluations(m_evaluations);
    const QString strategy = QString::fromStdString(study.strategy.name);
    if (m_strategy->findText(strategy) < 0) {
        m_strategy->addItem(strategy);
    }
    m_strategy->setCurrentText(strategy);
    m_evaluations->setValue(static_cast<int>(
        std::min<std::int64_t>(study.evaluations, std::numeric_limits<int>::max())));
    refreshRun();
}

void HeaderBar::refreshRun() {
    const bool busy = m_document.bridge().isBusy();
    m_strategy->setEnabled(!busy);
    m_evaluations->setEnabled(!busy);
    const double seconds = m_document.estimatedSeconds();
    m_time->setText(seconds > 0 && !busy ? tr("about %1").arg(wording::roughDuration(seconds))
                                         : QString());
}

void HeaderBar::changeStrategy(const QString& name) {
    m_document.edit(tr("strategy %1").arg(name), [&name](study::StudyDescription& study) {
        study.strategy.name = name.toStdString();
    });
}

void HeaderBar::changeEvaluations(int count) {
    m_document.edit(
        tr("number of evaluations"),
        [count](study::StudyDescription& study) { study.evaluations = count; },
        StudyDocument::kMergeEvaluations);
}

}  // namespace bitloupe::ui
