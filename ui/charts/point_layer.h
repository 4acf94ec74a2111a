// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtGui/QImage>

#include "ui/charts/markers.h"
#include "ui/charts/scatter_paint.h"

namespace bitloupe::charts {

/// The dots that do not change any more, kept as an image: points that come are added to it, and
/// only another place, scale, theme or look of what is in it makes it anew.
class PointLayer {
public:
    /// The image of the first `count` dots of `scene` and the rectangle it belongs to. `scale` is
    /// device pixels per unit.
    const QImage& draw(const ScatterScene& scene, std::size_t count, double scale);
    [[nodiscard]] QRectF bounds() const { return m_bounds; }

    /// Something already drawn looks different now.
    void invalidate() { m_drawn = 0; }

    /// How many dots were put into the image since it was made: what a test counts.
    [[nodiscard]] qint64 dotsDrawn() const { return m_dotsDrawn; }

private:
    struct Key {
        QRectF area;
        double scale = 0;
        AxisScale x;
        AxisScale y;
        AxisScale colour;
        AxisScale size;
        double radius = 0;
        ChartTheme theme;
        friend bool operator==(const Key&, const Key&) = default;
    };

    Key m_key;
    QImage m_image;
    QRectF m_bounds;
    DotStamper m_stamper;
    std::size_t m_drawn = 0;
    qint64 m_dotsDrawn = 0;
};

}  // namespace bitloupe::charts
