// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <functional>
#include <vector>

class QLabel;
class QPushButton;

namespace bitloupe::ui {

/// A short walk through the pages, one sentence or two each; the window behind it stays in use.
class Guide : public QDialog {
    Q_OBJECT

public:
    struct Stop {
        int page = 0;
        QString title;
        QString text;
    };

    Guide(std::vector<Stop> stops, std::function<void(int)> showPage, QWidget* parent = nullptr);

    [[nodiscard]] QPushButton& nextButton() { return *m_next; }

protected:
    void showEvent(QShowEvent* event) override;

private:
    void go(int step);

    std::vector<Stop> m_stops;
    std::function<void(int)> m_showPage;
    int m_at = 0;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_back;
    QPushButton* m_next;
};

}  // namespace bitloupe::ui
