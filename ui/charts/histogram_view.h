// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "ui/charts/plot_view.h"

namespace bitloupe::charts {

/// Values counted into bins, and what a number format can say about them. Immutable once shown.
struct HistogramData {
    AxisDescription axis;        ///< of the values; logarithmic: their magnitudes
    QString countLabel;          ///< for instance "share of weights"; empty: "share"
    std::vector<double> edges;   ///< ascending, one more than shares; empty: nothing counted
    std::vector<double> shares;  ///< percent of all values, zeros of a logarithmic axis left out

    std::vector<double> representable;  ///< ascending; drawn as a number line under the bars
    /// What lies outside is clipped to the nearest end; equal: no format.
    double lowest = 0;
    double highest = 0;
    double clippedPercent = 0;    ///< of all values
    double underflowPercent = 0;  ///< not zero, but rounded to zero

    /// The number line is shown whole unless it reaches this many times beyond the values.
    double reach = 100;
    bool captioned = true;  ///< the summary stands above the bars
};

struct HistogramOptions {
    int bins = 64;
    ScaleKind scale = ScaleKind::Linear;
    QString label;  ///< what the values are, for instance "Weights of c3"
    QString unit;
};

/// Counts `values` (NaN and infinities are left out) and puts the values a format can represent,
/// already scaled and ascending, beneath; `representable` may be empty (float). On a logarithmic
/// axis the smallest thousandth of the magnitudes falls into the first bin.
[[nodiscard]] HistogramData histogramOf(std::span<const float> values,
                                        std::vector<double> representable,
                                        const HistogramOptions& options);

/// A histogram over the number line of a format: what is representable, where values lie, which
/// are clipped and which vanish. Also the plain histogram of an objective. GUI thread only.
class HistogramView : public PlotView {
    Q_OBJECT
public:
    explicit HistogramView(QWidget* parent = nullptr);

    void setData(HistogramData data);
    [[nodiscard]] const HistogramData& data() const { return m_data; }

    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override;

protected:
    void paintContent(QPainter& painter, bool vector) override;
    [[nodiscard]] std::unique_ptr<PlotView> copyForPicture() const override;

private:
    void paintBars(QPainter& painter) const;
    void paintClipping(QPainter& painter, const QRectF& area) const;
    void paintNumberLine(QPainter& painter, const QRectF& area) const;

    HistogramData m_data;
};

}  // namespace bitloupe::charts
