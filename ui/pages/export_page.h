// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/design_export.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace bitloupe::ui {

class MessageBar;
class Selection;

/// Takes the selected design away: in which form, what stands in the way, where to.
class ExportPage : public QWidget {
    Q_OBJECT

public:
    ExportPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    /// Writes without asking for a place; for scripts and tests.
    void exportTo(const QString& path);
    [[nodiscard]] QString commandLine() const;

Q_SIGNALS:
    void failed(const bitloupe::Error& error);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeDetails();
    void consider();
    void refresh();
    void browse();
    void write();
    [[nodiscard]] int kindIndex() const;
    [[nodiscard]] QString suggestedPath() const;

    StudyDocument& m_document;
    Selection& m_selection;
    DesignExport m_export;
    QLabel* m_title;
    QLabel* m_hint;
    QWidget* m_body;
    QListWidget* m_kinds;
    QLabel* m_consumer;
    QLabel* m_obstacles;
    QLineEdit* m_path;
    QPushButton* m_write;
    QLabel* m_result;
    std::int64_t m_considered = 0;
    bool m_pathEdited = false;
};

}  // namespace bitloupe::ui
