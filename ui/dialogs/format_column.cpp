// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/format_column.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QVBoxLayout>
#include <cmath>

#include "core/numerics/format_catalogue.h"
#include "ui/charts/histogram_view.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

constexpr int kBins = 80;
/// Beyond the weights this much of the number line is shown; more would squeeze them together.
constexpr double kReach = 100;
constexpr double kLinearReach = 2;

QString none() {
    return QStringLiteral("–");
}

/// Seven significant digits; what is very large or small as a power of ten.
QString number(double value) {
    return QLocale().toString(value, 'g', 7);
}

numerics::NumberFormat parsed(const QString& name) {
    return numerics::NumberFormat::parse(name.toStdString()).value();
}

charts::HistogramData histogramFor(const FormatFigures& figures, std::span<const float> weights,
                                   const QString& label, bool logarithmic) {
    charts::HistogramOptions options;
    options.bins = kBins;
    options.label = label;
    options.scale = logarithmic ? charts::ScaleKind::Logarithmic : charts::ScaleKind::Linear;
    charts::HistogramData data =
        charts::histogramOf(weights, {figures.values.begin(), figures.values.end()}, options);
    data.captioned = false;  // the figures above say it
    data.reach = logarithmic ? kReach : kLinearReach;
    if (figures.loss) {
        // The library knows about blocks, ties and wrapping; the picture only about the line.
        data.clippedPercent = 100 * figures.loss->clippedShare;
        data.underflowPercent = 100 * figures.loss->underflowShare;
    } else if (!data.representable.empty()) {
        data.edges = {data.representable.front(), data.representable.back()};
        data.lowest = data.highest = data.edges.front();  // nothing to be clipped
    }
    return data;
}

}  // namespace

FormatColumn::FormatColumn(const QString& name, const QString& line, const QString& format,
                           QWidget* parent)
    : QWidget(parent),
      m_format(parsed(format)),
      m_names(new QComboBox(this)),
      m_problem(makeSentence({}, TextRole::Body, this)),
      m_histogram(new charts::HistogramView(this)) {
    build(name, line);
    fillNames();
    m_names->setCurrentText(format);
    connect(m_names, &QComboBox::textActivated, this, &FormatColumn::take);
    connect(m_names->lineEdit(), &QLineEdit::editingFinished, this,
            [this] { take(m_names->currentText()); });
}

void FormatColumn::build(const QString& name, const QString& line) {
    m_names->setEditable(true);
    m_names->setInsertPolicy(QComboBox::NoInsert);
    m_names->setCompleter(nullptr);  // posit<8,1> typed is not to become posit<8,10>
    m_names->setMaxVisibleItems(20);
    m_names->setAccessibleName(name);
    m_names->lineEdit()->setAccessibleName(name);
    m_problem->setVisible(false);
    m_problem->setAccessibleName(tr("Problem with %1").arg(name));
    m_histogram->setMinimumHeight(fontMetrics().height() * 11);
    m_histogram->setFrameShape(QFrame::NoFrame);
    const QStringList titles = {tr("Bits a value"),      tr("Values"), tr("Largest"),
                                tr("Smallest positive"), tr("Scale"),  tr("Clipped"),
                                tr("Rounded to zero"),   tr("SQNR")};
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(2 * kGrid);
    grid->setVerticalSpacing(kGrid / 2);
    for (int row = 0; row < RowCount; ++row) {
        QLabel* figure = makeLabel(none(), TextRole::Figure, this);
        figure->setAccessibleName(tr("%1 of %2").arg(titles.at(row), name));
        figure->setAlignment(Qt::AlignRight);
        m_figures[static_cast<std::size_t>(row)] = figure;
        const int column = row / 4 * 3;
        grid->addWidget(makeLabel(titles.at(row), TextRole::Muted, this), row % 4, column);
        grid->addWidget(figure, row % 4, column + 1);
    }
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(2, 2 * kGrid);
    grid->setColumnStretch(4, 1);
    m_figures[Largest]->setToolTip(tr("Of the format itself, at scale 1"));
    m_figures[Smallest]->setToolTip(tr("Of the format itself, at scale 1"));
    m_figures[Scale]->setToolTip(tr("Of the whole tensor, by least squared error"));
    auto* head = new QHBoxLayout;
    head->addWidget(makeLabel(name, TextRole::Heading, this));
    head->addStretch(1);
    head->addWidget(makeLabel(line, TextRole::Muted, this));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addLayout(head);
    column->addWidget(m_names);
    column->addWidget(m_problem);
    column->addLayout(grid);
    column->addWidget(m_histogram, 1);
}

void FormatColumn::fillNames() {
    for (const numerics::FamilyInfo& family : numerics::families()) {
        if (m_names->count() > 0) {
            m_names->insertSeparator(m_names->count());
        }
        for (const std::string& name : numerics::commonFormats(family.family)) {
            m_names->addItem(QString::fromStdString(name));
            m_names->setItemData(
                m_names->count() - 1,
                QString::fromUtf8(family.parameters.data(), qsizetype(family.parameters.size())),
                Qt::ToolTipRole);
        }
    }
}

void FormatColumn::take(const QString& text) {
    const Result<numerics::NumberFormat> format =
        numerics::NumberFormat::parse(text.trimmed().toStdString());
    m_problem->setVisible(format.hasError());
    if (format.hasError()) {
        m_problem->setText(QString::fromStdString(format.error().sentence()));
        return;
    }
    m_problem->clear();
    m_names->setCurrentText(QString::fromStdString(format.value().name()));
    if (!(format.value() == m_format)) {
        m_format = format.value();
        Q_EMIT formatChanged();
    }
}

void FormatColumn::setFigure(Row row, const QString& text) {
    m_figures[row]->setText(text);
}

void FormatColumn::show(const FormatFigures& figures, std::span<const float> weights,
                        const QString& layer, bool logarithmic) {
    const numerics::NumberFormat& format = figures.format;
    setFigure(Bits, tr("%1 bit").arg(number(format.bitsPerValue())));
    const bool endless = format.isIdentity();
    setFigure(Values, figures.values.empty()
                          ? none()
                          : wording::count(static_cast<double>(figures.values.size())));
    setFigure(Largest, number(format.maxValue()));
    setFigure(Smallest, number(format.minPositive()));
    const auto& loss = figures.loss;
    setFigure(Scale, loss && !endless ? number(static_cast<double>(figures.options.scaling.scale))
                                      : none());
    setFigure(Clipped, loss ? wording::percent(loss->clippedShare) : none());
    setFigure(Underflow, loss ? wording::percent(loss->underflowShare) : none());
    const bool exact = loss && std::isinf(loss->sqnrDecibels);
    setFigure(Sqnr, exact  ? tr("exact")
                    : loss ? tr("%1 dB").arg(QLocale().toString(loss->sqnrDecibels, 'f', 2))
                           : none());
    const QString name = QString::fromStdString(format.name());
    const QString label = weights.empty() ? tr("Value") : tr("Weights of %1").arg(layer);
    m_histogram->setAccessibleName(tr("Number line of %1: %2").arg(name, label));
    m_histogram->setData(histogramFor(figures, weights, label, logarithmic));
}

}  // namespace bitloupe::ui
