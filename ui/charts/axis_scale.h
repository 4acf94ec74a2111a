// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QLocale>
#include <QtCore/QString>

#include <vector>

namespace bitloupe::charts {

enum class ScaleKind { Linear, Logarithmic };

/// Which way along an axis is better.
enum class Better { Neither, Lower, Higher };

/// What an axis shows: the quantity, its unit and its direction.
struct AxisDescription {
    QString label;
    QString unit;  ///< may be empty
    Better better = Better::Neither;
    ScaleKind scale = ScaleKind::Linear;
    /// The quantity cannot leave these (a share ends at 100 %); automatic ranges respect them.
    double lowest = -1e308;
    double highest = 1e308;

    /// "Accuracy in % (higher is better)"
    [[nodiscard]] QString title() const;
    /// "Accuracy 98.71 %"
    [[nodiscard]] QString describe(double value, const QLocale& locale = {}) const;
    friend bool operator==(const AxisDescription&, const AxisDescription&) = default;
};

/// A number as people read it: grouped below a million ("21,904"), with k, M, G, T above
/// ("3.1 M"), at most `digits` significant ones.
[[nodiscard]] QString readableNumber(double value, const QLocale& locale = {}, int digits = 5);

struct Tick {
    double value = 0;
    QString label;
};

/// Maps values of one axis to 0..1 and back. Immutable.
class AxisScale {
public:
    AxisScale() = default;
    /// `low` < `high`; both positive when logarithmic. Anything else is widened to something sane.
    AxisScale(ScaleKind kind, double low, double high);

    [[nodiscard]] ScaleKind kind() const { return m_kind; }
    [[nodiscard]] double low() const { return m_low; }
    [[nodiscard]] double high() const { return m_high; }

    /// Values the scale cannot show (NaN, or <= 0 when logarithmic) give NaN.
    [[nodiscard]] double toUnit(double value) const;
    [[nodiscard]] double fromUnit(double unit) const;
    /// The coordinate in which this axis is linear: the value, or its decimal logarithm.
    [[nodiscard]] double toLinear(double value) const;
    [[nodiscard]] bool contains(double value) const { return value >= m_low && value <= m_high; }

    /// The part `from`..`to` of this range (units, may lie outside 0..1); never too narrow to tell
    /// its ends apart.
    [[nodiscard]] AxisScale part(double from, double to) const;

    /// Round values with labels, about `count` of them (at least two where that is possible).
    [[nodiscard]] std::vector<Tick> ticks(int count, const QLocale& locale = {}) const;

    friend bool operator==(const AxisScale&, const AxisScale&) = default;

private:
    ScaleKind m_kind = ScaleKind::Linear;
    double m_low = 0;
    double m_high = 1;
    double m_linearLow = 0;
    double m_linearSpan = 1;
};

/// A scale with round limits that shows everything from `low` to `high` with a little air.
[[nodiscard]] AxisScale roundScale(const AxisDescription& axis, double low, double high);

/// `current` when it already shows low..high; otherwise a wider round one, so that the picture of a
/// running search stays still until a point leaves it.
[[nodiscard]] AxisScale grownScale(const AxisDescription& axis, const AxisScale& current,
                                   double low, double high);

}  // namespace bitloupe::charts
