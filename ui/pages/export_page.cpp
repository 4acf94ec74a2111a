// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/export_page.h"

#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "ui/models/selection.h"
#include "ui/panels/integer_panel.h"
#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

/// The home folder as "~", which is how people write it and nobody else's business.
QString withTilde(const QString& path) {
    const QString home = QDir::homePath();
    return home.size() > 1 && path.startsWith(home + QLatin1Char('/'))
               ? QLatin1Char('~') + path.mid(home.size())
               : path;
}

/// For a command, where a tilde between quotes would stay a tilde.
QString withHomeVariable(const QString& path) {
    const QString shown = withTilde(path);
    return shown.startsWith(QLatin1Char('~')) ? QStringLiteral("$HOME") + shown.mid(1) : shown;
}

QString withoutTilde(const QString& path) {
    return path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
}

QString sizeText(quint64 bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1,
                                       QLocale::DataSizeTraditionalFormat);
}

}  // namespace

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
      m_nearest(new QPushButton(m_body)),
      m_path(new QLineEdit(m_body)),
      m_write(new QPushButton(icon(QStringLiteral("export")), tr("&Write the file"), m_body)),
      m_progress(new QProgressBar(m_body)),
      m_result(makeSentence({}, TextRole::Body, m_body)),
      m_integers(new IntegerPanel(document, m_body)),
      m_nextTitle(makeLabel(tr("What now"), TextRole::Heading, m_body)),
      m_next(makeSentence({}, TextRole::Body, m_body)) {
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
    m_kinds->setFixedWidth(m_kinds->sizeHintForColumn(0) + 8 * kGrid);
    m_nearest->setAccessibleName(tr("Select the nearest design that fits"));
    m_progress->setAccessibleName(tr("Share of the agreement check that is done"));
    m_progress->setRange(0, 100);
    m_progress->setTextVisible(false);
    m_progress->setMaximumHeight(kGrid);
    m_progress->hide();
    m_next->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
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
        forgetResult();
        refresh();
    });
    connect(m_path, &QLineEdit::textEdited, this, [this] { m_pathEdited = true; });
    connect(&m_export, &DesignExport::considered, this, &ExportPage::refresh);
    connect(&m_export, &DesignExport::failed, this, &ExportPage::failed);
    connect(&m_export, &DesignExport::failed, m_progress, &QWidget::hide);
    connect(&m_export, &DesignExport::written, this, &ExportPage::showResult);
    connect(&m_export, &DesignExport::checked, this, &ExportPage::showResult);
    connect(&m_export, &DesignExport::checking, this, [this](double share) {
        m_progress->setVisible(true);
        m_progress->setValue(static_cast<int>(100 * share));
    });
    connect(m_integers, &IntegerPanel::failed, this, &ExportPage::failed);
    connect(m_nearest, &QPushButton::clicked, this, [this] {
        m_selection.setDesign(m_export.fits().at(static_cast<std::size_t>(kindIndex())).nearest);
    });
    connect(&selection, &Selection::designChanged, this, [this] {
        m_pathEdited = false;
        forgetResult();
        consider();
    });
    connect(&document, &StudyDocument::opened, this, &ExportPage::consider);
    forgetResult();
    refresh();
}

QWidget* ExportPage::makeDetails() {
    auto* part = new QWidget(m_body);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(m_consumer);
    column->addWidget(m_obstacles);
    auto* nearest = new QHBoxLayout;
    nearest->addWidget(m_nearest);
    nearest->addStretch(1);
    column->addLayout(nearest);
    column->addWidget(m_integers);
    column->addSpacing(kGrid);
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
    column->addWidget(m_progress);
    column->addWidget(m_result);
    column->addWidget(m_nextTitle);
    column->addWidget(m_next);
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
        m_integers->setDesign(design);
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
    refreshKinds();
    refreshFit();
    if (!m_pathEdited) {
        m_path->setText(suggestedPath());
    }
}

/// A mark beside every form that the design does not fit.
void ExportPage::refreshKinds() {
    const auto& fits = m_export.fits();
    for (int row = 0; row < m_kinds->count(); ++row) {
        const auto index = static_cast<std::size_t>(row);
        const bool known = index < fits.size();
        const bool fit = known && fits[index].obstacles.empty();
        QListWidgetItem* item = m_kinds->item(row);
        item->setIcon(!known ? QIcon()
                             : icon(fit ? QStringLiteral("ready") : QStringLiteral("problem")));
        item->setToolTip(!known ? QString()
                         : fit  ? tr("The design fits this form.")
                                : QString::fromStdString(fits[index].obstacles.front()));
    }
}

