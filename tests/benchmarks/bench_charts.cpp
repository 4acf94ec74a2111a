// SPDX-License-Identifier: Apache-2.0
// What a window with many designs costs: a batch with its repaint, hovering, zooming.
// QT_QPA_PLATFORM=offscreen bench_charts
#include <benchmark/benchmark.h>

#include <QtWidgets/QApplication>

#include <algorithm>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/design_scatter.h"
#include "ui/charts/sensitivity_heatmap.h"

namespace {

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kBatch = 100;

/// A scatter of the usual size that shows `count` designs.
struct Window {
    explicit Window(std::size_t count)
        : all(randomDesigns(count + 50 * kBatch)),
          canvas(900, 600, QImage::Format_ARGB32_Premultiplied) {
        scatter.resize(canvas.size());
        scatter.setData(firstOf(*all, count));
        repaint();
    }
    void repaint() { scatter.QWidget::render(&canvas); }

    std::shared_ptr<ScatterData> all;
    QImage canvas;
    DesignScatter scatter;
};

void batchAndRepaint(benchmark::State& state) {
    const auto count = std::size_t(state.range(0));
    Window window(count);
    std::size_t shown = count;
    for (auto _ : state) {
        state.PauseTiming();
        shown = shown + kBatch > window.all->count() ? count : shown + kBatch;
        const ScatterSnapshot next = firstOf(*window.all, shown);
        if (shown == count) {  // start over, unmeasured
            window.scatter.setData(next);
            window.repaint();
        }
        state.ResumeTiming();
        window.scatter.setData(next);
        window.repaint();
    }
}

void hover(benchmark::State& state) {
    const Window window(std::size_t(state.range(0)));
    const QRectF area = window.scatter.plotArea();
    int step = 0;
    for (auto _ : state) {
        step = (step + 1) % 997;
        const QPointF place(area.left() + area.width() * (step * 37 % 997) / 997,
                            area.top() + area.height() * (step * 53 % 997) / 997);
        benchmark::DoNotOptimize(window.scatter.designsAt(place));
    }
}

void zoomAndRepaint(benchmark::State& state) {
    Window window(std::size_t(state.range(0)));
    bool near = false;
    for (auto _ : state) {
        near = !near;
        near ? window.scatter.zoomToFront() : window.scatter.resetView();
        window.repaint();
    }
}

void heatmapRepaint(benchmark::State& state) {
    SensitivityModel model;
    SensitivityFrame frame;
    for (int layer = 0; layer < int(state.range(0)); ++layer) {
        frame.layers << QString::number(layer);
    }
    for (int format = 0; format < 16; ++format) {
        frame.formats << QString::number(format);
    }
    model.setFrame(frame);
    std::vector<SensitivityEntry> entries;
    for (int layer = 0; layer < frame.layers.size(); ++layer) {
        for (int format = 0; format < 16; ++format) {
            entries.push_back({layer, false, format, double(layer % 97), 1, 1});
        }
    }
    model.addEntries(entries);
    SensitivityHeatmap heatmap(model);
    QImage canvas(900, 600, QImage::Format_ARGB32_Premultiplied);
    heatmap.resize(canvas.size());
    for (auto _ : state) {
        heatmap.render(&canvas);
    }
}

BENCHMARK(batchAndRepaint)->Arg(20000)->Arg(100000)->Unit(benchmark::kMillisecond);
BENCHMARK(hover)->Arg(100000)->Unit(benchmark::kMicrosecond);
BENCHMARK(zoomAndRepaint)->Arg(20000)->Arg(100000)->Unit(benchmark::kMillisecond);
BENCHMARK(heatmapRepaint)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
