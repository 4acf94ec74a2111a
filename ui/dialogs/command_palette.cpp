// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

/// Every word of `text` begins a word of `name` or is part of it.
bool matches(const QString& name, const QString& text) {
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&name](const QString& word) {
        return name.contains(word, Qt::CaseInsensitive);
    });
}

}  // namespace

CommandPalette::CommandPalette(QList<Command> commands, QWidget* parent)
    : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint),
      m_commands(std::move(commands)),
      m_text(new QLineEdit(this)),
      m_list(new QListWidget(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Find anything"));
    m_text->setPlaceholderText(tr("What do you want to do?"));
    m_text->setAccessibleName(tr("What do you want to do?"));
    m_list->setAccessibleName(tr("Commands"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kGrid, kGrid, kGrid, kGrid);
    column->addWidget(m_text);
    column->addWidget(m_list, 1);
    resize(fontMetrics().averageCharWidth() * 64, fontMetrics().height() * 20);
    if (parent) {
        move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 10 * kGrid)));
    }
    m_text->installEventFilter(this);
    connect(m_text, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_text, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    filter();
}

void CommandPalette::setFallback(std::function<QList<Command>(const QString&)> fallback) {
    m_fallback = std::move(fallback);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_text && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
        if (step != 0 && m_list->count() > 0) {
            m_list->setCurrentRow((m_list->currentRow() + step + m_list->count()) %
                                  m_list->count());
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::filter() {
    const QString text = m_text->text().trimmed();
    m_shown.clear();
    for (const Command& command : m_commands) {
        if (matches(command.name, text)) {
            m_shown << command;
        }
    }
    if (m_fallback && !text.isEmpty()) {
        m_shown << m_fallback(text);
    }
    m_list->clear();
    for (const Command& command : m_shown) {
        m_list->addItem(command.key.isEmpty()
                            ? command.name
                            : QStringLiteral("%1   —   %2").arg(command.name, command.key));
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_shown.size()) {
        return;
    }
    const Command command = m_shown.at(row);
    close();
    command.run();
}

}  // namespace bitloupe::ui
