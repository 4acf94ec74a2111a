// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/design_scatter.h"
#include "ui/charts/histogram_view.h"
#include "ui/charts/parallel_coordinates.h"
#include "ui/charts/render_scatter.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/charts/study_charts.h"

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Every kind of chart with something in it.
class Gallery {
public:
    Gallery() {
        auto designs = randomDesigns(1000);
        designs->colourAxis = {QStringLiteral("Cycles"), {}};
        designs->colour = designs->x;
        designs->reference = QPointF(9e7, 98.8);
        designs->notes = {{designs->ids[3], QStringLiteral("knee")}};
        m_scatter.setData(designs);

        SensitivityFrame frame;
        frame.layers = QStringList{QStringLiteral("c1"), QStringLiteral("c3")};
        frame.formats = QStringList{QStringLiteral("int8"), QStringLiteral("int4")};
        frame.metric = designs->yAxis;
        m_cells.setFrame(frame);
        m_cells.addEntries(std::vector<SensitivityEntry>{{0, false, 0, 98, 0.1, 30}});
        m_cells.setChosen({0, 1}, {1, 0});

        const std::vector<float> weights = {-1, 0.5F, 0.25F, 3, -0.125F};
        m_histogram.setData(
            histogramOf(weights, {-2, -1, 0, 1, 2}, {.bins = 8, .label = {}, .unit = {}}));
        m_curve.setData({designs->xAxis,
                         designs->yAxis,
                         {rooflineCurve(QStringLiteral("roof"), 100, 10, 1, 1000)}});
        auto lines = std::make_shared<ParallelData>();
        lines->axes = {designs->xAxis, designs->yAxis};
        lines->ids = designs->ids;
        lines->flags = designs->flags;
        lines->values = {designs->x, designs->y};
        m_parallel.setData(lines);
    }

    [[nodiscard]] std::vector<std::pair<QString, const Picture*>> pictures() const {
        return {{QStringLiteral("scatter"), &m_scatter},
                {QStringLiteral("heatmap"), &m_heatmap},
                {QStringLiteral("histogram"), &m_histogram},
                {QStringLiteral("curve"), &m_curve},
                {QStringLiteral("parallel"), &m_parallel}};
    }

private:
    DesignScatter m_scatter;
    SensitivityModel m_cells;
    SensitivityHeatmap m_heatmap{m_cells};
    HistogramView m_histogram;
    CurveView m_curve;
    ParallelCoordinates m_parallel;
};

}  // namespace

class TstPictures : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] QString inFolder(const QString& name) const { return m_folder.filePath(name); }

