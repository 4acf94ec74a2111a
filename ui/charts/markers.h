// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QPointF>
#include <QtGui/QImage>
#include <QtGui/QPainter>

#include <map>
#include <vector>

namespace bitloupe::charts {

/// Shapes say what colours say: front, dominated, pinned, float and infeasible differ in both.
enum class MarkerShape { Dot, OpenDot, Diamond, Plus, Cross, Ring };

/// Draws one marker of `radius` around `centre` as a vector shape. `outline` keeps it apart from
/// what lies beneath; a Ring has no filling.
void paintMarker(QPainter& painter, MarkerShape shape, QPointF centre, double radius,
                 const QColor& colour, const QColor& outline);

/// Puts many small dots into an image: every dot is a mask made once for its radius and the part
/// of a pixel its centre falls on, blended by hand. 100,000 dots take a few milliseconds, where
/// drawing each as a shape takes seconds.
class DotStamper {
public:
    DotStamper() = default;
    DotStamper(const DotStamper&) = delete;
    DotStamper& operator=(const DotStamper&) = delete;

    /// `open` draws a circle instead of a disc. Positions and radii are in pixels of the image.
    /// `image` is Format_ARGB32_Premultiplied and not shared.
    void stamp(QImage& image, QPointF centre, double radius, bool open, const QColor& colour);

private:
    struct Mask {
        int size = 0;
        std::vector<quint8> coverage;
    };
    const Mask& maskFor(int radiusStep, bool open, int phase);

    std::map<std::pair<int, bool>, std::vector<Mask>> m_masks;  ///< by radius step and openness
    std::vector<Mask>* m_current = nullptr;  ///< of the last dot: most dots are like the one before
    std::pair<int, bool> m_currentKey;
};

}  // namespace bitloupe::charts
