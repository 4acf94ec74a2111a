// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QPointF>
#include <QtCore/QString>
#include <QtCore/QtGlobal>

#include <memory>
#include <optional>
#include <vector>

#include "ui/charts/axis_scale.h"

namespace bitloupe::charts {

/// What a design is besides its place; bits of ScatterData::flags.
using PointFlag = quint8;
inline constexpr PointFlag kDominated = 0;
inline constexpr PointFlag kFront = 1;       ///< no other design beats it
inline constexpr PointFlag kPinned = 2;      ///< kept by the user for comparison
inline constexpr PointFlag kInfeasible = 4;  ///< outside a constraint: shown grey
inline constexpr PointFlag kHidden = 8;      ///< filtered away: not shown and not found

/// A short remark at one design, for instance "knee (distance to chord)".
struct ScatterNote {
    qint64 id = 0;
    QString text;
    friend bool operator==(const ScatterNote&, const ScatterNote&) = default;
};

/// A design that was made of another one: a line joins them. Indices into ScatterData.
struct ScatterLink {
    std::size_t parent = 0;
    std::size_t child = 0;
    friend bool operator==(const ScatterLink&, const ScatterLink&) = default;
};

/// Where a design that is being changed by hand goes, as far as that is known before it is
/// measured.
struct ScatterDraft {
    qint64 base = 0;  ///< the design it began as
    QPointF place;    ///< in the units of the axes
    QString text;     ///< stands beside it
};

/// Everything a scatter of designs shows: one immutable snapshot, made off to the side and handed
/// over as ScatterSnapshot. A later snapshot that begins with the same points is drawn by adding
/// the new ones only, so append and never reorder while a study runs.
struct ScatterData {
    AxisDescription xAxis;
    AxisDescription yAxis;

    std::vector<qint64> ids;  ///< identifies a design everywhere; ascending is not required
    std::vector<double> x;    ///< parallel to ids, in the unit of xAxis
    std::vector<double> y;
    std::vector<quint8> flags;  ///< parallel to ids, PointFlag bits

    /// 95 % interval of y: empty, or parallel to ids.
    std::vector<double> low;
    std::vector<double> high;

    /// A third quantity as colour and a fourth as size: empty, or parallel to ids.
    AxisDescription colourAxis;
    std::vector<double> colour;
    AxisDescription sizeAxis;
    std::vector<double> size;

    std::optional<QPointF> reference;  ///< the float network; x NaN: its line only
    QString referenceLabel;            ///< empty: "float"
    std::vector<ScatterNote> notes;
    std::vector<ScatterLink> links;
    std::optional<ScatterDraft> draft;

    [[nodiscard]] std::size_t count() const { return ids.size(); }
    [[nodiscard]] bool is(std::size_t point, PointFlag flag) const {
        return (flags[point] & flag) != 0;
    }
    /// All vectors are empty or as long as ids (flags, x and y are never shorter).
    [[nodiscard]] bool isConsistent() const;
};

using ScatterSnapshot = std::shared_ptr<const ScatterData>;

/// How a snapshot differs from the one before it.
struct ScatterChange {
    bool sameAxes = false;
    /// The points before `firstNew` look exactly as they did; false: draw everything again.
    bool settledKept = false;
    std::size_t firstNew = 0;
};

[[nodiscard]] ScatterChange compareSnapshots(const ScatterData& before, const ScatterData& after);

/// Indices of the front points, by rising x.
[[nodiscard]] std::vector<std::size_t> frontByX(const ScatterData& data);

/// The corners of the step line along the front: at every x the best y reached so far. Front points
/// that other ones beat in these two axes alone (the front of three objectives) are passed by.
[[nodiscard]] std::vector<QPointF> frontSteps(const ScatterData& data,
                                              const std::vector<std::size_t>& front);

/// "412 designs, 11 on the front, 30 outside the constraints. Best accuracy 98.83 % (design 17)."
[[nodiscard]] QString summarize(const ScatterData& data, const QLocale& locale = {});

/// The points inside both scales and not hidden, as RFC 4180 CSV with a header; plain numbers.
[[nodiscard]] QString visibleCsv(const ScatterData& data, const AxisScale& x, const AxisScale& y);

}  // namespace bitloupe::charts
