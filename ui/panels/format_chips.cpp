// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/format_chips.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/models/format_catalogue.h"
#include "ui/panels/chip.h"
#include "ui/panels/flow_layout.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

using quantization::Quantizer;

bool contains(const std::vector<Quantizer>& list, const Quantizer& format) {
    return std::find(list.begin(), list.end(), format) != list.end();
}

bool isInCatalogue(const Quantizer& format) {
    return std::any_of(
        formatCatalogue().begin(), formatCatalogue().end(),
        [&](const FormatFamily& family) { return contains(family.formats, format); });
}

/// What tells the formats of a family apart; the rest stands in the family's name.
QString shortName(const Quantizer& format, bool inOwnFamily) {
    QString name = QString::fromStdString(format.name());
    if (inOwnFamily) {
        name.remove(QStringLiteral("@channel"));
        name.remove(QStringLiteral("+biascorr"));
        name.replace(QStringLiteral("+gptqordered"), QStringLiteral(" gptq"));
        name.replace(QStringLiteral("+adaround"), QStringLiteral(" adaround"));
    }
    return name;
}

}  // namespace

FormatChips::FormatChips(const QString& name, bool forWeights, QWidget* parent)
    : QWidget(parent),
      m_name(name),
      m_forWeights(forWeights),
      m_families(new QVBoxLayout),
      m_typed(new QLineEdit(this)) {
    m_families->setSpacing(kGrid);
    m_typed->setPlaceholderText(
        forWeights ? tr("Another format, for instance posit<7,1> or int5@channel+gptq~2:4")
                   : tr("Another format, for instance posit<7,1>"));
    m_typed->setAccessibleName(tr("Another format for %1").arg(name));
    m_typed->setClearButtonEnabled(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addLayout(m_families);
    column->addWidget(m_typed);
    connect(m_typed, &QLineEdit::returnPressed, this, &FormatChips::addTyped);
    rebuild();
}

bool FormatChips::isChosen(const Quantizer& format) const {
    return contains(m_chosen, format);
}

void FormatChips::setChosen(const std::vector<Quantizer>& chosen) {
    if (chosen == m_chosen) {
        return;
    }
    m_chosen = chosen;
    std::vector<Quantizer> others = m_others;
    for (const Quantizer& format : chosen) {
        if (!isInCatalogue(format) && !contains(others, format)) {
            others.push_back(format);
        }
    }
    if (others != m_others) {
        m_others = others;
        rebuild();
        return;
    }
    for (Chip* chip : findChildren<Chip*>()) {
        const auto format = Quantizer::parse(chip->property("format").toString().toStdString());
        chip->setChecked(format.hasValue() && isChosen(format.value()));
    }
}

void FormatChips::rebuild() {
    while (QLayoutItem* item = m_families->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const FormatFamily& family : formatCatalogue()) {
        const bool channel =
            family.formats.front().granularity == quantization::Granularity::Channel;
        const numerics::Family kind = family.formats.front().format.family();
        const bool fitted =
            kind == numerics::Family::Codebook || kind == numerics::Family::Multipoint;
        const bool methods =
            std::any_of(family.formats.begin(), family.formats.end(),
                        [](const Quantizer& format) { return format.hasWeightMethods(); });
        if (m_forWeights || (!channel && !fitted && !methods)) {
            addFamily(family.name, family.description, family.formats);
        }
    }
    if (!m_others.empty()) {
        addFamily(tr("Others"), tr("Named by the study or typed below."), m_others);
    }
}

void FormatChips::addFamily(const QString& family, const QString& description,
                            const std::vector<Quantizer>& formats) {
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid / 2);
    QLabel* title = makeLabel(family, TextRole::Muted, part);
    title->setToolTip(description);
    column->addWidget(title);
    auto* chips = new QWidget(part);
    auto* flow = new FlowLayout(chips, kGrid / 2);
    for (const Quantizer& format : formats) {
        auto* chip = new Chip(shortName(format, isInCatalogue(format)), chips);
        const QString name = QString::fromStdString(format.name());
        chip->setProperty("format", name);
        chip->setAccessibleName(tr("%1 for %2").arg(name, m_name));
        chip->setToolTip(tr("%1: %2 bits a value").arg(name).arg(format.storedBits()));
        chip->setChecked(isChosen(format));
        connect(chip, &Chip::clicked, this, [this, format](bool on) { toggle(format, on); });
        flow->addWidget(chip);
    }
    column->addWidget(chips);
    m_families->addWidget(part);
}

void FormatChips::toggle(const Quantizer& format, bool on) {
    std::vector<Quantizer> next = m_chosen;
    if (on) {
        next.push_back(format);
    } else {
        next.erase(std::remove(next.begin(), next.end(), format), next.end());
    }
    // Near designs share work: keep narrow formats before wide ones.
    std::stable_sort(next.begin(), next.end(), [](const Quantizer& a, const Quantizer& b) {
        return a.storedBits() < b.storedBits();
    });
    m_chosen = next;
    Q_EMIT edited(m_chosen);
}

void FormatChips::addTyped() {
    const Result<Quantizer> format = Quantizer::parse(m_typed->text().trimmed().toStdString());
    if (format.hasError()) {
        Q_EMIT refused(format.error());
        return;
    }
    if (!m_forWeights && format.value().hasWeightMethods()) {
        Q_EMIT refused({"rounding methods, bias correction and pruning are for weights",
                        format.value().name(),
                        "type it under Weights, or leave out what stands behind + and ~"});
        return;
    }
    m_typed->clear();
    if (isChosen(format.value())) {
        return;
    }
    std::vector<Quantizer> next = m_chosen;
    next.push_back(format.value());
    setChosen(next);
    Q_EMIT edited(m_chosen);
}

}  // namespace bitloupe::ui
