// SPDX-License-Identifier: Apache-2.0
#include "ui/models/selection.h"

#include <algorithm>

namespace bitloupe::ui {

bool Selection::isPinned(std::int64_t design) const {
    return std::find(m_pinned.begin(), m_pinned.end(), design) != m_pinned.end();
}

void Selection::setDesign(std::int64_t design) {
    if (m_design != design) {
        m_design = design;
        Q_EMIT designChanged(design);
    }
}

void Selection::setHovered(std::int64_t design) {
    if (m_hovered != design) {
        m_hovered = design;
        Q_EMIT hoveredChanged(design);
    }
}

void Selection::setLayer(int layer) {
    setLayer(layer, m_side);
}

void Selection::setLayer(int layer, exploration::Side side) {
    if (m_layer != layer || m_side != side) {
        m_layer = layer;
        m_side = side;
        Q_EMIT layerChanged(layer);
    }
}

void Selection::setPinned(std::vector<std::int64_t> pinned) {
    if (m_pinned != pinned) {
        m_pinned = std::move(pinned);
        Q_EMIT pinnedChanged();
    }
}

void Selection::togglePin(std::int64_t design) {
    if (design == 0) {
        return;
    }
    std::vector<std::int64_t> pinned = m_pinned;
    const auto place = std::find(pinned.begin(), pinned.end(), design);
    if (place == pinned.end()) {
        pinned.push_back(design);
    } else {
        pinned.erase(place);
    }
    setPinned(std::move(pinned));
}

void Selection::clear() {
    setDesign(0);
    setHovered(0);
    setLayer(-1);
    setPinned({});
}

}  // namespace bitloupe::ui
