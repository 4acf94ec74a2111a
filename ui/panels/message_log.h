// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/panels/message_bar.h"

class QListWidget;
class QPushButton;

namespace bitloupe::ui {

/// Every message of this window since it was opened, with its time: what the message bar has shown
/// and closed. Lines can be selected and copied.
class MessageLog : public QWidget {
    Q_OBJECT

public:
    explicit MessageLog(QWidget* parent = nullptr);

    void add(MessageBar::Kind kind, const QString& sentence, const QString& advice);
    /// The selected messages, or all when none is, one a line.
    [[nodiscard]] QString text() const;

private:
    void refresh();

    QListWidget* m_list;
    QPushButton* m_copy;
    QPushButton* m_clear;
};

}  // namespace bitloupe::ui
