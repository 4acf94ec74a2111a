// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace bitloupe::ui {

class StudyDocument;

/// What there is before anything is open: examples, recent studies, and where to drop a file.
class WelcomePage : public QWidget {
    Q_OBJECT

public:
    explicit WelcomePage(StudyDocument& document, QWidget* parent = nullptr);

    void setRecent(const QStringList& paths);

Q_SIGNALS:
    void openRequested();
    void pathRequested(const QString& path);
    void forgetRequested(const QString& path);

private:
    QWidget* makeExamples();

    StudyDocument& m_document;
    QVBoxLayout* m_recent;
};

}  // namespace bitloupe::ui
