// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/point_layer.h"

namespace bitloupe::charts {

namespace {

/// Dots on the edge of the plot are drawn whole.
constexpr double kOverhang = 8;

}  // namespace

const QImage& PointLayer::draw(const ScatterScene& scene, std::size_t count, double scale) {
    const Key key{scene.area,
                  scale,
                  scene.x,
                  scene.y,
                  scene.colour,
                  scene.size,
                  dotRadius(scene.data.count()),
                  scene.theme};
    if (key != m_key || m_drawn == 0 || m_drawn > count) {
        m_key = key;
        m_drawn = 0;
        m_bounds = QRectF(
            scene.area.adjusted(-kOverhang, -kOverhang, kOverhang, kOverhang).toAlignedRect());
        const QSize size = (m_bounds.size() * scale).toSize();
        if (m_image.size() != size) {
            m_image = QImage(size, QImage::Format_ARGB32_Premultiplied);
        }
        m_image.fill(Qt::transparent);
    }
    for (; m_drawn < count; ++m_drawn) {
        if (scene.shows(m_drawn)) {
            const DotLook look = scene.dot(m_drawn);
            m_stamper.stamp(m_image, (scene.place(m_drawn) - m_bounds.topLeft()) * scale,
                            look.radius * scale, look.open, look.colour);
            ++m_dotsDrawn;
        }
    }
    return m_image;
}

}  // namespace bitloupe::charts
