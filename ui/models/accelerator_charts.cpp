// SPDX-License-Identifier: Apache-2.0
#include "ui/models/accelerator_charts.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <limits>

#include "core/hardware/cost.h"

namespace bitloupe::ui {

namespace {

using charts::AxisDescription;
using charts::Better;
using charts::Curve;
using charts::CurveData;
using charts::CurveStyle;
using charts::ScaleKind;

/// How far beyond its points the roof is drawn.
constexpr double kRoofMargin = 4;

QString words(const char* text) {
    return QCoreApplication::translate("AcceleratorCharts", text);
}

QString bytesText(double bytes) {
    constexpr double kStep = 1024;
    const bool mega = bytes >= kStep * kStep;
    return QLocale().toString(bytes / (mega ? kStep * kStep : kStep), 'f', 0) +
           (mega ? QStringLiteral(" MiB") : QStringLiteral(" KiB"));
}

/// One line of a sweep; its knee joins `knees` under `name`.
void addSweep(CurveData& data, Curve& knees, const hardware::ResourceSweep& sweep,
              const QString& label, double unit, double (*cost)(const hardware::SweepPoint&),
              const QString& name) {
    Curve line{label, {}, CurveStyle::Line, static_cast<int>(data.curves.size()), {}};
    for (const hardware::SweepPoint& point : sweep.points) {
        line.points.emplace_back(point.size / unit, cost(point));
    }
    const hardware::SweepPoint& knee = sweep.points[sweep.knee];
    knees.points.emplace_back(knee.size / unit, cost(knee));
    knees.names << name;
    data.curves.push_back(std::move(line));
}

Curve kneeCurve() {
    return {words("knee (2 %)"), {}, CurveStyle::Points, 6, {}};
}

}  // namespace

CurveData rooflineChart(const AcceleratorStudy& study) {
    CurveData data;
    data.xAxis = {words("MACs per DRAM byte"), {}, Better::Neither, ScaleKind::Logarithmic, 0};
    data.yAxis = {words("MACs per cycle"), {}, Better::Higher, ScaleKind::Logarithmic, 0};
    Curve layers{words("layers"), {}, CurveStyle::Points, 1, {}};
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (std::size_t i = 0; i < study.roofline.layers.size(); ++i) {
        const hardware::RooflinePoint& point = study.roofline.layers[i];
        if (point.intensity > 0) {
            layers.points.emplace_back(point.intensity, point.performance);
            layers.names << QString::fromStdString(study.workloads[i].name);
            low = std::min(low, point.intensity);
            high = std::max(high, point.intensity);
        }
    }
    if (layers.points.empty()) {
        return data;
    }
    const double peak = study.roofline.peak;
    const double bandwidth = study.roofline.bandwidth;
    if (bandwidth > 0) {
        const double ridge = peak / bandwidth;
        data.curves.push_back(charts::rooflineCurve(words("roof of the array and its memory"), peak,
                                                    bandwidth, std::min(low, ridge) / kRoofMargin,
                                                    std::max(high, ridge) * kRoofMargin));
    } else {
        data.curves.push_back(
            {words("peak of the array (bandwidth without limit)"),
             {QPointF(low / kRoofMargin, peak), QPointF(high * kRoofMargin, peak)},
             CurveStyle::Line,
             0,
             {}});
    }
    data.curves.push_back(std::move(layers));
    return data;
}

CurveData bandwidthChart(const AcceleratorStudy& study) {
    CurveData data;
    data.xAxis = {words("DRAM bandwidth"), words("bytes per cycle"), Better::Neither,
                  ScaleKind::Logarithmic, 0};
    data.yAxis = {words("Cycles a sample"), {}, Better::Lower, ScaleKind::Logarithmic, 0};
    const auto& sweep = study.sweeps[static_cast<std::size_t>(hardware::Resource::Bandwidth)];
    Curve knees = kneeCurve();
    addSweep(
        data, knees, sweep, words("cycles"), 1,
        [](const hardware::SweepPoint& point) { return static_cast<double>(point.cycles); },
        QLocale().toString(sweep.points[sweep.knee].size) + QLatin1Char(' ') +
            words("bytes per cycle"));
    data.curves.push_back(std::move(knees));
    return data;
}

CurveData bufferChart(const AcceleratorStudy& study) {
    constexpr double kKilobyte = 1024;
    CurveData data;
    data.xAxis = {words("Buffer"), QStringLiteral("KiB"), Better::Neither, ScaleKind::Logarithmic,
                  0};
    data.yAxis = {words("DRAM bytes"), {}, Better::Lower, ScaleKind::Logarithmic, 0};
    Curve knees = kneeCurve();
    for (const auto& [resource, label] :
         {std::pair{hardware::Resource::IfmapBuffer, words("input")},
          std::pair{hardware::Resource::FilterBuffer, words("weight")},
          std::pair{hardware::Resource::OfmapBuffer, words("output")}}) {
        const auto& sweep = study.sweeps[static_cast<std::size_t>(resource)];
        addSweep(
            data, knees, sweep, label, kKilobyte,
            [](const hardware::SweepPoint& point) { return point.dramBytes; },
            label + QLatin1Char(' ') + bytesText(sweep.points[sweep.knee].size));
    }
    data.curves.push_back(std::move(knees));
    return data;
}

charts::ShapeMapData shapeMap(std::span<const hardware::Gemm> gemms,
                              const hardware::Accelerator& shown) {
    charts::ShapeMapData data;
    data.rowTitle = words("Rows");
    data.columnTitle = words("Columns");
    data.axis = {words("Cycles a sample"), {}, Better::Lower, ScaleKind::Logarithmic, 0};
    hardware::Accelerator array = shown;
    for (const std::int64_t side : kMapSides) {
        data.rows << QLocale().toString(side);
    }
    data.columns = data.rows;
    for (const std::int64_t rows : kMapSides) {
        for (const std::int64_t columns : kMapSides) {
            array.rows = rows;
            array.columns = columns;
            if (rows == shown.rows && columns == shown.columns) {
                data.chosen = static_cast<int>(data.values.size());
            }
            data.values.push_back(static_cast<double>(hardware::computeCycles(gemms, array)));
        }
    }
    return data;
}

}  // namespace bitloupe::ui
