// SPDX-License-Identifier: Apache-2.0
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTabBar>
#include <QTableView>
#include <QTest>
#include <cmath>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/pages/sensitivity_page.h"
#include "ui/panels/detail_map.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;
using charts::SensitivityModel;
using exploration::Side;
using Cell = SensitivityModel::Cell;

/// The maps beside that of the layers, asked for and read with mouse and keys.
class TstSensitivityPage : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<MainWindow> m_window;

    ExplorationBridge& bridge() { return m_window->document().bridge(); }
    SensitivityPage& page() { return m_window->sensitivityPage(); }
    DetailMap& detail() { return page().detail(); }
    SensitivityModel& model() { return detail().model(); }
    double valueOf(const Cell& cell) {
        return model().indexOf(cell).data(SensitivityModel::ValueRole).toDouble();
    }
    QString rowName(int row) {
        return model().headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
    }
    void showMap(SensitivityPage::Map map) {
        QTabBar& maps = page().maps();
        QTest::mouseClick(&maps, Qt::LeftButton, Qt::NoModifier, maps.tabRect(map).center());
        QCOMPARE(maps.currentIndex(), static_cast<int>(map));
    }
    void clickCell(const Cell& cell) {
        QTableView& table = detail().heatmap().table();
        table.scrollTo(model().indexOf(cell));
        QTest::mouseClick(table.viewport(), Qt::LeftButton, Qt::NoModifier,
                          table.visualRect(model().indexOf(cell)).center());
    }
    void measure() {
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        QTest::mouseClick(&detail().measureButton(), Qt::LeftButton);
        QVERIFY(finished.wait(20000));
    }

