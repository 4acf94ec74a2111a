// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QPointF>
#include <QtGui/QBrush>
#include <QtGui/QColor>
#include <QtGui/QFont>
#include <QtGui/QPalette>

namespace bitloupe::charts {

/// The colours of a picture, derived from a palette so that light and dark are equals.
/// Text has a contrast of at least 4.5 to the background, marks and lines at least 3.
struct ChartTheme {
    QColor background;
    QColor text;
    QColor mutedText;
    QColor axis;
    QColor grid;       ///< quiet on purpose: it carries no information of its own
    QColor dominated;  ///< designs that another one beats
    QColor front;
    QColor pinned;
    QColor reference;   ///< the float network
    QColor infeasible;  ///< designs outside a constraint
    QColor selected;
    bool dark = false;
    QFont font;

    static ChartTheme fromPalette(const QPalette& palette, const QFont& font);
    static ChartTheme day(const QFont& font = {});
    static ChartTheme night(const QFont& font = {});
    friend bool operator==(const ChartTheme&, const ChartTheme&) = default;
};

/// WCAG 2 contrast ratio, 1..21. Both colours are taken as opaque.
[[nodiscard]] double contrastRatio(const QColor& a, const QColor& b);

/// `colour` moved towards black or white until its contrast to `background` is at least `ratio`.
[[nodiscard]] QColor withContrast(QColor colour, const QColor& background, double ratio);

/// `share` of `over` mixed into `under`, opaque.
[[nodiscard]] QColor mixed(const QColor& under, const QColor& over, double share);

/// Colour `step` (0..7, wraps) of the palette for categories by Okabe and Ito (2008), which people
/// with colour vision deficiency can tell apart.
[[nodiscard]] QColor categoryColour(int step);

inline constexpr int kQuantityColours = 256;

/// Entry 0..255 (clamped) of cividis (Nunez et al. 2018, doi:10.1371/journal.pone.0199239): looks
/// nearly the same with and without colour vision deficiency, and its lightness rises all the way.
[[nodiscard]] QRgb quantityColour(int index);

/// The whole scale along a line, low end at `from`: for colour bars, a vector on every device.
[[nodiscard]] QBrush quantityGradient(QPointF from, QPointF to);

/// The same for a share 0..1 of the range; NaN gives a transparent colour.
[[nodiscard]] QColor quantityColourAt(double share);

}  // namespace bitloupe::charts
