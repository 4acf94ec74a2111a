// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/histogram_view.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/csv.h"

namespace bitloupe::charts {

namespace {

/// Nearer together than this the marks of a number line run into one bar.
constexpr double kClosestMarks = 2.0;
/// The number line's room under the bars, as a share of their height: less than one tick's step.
constexpr double kLineShare = 0.1;

}  // namespace

HistogramView::HistogramView(QWidget* parent) : PlotView(parent) {
    setAccessibleName(tr("Histogram"));
    setData({});
}

void HistogramView::setData(HistogramData data) {
    m_data = std::move(data);
    const QString count = m_data.countLabel.isEmpty() ? tr("Share") : m_data.countLabel;
    const AxisDescription shares{count, QStringLiteral("%"), Better::Neither, ScaleKind::Linear, 0,
                                 100};
    setAxes(m_data.axis, shares);
    double low = m_data.edges.empty() ? 0 : m_data.edges.front();
    double high = m_data.edges.empty() ? 1 : m_data.edges.back();
    const bool logarithmic = m_data.axis.scale == ScaleKind::Logarithmic;
    if (!m_data.representable.empty()) {
        const double reach = std::max(std::abs(low), std::abs(high)) * m_data.reach;
        low = std::min(low, std::max(m_data.lowest, logarithmic ? low / m_data.reach : -reach));
        high = std::max(high, std::min(m_data.highest, reach));
    }
    const double most =
        m_data.shares.empty() ? 1 : *std::max_element(m_data.shares.begin(), m_data.shares.end());
    const AxisScale upper = roundScale(shares, 0, std::max(most, 1e-9));
    const double below = m_data.representable.empty() ? 0 : -kLineShare * upper.high();
    setScales(roundScale(m_data.axis, low, high), {ScaleKind::Linear, below, upper.high()});
    const bool notes = m_data.captioned && m_data.highest > m_data.lowest;
    setFrameMargins({8, notes ? fontMetrics().height() + 12 : 8, 28, 4});
    setAccessibleDescription(pictureSummary());
    updateContent();
}

void HistogramView::paintContent(QPainter& painter, bool /*vector*/) {
    const QRectF area = plotArea();
    paintBars(painter);
    if (m_data.highest > m_data.lowest) {
        paintClipping(painter, area);
    }
    paintNumberLine(painter, area);
}

void HistogramView::paintBars(QPainter& painter) const {
    painter.setPen(Qt::NoPen);
    const double base = toView(xScale().low(), 0).y();
    for (std::size_t bin = 0; bin < m_data.shares.size(); ++bin) {
        if (m_data.shares[bin] <= 0) {
            continue;
        }
        const double left = toView(m_data.edges[bin], 0).x();
        const double right = toView(m_data.edges[bin + 1], 0).x();
        const double top = toView(m_data.edges[bin], m_data.shares[bin]).y();
        const double middle = std::midpoint(m_data.edges[bin], m_data.edges[bin + 1]);
        const bool clipped =
            m_data.highest > m_data.lowest && (middle < m_data.lowest || middle > m_data.highest);
        const double gap = right - left > 4 ? 1 : 0;
        painter.setBrush(clipped ? theme().front : theme().dominated);
        painter.drawRect(QRectF(QPointF(left, top), QPointF(right - gap, base)));
    }
}

void HistogramView::paintClipping(QPainter& painter, const QRectF& area) const {
    painter.setPen(QPen(theme().front, 1.4, Qt::DashLine));
    for (const double end : {m_data.lowest, m_data.highest}) {
        if (xScale().contains(end)) {
            const double x = toView(end, 0).x();
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        }
    }
    if (m_data.captioned) {
        painter.setFont(theme().font);
        painter.setPen(theme().text);
        painter.drawText(QPointF(area.left(), area.top() - 8), pictureSummary());
    }
}

void HistogramView::paintNumberLine(QPainter& painter, const QRectF& area) const {
    if (m_data.representable.empty()) {
        return;
    }
    const double top = toView(xScale().low(), 0).y();
    const QRectF band(area.left(), top + 4, area.width(), area.bottom() - top - 7);
    double drawn = band.left() - 10;
    double barStart = -1;
    const auto finishBar = [&] {
        if (barStart >= 0) {
            painter.fillRect(QRectF(barStart, band.top(), drawn - barStart + 1, band.height()),
                             theme().mutedText);
            barStart = -1;
        }
    };
    for (const double value : m_data.representable) {
        if (!xScale().contains(value)) {
            continue;
        }
        const double x = toView(value, 0).x();
        if (x - drawn < kClosestMarks) {
            barStart = barStart < 0 ? drawn : barStart;
        } else {
            finishBar();
            painter.setPen(QPen(theme().text, 1));
            const double crisp = std::floor(x) + 0.5;
            painter.drawLine(QPointF(crisp, band.top()), QPointF(crisp, band.bottom()));
        }
        drawn = x;
    }
    finishBar();
}

std::unique_ptr<PlotView> HistogramView::copyForPicture() const {
    auto copy = std::make_unique<HistogramView>();
    copy->setData(m_data);
    return copy;
}

QString HistogramView::pictureCsv() const {
    QString csv = csvRow({QStringLiteral("from"), QStringLiteral("to"), QStringLiteral("percent")});
    for (std::size_t bin = 0; bin < m_data.shares.size(); ++bin) {
        csv += csvRow({csvNumber(m_data.edges[bin]), csvNumber(m_data.edges[bin + 1]),
                       csvNumber(m_data.shares[bin])});
    }
    return csv;
}

QString HistogramView::pictureSummary() const {
    if (m_data.highest <= m_data.lowest) {
        return m_data.edges.empty()
                   ? tr("Nothing counted.")
                   : tr("%1 from %2 to %3.")
                         .arg(m_data.axis.label, readableNumber(m_data.edges.front()),
                              readableNumber(m_data.edges.back()));
    }
    return tr("%1 values from %2 to %3; %4 % clipped, %5 % rounded to zero")
        .arg(locale().toString(qsizetype(m_data.representable.size())),
             readableNumber(m_data.representable.front(), locale(), 4),
             readableNumber(m_data.representable.back(), locale(), 4),
             readableNumber(m_data.clippedPercent, locale(), 3),
             readableNumber(m_data.underflowPercent, locale(), 3));
}

}  // namespace bitloupe::charts
