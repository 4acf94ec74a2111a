// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/axis_menu.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>

namespace bitloupe::ui {

namespace {

using exploration::Quantity;
using exploration::QuantityId;

QString tr(const char* text) {
    return QCoreApplication::translate("axes", text);
}

bool isOftenLogarithmic(QuantityId id) {
    return !exploration::isMetric(id) && id != QuantityId::Utilization &&
           id != QuantityId::Conversions;  // which are often none
}

/// Empty, without the groups and submenus of the last time it was shown.
void reset(QMenu& menu) {
    menu.clear();
    qDeleteAll(menu.findChildren<QActionGroup*>(Qt::FindDirectChildrenOnly));
    qDeleteAll(menu.findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
}

void addChoice(QMenu& menu, QActionGroup& group, const QString& text, bool chosen,
               const std::function<void()>& choose) {
    QAction* action = menu.addAction(text);
    action->setCheckable(true);
    action->setChecked(chosen);
    group.addAction(action);
    QObject::connect(action, &QAction::triggered, &menu, choose);
}

void addMarks(QMenu& menu, const ScatterAxes& axes, std::optional<QuantityId> ScatterAxes::*mark,
              const std::function<void(const ScatterAxes&)>& choose) {
    auto* group = new QActionGroup(&menu);
    const auto offer = [&](const QString& text, std::optional<QuantityId> id) {
        ScatterAxes next = axes;
        next.*mark = id;
        addChoice(menu, *group, text, axes.*mark == id, [next, choose] { choose(next); });
    };
    offer(tr("none"), std::nullopt);
    for (const Quantity& quantity : exploration::quantitiesWith(axes.metric)) {
        offer(QString::fromStdString(quantity.label), quantity.id);
    }
}

}  // namespace

void fillAxisMenu(QMenu& menu, Qt::Orientation orientation, const ScatterAxes& axes,
                  const std::function<void(const ScatterAxes&)>& choose) {
    reset(menu);
    const bool horizontal = orientation == Qt::Horizontal;
    auto* quantities = new QActionGroup(&menu);
    for (const Quantity& quantity : exploration::quantitiesWith(axes.metric)) {
        ScatterAxes next = axes;
        (horizontal ? next.x : next.y) = quantity.id;
        (horizontal ? next.logarithmicX : next.logarithmicY) = isOftenLogarithmic(quantity.id);
        addChoice(menu, *quantities, QString::fromStdString(quantity.label),
                  (horizontal ? axes.x : axes.y) == quantity.id, [next, choose] { choose(next); });
    }
    menu.addSeparator();
    auto* scales = new QActionGroup(&menu);
    for (const bool logarithmic : {false, true}) {
        ScatterAxes next = axes;
        (horizontal ? next.logarithmicX : next.logarithmicY) = logarithmic;
        addChoice(menu, *scales, logarithmic ? tr("Logarithmic") : tr("Linear"),
                  (horizontal ? axes.logarithmicX : axes.logarithmicY) == logarithmic,
                  [next, choose] { choose(next); });
    }
}

void fillMarkMenu(QMenu& menu, const ScatterAxes& axes,
                  const std::function<void(const ScatterAxes&)>& choose) {
    reset(menu);
    addMarks(*menu.addMenu(tr("Colour")), axes, &ScatterAxes::colour, choose);
    addMarks(*menu.addMenu(tr("Size")), axes, &ScatterAxes::size, choose);
}

}  // namespace bitloupe::ui
