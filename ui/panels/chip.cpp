// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/chip.h"

#include <QPainter>
#include <array>

#include "ui/theme/theme.h"

namespace bitloupe::ui {

Chip::Chip(const QString& text, QWidget* parent) : QAbstractButton(parent) {
    setText(text);
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize Chip::sizeHint() const {
    const QFontMetrics metrics(font());
    return {metrics.horizontalAdvance(text()) + 4 * kGrid, metrics.height() + kGrid};
}

void Chip::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Colors colors = Colors::of(palette());
    const QRectF outline = QRectF(rect()).adjusted(1, 1, -1, -1);
    const double radius = kGrid / 2.0;
    painter.setPen(QPen(isChecked() ? colors.accent : colors.line, hasFocus() ? 2 : 1));
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, 2));
    }
    painter.setBrush(isChecked()    ? colors.chosen
                     : underMouse() ? colors.hover
                                    : palette().color(QPalette::Base));
    painter.drawRoundedRect(outline, radius, radius);
    painter.setPen(isEnabled() ? palette().color(QPalette::WindowText) : colors.muted);
    const int mark = kGrid + kGrid / 4;
    if (isChecked()) {
        painter.setPen(QPen(colors.accent, 1.6));
        const QPointF center(kGrid * 0.75 + mark / 2.0, height() / 2.0);
        const std::array<QPointF, 3> tick = {center + QPointF(-3.5, 0.5), center + QPointF(-1, 3),
                                             center + QPointF(4, -3)};
        painter.drawPolyline(tick.data(), static_cast<int>(tick.size()));
        painter.setPen(palette().color(QPalette::WindowText));
    }
    const int left = isChecked() ? kGrid + mark : 0;
    painter.drawText(rect().adjusted(left, 0, 0, 0), Qt::AlignCenter, text());
}

}  // namespace bitloupe::ui
