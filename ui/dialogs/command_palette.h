// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <QList>
#include <functional>

class QLineEdit;
class QListWidget;

namespace bitloupe::ui {

/// Ctrl+K: type a few letters of anything the window can do, press Enter.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    struct Command {
        QString name;
        QString key;  ///< its shortcut, for people; may be empty
        std::function<void()> run;
    };

    CommandPalette(QList<Command> commands, QWidget* parent);

    /// A command for text that names none, for instance the number of a design; may be empty.
    void setFallback(std::function<QList<Command>(const QString& text)> fallback);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter();
    void runCurrent();

    QList<Command> m_commands;
    QList<Command> m_shown;
    std::function<QList<Command>(const QString&)> m_fallback;
    QLineEdit* m_text;
    QListWidget* m_list;
};

}  // namespace bitloupe::ui
