// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/design_export.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;

namespace bitloupe::ui {

class IntegerPanel;
class MessageBar;
class Selection;

/// Takes the selected design away: in which form, what stands in the way and which measured design
/// fits, where to; then how large it is, whether it computes what was simulated, and what to do
/// next.
class ExportPage : public QWidget {
    Q_OBJECT

public:
    ExportPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    /// Shows one of exporters::exportKinds() by its key.
    void chooseKind(const QString& key);
    /// Writes without asking for a place; for scripts and tests.
    void exportTo(const QString& path);
    [[nodiscard]] const DesignExport& designExport() const { return m_export; }
    /// The agreement of the file that was written last, once it is known.
    [[nodiscard]] const std::optional<exporters::Agreement>& agreement() const {
        return m_agreement;
    }
    [[nodiscard]] QString commandLine() const;
    [[nodiscard]] IntegerPanel& integers() { return *m_integers; }

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
    void forgetResult();
    void refreshKinds();
    void refreshFit();
    void showResult(const WrittenExport& result);
    [[nodiscard]] int kindIndex() const;
    [[nodiscard]] QString chosenPath() const;  ///< of the line, "~" spelled out
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
    QPushButton* m_nearest;
    QLineEdit* m_path;
    QPushButton* m_write;
    QProgressBar* m_progress;
    QLabel* m_result;
    IntegerPanel* m_integers;
    QLabel* m_nextTitle;
    QLabel* m_next;
    std::optional<exporters::Agreement> m_agreement;
    std::int64_t m_considered = 0;
    bool m_pathEdited = false;
};

}  // namespace bitloupe::ui
