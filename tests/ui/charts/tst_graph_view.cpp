// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QBuffer>
#include <QtGui/QPainter>
#include <QtGui/QWheelEvent>
#include <QtSvg/QSvgGenerator>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>

#include <cmath>

#include "tests/ui/support/pictures.h"
#include "ui/charts/graph_view.h"

using namespace bitloupe;
using namespace bitloupe::charts;

namespace {

/// A chain of residual blocks: every third node is a layer.
std::shared_ptr<const GraphViewData> chain(int blocks) {
    network::Graph graph;
    const auto edge = [](int block, char part) { return std::to_string(block) + part; };
    auto data = std::make_shared<GraphViewData>();
    const auto add = [&](const char* type, const std::vector<std::string>& inputs,
                         const std::string& output, int layer) {
        network::Node node;
        node.name = output;
        node.operatorType = type;
        node.inputs = inputs;
        node.outputs = {output};
        graph.nodes.push_back(node);
        data->nodes.push_back({QString::fromLatin1(type),
                               layer < 0 ? QString() : QStringLiteral("conv%1").arg(layer), layer,
                               layer < 0 ? std::nan("") : double(layer + 1)});
    };
    for (int block = 0; block < blocks; ++block) {
        const std::string in = block == 0 ? "in" : edge(block - 1, 's');
        add("Conv", {in}, edge(block, 'c'), block);
        add("Relu", {edge(block, 'c')}, edge(block, 'r'), -1);
        add("Add", {in, edge(block, 'r')}, edge(block, 's'), -1);
    }
    data->layout = network::layOut(graph);
    data->axis = {QStringLiteral("MACs"), {}, Better::Neither, ScaleKind::Logarithmic, 0};
    return data;
}

}  // namespace

class TstGraphView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLayerChosenBeforeTheViewIsShownMovesNothing() {
        GraphView view;
        view.setData(chain(3));
        view.resize(20, 20);  // as a page that was never shown
        view.setSelectedLayer(2);
        view.resize(400, 700);
        view.show();
        for (std::size_t node = 0; node < 9; ++node) {
            QVERIFY(QRectF(view.rect()).contains(view.nodePlace(node)));
        }
    }

    void aSmallNetworkIsSeenWhole() {
        GraphView view;
        view.resize(400, 700);
        view.setData(chain(3));
        for (std::size_t node = 0; node < 9; ++node) {
            QVERIFY(QRectF(view.rect()).contains(view.nodePlace(node)));
        }
        ui::testing::keepPicture(view, QStringLiteral("graph"));
        view.zoom(2, {0, 0});
        const QRectF before = view.nodePlace(0);
        view.resize(500, 600);  // the person's zoom stays
        QCOMPARE(view.nodePlace(0).size(), before.size());
        view.fit();
        QVERIFY(QRectF(view.rect()).contains(view.nodePlace(8)));
    }

    /// What lies under the mouse stays there.
    void theWheelZoomsAroundTheMouse() {
        GraphView view;
        view.resize(400, 700);
        view.setData(chain(3));
        view.show();
        const QPointF centre = view.nodePlace(4).center();
        const double width = view.nodeWidth();
        QWheelEvent wheel(centre, view.mapToGlobal(centre), {}, {0, 240}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&view, &wheel);
        QVERIFY(view.nodeWidth() > width * 1.4);
        QVERIFY((view.nodePlace(4).center() - centre).manhattanLength() < 1e-6);
    }

    void layersAreChosenByMouseAndKeys() {
        GraphView view;
        view.resize(400, 700);
        view.setData(chain(3));
        QSignalSpy chosen(&view, &GraphView::layerChosen);
        QTest::mouseClick(&view, Qt::LeftButton, {}, view.nodePlace(3).center().toPoint());
        QCOMPARE(chosen.takeFirst().at(0).toInt(), 1);
        QTest::mouseClick(&view, Qt::LeftButton, {}, view.nodePlace(4).center().toPoint());
        QVERIFY(chosen.isEmpty());  // a Relu is not a layer
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(chosen.takeFirst().at(0).toInt(), 2);
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.selectedLayer(), 2);
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.selectedLayer(), 1);
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("conv1")));
    }

    void draggingMovesAndChoosesNothing() {
        GraphView view;
        view.resize(400, 700);
        view.setData(chain(3));
        QSignalSpy chosen(&view, &GraphView::layerChosen);
        const QPointF before = view.nodePlace(0).center();
        QTest::mousePress(&view, Qt::LeftButton, {}, before.toPoint());
        QMouseEvent move(QEvent::MouseMove, before.toPoint() + QPointF(60, 40),
                         view.mapToGlobal(before.toPoint() + QPointF(60, 40)), Qt::LeftButton,
                         Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&view, &move);
        QTest::mouseRelease(&view, Qt::LeftButton, {}, before.toPoint() + QPoint(60, 40));
        QVERIFY((view.nodePlace(0).center() - before - QPointF(60, 40)).manhattanLength() < 1e-6);
        QVERIFY(chosen.isEmpty());
    }

    /// In a network of 6,000 nodes a layer that is chosen elsewhere comes into view.
    void aFarLayerIsShown() {
        GraphView view;
        view.resize(400, 700);
        view.setData(chain(2000));
        view.show();
        QVERIFY(!QRectF(view.rect()).intersects(view.nodePlace(3 * 1500)));
        view.setSelectedLayer(1500);
        QVERIFY(QRectF(view.rect()).contains(view.nodePlace(3 * 1500).center()));
        QVERIFY(!view.grab().toImage().isNull());
    }

    void thePictureIsMadeOfShapes() {
        GraphView view;
        view.setData(chain(5));
        QBuffer buffer;
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize({600, 900});
        QPainter painter(&generator);
        view.paintPicture(painter, {600, 900}, ChartTheme::day());
        painter.end();
        QVERIFY(!buffer.data().contains("<image"));
        QVERIFY(buffer.data().count("conv") >= 5);
        QCOMPARE(view.pictureCsv().count(QLatin1Char('\n')), 16);
    }
};

QTEST_MAIN(TstGraphView)
#include "tst_graph_view.moc"
