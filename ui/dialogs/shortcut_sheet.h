// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <QList>
#include <QPair>

namespace bitloupe::ui {

/// F1: every key the window knows.
class ShortcutSheet : public QDialog {
    Q_OBJECT

public:
    /// Pairs of what is done and its key.
    ShortcutSheet(const QList<QPair<QString, QString>>& keys, QWidget* parent);
};

}  // namespace bitloupe::ui
