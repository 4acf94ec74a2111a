// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QList>
#include <QWidget>

class QAbstractButton;
class QButtonGroup;

namespace bitloupe::ui {

/// The pages, one under the other at the left of the window.
class Rail : public QWidget {
    Q_OBJECT

public:
    explicit Rail(QWidget* parent = nullptr);

    void addPage(const QString& icon, const QString& name, const QString& shortcut);
    void setCurrent(int page);
    [[nodiscard]] int current() const;
    void setPageEnabled(int page, bool enabled);

Q_SIGNALS:
    void chosen(int page);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QButtonGroup* m_group;
};

}  // namespace bitloupe::ui
