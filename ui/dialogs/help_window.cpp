// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/help_window.h"

#include <QFile>
#include <QHBoxLayout>
#include <QListWidget>
#include <QRegularExpression>
#include <QTextBrowser>

#include "ui/theme/theme.h"

// A static library's resources are linked only when somebody asks for them, from the global
// namespace.
static void loadHelp() {
    Q_INIT_RESOURCE(help);
}

namespace bitloupe::ui {

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent), m_text(new QTextBrowser(this)) {
    setWindowTitle(tr("Help"));
    loadHelp();
    QFile file(QStringLiteral(":/help.html"));
    const QString html =
        file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    m_text->setHtml(html);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setAccessibleName(tr("Help"));
    m_text->document()->setDocumentMargin(2 * kGrid);
    auto* topics = new QListWidget(this);
    topics->setAccessibleName(tr("Topics"));
    topics->setFrameShape(QFrame::NoFrame);
    static const QRegularExpression kTopic(
        QStringLiteral("<h2><a name=\"([a-z]+)\">([^<]+)</a></h2>"));
    for (auto found = kTopic.globalMatch(html); found.hasNext();) {
        const QRegularExpressionMatch topic = found.next();
        auto* item = new QListWidgetItem(topic.captured(2), topics);
        item->setData(Qt::UserRole, topic.captured(1));
    }
    topics->setSpacing(kGrid / 4);
    topics->setFixedWidth(topics->sizeHintForColumn(0) + 5 * kGrid);
    connect(topics, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        if (item) {
            m_text->scrollToAnchor(item->data(Qt::UserRole).toString());
        }
    });
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kGrid, kGrid, 0, kGrid);
    row->addWidget(topics);
    row->addWidget(m_text, 1);
    resize(fontMetrics().averageCharWidth() * 110, fontMetrics().height() * 36);
}

void HelpWindow::showTopic(const QString& anchor) {
    auto* topics = findChild<QListWidget*>();
    for (int row = 0; row < topics->count(); ++row) {
        if (topics->item(row)->data(Qt::UserRole).toString() == anchor) {
            topics->setCurrentRow(row);
            m_text->scrollToAnchor(anchor);
        }
    }
}

}  // namespace bitloupe::ui
