// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QPointF>
#include <QtCore/QStringList>

#include <vector>

#include "ui/charts/plot_view.h"

namespace bitloupe::charts {

enum class CurveStyle { Line, Steps, Dashed, Points };

/// One line of a chart; `points` by rising x. `names` (empty, or one per point) label Points.
struct Curve {
    QString label;
    std::vector<QPointF> points;
    CurveStyle style = CurveStyle::Line;
    int colour = 0;  ///< categoryColour step
    QStringList names;
};

struct CurveData {
    AxisDescription xAxis;
    AxisDescription yAxis;
    std::vector<Curve> curves;
};

/// Lines over a common axis: hypervolume over evaluations, loss over epochs, a roofline with its
/// layers. The range grows with the data and stays still otherwise. GUI thread only.
class CurveView : public PlotView {
    Q_OBJECT
public:
    explicit CurveView(QWidget* parent = nullptr);

    void setData(CurveData data);
    [[nodiscard]] const CurveData& data() const { return m_data; }

    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override;

protected:
    void paintContent(QPainter& painter, bool vector) override;
    [[nodiscard]] std::unique_ptr<PlotView> copyForPicture() const override;

private:
    void paintCurve(QPainter& painter, const Curve& curve) const;
    void paintNames(QPainter& painter, const Curve& curve) const;
    void paintLegend(QPainter& painter) const;
    [[nodiscard]] QColor colourOf(const Curve& curve) const;

    CurveData m_data;
    bool m_fitted = false;
};

/// The best of what was reached, step by step: `values` after each evaluation.
[[nodiscard]] Curve progressCurve(const QString& label, const std::vector<QPointF>& values);

/// The roofline (Williams, Waterman, Patterson 2009): attainable operations per cycle over
/// operations per byte, for a peak and a bandwidth in bytes per cycle, from `low` to `high`.
[[nodiscard]] Curve rooflineCurve(const QString& label, double peakPerCycle, double bytesPerCycle,
                                  double low, double high);

}  // namespace bitloupe::charts
