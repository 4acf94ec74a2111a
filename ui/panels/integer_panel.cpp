// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/integer_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using Overflow = quantization::Accumulator::Overflow;

constexpr qsizetype kMostWarnings = 4;
constexpr int kLeastBits = 2;
constexpr int kMostBits = 62;

QString number(std::int64_t value) {
    return wording::count(static_cast<double>(value));
}

QString resultWords(const exploration::IntegerEvaluation& result) {
    QStringList lines = {
        IntegerPanel::tr("In integers alone %1 of %2 answers are those of the simulation.")
            .arg(number(result.agreeing), number(result.samples))};
    for (const quantization::AccumulatorReport& layer : result.layers) {
        if (layer.overflows > 0) {
            lines << IntegerPanel::tr("%1: %2 of %3 sums overflowed")
                         .arg(QString::fromStdString(layer.layer), number(layer.overflows),
                              number(layer.sums));
        }
    }
    if (lines.size() == 1) {
        int widest = 0;
        for (const quantization::AccumulatorReport& layer : result.layers) {
            widest = std::max(widest, layer.observed.bits());
        }
        lines << IntegerPanel::tr("No sum overflowed; the widest took %1 bits.").arg(widest);
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

IntegerPanel::IntegerPanel(StudyDocument& document, QWidget* parent)
    : QWidget(parent),
      m_check(document),
      m_bits(new QSpinBox(this)),
      m_overflow(new QComboBox(this)),
      m_run(new QPushButton(tr("Run in &integers"), this)),
      m_sentence(makeSentence({}, TextRole::Body, this)) {
    m_bits->setRange(kLeastBits, kMostBits);
    m_bits->setValue(quantization::Accumulator().bits);
    m_bits->setSuffix(tr(" bits"));
    m_bits->setKeyboardTracking(false);
    m_bits->setAccessibleName(tr("Width of the accumulator"));
    m_overflow->addItem(tr("that wraps"), static_cast<int>(Overflow::Wrap));
    m_overflow->addItem(tr("that saturates"), static_cast<int>(Overflow::Saturate));
    m_overflow->setAccessibleName(tr("What the accumulator does beyond its range"));
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid);
    row->addWidget(makeLabel(tr("Accumulator of"), TextRole::Muted, this));
    row->addWidget(m_bits);
    row->addWidget(m_overflow);
    row->addWidget(m_run);
    row->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(makeLabel(tr("In integer arithmetic"), TextRole::Heading, this));
    column->addLayout(row);
    column->addWidget(m_sentence);
    connect(m_bits, &QSpinBox::valueChanged, this, &IntegerPanel::consider);
    connect(m_overflow, &QComboBox::activated, this, &IntegerPanel::consider);
    connect(m_run, &QPushButton::clicked, this, [this] {
        m_check.run();
        refresh();
    });
    connect(&m_check, &IntegerCheck::considered, this, &IntegerPanel::refresh);
    connect(&m_check, &IntegerCheck::finished, this, &IntegerPanel::refresh);
    connect(&m_check, &IntegerCheck::failed, this, &IntegerPanel::failed);
    refresh();
}

QString IntegerPanel::sentence() const {
    return m_sentence->text();
}

quantization::Accumulator IntegerPanel::accumulator() const {
    return {m_bits->value(), static_cast<Overflow>(m_overflow->currentData().toInt())};
}

void IntegerPanel::setDesign(std::int64_t design) {
    if (design != m_design) {
        m_design = design;
        consider();
    }
}

void IntegerPanel::consider() {
    m_check.consider(m_design, accumulator());
    refresh();
}

void IntegerPanel::refresh() {
    m_run->setEnabled(m_check.isReady() && !m_check.isRunning());
    if (m_check.isRunning()) {
        m_sentence->setText(tr("Running in integers …"));
    } else if (m_check.result()) {
        m_sentence->setText(resultWords(*m_check.result()));
    } else if (!m_check.refusal().empty()) {
        m_sentence->setText(
            tr("No integer arithmetic: %1").arg(QString::fromStdString(m_check.refusal())));
    } else if (!m_check.isReady()) {
        m_sentence->setText(m_design > 0 ? tr("Adding up the worst case …") : QString());
    } else if (m_check.warnings().empty()) {
        m_sentence->setText(tr("No input can make a sum leave the %1 bits of the accumulator.")
                                .arg(m_bits->value()));
    } else {
        QStringList lines = {tr("The accumulator would overflow in the worst case:")};
        for (const std::string& warning : m_check.warnings()) {
            if (lines.size() > kMostWarnings) {
                lines << tr("and %1 more")
                             .arg(static_cast<qsizetype>(m_check.warnings().size()) -
                                  kMostWarnings);
                break;
            }
            lines << QStringLiteral("• ") + QString::fromStdString(warning);
        }
        m_sentence->setText(lines.join(QLatin1Char('\n')));
    }
}

}  // namespace bitloupe::ui
