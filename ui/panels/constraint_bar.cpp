// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/constraint_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <cmath>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

using exploration::QuantityId;

namespace {
constexpr int kSteps = 1000;
}

ConstraintBar::ConstraintBar(QuantityId quantity, QWidget* parent)
    : QWidget(parent),
      m_quantity(quantity),
      m_snapshot(std::make_shared<Snapshot>()),
      m_name(makeLabel({}, TextRole::Muted, this)),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_value(makeLabel({}, TextRole::Figure, this)),
      m_left(makeLabel({}, TextRole::Muted, this)) {
    m_name->setBuddy(m_slider);
    m_slider->setRange(0, kSteps);
    m_slider->setPageStep(kSteps / 20);
    m_value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_name->setMinimumWidth(
        m_name->fontMetrics().horizontalAdvance(QStringLiteral("Utilization at least ")));
    m_value->setMinimumWidth(
        m_value->fontMetrics().horizontalAdvance(QStringLiteral("000.00 M cycles ")));
    m_left->setMinimumWidth(
        m_left->fontMetrics().horizontalAdvance(QStringLiteral("00,000 of 00,000 left ")));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    row->addWidget(m_name);
    row->addWidget(m_slider, 1);
    row->addWidget(m_value);
    row->addWidget(m_left);
    connect(m_slider, &QSlider::valueChanged, this, &ConstraintBar::step);
    refresh();
}

bool ConstraintBar::isLowerBetter() const {
    return exploration::quantity(m_quantity).direction == exploration::Direction::Minimize;
}

QString ConstraintBar::sentence() const {
    return m_left->text();
}

void ConstraintBar::setQuantity(QuantityId quantity) {
    if (quantity != m_quantity) {
        m_quantity = quantity;
        m_generation = -1;
        setSnapshot(m_snapshot);
    }
}

void ConstraintBar::setSnapshot(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_generation;
    m_snapshot = snapshot;
    if (!another && snapshot->evaluations.size() == m_seen) {
        return;
    }
    if (another) {
        m_seen = 0;
        m_generation = snapshot->generation;
    }
    for (; m_seen < snapshot->evaluations.size(); ++m_seen) {
        const double value = snapshot->evaluations[m_seen].value(m_quantity);
        m_lowest = m_seen == 0 ? value : std::min(m_lowest, value);
        m_highest = m_seen == 0 ? value : std::max(m_highest, value);
    }
    refresh();
}

void ConstraintBar::setLimit(std::optional<double> limit) {
    if (m_limit != limit) {
        m_limit = limit;
        refresh();
    }
}

double ConstraintBar::shareOf(double value) const {
    if (!(m_highest > m_lowest)) {
        return 0;
    }
    const bool decades = !exploration::isMetric(m_quantity) && m_lowest > 0;
    return decades ? std::log(value / m_lowest) / std::log(m_highest / m_lowest)
                   : (value - m_lowest) / (m_highest - m_lowest);
}

double ConstraintBar::valueAt(double share) const {
    const bool decades = !exploration::isMetric(m_quantity) && m_lowest > 0;
    return decades ? m_lowest * std::pow(m_highest / m_lowest, share)
                   : m_lowest + (m_highest - m_lowest) * share;
}

void ConstraintBar::step(int step) {
    // To the right it becomes stricter: higher, or lower where lower is better.
    const double share = static_cast<double>(isLowerBetter() ? kSteps - step : step) / kSteps;
    m_limit = step == 0 ? std::nullopt : std::optional(valueAt(share));
    refresh();
    Q_EMIT moved(m_quantity, m_limit);
}

void ConstraintBar::refresh() {
    const QSignalBlocker quiet(m_slider);
    const EvaluationLog& log = m_snapshot->evaluations;
    setEnabled(!log.empty());
    const QString label = QString::fromStdString(exploration::quantity(m_quantity).label);
    m_name->setText(isLowerBetter() ? tr("%1 at most").arg(label) : tr("%1 at least").arg(label));
    m_slider->setAccessibleName(m_name->text());
    const double along = m_limit ? shareOf(*m_limit) : 0;
    const double share = m_limit && isLowerBetter() ? 1 - along : along;
    m_slider->setValue(static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kSteps)));
    std::size_t left = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        left += !m_limit || exploration::reaches(m_quantity, log[i].value(m_quantity), *m_limit)
                    ? 1
                    : 0;
    }
    m_value->setText(m_limit ? wording::valueWithUnit(m_quantity, *m_limit) : tr("any"));
    m_left->setText(tr("%1 of %2 left")
                        .arg(wording::count(static_cast<double>(left)),
                             wording::count(static_cast<double>(log.size()))));
}

}  // namespace bitloupe::ui