void ExportPage::refreshFit() {
    const auto index = static_cast<std::size_t>(kindIndex());
    if (!m_export.isReady()) {
        m_obstacles->setText(tr("Looking whether the design fits …"));
        m_nearest->hide();
        m_write->setEnabled(false);
        return;
    }
    const KindFit& fit = m_export.fits().at(index);
    QStringList sentences;
    constexpr qsizetype kMost = 8;
    for (const std::string& obstacle : fit.obstacles) {
        if (sentences.size() < kMost) {
            sentences << QString::fromStdString(obstacle);
        }
    }
    if (fit.obstacles.size() > static_cast<std::size_t>(kMost)) {
        sentences << tr("and %1 more").arg(fit.obstacles.size() - kMost);
    }
    m_obstacles->setText(sentences.isEmpty() ? tr("The design fits this form.")
                                             : tr("The design does not fit this form:\n• ") +
                                                   sentences.join(QStringLiteral("\n• ")));
    m_nearest->setVisible(fit.nearest > 0);
    m_nearest->setText(tr("Select design %1, which fits and differs in %2 places")
                           .arg(fit.nearest)
                           .arg(fit.differences));
    m_write->setEnabled(fit.obstacles.empty());
}

void ExportPage::showResult(const WrittenExport& result) {
    m_progress->setVisible(false);
    m_agreement = result.agreement;
    QStringList lines = {tr("Written: %1").arg(withTilde(result.path)),
                         tr("Size: %1; the float network's tensors take %2.")
                             .arg(sizeText(result.bytes), sizeText(result.floatBytes))};
    if (result.agreement) {
        lines << tr("Agreement: %1 of %2 predictions are those of the simulation, read back by %3.")
                     .arg(QLocale().toString(qlonglong(result.agreement->agreeing)),
                          QLocale().toString(qlonglong(result.agreement->samples)),
                          QString::fromStdString(result.agreement->reader));
    }
    m_result->setText(lines.join(QLatin1Char('\n')));
    const exporters::ExportKind& kind =
        exporters::exportKinds().at(static_cast<std::size_t>(kindIndex()));
    m_nextTitle->show();
    m_next->setText(QString::fromStdString(kind.command)
                        .replace(QStringLiteral("PATH"), withHomeVariable(result.path)));
}

QString ExportPage::chosenPath() const {
    return withoutTilde(m_path->text());
}

QString ExportPage::suggestedPath() const {
    const exporters::ExportKind& kind =
        exporters::exportKinds().at(static_cast<std::size_t>(kindIndex()));
    const QString base = m_document.path().isEmpty()
                             ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
                             : QFileInfo(m_document.path()).absolutePath();
    return QStringLiteral("%1/design-%2%3")
        .arg(withTilde(base))
        .arg(m_selection.design())
        .arg(kind.extension.empty() ? QStringLiteral("-") + QString::fromStdString(kind.key)
                                    : QString::fromStdString(kind.extension));
}

void ExportPage::browse() {
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Write the design to"), chosenPath());
    if (!path.isEmpty()) {
        m_pathEdited = true;
        m_path->setText(withTilde(path));
    }
}

void ExportPage::chooseKind(const QString& key) {
    const auto& kinds = exporters::exportKinds();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (QString::fromStdString(kinds[i].key) == key) {
            m_kinds->setCurrentRow(static_cast<int>(i));
        }
    }
}

void ExportPage::exportTo(const QString& path) {
    m_pathEdited = true;
    m_path->setText(withTilde(path));
    write();
}

void ExportPage::write() {
    forgetResult();
    m_export.write(exporters::exportKinds().at(static_cast<std::size_t>(kindIndex())),
                   chosenPath());
}

void ExportPage::forgetResult() {
    m_progress->hide();
    m_agreement.reset();
    m_result->clear();
    m_nextTitle->hide();
    m_next->clear();
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
        .arg(QString::fromStdString(kind.key), quoted(chosenPath()));
}

}  // namespace bitloupe::ui
