// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/welcome_page.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/panels/link_row.h"
#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

WelcomePage::WelcomePage(StudyDocument& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_recent(new QVBoxLayout) {
    auto* sign = new QLabel(this);
    const int side = fontMetrics().height() * 4;
    sign->setPixmap(programIcon().pixmap(side, side));
    auto* words = new QVBoxLayout;
    words->setSpacing(kGrid / 2);
    words->addWidget(makeLabel(tr("Bitloupe"), TextRole::Title, this));
    words->addWidget(makeSentence(
        tr("Which number format should each layer of a network use, on which accelerator, and what "
           "does that cost in accuracy?"),
        TextRole::Muted, this));
    auto* head = new QHBoxLayout;
    head->setSpacing(2 * kGrid);
    head->addWidget(sign);
    head->addLayout(words, 1);

    m_recent->setSpacing(0);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addLayout(m_recent);
    right->addSpacing(3 * kGrid);
    right->addWidget(makeLabel(tr("Your own"), TextRole::Heading, this));
    right->addSpacing(kGrid);
    right->addWidget(
        makeSentence(tr("Drop a study, a trained network or a data set anywhere in this window."),
                     TextRole::Muted, this));
    right->addSpacing(kGrid);
    auto* open = new QPushButton(icon(QStringLiteral("open")), tr("&Open …"), this);
    connect(open, &QPushButton::clicked, this, &WelcomePage::openRequested);
    right->addWidget(open, 0, Qt::AlignLeft);
    right->addStretch(1);

    auto* columns = new QHBoxLayout;
    columns->setSpacing(6 * kGrid);
    columns->addWidget(makeExamples(), 1);
    columns->addLayout(right, 1);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(6 * kGrid, 6 * kGrid, 6 * kGrid, 3 * kGrid);
    page->setSpacing(5 * kGrid);
    page->addLayout(head);
    page->addLayout(columns, 1);
    setRecent({});
}

QWidget* WelcomePage::makeExamples() {
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeLabel(tr("Examples"), TextRole::Heading, part));
    column->addSpacing(kGrid);
    for (const Example& example : m_document.backend().examples()) {
        auto* row = new LinkRow(QString::fromStdString(example.title),
                                QString::fromStdString(example.description), part);
        const QString name = QString::fromStdString(example.name);
        row->setObjectName(QStringLiteral("example-") + name);
        connect(row, &LinkRow::clicked, this, [this, name] { m_document.openExample(name); });
        column->addWidget(row);
    }
    column->addStretch(1);
    return part;
}

void WelcomePage::setRecent(const QStringList& paths) {
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_recent->addWidget(makeLabel(tr("Recent"), TextRole::Heading));
    m_recent->addSpacing(kGrid);
    if (paths.isEmpty()) {
        m_recent->addWidget(
            makeLabel(tr("Studies you opened will be listed here."), TextRole::Muted));
    }
    for (const QString& path : paths) {
        const QFileInfo file(path);
        const bool there = file.exists();
        auto* row = new LinkRow(
            file.completeBaseName() == QLatin1String("study") ? file.dir().dirName()
                                                              : file.completeBaseName(),
            there ? file.absolutePath()
                  : tr("No longer in %1. Click to forget it.").arg(file.absolutePath()));
        row->setToolTip(path);
        connect(row, &LinkRow::clicked, this, [this, path, there] {
            there ? Q_EMIT pathRequested(path) : Q_EMIT forgetRequested(path);
        });
        m_recent->addWidget(row);
    }
}

}  // namespace bitloupe::ui
