// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>

class QTextBrowser;

namespace bitloupe::ui {

/// What every page shows and how it is used, inside the program.
class HelpWindow : public QDialog {
    Q_OBJECT

public:
    explicit HelpWindow(QWidget* parent = nullptr);

    /// An anchor of resources/help/help.html: "setup", "explore", "sensitivity", "design",
    /// "accelerator", "export", "words", "files".
    void showTopic(const QString& anchor);
    [[nodiscard]] QTextBrowser& text() { return *m_text; }

private:
    QTextBrowser* m_text;
};

}  // namespace bitloupe::ui
