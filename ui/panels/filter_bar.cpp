// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/filter_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/panels/constraint_bar.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

using exploration::QuantityId;

namespace {

QToolButton* makeTool(const QString& text, const QString& tip, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setToolTip(tip);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

}  // namespace

FilterBar::FilterBar(FilterHistory& history, QWidget* parent)
    : QWidget(parent),
      m_history(history),
      m_snapshot(std::make_shared<Snapshot>()),
      m_column(new QVBoxLayout),
      m_add(makeTool(tr("Add a constraint"), tr("On another quantity"), this)),
      m_keep(makeTool(tr("Keep only"), tr("Show the brushed designs only"), this)),
      m_exclude(makeTool(tr("Put away"), tr("Show the brushed designs no more"), this)),
      m_restore(makeTool(tr("Show all"), tr("Take every constraint away"), this)),
      m_left(makeLabel({}, TextRole::Muted, this)) {
    m_add->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_add);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillMenu(*menu); });
    m_add->setMenu(menu);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid / 2);
    for (QToolButton* button : {m_add, m_keep, m_exclude, m_restore}) {
        tools->addWidget(button);
    }
    tools->addStretch(1);
    tools->addWidget(m_left);
    m_column->setSpacing(0);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addLayout(m_column);
    page->addLayout(tools);
    addBar(QuantityId::Accuracy);
    connect(&history, &FilterHistory::changed, this, &FilterBar::follow);
    connect(m_keep, &QToolButton::clicked, this, [this] { m_history.keep(m_brushed); });
    connect(m_exclude, &QToolButton::clicked, this, [this] { m_history.exclude(m_brushed); });
    connect(m_restore, &QToolButton::clicked, &history, &FilterHistory::restoreAll);
    refresh();
}

QuantityId FilterBar::metric() const {
    return exploration::metricAmong(m_snapshot->objectives);
}

QString FilterBar::sentence() const {
    return m_left->text();
}

void FilterBar::addBar(QuantityId quantity) {
    auto* bar = new ConstraintBar(quantity, this);
    connect(bar, &ConstraintBar::moved, &m_history, &FilterHistory::setLimit);
    m_column->addWidget(bar);
    m_bars.push_back(bar);
    bar->setSnapshot(m_snapshot);
}

void FilterBar::fillMenu(QMenu& menu) {
    menu.clear();
    for (const exploration::Quantity& quantity : exploration::quantitiesWith(metric())) {
        const bool isShown =
            std::any_of(m_bars.begin(), m_bars.end(),
                        [&](const ConstraintBar* bar) { return bar->quantity() == quantity.id; });
        if (!isShown) {
            menu.addAction(QString::fromStdString(quantity.label), this,
                           [this, id = quantity.id] { addBar(id); });
        }
    }
}

void FilterBar::setSnapshot(const SnapshotPointer& snapshot) {
    m_snapshot = snapshot;
    m_bars.front()->setQuantity(metric());
    for (ConstraintBar* bar : m_bars) {
        bar->setSnapshot(snapshot);
    }
    refresh();
}

void FilterBar::setBrushed(std::vector<std::int64_t> designs) {
    m_brushed = std::move(designs);
    refresh();
}

void FilterBar::follow() {
    for (const DesignFilter::Limit& limit : m_history.filter().limits) {
        const bool isShown = std::any_of(
            m_bars.begin(), m_bars.end(),
            [&](const ConstraintBar* bar) { return bar->quantity() == limit.quantity; });
        if (!isShown) {
            addBar(limit.quantity);
        }
    }
    for (ConstraintBar* bar : m_bars) {
        bar->setLimit(m_history.filter().limitOf(bar->quantity()));
    }
    refresh();
}

void FilterBar::refresh() {
    const DesignFilter& filter = m_history.filter();
    m_keep->setEnabled(!m_brushed.empty());
    m_exclude->setEnabled(!m_brushed.empty());
    m_restore->setEnabled(!filter.isEmpty());
    const EvaluationLog& log = m_snapshot->evaluations;
    std::size_t left = 0;
    std::size_t hidden = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        left += filter.allows(log[i]) ? 1 : 0;
        hidden += filter.hides(log[i].id) ? 1 : 0;
    }
    const auto words = [](std::size_t count) { return wording::count(static_cast<double>(count)); };
    QString sentence;
    if (!m_brushed.empty()) {
        sentence = tr("%1 brushed · ").arg(words(m_brushed.size()));
    }
    if (!filter.isEmpty()) {
        sentence += tr("%1 of %2 designs meet all of it").arg(words(left), words(log.size()));
        if (left == 0 && !log.empty()) {
            sentence = tr("No design meets all of it: loosen one of the constraints");
        } else if (hidden > 0) {
            sentence += tr(", %1 put away").arg(words(hidden));
        }
    }
    m_left->setText(sentence);
}

}  // namespace bitloupe::ui
