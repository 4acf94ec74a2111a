// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/run_bar.h"

#include <QAction>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

#include "ui/bridge/study_document.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

QToolButton* buttonOf(QAction& action, const QString& name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setDefaultAction(&action);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setAutoRaise(true);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::TabFocus);
    const auto follow = [button, &action] { button->setVisible(action.isVisible()); };
    QObject::connect(&action, &QAction::changed, button, follow);
    follow();
    return button;
}

QString phaseName(exploration::Phase phase) {
    switch (phase) {
        case exploration::Phase::Reference:
            return RunBar::tr("float network");
        case exploration::Phase::Sensitivity:
            return RunBar::tr("sensitivity");
        case exploration::Phase::Search:
            return RunBar::tr("search");
    }
    return {};
}

}  // namespace

RunBar::RunBar(StudyDocument& document, QAction& pause, QAction& stop, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_sentence(makeLabel({}, TextRole::Body, this)),
      m_kept(makeLabel({}, TextRole::Muted, this)) {
    setAccessibleName(tr("Run"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    row->setSpacing(kGrid);
    row->addWidget(m_sentence);
    row->addWidget(buttonOf(pause, tr("Pause or resume"), this));
    row->addWidget(buttonOf(stop, tr("Stop"), this));
    row->addStretch(1);
    row->addWidget(m_kept);
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &RunBar::refresh);
    connect(&document, &StudyDocument::busyChanged, this, &RunBar::refresh);
    connect(&document, &StudyDocument::descriptionChanged, this, &RunBar::refresh);
    refresh();
}

QString RunBar::sentence() const {
    return m_sentence->text();
}

QString RunBar::progressWords(const Snapshot& snapshot) const {
    const exploration::Progress& progress = snapshot.progress;
    QStringList parts;
    if (progress.phase == exploration::Phase::Search) {
        const double size = m_document.shown().space.size();
        parts << tr("%1 of %2 designs")
                     .arg(wording::count(static_cast<double>(snapshot.evaluations.size())),
                          wording::count(size));
    } else {
        parts << tr("%1: %2 of %3")
                     .arg(phaseName(progress.phase),
                          wording::count(static_cast<double>(progress.done)),
                          wording::count(static_cast<double>(progress.total)));
    }
    if (snapshot.state == RunState::Paused) {
        parts << tr("paused");
        return parts.join(QStringLiteral(" · "));
    }
    if (snapshot.state == RunState::Stopping) {
        parts << tr("stopping");
        return parts.join(QStringLiteral(" · "));
    }
    if (progress.perSecond > 0) {
        parts << tr("%1/s").arg(wording::compact(progress.perSecond));
    }
    if (progress.secondsLeft >= 0) {
        parts << tr("%1 left").arg(wording::roughDuration(progress.secondsLeft));
    }
    return parts.join(QStringLiteral(" · "));
}

void RunBar::refresh() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    m_busy = snapshot.state != RunState::Idle;
    m_share = m_busy && snapshot.progress.total > 0
                  ? static_cast<double>(snapshot.progress.done) /
                        static_cast<double>(snapshot.progress.total)
                  : 0;
    const auto count = static_cast<double>(snapshot.evaluations.size());
    if (m_busy) {
        m_sentence->setText(progressWords(snapshot));
    } else if (!m_document.busyWith().isEmpty()) {
        m_sentence->setText(m_document.busyWith());
    } else if (!m_document.isOpen()) {
        m_sentence->setText(tr("Nothing is open"));
    } else {
        m_sentence->setText(
            count > 0 ? tr("%1 designs evaluated · nothing runs").arg(wording::count(count))
                      : tr("Nothing runs"));
    }
    const QString results = m_document.resultsPath();
    QStringList kept;
    if (count > 0 || m_busy) {
        kept << tr("journal saved");
    }
    if (m_document.isOpen()) {
        kept << tr("seed %1").arg(m_document.description().strategy.seed);
    }
    m_kept->setText(kept.join(QStringLiteral(" · ")));
    m_kept->setToolTip(results);
    update();
}

void RunBar::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    const Colors colors = Colors::of(palette());
    painter.fillRect(QRect(0, 0, width(), 1), colors.line);
    if (m_busy) {
        painter.fillRect(QRectF(0, 0, width() * m_share, kGrid / 2.0 - 1), colors.accent);
    }
}

}  // namespace bitloupe::ui
