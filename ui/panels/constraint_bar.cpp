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

ConstraintBar::ConstraintBar(QWidget* parent)
    : QWidget(parent),
      m_snapshot(std::make_shared<Snapshot>()),
      m_name(makeLabel({}, TextRole::Muted, this)),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_value(makeLabel({}, TextRole::Figure, this)),
      m_left(makeLabel({}, TextRole::Muted, this)) {
    m_name->setBuddy(m_slider);
    m_slider->setRange(0, kSteps);
    m_slider->setPageStep(kSteps / 20);
    m_value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_value->setMinimumWidth(m_value->fontMetrics().horizontalAdvance(QStringLiteral("100.00 % ")));
    m_left->setMinimumWidth(
        m_left->fontMetrics().horizontalAdvance(QStringLiteral("00,000 of 00,000 left ")));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    row->addWidget(m_name);
    row->addWidget(m_slider, 1);
    row->addWidget(m_value);
    row->addWidget(m_left);
    connect(m_slider, &QSlider::valueChanged, this, &ConstraintBar::moved);
    refresh();
}

bool ConstraintBar::isLowerBetter() const {
    return exploration::quantity(exploration::metricAmong(m_snapshot->objectives)).direction ==
           exploration::Direction::Minimize;
}

QString ConstraintBar::sentence() const {
    return m_left->text();
}

void ConstraintBar::setSnapshot(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_generation;
    if (!another && snapshot->evaluations.size() == m_seen) {
        m_snapshot = snapshot;
        return;
    }
    if (another) {
        m_seen = 0;
        m_generation = snapshot->generation;
        m_minimum.reset();
    }
    m_snapshot = snapshot;
    for (; m_seen < snapshot->evaluations.size(); ++m_seen) {
        const double accuracy = snapshot->evaluations[m_seen].measured.metric;
        m_lowest = m_seen == 0 ? accuracy : std::min(m_lowest, accuracy);
        m_highest = m_seen == 0 ? accuracy : std::max(m_highest, accuracy);
    }
    refresh();
}

void ConstraintBar::setMinimum(std::optional<double> minimum) {
    if (m_minimum != minimum) {
        m_minimum = minimum;
        refresh();
        Q_EMIT minimumChanged();
    }
}

void ConstraintBar::moved(int step) {
    // To the right it becomes stricter: higher, or lower where lower is better.
    const double share = static_cast<double>(isLowerBetter() ? kSteps - step : step) / kSteps;
    setMinimum(step == 0 ? std::nullopt : std::optional(m_lowest + (m_highest - m_lowest) * share));
}

void ConstraintBar::refresh() {
    const QSignalBlocker quiet(m_slider);
    const EvaluationLog& log = m_snapshot->evaluations;
    setEnabled(!log.empty());
    const double span = m_highest - m_lowest;
    const QuantityId metric = exploration::metricAmong(m_snapshot->objectives);
    const QString label = QString::fromStdString(exploration::quantity(metric).label);
    m_name->setText(isLowerBetter() ? tr("%1 at most").arg(label) : tr("%1 at least").arg(label));
    m_slider->setAccessibleName(m_name->text());
    const double along = m_minimum && span > 0 ? (*m_minimum - m_lowest) / span : 0;
    const double share = m_minimum && isLowerBetter() ? 1 - along : along;
    m_slider->setValue(static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kSteps)));
    std::size_t left = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        left +=
            !m_minimum || exploration::reaches(metric, log[i].measured.metric, *m_minimum) ? 1 : 0;
    }
    m_value->setText(m_minimum ? wording::valueWithUnit(metric, *m_minimum) : tr("any"));
    m_left->setText(tr("%1 of %2 left")
                        .arg(wording::count(static_cast<double>(left)),
                             wording::count(static_cast<double>(log.size()))));
}

}  // namespace bitloupe::ui
