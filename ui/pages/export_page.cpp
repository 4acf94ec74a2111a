// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/export_page.h"

#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "ui/models/selection.h"
#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

ExportPage::ExportPage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_export(document),
      m_title(makeLabel(tr("Export"), TextRole::Title, this)),
      m_hint(makeSentence({}, TextRole::Muted, this)),
      m_body(new QWidget(this)),
      m_kinds(new QListWidget(m_body)),
      m_consumer(makeSentence({}, TextRole::Body, m_body)),
      m_obstacles(makeSentence({}, TextRole::Body, m_body)),
      m_path(new QLineEdit(m_body)),
      m_write(new QPushButton(icon(QStringLiteral("export")), tr("&Write the file"), m_body)),
      m_result(makeSentence({}, TextRole::Body, m_body)) {
    m_kinds->setAccessibleName(tr("Forms of export"));
    m_kinds->setFrameShape(QFrame::NoFrame);
    m_kinds->viewport()->setAutoFillBackground(false);
    m_kinds->setSpacing(kGrid / 4);
    for (const exporters::ExportKind& kind : exporters::exportKinds()) {
        auto* item = new QListWidgetItem(QString::fromStdString(kind.label), m_kinds);
        item->setSizeHint({m_kinds->fontMetrics().horizontalAdvance(item->text()) + 2 * kGrid,
                           m_kinds->fontMetrics().height() + kGrid});
    }
    m_kinds->setCurrentRow(0);
    m_kinds->setFixedWidth(m_kinds->sizeHintForColumn(0) + 6 * kGrid);
    auto* row = new QHBoxLayout(m_body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(3 * kGrid);
    row->addWidget(m_kinds);
    row->addWidget(makeRule(Qt::Vertical, m_body));
    row->addWidget(makeDetails(), 1);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, 3 * kGrid);
    page->setSpacing(kGrid);
    page->addWidget(m_title);
    page->addWidget(m_hint);
    page->addSpacing(kGrid);
    page->addWidget(m_body, 1);
    page->addStretch(0);

    connect(m_kinds, &QListWidget::currentRowChanged, this, [this] {
        m_pathEdited = false;
        m_result->clear();
        refresh();
    });
    connect(m_path, &QLineEdit::textEdited, this, [this] { m_pathEdited = true; });
    connect(&m_export, &DesignExport::considered, this, &ExportPage::refresh);
    connect(&m_export, &DesignExport::failed, this, &ExportPage::failed);
    connect(&m_export, &DesignExport::written, this,
            [this](const QString& path) { m_result->setText(tr("Written: %1").arg(path)); });
    connect(&selection, &Selection::designChanged, this, [this] {
        m_pathEdited = false;
        m_result->clear();
        consider();
    });
    connect(&document, &StudyDocument::opened, this, &ExportPage::consider);
    refresh();
}

QWidget* ExportPage::makeDetails() {
    auto* part = new QWidget(m_body);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(m_consumer);
    column->addWidget(m_obstacles);
    auto* place = new QHBoxLayout;
    QLabel* label = makeLabel(tr("To"), TextRole::Muted, part);
    label->setBuddy(m_path);
    m_path->setAccessibleName(tr("File to write"));
    auto* browse = new QPushButton(tr("&Browse …"), part);
    place->setSpacing(kGrid);
    place->addWidget(label);
    place->addWidget(m_path, 1);
    place->addWidget(browse);
    column->addLayout(place);
    auto* buttons = new QHBoxLayout;
    auto* copy = new QPushButton(tr("&Copy as command line"), part);
    copy->setFlat(true);
    buttons->addWidget(m_write);
    buttons->addWidget(copy);
    buttons->addStretch(1);
    column->addLayout(buttons);
    column->addWidget(m_result);
    column->addStretch(1);
    connect(browse, &QPushButton::clicked, this, &ExportPage::browse);
    connect(m_write, &QPushButton::clicked, this, &ExportPage::write);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(commandLine()); });
    return part;
}

void ExportPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    consider();
}

int ExportPage::kindIndex() const {
    return std::max(0, m_kinds->currentRow());
}

void ExportPage::consider() {
    const std::int64_t design = m_selection.design();
    if (isVisible() && (design != m_considered || !m_export.isReady())) {
        m_considered = design;
        m_export.consider(design);
    }
    refresh();
}

void ExportPage::refresh() {
    const std::int64_t design = m_selection.design();
    m_body->setVisible(design > 0);
    if (design <= 0) {
        m_title->setText(tr("Export"));
        m_hint->setText(
            tr("Select a design on the Explore page: here it becomes a file that your "
               "next tool reads."));
        return;
    }
    m_title->setText(tr("Export design %1").arg(design));
    m_hint->setText(tr("Files hold the very weights and ranges that were measured."));
    const auto index = static_cast<std::size_t>(kindIndex());
    const exporters::ExportKind& kind = exporters::exportKinds().at(index);
    m_consumer->setText(
        tr("%1, for %2.")
            .arg(QString::fromStdString(kind.label), QString::fromStdString(kind.consumer)));
    QStringList sentences;
    if (m_export.isReady()) {
        for (const std::string& obstacle : m_export.obstacles().at(index)) {
            sentences << QString::fromStdString(obstacle);
        }
        m_obstacles->setText(sentences.isEmpty() ? tr("The design fits this form.")
                                                 : tr("The design does not fit this form:\n• ") +
                                                       sentences.join(QStringLiteral("\n• ")));
    } else {
        m_obstacles->setText(tr("Looking whether the design fits …"));
    }
    m_write->setEnabled(m_export.isReady() && sentences.isEmpty());
    if (!m_pathEdited) {
        m_path->setText(suggestedPath());
    }
}

QString ExportPage::suggestedPath() const {
    const exporters::ExportKind& kind =
        exporters::exportKinds().at(static_cast<std::size_t>(kindIndex()));
    const QString base = m_document.path().isEmpty()
                             ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
                             : QFileInfo(m_document.path()).absolutePath();
    return QStringLiteral("%1/design-%2%3")
        .arg(base)
        .arg(m_selection.design())
        .arg(kind.extension.empty() ? QStringLiteral("-") + QString::fromStdString(kind.key)
                                    : QString::fromStdString(kind.extension));
}

void ExportPage::browse() {
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Write the design to"), m_path->text());
    if (!path.isEmpty()) {
        m_pathEdited = true;
        m_path->setText(path);
    }
}

void ExportPage::exportTo(const QString& path) {
    m_pathEdited = true;
    m_path->setText(path);
    write();
}

void ExportPage::write() {
    m_result->clear();
    m_export.write(exporters::exportKinds().at(static_cast<std::size_t>(kindIndex())),
                   m_path->text());
}

QString ExportPage::commandLine() const {
    const auto quoted = [](QString text) {
        return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("'\\''")) +
               QLatin1Char('\'');
    };
    const exporters::ExportKind& kind =
        exporters::exportKinds().at(static_cast<std::size_t>(kindIndex()));
    return QStringLiteral("bitloupe-cli export %1 %2 --to %3 --output %4")
        .arg(quoted(m_document.resultsPath()))
        .arg(m_selection.design())
        .arg(QString::fromStdString(kind.key), quoted(m_path->text()));
}

}  // namespace bitloupe::ui
