// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/exploration/design.h"

namespace bitloupe::ui {

/// What is selected, in every view at once. Designs are named by their id in the journal, 0 is
/// none.
class Selection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] std::int64_t design() const { return m_design; }
    [[nodiscard]] std::int64_t hovered() const { return m_hovered; }
    [[nodiscard]] int layer() const { return m_layer; }  ///< -1: none
    [[nodiscard]] exploration::Side side() const { return m_side; }
    [[nodiscard]] const std::vector<std::int64_t>& pinned() const { return m_pinned; }
    [[nodiscard]] bool isPinned(std::int64_t design) const;

    void setDesign(std::int64_t design);
    void setHovered(std::int64_t design);
    void setLayer(int layer);
    void setLayer(int layer, exploration::Side side);
    void setPinned(std::vector<std::int64_t> pinned);
    void togglePin(std::int64_t design);
    /// Nothing selected, nothing pinned: another study is shown.
    void clear();

Q_SIGNALS:
    void designChanged(std::int64_t design);
    void hoveredChanged(std::int64_t design);
    void layerChanged(int layer);
    void pinnedChanged();

private:
    std::int64_t m_design = 0;
    std::int64_t m_hovered = 0;
    int m_layer = -1;
    exploration::Side m_side = exploration::Side::Weights;
    std::vector<std::int64_t> m_pinned;
};

}  // namespace bitloupe::ui
