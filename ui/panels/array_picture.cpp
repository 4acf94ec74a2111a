// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/array_picture.h"

#include <QPainter>
#include <algorithm>

#include "core/hardware/cost.h"
#include "core/hardware/mapping.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

constexpr int kMostLines = 64;  ///< of the grid, per direction

/// Elements of the last fold along one side.
std::int64_t remainder(std::int64_t elements, std::int64_t side) {
    const std::int64_t rest = elements % side;
    return rest == 0 ? std::min(elements, side) : rest;
}

}  // namespace

ArrayPicture::ArrayPicture(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ArrayPicture::setMapping(const QString& layer, const hardware::Gemm& gemm,
                              const hardware::Accelerator& accelerator) {
    m_layer = layer;
    m_gemm = gemm;
    m_accelerator = accelerator;
    setAccessibleName(
        tr("Mapping of %1 on %2").arg(layer, QString::fromStdString(accelerator.name())));
    setAccessibleDescription(words().join(QStringLiteral(". ")));
    update();
}

QSize ArrayPicture::minimumSizeHint() const {
    return {24 * kGrid, 24 * kGrid};
}

QStringList ArrayPicture::words() const {
    if (m_gemm.macs() == 0) {
        return {};
    }
    const hardware::Mapping mapping = hardware::mapGemm(m_gemm, m_accelerator);
    const auto number = [](std::int64_t value) {
        return wording::count(static_cast<double>(value));
    };
    const std::int64_t folds = mapping.folds() * m_gemm.count;
    const QString cycles = number(mapping.cyclesPerFold);
    return {folds == 1 ? tr("1 fold of %1 cycles").arg(cycles)
                       : tr("%1 folds of %2 cycles").arg(number(folds), cycles),
            tr("%1 on rows, %2 on columns")
                .arg(number(mapping.spatialRows), number(mapping.spatialColumns)),
            tr("%1 in time").arg(number(mapping.temporal)),
            tr("utilization %1")
                .arg(wording::percent(hardware::utilization(m_gemm, m_accelerator), 1))};
}

void ArrayPicture::paintEvent(QPaintEvent* /*event*/) {
    if (m_gemm.macs() == 0) {
        return;
    }
    QPainter painter(this);
    const int line = fontMetrics().height();
    painter.setFont(fontOf(TextRole::Heading));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRect(0, 0, width(), line), Qt::AlignLeft, tr("%1 on the array").arg(m_layer));
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const QStringList lines = words();
    const int textTop = height() - line * static_cast<int>(lines.size()) - kGrid / 2;
    for (int i = 0; i < lines.size(); ++i) {
        painter.drawText(QRect(0, textTop + i * line, width(), line), Qt::AlignLeft,
                         fontMetrics().elidedText(lines.at(i), Qt::ElideRight, width()));
    }
    const QRectF room(0, line + kGrid, width(), textTop - line - 2 * kGrid);
    if (room.height() > 4 * kGrid) {
        paintArray(painter, room);
    }
}

void ArrayPicture::paintArray(QPainter& painter, const QRectF& place) const {
    const hardware::Mapping mapping = hardware::mapGemm(m_gemm, m_accelerator);
    const double ratio =
        static_cast<double>(m_accelerator.columns) / static_cast<double>(m_accelerator.rows);
    const double shownRatio = std::clamp(ratio, 0.2, 5.0);  // very long arrays stay visible
    const double room = place.width() - 1;                  // for the frame
    const double heightByWidth = room / shownRatio;
    const QSizeF size = heightByWidth <= place.height()
                            ? QSizeF(room, heightByWidth)
                            : QSizeF(place.height() * shownRatio, place.height());
    const QRectF array(place.topLeft(), size);
    const Colors colors = Colors::of(palette());
    const auto part = [&](std::int64_t rows, std::int64_t columns) {
        return QRectF(array.topLeft(), QSizeF(array.width() * static_cast<double>(columns) /
                                                  static_cast<double>(m_accelerator.columns),
                                              array.height() * static_cast<double>(rows) /
                                                  static_cast<double>(m_accelerator.rows)));
    };
    painter.fillRect(array, palette().color(QPalette::Base));
    painter.fillRect(part(std::min(mapping.spatialRows, m_accelerator.rows),
                          std::min(mapping.spatialColumns, m_accelerator.columns)),
                     colors.chosen);
    QColor last = colors.accent;
    last.setAlphaF(0.45F);
    painter.fillRect(part(remainder(mapping.spatialRows, m_accelerator.rows),
                          remainder(mapping.spatialColumns, m_accelerator.columns)),
                     last);
    painter.setPen(QPen(colors.line, 1));
    const auto lines = [](std::int64_t count) {
        return static_cast<int>(std::min<std::int64_t>(count, kMostLines));
    };
    for (int i = 1; m_accelerator.rows <= kMostLines && i < lines(m_accelerator.rows); ++i) {
        const double y = array.top() + array.height() * i / static_cast<double>(m_accelerator.rows);
        painter.drawLine(QPointF(array.left(), y), QPointF(array.right(), y));
    }
    for (int i = 1; m_accelerator.columns <= kMostLines && i < lines(m_accelerator.columns); ++i) {
        const double x =
            array.left() + array.width() * i / static_cast<double>(m_accelerator.columns);
        painter.drawLine(QPointF(x, array.top()), QPointF(x, array.bottom()));
    }
    painter.setPen(QPen(palette().color(QPalette::PlaceholderText), 1));
    painter.drawRect(array);
}

}  // namespace bitloupe::ui
