// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/exploration/evaluation.h"

class QUndoStack;

namespace bitloupe::ui {

/// Which designs a person is interested in.
struct DesignFilter {
    /// A value that designs have to reach, in the direction of the quantity.
    struct Limit {
        exploration::QuantityId quantity = exploration::QuantityId::Accuracy;
        double value = 0;
        friend bool operator==(const Limit&, const Limit&) = default;
    };

    std::vector<Limit> limits;  ///< at most one a quantity
    /// Ids, ascending: only these, if any were kept; and none of those.
    std::optional<std::vector<std::int64_t>> kept;
    std::vector<std::int64_t> excluded;

    /// Beyond a limit: shown grey.
    [[nodiscard]] bool reaches(const exploration::Evaluation& evaluation) const;
    /// Put away by hand: not shown.
    [[nodiscard]] bool hides(std::int64_t design) const;
    [[nodiscard]] bool allows(const exploration::Evaluation& evaluation) const {
        return reaches(evaluation) && !hides(evaluation.id);
    }
    [[nodiscard]] std::optional<double> limitOf(exploration::QuantityId quantity) const;
    [[nodiscard]] bool isEmpty() const { return limits.empty() && !kept && excluded.empty(); }

    /// As one line of text, and back; nothing for a text that is none.
    [[nodiscard]] QString toText() const;
    [[nodiscard]] static std::optional<DesignFilter> fromText(const QString& text);
    friend bool operator==(const DesignFilter&, const DesignFilter&) = default;
};

/// The filter of the shown designs. Every step can be undone, in turn with the study's edits.
class FilterHistory : public QObject {
    Q_OBJECT

public:
    explicit FilterHistory(QUndoStack& undoStack, QObject* parent = nullptr);

    [[nodiscard]] const DesignFilter& filter() const { return m_filter; }
    /// Nothing takes the limit away. Steps of one quantity in a row become one.
    void setLimit(exploration::QuantityId quantity, std::optional<double> limit);
    void keep(std::vector<std::int64_t> designs);
    void exclude(std::vector<std::int64_t> designs);
    void restoreAll();
    /// Without a step: another study is shown.
    void reset(DesignFilter filter);

Q_SIGNALS:
    void changed();

private:
    class Step;

    void push(const QString& name, DesignFilter next, int merge = -1);
    void set(const DesignFilter& filter);

    QUndoStack& m_undoStack;
    DesignFilter m_filter;
};

}  // namespace bitloupe::ui
