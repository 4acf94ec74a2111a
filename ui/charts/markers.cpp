// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/markers.h"

#include <QtGui/QPainterPath>

#include <algorithm>
#include <cmath>

namespace bitloupe::charts {

namespace {

/// A dot's centre is placed to a quarter of a pixel: finer differences cannot be seen.
constexpr int kPhaseBits = 2;
constexpr int kPhases = 1 << kPhaseBits;
/// Radii are told apart to an eighth of a pixel.
constexpr double kRadiusSteps = 8;

/// Each byte of `pixel` times share/255, rounded; two bytes at a time.
quint32 scaled(quint32 pixel, quint32 share) {
    quint32 even = (pixel & 0x00ff00ffU) * share;
    even = ((even + ((even >> 8) & 0x00ff00ffU) + 0x00800080U) >> 8) & 0x00ff00ffU;
    quint32 odd = ((pixel >> 8) & 0x00ff00ffU) * share;
    odd = (odd + ((odd >> 8) & 0x00ff00ffU) + 0x00800080U) & 0xff00ff00U;
    return even | odd;
}

void paintStrokes(QPainter& painter, MarkerShape shape, QPointF centre, double radius,
                  const QColor& colour, const QColor& outline) {
    const double reach = shape == MarkerShape::Cross ? radius * 0.78 : radius;
    const QPointF first = shape == MarkerShape::Cross ? QPointF(reach, reach) : QPointF(reach, 0);
    const QPointF second = shape == MarkerShape::Cross ? QPointF(reach, -reach) : QPointF(0, reach);
    const double width = std::max(radius * 0.36, 1.5);
    for (const auto& [pen, extra] : {std::pair(outline, 2.0), std::pair(colour, 0.0)}) {
        painter.setPen(QPen(pen, width + extra, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(centre - first, centre + first);
        painter.drawLine(centre - second, centre + second);
    }
}

}  // namespace

void paintMarker(QPainter& painter, MarkerShape shape, QPointF centre, double radius,
                 const QColor& colour, const QColor& outline) {
    switch (shape) {
        case MarkerShape::Dot:
            painter.setPen(Qt::NoPen);
            painter.setBrush(colour);
            painter.drawEllipse(centre, radius, radius);
            break;
        case MarkerShape::OpenDot:
        case MarkerShape::Ring:
            painter.setPen(QPen(colour, shape == MarkerShape::Ring ? 2.0 : 1.0));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(centre, radius, radius);
            break;
        case MarkerShape::Diamond:
            painter.setPen(QPen(outline, 1.2));
            painter.setBrush(colour);
            painter.drawPolygon(QPolygonF{centre + QPointF(0, -radius), centre + QPointF(radius, 0),
                                          centre + QPointF(0, radius),
                                          centre + QPointF(-radius, 0)});
            break;
        case MarkerShape::Plus:
        case MarkerShape::Cross:
            paintStrokes(painter, shape, centre, radius, colour, outline);
            break;
    }
}

const DotStamper::Mask& DotStamper::maskFor(int radiusStep, bool open, int phase) {
    if (m_current == nullptr || m_currentKey != std::pair(radiusStep, open)) {
        m_currentKey = {radiusStep, open};
        m_current = &m_masks[m_currentKey];
        m_current->resize(kPhases * kPhases);
    }
    Mask& mask = (*m_current)[std::size_t(phase)];
    if (mask.size == 0) {
        const double radius = radiusStep / kRadiusSteps;
        const int half = int(std::ceil(radius + 1.5));
        mask.size = 2 * half + 1;
        QImage image(mask.size, mask.size, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        const QPointF centre(half + double(phase % kPhases) / kPhases,
                             half + double(phase / kPhases) / kPhases);
        paintMarker(painter, open ? MarkerShape::OpenDot : MarkerShape::Dot, centre, radius,
                    Qt::black, Qt::black);
        painter.end();
        for (int y = 0; y < mask.size; ++y) {
            const auto* line = reinterpret_cast<const QRgb*>(image.constScanLine(y));
            std::transform(line, line + mask.size, std::back_inserter(mask.coverage),
                           [](QRgb pixel) { return quint8(qAlpha(pixel)); });
        }
    }
    return mask;
}

void DotStamper::stamp(QImage& image, QPointF centre, double radius, bool open,
                       const QColor& colour) {
    const int stepX = int(std::floor(centre.x() * kPhases + 0.5));
    const int stepY = int(std::floor(centre.y() * kPhases + 0.5));
    const int wholeX = stepX >> kPhaseBits;
    const int wholeY = stepY >> kPhaseBits;
    const int phase = (stepY & (kPhases - 1)) * kPhases + (stepX & (kPhases - 1));
    const Mask& mask = maskFor(int(std::lround(radius * kRadiusSteps)), open, phase);
    const int left = wholeX - mask.size / 2;
    const int top = wholeY - mask.size / 2;
    const QRgb source = qPremultiply(colour.rgba());
    const int firstX = std::max(0, -left);
    const int lastX = std::min(mask.size, image.width() - left);
    const int lastY = std::min(mask.size, image.height() - top);
    uchar* const pixels = image.bits();  // once: every call asks whether the image is shared
    for (int y = std::max(0, -top); y < lastY; ++y) {
        auto* line =
            reinterpret_cast<QRgb*>(pixels + std::ptrdiff_t(top + y) * image.bytesPerLine()) + left;
        const quint8* coverage = mask.coverage.data() + std::ptrdiff_t(y) * mask.size;
        for (int x = firstX; x < lastX; ++x) {
            if (coverage[x] != 0) {
                const QRgb over = scaled(source, coverage[x]);
                line[x] = over + scaled(line[x], 255U - quint32(qAlpha(over)));
            }
        }
    }
}

}  // namespace bitloupe::charts
