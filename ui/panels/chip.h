// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractButton>

namespace bitloupe::ui {

/// A word that can be ticked. Ticked ones carry a check mark as well as a colour.
class Chip : public QAbstractButton {
    Q_OBJECT

public:
    explicit Chip(const QString& text, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

}  // namespace bitloupe::ui