private Q_SLOTS:
    void init() { failOnQtWarnings(); }

    void vectorFilesHoldNoImages() {
        const Gallery gallery;
        for (const auto& [name, picture] : gallery.pictures()) {
            for (const ChartTheme& theme : {ChartTheme::day(), ChartTheme::night()}) {
                PictureOptions options;
                options.theme = theme;
                const QString svg = inFolder(name + QStringLiteral(".svg"));
                QVERIFY(savePicture(*picture, svg, options).hasValue());
                const QByteArray text = contentsOf(svg);
                QVERIFY2(!text.contains("<image"), qPrintable(name));
                QVERIFY2(text.contains("<text"), qPrintable(name));
                const QString pdf = inFolder(name + QStringLiteral(".pdf"));
                QVERIFY(savePicture(*picture, pdf, options).hasValue());
                QVERIFY(contentsOf(pdf).startsWith("%PDF"));
                QVERIFY2(!contentsOf(pdf).contains("/Subtype /Image"), qPrintable(name));
            }
        }
    }

    void everyDesignIsAShapeOfItsOwn() {
        const auto designs = randomDesigns(1000);
        const QString svg = inFolder(QStringLiteral("designs.svg"));
        QVERIFY(renderScatter(designs, svg).hasValue());
        const auto dots = std::count(designs->flags.begin(), designs->flags.end(), kDominated);
        // One circle per dot, and one in the legend.
        QCOMPARE(contentsOf(svg).count("<circle") + contentsOf(svg).count("<ellipse"), dots + 1);
    }

    void pngHasTheSizeAskedFor() {
        const auto designs = randomDesigns(50);
        PictureOptions options;
        options.size = {640, 400};
        for (const double scale : {1.0, 2.5, 4.0}) {
            options.scale = scale;
            const QString path = inFolder(QStringLiteral("designs.png"));
            QVERIFY(renderScatter(designs, path, options).hasValue());
            const QImage image(path);
            QCOMPARE(image.size(), (QSizeF(640, 400) * scale).toSize());
            QCOMPARE(image.pixelColor(1, 1), options.theme.background);
        }
    }

    void pictureKeepsTheViewItWasTakenFrom() {
        DesignScatter scatter;
        scatter.setData(randomDesigns(200));
        scatter.zoomToFront();
        const QString before = scatter.pictureCsv();
        const QImage zoomed = pictureImage(scatter);
        scatter.resetView();
        QVERIFY(zoomed != pictureImage(scatter));
        QVERIFY(before.count(QLatin1Char('\n')) <= scatter.pictureCsv().count(QLatin1Char('\n')));
        QCOMPARE(scatter.pictureCsv().count(QStringLiteral("\r\n")), 201);
    }

    void csvIsWhatThePictureShows() {
        const Gallery gallery;
        for (const auto& [name, picture] : gallery.pictures()) {
            const QString path = inFolder(name + QStringLiteral(".csv"));
            QVERIFY(savePicture(*picture, path).hasValue());
            QCOMPARE(QString::fromUtf8(contentsOf(path)), picture->pictureCsv());
            QVERIFY2(picture->pictureCsv().count(QStringLiteral("\r\n")) >= 2, qPrintable(name));
            QVERIFY2(!picture->pictureSummary().isEmpty(), qPrintable(name));
        }
    }

    void impossibleWishesAreRefusedInOneSentence() {
        const auto designs = randomDesigns(5);
        PictureOptions small;
        small.size = {20, 20};
        PictureOptions sharp;
        sharp.scale = std::numeric_limits<double>::quiet_NaN();
        const QString good = inFolder(QStringLiteral("good.png"));
        for (const auto& [path, options] :
             {std::pair(inFolder(QStringLiteral("plot.bmp")), PictureOptions()),
              std::pair(inFolder(QStringLiteral("missing/plot.png")), PictureOptions()),
              std::pair(good, small), std::pair(good, sharp)}) {
            const auto refused = renderScatter(designs, path, options);
            QVERIFY(refused.hasError());
            QCOMPARE(refused.error().where, path.toStdString());
            QVERIFY(!refused.error().remedy.empty());
            QVERIFY(!QFile::exists(path));
        }
    }

    void studiesBecomeScattersWithUnits() {
        using bitloupe::exploration::Evaluation;
        using bitloupe::exploration::QuantityId;
        std::vector<Evaluation> evaluations(3);
        const double metrics[] = {0.98, 0.95, 0.90};
        const double bops[] = {3e6, 1e6, 2e6};
        for (std::size_t i = 0; i < 3; ++i) {
            evaluations[i].id = std::int64_t(i) + 1;
            evaluations[i].measured.metric = metrics[i];
            evaluations[i].measured.interval = {metrics[i] - 0.01, metrics[i] + 0.01};
            evaluations[i].costs.bops = bops[i];
        }
        ScatterContext context;
        context.reference = Evaluation();
        context.reference->measured.metric = 0.99;
        const ScatterData data = scatterOf(evaluations, {}, context);
        QVERIFY(data.isConsistent());
        QCOMPARE(data.y, (std::vector<double>{98, 95, 90}));
        QCOMPARE(data.x, (std::vector<double>{3e6, 1e6, 2e6}));
        QCOMPARE(data.high[0], 99.0);
        QCOMPARE(data.flags, (std::vector<quint8>{kFront, kFront, kDominated}));
        QCOMPARE(data.reference->y(), 99.0);
        QCOMPARE(data.yAxis.title(), QStringLiteral("Accuracy in % (higher is better)"));
        QCOMPARE(axisOf(QuantityId::Cycles).title(), QStringLiteral("Cycles (lower is better)"));
        QCOMPARE(axisOf(QuantityId::Accuracy, {QStringLiteral("R²"), false}).title(),
                 QStringLiteral("R² (higher is better)"));
    }
};

QTEST_MAIN(TstPictures)
#include "tst_pictures.moc"
