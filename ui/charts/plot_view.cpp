// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/plot_view.h"

#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QLegend>
#include <QtCharts/QScatterSeries>
#include <QtCore/QEvent>
#include <QtGui/QPaintEngine>
#include <QtWidgets/QGraphicsLayout>

#include <algorithm>

namespace bitloupe::charts {

/// The one item that paints all content, above the grid.
class PlotView::ContentItem : public QGraphicsItem {
public:
    ContentItem(QGraphicsItem* parent, PlotView& view) : QGraphicsItem(parent), m_view(view) {
        setZValue(100);
        setAcceptedMouseButtons(Qt::NoButton);
    }
    [[nodiscard]] QRectF boundingRect() const override { return m_bounds; }
    void setBounds(const QRectF& bounds) {
        prepareGeometryChange();
        m_bounds = bounds;
    }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* /*option*/,
               QWidget* /*widget*/) override {
        const QPaintEngine* engine = painter->paintEngine();
        const bool vector = engine != nullptr && (engine->type() == QPaintEngine::SVG ||
                                                  engine->type() == QPaintEngine::Pdf ||
                                                  engine->type() == QPaintEngine::Picture);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        m_view.paintContent(*painter, vector);
        painter->restore();
    }

private:
    PlotView& m_view;
    QRectF m_bounds;
};

namespace {

QCategoryAxis* makeAxis(QChart& chart, QAbstractSeries& series, Qt::Alignment side) {
    auto* axis = new QCategoryAxis(&chart);
    axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    axis->setTruncateLabels(false);
    chart.addAxis(axis, side);
    series.attachAxis(axis);
    return axis;
}

void showTicks(QCategoryAxis& axis, const AxisScale& scale, int count) {
    const std::vector<Tick> ticks = scale.ticks(count);
    for (const QString& label : axis.categoriesLabels()) {
        axis.remove(label);
    }
    axis.setStartValue(scale.toLinear(scale.low()));
    for (const Tick& tick : ticks) {
        axis.append(tick.label, scale.toLinear(tick.value));
    }
    axis.setRange(scale.toLinear(scale.low()), scale.toLinear(scale.high()));
}

/// Which way is better is left out of a title that would not fit otherwise.
void showTitle(QCategoryAxis& axis, AxisDescription description, double length) {
    if (QFontMetricsF(axis.titleFont()).horizontalAdvance(description.title()) > length) {
        description.better = Better::Neither;
    }
    const QString title = description.title().toHtmlEscaped();  // posit<8,1> is no tag
    if (axis.titleText() != title) {
        axis.setTitleText(title);
    }
}

void paintAxis(QCategoryAxis& axis, const ChartTheme& theme) {
    QFont titleFont = theme.font;
    titleFont.setWeight(QFont::DemiBold);
    axis.setLabelsFont(theme.font);
    axis.setLabelsBrush(theme.mutedText);
    axis.setTitleFont(titleFont);
    axis.setTitleBrush(theme.text);
    axis.setLinePen(QPen(theme.axis, 1));
    axis.setGridLinePen(QPen(theme.grid, 1));
}

}  // namespace

PlotView::PlotView(QWidget* parent) : QChartView(parent) {
    auto* series = new QScatterSeries(chart());  // empty: axes need one to have a range
    chart()->addSeries(series);
    chart()->legend()->hide();
    chart()->setAnimationOptions(QChart::NoAnimation);
    chart()->setBackgroundRoundness(0);
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    m_xAxis = makeAxis(*chart(), *series, Qt::AlignBottom);
    m_yAxis = makeAxis(*chart(), *series, Qt::AlignLeft);
    m_content = new ContentItem(chart(), *this);
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(240, 160);
    viewport()->setMouseTracking(true);
    setFrameMargins({8, 8, 16, 4});
    connect(chart(), &QChart::plotAreaChanged, this, [this](const QRectF& area) {
        showTitle(*m_xAxis, m_xDescription, area.width());
        showTitle(*m_yAxis, m_yDescription, area.height());
        updateContent();
    });
    m_theme = ChartTheme::fromPalette(palette(), font());
    applyTheme();
}

void PlotView::setFixedTheme(const std::optional<ChartTheme>& theme) {
    m_fixedTheme = theme;
    applyTheme();
}

QRectF PlotView::plotArea() const {
    return chart()->mapRectToScene(chart()->plotArea());
}

QPointF PlotView::toView(double x, double y) const {
    const QRectF area = plotArea();
    return {area.left() + m_xScale.toUnit(x) * area.width(),
            area.bottom() - m_yScale.toUnit(y) * area.height()};
}

void PlotView::paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const {
    const std::unique_ptr<PlotView> copy = copyForPicture();
    copy->setFixedTheme(theme);
    copy->setScales(m_xScale, m_yScale);
    copy->renderWhole(painter, size);
}

void PlotView::renderWhole(QPainter& painter, QSizeF size) {
    resize(size.toSize());
    QResizeEvent resized(size.toSize(), this->size());
    resizeEvent(&resized);  // a hidden widget gets none
    chart()->layout()->activate();
    scene()->render(&painter, QRectF(QPointF(), size), QRectF(QPointF(), size));
}

void PlotView::setAxes(const AxisDescription& x, const AxisDescription& y) {
    m_xDescription = x;
    m_yDescription = y;
    showTitle(*m_xAxis, x, chart()->plotArea().width());
    showTitle(*m_yAxis, y, chart()->plotArea().height());
}

void PlotView::setScales(const AxisScale& x, const AxisScale& y) {
    if (x == m_xScale && y == m_yScale && m_xAxis->count() > 0) {
        return;
    }
    m_xScale = x;
    m_yScale = y;
    applyTicks();
    updateContent();
    Q_EMIT viewChanged();
}

void PlotView::applyTicks() {
    const int em = std::max(fontMetrics().height(), 8);
    showTicks(*m_xAxis, m_xScale, std::clamp(width() / (em * 7), 2, 12));
    showTicks(*m_yAxis, m_yScale, std::clamp(height() / (em * 4), 2, 10));
}

void PlotView::setFrameMargins(const QMargins& margins) {
    if (chart()->margins() != margins) {
        chart()->setMargins(margins);
    }
}

void PlotView::updateContent() {
    m_content->update();
}

void PlotView::applyTheme() {
    m_theme = m_fixedTheme.value_or(ChartTheme::fromPalette(palette(), font()));
    chart()->setBackgroundBrush(m_theme.background);
    chart()->setBackgroundPen(Qt::NoPen);
    setBackgroundBrush(m_theme.background);
    paintAxis(*m_xAxis, m_theme);
    paintAxis(*m_yAxis, m_theme);
    updateContent();
}

void PlotView::changeEvent(QEvent* event) {
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::StyleChange) {
        applyTheme();
        applyTicks();
    }
}

void PlotView::resizeEvent(QResizeEvent* event) {
    QChartView::resizeEvent(event);
    m_content->setBounds(QRectF(QPointF(), QSizeF(size())));
    applyTicks();
}

std::optional<Qt::Orientation> PlotView::axisAt(QPointF position) const {
    const QRectF area = plotArea();
    if (position.y() > area.bottom() && position.x() >= area.left()) {
        return Qt::Horizontal;
    }
    if (position.x() < area.left() && position.y() <= area.bottom()) {
        return Qt::Vertical;
    }
    return std::nullopt;
}

}  // namespace bitloupe::charts
