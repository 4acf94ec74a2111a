// SPDX-License-Identifier: Apache-2.0
#include "ui/models/scatter_builder.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/charts/study_charts.h"

namespace bitloupe::ui {

using exploration::QuantityId;

namespace {

charts::AxisDescription axisFor(QuantityId id, bool logarithmic) {
    charts::AxisDescription axis = charts::axisOf(id);
    axis.scale = logarithmic ? charts::ScaleKind::Logarithmic : charts::ScaleKind::Linear;
    return axis;
}

double shown(const exploration::Evaluation& evaluation, QuantityId id) {
    return charts::shownValue(id, evaluation.value(id));
}

}  // namespace

void ScatterBuilder::setAxes(const ScatterAxes& axes) {
    if (!(axes == m_axes)) {
        m_axes = axes;
        m_generation = -1;  // every place is another one
    }
}

charts::ScatterSnapshot ScatterBuilder::build(const Snapshot& snapshot) {
    if (snapshot.generation != m_generation || snapshot.evaluations.size() < m_data.count()) {
        m_data = {};
        m_generation = snapshot.generation;
        m_data.xAxis = axisFor(m_axes.x, m_axes.logarithmicX);
        m_data.yAxis = axisFor(m_axes.y, m_axes.logarithmicY);
        if (m_axes.colour) {
            m_data.colourAxis = charts::axisOf(*m_axes.colour);
        }
        if (m_axes.size) {
            m_data.sizeAxis = charts::axisOf(*m_axes.size);
        }
    }
    for (std::size_t i = m_data.count(); i < snapshot.evaluations.size(); ++i) {
        append(snapshot, i);
    }
    flag(snapshot);
    placeReference(snapshot);
    m_data.notes.clear();
    if (m_suggestion) {
        if (const auto point = charts::suggestedPoint(m_data, *m_suggestion)) {
            QString text = charts::suggestionText(m_data, *m_suggestion);
            if (!m_filter.isEmpty()) {
                text = QCoreApplication::translate("charts", "%1, within the limits").arg(text);
            }
            m_data.notes.push_back({m_data.ids[*point], text});
        }
    }
    m_data.draft.reset();
    if (m_draft) {
        m_data.draft = {m_draft->base,
                        {shown(m_draft->expected, m_axes.x), shown(m_draft->expected, m_axes.y)},
                        m_draft->text};
    }
    return std::make_shared<charts::ScatterData>(m_data);
}

void ScatterBuilder::append(const Snapshot& snapshot, std::size_t position) {
    const exploration::Evaluation& evaluation = snapshot.evaluations[position];
    if (const auto parent =
            evaluation.parent != 0 ? snapshot.evaluations.find(evaluation.parent) : std::nullopt) {
        m_data.links.push_back({*parent, position});
    }
    charts::appendDesign(m_data, evaluation, {m_axes.x, m_axes.y, m_axes.colour, m_axes.size});
}

void ScatterBuilder::flag(const Snapshot& snapshot) {
    m_data.flags.assign(m_data.count(), charts::kDominated);
    for (const std::size_t position : snapshot.front) {
        m_data.flags[position] |= charts::kFront;
    }
    for (const std::int64_t id : m_pinned) {
        if (const auto position = snapshot.evaluations.find(id)) {
            m_data.flags[*position] |= charts::kPinned;
        }
    }
    for (std::size_t i = 0; !m_filter.isEmpty() && i < m_data.count(); ++i) {
        if (!m_filter.reaches(snapshot.evaluations[i])) {
            m_data.flags[i] |= charts::kInfeasible;
        }
        if (m_filter.hides(snapshot.evaluations[i].id)) {
            m_data.flags[i] |= charts::kHidden;
        }
    }
}

void ScatterBuilder::placeReference(const Snapshot& snapshot) {
    m_data.reference.reset();
    if (snapshot.reference && snapshot.referenceCosts) {
        exploration::Evaluation floatNetwork;
        floatNetwork.measured = *snapshot.reference;
        floatNetwork.costs = *snapshot.referenceCosts;
        m_data.reference = QPointF(shown(floatNetwork, m_axes.x), shown(floatNetwork, m_axes.y));
    }
}

}  // namespace bitloupe::ui