private Q_SLOTS:
    void initTestCase() { prepareWindowTests(QStringLiteral("tst_sensitivity_page")); }

    void init() {
        QSettings().clear();
        m_world = std::make_shared<FakeWorld>();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
        openStudy(*m_window);
        m_window->setPage(MainWindow::Sensitivity);
    }

    void cleanup() {
        m_world->evaluator->gated = false;
        bridge().stopAndWait();
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void channelsOfTheSelectedLayerArriveLive() {
        m_window->selection().setLayer(1);
        showMap(SensitivityPage::Channels);
        QCOMPARE(page().maps().tabText(SensitivityPage::Channels),
                 QStringLiteral("Channels of c3"));
        QPushButton& button = detail().measureButton();
        QCOMPARE(button.text(), QStringLiteral("&Measure the channels of c3"));
        QVERIFY(button.isEnabled());
        // 16 output channels, 6 input channels and two headings
        QCOMPARE(model().rowCount(), 16 + 6 + 2);
        QCOMPARE(model().measuredCells(), 0);

        m_world->evaluator->gated = true;
        m_world->evaluator->permits.release(20);
        QTest::mouseClick(&button, Qt::LeftButton);
        QTRY_VERIFY(model().measuredCells() > 0);
        QVERIFY(bridge().isBusy());
        QVERIFY(!button.isEnabled());
        QVERIFY(model().measuredCells() <= 20);
        QCOMPARE(m_window->currentPage(), static_cast<int>(MainWindow::Sensitivity));
        keepPicture(*m_window, QStringLiteral("channels-live"));
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        m_world->evaluator->gated = false;
        QVERIFY(finished.wait(20000));
        QVERIFY(button.isEnabled());
        QCOMPARE(m_window->selection().layer(), 1);
        QCOMPARE(model().measuredCells(), 16 * 4 + 6 * 3);  // formats of each side
        QVERIFY(bridge().snapshot()->evaluations.empty());  // nothing else was measured
        QVERIFY(bridge().snapshot()->sensitivity.empty());
        // The formula of the fake, at the last channel.
        exploration::Assignment alone(5);
        alone[1].weights = quantization::Quantizer::parse("int8").value();
        QVERIFY(std::abs(valueOf({15, false, 0}) -
                         100 * (exploration::testing::fakeMeasurement(alone).metric - 15e-6)) <
                1e-9);
        keepPicture(*m_window, QStringLiteral("channels"));
    }

    void channelsAreReadWithKeysNumbersAndCsv() {
        m_window->selection().setLayer(1);
        showMap(SensitivityPage::Channels);
        measure();
        clickCell({15, false, 1});
        QVERIFY2(
            detail().sentence().startsWith(QStringLiteral("Weights of c3, channel 15, in int6: ")),
            qPrintable(detail().sentence()));
        QTableView& table = detail().heatmap().table();
        QTest::keyClick(&table, Qt::Key_Down);  // over the heading
        QTest::keyClick(&table, Qt::Key_Return);
        QVERIFY(detail().sentence().startsWith(
            QStringLiteral("Activations of c3, channel 0, in int6: ")));
        QCOMPARE(m_window->selection().layer(), 1);
        QVERIFY(m_window->selection().side() == Side::Activations);
        QTest::keyClick(&table, Qt::Key_N);
        QVERIFY(detail().heatmap().numbersShown());
        QVERIFY(page().heatmap().numbersShown());  // one switch for both
        const QStringList rows =
            detail().heatmap().pictureCsv().split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
        QCOMPARE(rows.size(), 1 + 16 + 6);
        QVERIFY(rows[1].startsWith(QStringLiteral("channel 0,weights,")));
        QVERIFY(rows[17].startsWith(QStringLiteral("channel 0,activations,")));
        // Another layer, another map.
        m_window->selection().setLayer(4);
        QCOMPARE(page().maps().tabText(SensitivityPage::Channels),
                 QStringLiteral("Channels of output"));
        QCOMPARE(model().measuredCells(), 0);
        m_window->selection().setLayer(1);
        QCOMPARE(model().measuredCells(), 16 * 4 + 6 * 3);
    }

    void manyChannelsAreTakenTogether() {
        m_window->selection().setLayer(2);  // 120 output channels, 400 input channels
        showMap(SensitivityPage::Channels);
        QCOMPARE(model().rowCount(), 10 + 31 + 2);
        QCOMPARE(rowName(1), QStringLiteral("channels 0–12"));
        QCOMPARE(rowName(10), QStringLiteral("channels 117–119"));
        measure();
        QCOMPARE(model().measuredCells(), 10 * 4 + 31 * 3);
        keepPicture(*m_window, QStringLiteral("channels-grouped"));
    }

    void oneLayerInFloatStandsBesideItsYardstick() {
        showMap(SensitivityPage::LeaveOneInFloat);
        QCOMPARE(model().rowCount(), 2 * (1 + 1 + 5));
        QCOMPARE(rowName(1), QStringLiteral("(none)"));
        measure();
        QCOMPARE(model().measuredCells(), (1 + 5) * (4 + 3));
        // int3 weights, everywhere and everywhere but in the last layer
        exploration::Assignment all(5);
        for (auto& scheme : all) {
            scheme.weights = quantization::Quantizer::parse("int3").value();
        }
        exploration::Assignment but = all;
        but[4].weights.reset();
        const double yardstick = exploration::testing::fakeMeasurement(all).metric;
        const double left = exploration::testing::fakeMeasurement(but).metric;
        QVERIFY(std::abs(valueOf({0, false, 3}) - 100 * yardstick) < 1e-9);
        QVERIFY(std::abs(valueOf({5, false, 3}) - 100 * left) < 1e-9);
        clickCell({5, false, 3});
        QCOMPARE(m_window->selection().layer(), 4);
        QVERIFY2(detail().sentence().contains(
                     QStringLiteral("+%1 points").arg((left - yardstick) * 100, 0, 'f', 2)),
                 qPrintable(detail().sentence()));
        keepPicture(*m_window, QStringLiteral("one-in-float"));
        showMap(SensitivityPage::Layers);
        QVERIFY(page().heatmap().isVisible());
        QVERIFY(!detail().isVisible());
    }
};

QTEST_MAIN(TstSensitivityPage)
#include "tst_sensitivity_page.moc"
