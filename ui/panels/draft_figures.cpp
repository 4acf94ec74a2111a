// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/draft_figures.h"

#include <QGridLayout>
#include <QLabel>
#include <cmath>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

using exploration::QuantityId;

DraftFigures::DraftFigures(QWidget* parent) : QWidget(parent) {}

void DraftFigures::clear() {
    delete m_grid;
    m_grid = nullptr;
    qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
    m_sentences.clear();
}

void DraftFigures::show(const exploration::Evaluation& design, QuantityId metric,
                        const std::optional<exploration::Evaluation>& changed) {
    clear();
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(4 * kGrid);
    m_grid->setVerticalSpacing(0);
    int column = 0;
    for (const QuantityId id : {metric, QuantityId::Bops, QuantityId::WeightBits,
                                QuantityId::Cycles, QuantityId::Utilization}) {
        const QString label = QString::fromStdString(exploration::quantity(id).label);
        const double before = design.value(id);
        const double after = changed ? changed->value(id) : before;
        QString figure = wording::valueWithUnit(id, after);
        QString remark;
        if (changed && id == metric) {
            figure = std::isnan(after) ? tr("not measured") : tr("about %1").arg(figure);
            remark = std::isnan(after)
                         ? tr("%1 before").arg(wording::valueWithUnit(id, before))
                         : tr("%1, by sensitivity").arg(wording::change(id, after, before));
        } else if (changed) {
            remark = after == before ? tr("as before") : wording::change(id, after, before);
        } else if (id == metric) {
            remark = wording::halfWidth(id, design.measured);
        }
        m_grid->addWidget(makeLabel(label, TextRole::Muted, this), 0, column);
        m_grid->addWidget(makeLabel(figure, TextRole::Heading, this), 1, column);
        m_grid->addWidget(makeLabel(remark, TextRole::Muted, this), 2, column);
        m_sentences << QStringList{label, figure, remark}.join(QLatin1Char(' ')).simplified();
        ++column;
    }
    m_grid->setColumnStretch(column, 1);
}

}  // namespace bitloupe::ui
