// SPDX-License-Identifier: Apache-2.0
#include "ui/models/design_filter.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUndoCommand>
#include <QUndoStack>
#include <algorithm>
#include <iterator>

namespace bitloupe::ui {

namespace {

using exploration::QuantityId;

/// Above every merge key of the study's edits.
constexpr int kMergeLimits = 1000;

void sortOnce(std::vector<std::int64_t>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

QJsonArray arrayOf(const std::vector<std::int64_t>& ids) {
    QJsonArray array;
    for (const std::int64_t id : ids) {
        array.append(static_cast<qint64>(id));
    }
    return array;
}

std::vector<std::int64_t> idsOf(const QJsonValue& value) {
    std::vector<std::int64_t> ids;
    for (const QJsonValue& id : value.toArray()) {
        ids.push_back(id.toInteger());
    }
    sortOnce(ids);
    return ids;
}

}  // namespace

bool DesignFilter::reaches(const exploration::Evaluation& evaluation) const {
    return std::all_of(limits.begin(), limits.end(), [&](const Limit& limit) {
        return exploration::reaches(limit.quantity, evaluation.value(limit.quantity), limit.value);
    });
}

bool DesignFilter::hides(std::int64_t design) const {
    return (kept && !std::binary_search(kept->begin(), kept->end(), design)) ||
           std::binary_search(excluded.begin(), excluded.end(), design);
}

std::optional<double> DesignFilter::limitOf(QuantityId quantity) const {
    for (const Limit& limit : limits) {
        if (limit.quantity == quantity) {
            return limit.value;
        }
    }
    return std::nullopt;
}

QString DesignFilter::toText() const {
    QJsonObject object;
    QJsonArray values;
    for (const Limit& limit : limits) {
        values.append(QJsonArray{QString::fromStdString(exploration::quantity(limit.quantity).key),
                                 limit.value});
    }
    object[QStringLiteral("limits")] = values;
    if (kept) {
        object[QStringLiteral("kept")] = arrayOf(*kept);
    }
    object[QStringLiteral("excluded")] = arrayOf(excluded);
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

std::optional<DesignFilter> DesignFilter::fromText(const QString& text) {
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    if (!document.isObject()) {
        return std::nullopt;
    }
    DesignFilter filter;
    const QJsonObject object = document.object();
    for (const QJsonValue& value : object[QStringLiteral("limits")].toArray()) {
        const QJsonArray pair = value.toArray();
        const auto quantity = exploration::findQuantity(pair.at(0).toString().toStdString());
        if (!quantity || !pair.at(1).isDouble()) {
            return std::nullopt;
        }
        filter.limits.push_back({*quantity, pair.at(1).toDouble()});
    }
    if (object.contains(QStringLiteral("kept"))) {
        filter.kept = idsOf(object[QStringLiteral("kept")]);
    }
    filter.excluded = idsOf(object[QStringLiteral("excluded")]);
    return filter;
}

class FilterHistory::Step final : public QUndoCommand {
public:
    Step(FilterHistory& history, const QString& name, DesignFilter after, int merge)
        : QUndoCommand(name),
          m_history(history),
          m_before(history.m_filter),
          m_after(std::move(after)),
          m_merge(merge) {}

    void undo() override { m_history.set(m_before); }
    void redo() override { m_history.set(m_after); }
    [[nodiscard]] int id() const override { return m_merge; }
    bool mergeWith(const QUndoCommand* later) override {
        m_after = static_cast<const Step*>(later)->m_after;
        return true;
    }

private:
    FilterHistory& m_history;
    DesignFilter m_before;
    DesignFilter m_after;
    int m_merge;
};

FilterHistory::FilterHistory(QUndoStack& undoStack, QObject* parent)
    : QObject(parent), m_undoStack(undoStack) {}

void FilterHistory::setLimit(QuantityId quantity, std::optional<double> limit) {
    DesignFilter next = m_filter;
    std::erase_if(next.limits, [quantity](const DesignFilter::Limit& each) {
        return each.quantity == quantity;
    });
    if (limit) {
        next.limits.push_back({quantity, *limit});
    }
    push(tr("limit of %1").arg(QString::fromStdString(exploration::quantity(quantity).label)),
         std::move(next), kMergeLimits + static_cast<int>(quantity));
}

void FilterHistory::keep(std::vector<std::int64_t> designs) {
    sortOnce(designs);
    DesignFilter next = m_filter;
    if (next.kept) {
        std::vector<std::int64_t> both;
        std::set_intersection(next.kept->begin(), next.kept->end(), designs.begin(), designs.end(),
                              std::back_inserter(both));
        designs = std::move(both);
    }
    next.kept = std::move(designs);
    push(tr("keep designs"), std::move(next));
}

void FilterHistory::exclude(std::vector<std::int64_t> designs) {
    DesignFilter next = m_filter;
    next.excluded.insert(next.excluded.end(), designs.begin(), designs.end());
    sortOnce(next.excluded);
    push(tr("exclude designs"), std::move(next));
}

void FilterHistory::restoreAll() {
    push(tr("show all designs"), {});
}

void FilterHistory::reset(DesignFilter filter) {
    set(filter);
}

void FilterHistory::push(const QString& name, DesignFilter next, int merge) {
    if (next != m_filter) {
        m_undoStack.push(new Step(*this, name, std::move(next), merge));
    }
}

void FilterHistory::set(const DesignFilter& filter) {
    if (filter != m_filter) {
        m_filter = filter;
        Q_EMIT changed();
    }
}

}  // namespace bitloupe::ui
