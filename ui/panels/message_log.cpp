// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/message_log.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QTime>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

constexpr int kMostMessages = 1000;

}  // namespace

MessageLog::MessageLog(QWidget* parent)
    : QWidget(parent),
      m_list(new QListWidget(this)),
      m_copy(new QPushButton(tr("&Copy"), this)),
      m_clear(new QPushButton(tr("C&lear"), this)) {
    m_list->setAccessibleName(tr("Messages so far"));
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWordWrap(true);
    m_list->setUniformItemSizes(false);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* copy = new QAction(tr("Copy"), m_list);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    m_list->addAction(copy);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto toClipboard = [this] { QGuiApplication::clipboard()->setText(text()); };
    connect(copy, &QAction::triggered, this, toClipboard);
    connect(m_copy, &QPushButton::clicked, this, toClipboard);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        m_list->clear();
        refresh();
    });
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(kGrid);
    buttons->addWidget(m_copy);
    buttons->addWidget(m_clear);
    buttons->addStretch(1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    row->setSpacing(2 * kGrid);
    row->addWidget(m_list, 1);
    row->addLayout(buttons);
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    refresh();
}

void MessageLog::add(MessageBar::Kind kind, const QString& sentence, const QString& advice) {
    const QString time = QLocale().toString(QTime::currentTime(), QStringLiteral("HH:mm:ss"));
    QStringList parts = {time, sentence};
    if (!advice.isEmpty()) {
        parts << advice;
    }
    auto* item = new QListWidgetItem(icon(MessageBar::iconOf(kind)),
                                     parts.join(QStringLiteral("  ")), m_list);
    item->setToolTip(advice);
    if (m_list->count() > kMostMessages) {
        delete m_list->takeItem(0);
    }
    m_list->scrollToBottom();
    refresh();
}

QString MessageLog::text() const {
    QStringList lines;
    const bool all = m_list->selectedItems().isEmpty();
    for (int row = 0; row < m_list->count(); ++row) {
        if (all || m_list->item(row)->isSelected()) {
            lines << m_list->item(row)->text();
        }
    }
    return lines.join(QLatin1Char('\n'));
}

void MessageLog::refresh() {
    const bool any = m_list->count() > 0;
    m_copy->setEnabled(any);
    m_clear->setEnabled(any);
}

}  // namespace bitloupe::ui
