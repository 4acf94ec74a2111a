// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/snapshot.h"

class QAction;
class QLabel;
class QToolButton;

namespace bitloupe::ui {

class StudyDocument;

/// The run, on every page: what it does, how far, how fast, how long still; pause and stop.
class RunBar : public QWidget {
    Q_OBJECT

public:
    RunBar(StudyDocument& document, QAction& pause, QAction& stop, QWidget* parent = nullptr);

    [[nodiscard]] QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    [[nodiscard]] QString progressWords(const Snapshot& snapshot) const;

    StudyDocument& m_document;
    QLabel* m_sentence;
    QLabel* m_kept;
    double m_share = 0;  ///< of the phase, 0..1
    bool m_busy = false;
};

}  // namespace bitloupe::ui
