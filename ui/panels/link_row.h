// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractButton>

namespace bitloupe::ui {

/// A line that leads somewhere: a title, and a muted sentence below it.
class LinkRow : public QAbstractButton {
    Q_OBJECT

public:
    LinkRow(const QString& title, const QString& sentence, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRect sentenceRect(int width) const;
    QString m_sentence;
};

}  // namespace bitloupe::ui
