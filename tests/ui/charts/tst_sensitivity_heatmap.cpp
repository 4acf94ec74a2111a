// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QTableView>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/sensitivity_heatmap.h"

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

using Cell = SensitivityModel::Cell;

SensitivityFrame lenet() {
    SensitivityFrame frame;
    frame.layers = QStringList{QStringLiteral("c1"), QStringLiteral("c3"), QStringLiteral("f6")};
    frame.formats = QStringList{QStringLiteral("int8"), QStringLiteral("int6"),
                                QStringLiteral("int4"), QStringLiteral("int2")};
    frame.metric = {
        QStringLiteral("Accuracy"), QStringLiteral("%"), Better::Higher, ScaleKind::Linear, 0, 100};
    frame.kl = {QStringLiteral("KL divergence"), QStringLiteral("nat"), Better::Lower,
                ScaleKind::Logarithmic};
    frame.sqnrDb = {QStringLiteral("SQNR"), QStringLiteral("dB"), Better::Higher};
    return frame;
}

double shareOf(const SensitivityModel& model, const Cell& cell) {
    return model.indexOf(cell).data(SensitivityModel::ShareRole).toDouble();
}

}  // namespace

class TstSensitivityHeatmap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnQtWarnings(); }

    void modelKeepsItsPromisesWhileCellsArrive() {
        SensitivityModel model;
        const QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setFrame(lenet());
        QCOMPARE(model.rowCount(), 8);  // two headings
        QCOMPARE(model.columnCount(), 4);
        QCOMPARE(model.measuredCells(), 0);
        int arrived = 0;
        for (int format = 0; format < 4; ++format) {
            for (int layer = 0; layer < 3; ++layer) {
                model.addEntries(std::vector<SensitivityEntry>{
                    {layer, false, format, 98.0 - 10 * format, 1e-4 * (format + 1), 40.0 - format},
                    {layer, true, format, 97.0, 1e-3, 30}});
                arrived += 2;
                QCOMPARE(model.measuredCells(), arrived);
            }
        }
        model.setQuantity(SensitivityQuantity::Kl);
        model.setChosen({0, 1, 2}, {3, -1, 0});
        model.setFrame({});
        QCOMPARE(model.rowCount(), 0);
        model.setFrame(lenet());
    }

    void oneCellChangesOneCell() {
        SensitivityModel model;
        model.setFrame(lenet());
        model.addEntries(
            std::vector<SensitivityEntry>{{0, false, 0, 98, 1, 1}, {1, false, 0, 10, 1, 1}});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.addEntries(std::vector<SensitivityEntry>{{2, true, 3, 50, 1, 1}});
        QCOMPARE(changed.count(), 1);
        const QModelIndex index = model.indexOf({2, true, 3});
        QCOMPARE(changed.first()[0].value<QModelIndex>(), index);
        QCOMPARE(changed.first()[1].value<QModelIndex>(), index);
        QCOMPARE(index.data(SensitivityModel::ValueRole).toDouble(), 50.0);
        QCOMPARE(model.cellAt(index), (std::optional<Cell>({2, true, 3})));
    }

    void coloursFollowTheScale() {
        SensitivityModel model;
        model.setFrame(lenet());
        model.addEntries(std::vector<SensitivityEntry>{
            {0, false, 0, 98, 1e-5, 1}, {0, false, 1, 60, 1e-3, 1}, {0, false, 2, 10, 1e-1, 1}});
        QVERIFY(shareOf(model, {0, false, 0}) > shareOf(model, {0, false, 1}));
        QVERIFY(shareOf(model, {0, false, 1}) > shareOf(model, {0, false, 2}));
        QVERIFY(std::isnan(shareOf(model, {0, false, 3})));
        model.setQuantity(SensitivityQuantity::Kl);
        // Equal ratios are equal steps of a logarithmic scale.
        const double first = shareOf(model, {0, false, 1}) - shareOf(model, {0, false, 0});
        const double second = shareOf(model, {0, false, 2}) - shareOf(model, {0, false, 1});
        QVERIFY(std::abs(first - second) < 1e-9);
        QVERIFY(first > 0.2);
    }

    void entriesOutsideTheFrameAreLeftOut() {
        SensitivityModel model;
        model.setFrame(lenet());
        model.addEntries(std::vector<SensitivityEntry>{{-1, false, 0, 1, 1, 1},
                                                       {3, false, 0, 1, 1, 1},
                                                       {0, true, 4, 1, 1, 1},
                                                       {0, true, -1, 1, 1, 1}});
        QCOMPARE(model.measuredCells(), 0);
    }

    void summaryNamesTheMostSensitive() {
        SensitivityModel model;
        model.setFrame(lenet());
        QCOMPARE(model.summary(), QStringLiteral("0 of 24 cells measured."));
        model.addEntries(std::vector<SensitivityEntry>{{0, false, 3, 11.2, 0.5, 3},
                                                       {1, true, 0, 98.5, 0.9, 40}});
        QCOMPARE(model.summary(),
                 QStringLiteral("2 of 24 cells measured. Most sensitive: c1 weights in int2: "
                                "Accuracy 11.2\u00a0%."));
        model.setQuantity(SensitivityQuantity::Kl);
        QVERIFY(model.summary().contains(QStringLiteral("c3 activations in int8")));
    }

    void keysMoveOverHeadingsAndSelect() {
        SensitivityModel model;
        model.setFrame(lenet());
        SensitivityHeatmap heatmap(model);
        heatmap.resize(700, 500);
        heatmap.show();
        QVERIFY(QTest::qWaitForWindowExposed(&heatmap));
        QTableView& table = heatmap.table();
        table.setCurrentIndex(model.indexOf({2, false, 1}));
        QTest::keyClick(&table, Qt::Key_Down);
        QCOMPARE(model.cellAt(table.currentIndex()), (std::optional<Cell>({0, true, 1})));
        QTest::keyClick(&table, Qt::Key_Right);
        QTest::keyClick(&table, Qt::Key_Up);
        QCOMPARE(model.cellAt(table.currentIndex()), (std::optional<Cell>({2, false, 2})));
        QSignalSpy clicked(&heatmap, &SensitivityHeatmap::cellClicked);
        QTest::keyClick(&table, Qt::Key_Return);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first().first().value<Cell>(), (Cell{2, false, 2}));
        QVERIFY(!heatmap.numbersShown());
        QTest::keyClick(&table, Qt::Key_N);
        QVERIFY(heatmap.numbersShown());
    }

    void mouseClicksAndHoversCells() {
        SensitivityModel model;
        model.setFrame(lenet());
        SensitivityHeatmap heatmap(model);
        heatmap.resize(700, 500);
        heatmap.show();
        QVERIFY(QTest::qWaitForWindowExposed(&heatmap));
        QSignalSpy clicked(&heatmap, &SensitivityHeatmap::cellClicked);
        QSignalSpy hovered(&heatmap, &SensitivityHeatmap::cellHovered);
        QTableView& table = heatmap.table();
        const QPoint place = table.visualRect(model.indexOf({1, true, 2})).center();
        QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, place);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first().first().value<Cell>(), (Cell{1, true, 2}));
        QTest::mouseMove(heatmap.windowHandle(), table.viewport()->mapTo(&heatmap, place));
        QCOMPARE(hovered.count(), 1);
        QTest::mouseClick(table.viewport(), Qt::LeftButton, {},
                          table.visualRect(model.index(0, 1)).center());
        QCOMPARE(clicked.count(), 1);  // a heading is no cell
    }

    void missingChosenAndMeasuredCellsLookDifferent() {
        SensitivityModel model;
        model.setFrame(lenet());
        SensitivityHeatmap heatmap(model);
        heatmap.resize(700, 500);
        heatmap.show();
        QVERIFY(QTest::qWaitForWindowExposed(&heatmap));
        QTableView& table = heatmap.table();
        const auto look = [&](const Cell& cell) {
            return table.viewport()->grab(table.visualRect(model.indexOf(cell))).toImage();
        };
        const QImage missing = look({0, false, 0});
        model.addEntries(std::vector<SensitivityEntry>{{0, false, 0, 98, 1, 1}});
        const QImage measured = look({0, false, 0});
        QVERIFY(missing != measured);
        const double share = shareOf(model, {0, false, 0});
        QCOMPARE(measured.pixelColor(measured.rect().center()), quantityColourAt(share));
        model.setChosen({0}, {});
        QVERIFY(look({0, false, 0}) != measured);
        QCOMPARE(look({0, false, 0}).pixelColor(measured.rect().center()), quantityColourAt(share));
    }

    void everythingHasAnAccessibleName() {
        SensitivityModel model;
        model.setFrame(lenet());
        const SensitivityHeatmap heatmap(model);
        QVERIFY(!heatmap.table().accessibleName().isEmpty());
        QCOMPARE(heatmap.table().accessibleDescription(), model.summary());
        QCOMPARE(model.indexOf({1, false, 0}).data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("c3 weights in int8: not measured yet"));
    }

    void csvHasOneRowPerLayerAndSide() {
        SensitivityModel model;
        model.setFrame(lenet());
        model.addEntries(std::vector<SensitivityEntry>{{0, true, 1, 98.25, 1, 1}});
        const QStringList rows = model.csv().split(QStringLiteral("\r\n"));
        QCOMPARE(rows.size(), 8);
        QCOMPARE(rows[0], QStringLiteral("layer,side,int8,int6,int4,int2"));
        QCOMPARE(rows[1], QStringLiteral("c1,weights,,,,"));
        QCOMPARE(rows[4], QStringLiteral("c1,activations,,98.25,,"));
    }
};

QTEST_MAIN(TstSensitivityHeatmap)
#include "tst_sensitivity_heatmap.moc"
