// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "ui/bridge/snapshot.h"
#include "ui/charts/scatter_data.h"
#include "ui/charts/suggestion.h"
#include "ui/models/design_filter.h"

namespace bitloupe::ui {

/// What the scatter's axes show.
struct ScatterAxes {
    exploration::QuantityId x = exploration::QuantityId::Bops;
    exploration::QuantityId y = exploration::QuantityId::Accuracy;
    /// What the study measures: the one metric that is offered.
    exploration::QuantityId metric = exploration::QuantityId::Accuracy;
    bool logarithmicX = true;
    bool logarithmicY = false;
    std::optional<exploration::QuantityId> colour;
    std::optional<exploration::QuantityId> size;
    friend bool operator==(const ScatterAxes&, const ScatterAxes&) = default;
};

/// Turns snapshots of a study into what the scatter draws; a longer snapshot of the same study only
/// costs its new designs.
class ScatterBuilder {
public:
    [[nodiscard]] const ScatterAxes& axes() const { return m_axes; }
    void setAxes(const ScatterAxes& axes);
    void setPinned(const std::vector<std::int64_t>& pinned) { m_pinned = pinned; }
    /// What misses a limit is flagged infeasible, what was put away hidden.
    void setFilter(const DesignFilter& filter) { m_filter = filter; }
    /// Names this design in the picture.
    void setSuggestion(std::optional<charts::Suggestion> suggestion) { m_suggestion = suggestion; }
    [[nodiscard]] std::optional<charts::Suggestion> suggestion() const { return m_suggestion; }

    /// A design that is being changed by hand: `expected` has what is known of it.
    struct Draft {
        std::int64_t base = 0;
        exploration::Evaluation expected;
        QString text;
    };
    void setDraft(std::optional<Draft> draft) { m_draft = std::move(draft); }

    [[nodiscard]] charts::ScatterSnapshot build(const Snapshot& snapshot);

private:
    void append(const Snapshot& snapshot, std::size_t position);
    void flag(const Snapshot& snapshot);
    void placeReference(const Snapshot& snapshot);

    ScatterAxes m_axes;
    std::vector<std::int64_t> m_pinned;
    DesignFilter m_filter;
    std::optional<charts::Suggestion> m_suggestion;
    std::optional<Draft> m_draft;
    charts::ScatterData m_data;
    int m_generation = -1;
};

}  // namespace bitloupe::ui
