// SPDX-License-Identifier: Apache-2.0
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTest>
#include <random>

#include "core/exploration/front.h"
#include "core/hardware/array_shapes.h"
#include "core/hardware/cost.h"
#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/qt_warnings.h"
#include "ui/models/array_sweep_model.h"
#include "ui/models/design_layers_model.h"
#include "ui/models/design_list_model.h"
#include "ui/models/format_catalogue.h"
#include "ui/models/layer_costs_model.h"
#include "ui/models/layer_locks_model.h"
#include "ui/models/network_layers_model.h"
#include "ui/models/scatter_builder.h"
#include "ui/models/selection.h"
#include "ui/theme/wording.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

namespace {

using exploration::QuantityId;
using Mode = QAbstractItemModelTester::FailureReportingMode;

/// Snapshots that grow by batches of random designs, as a run hands them out.
class Growth {
public:
    SnapshotPointer more(int count) {
        std::vector<exploration::Evaluation> batch;
        for (int i = 0; i < count; ++i) {
            exploration::Evaluation next;
            next.id = ++m_last;
            next.measured.metric = m_number(m_random);
            next.costs.bops = 1e6 * (0.1 + m_number(m_random));
            next.costs.cycles = 1e4 * m_number(m_random);
            batch.push_back(next);
            m_all.push_back(next);
        }
        m_snapshot.evaluations.append(batch);
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Bops};
        m_snapshot.front = exploration::paretoFront(m_all, objectives);
        return std::make_shared<Snapshot>(m_snapshot);
    }

private:
    std::mt19937 m_random{5};
    std::uniform_real_distribution<double> m_number{0, 1};
    std::int64_t m_last = 0;
    std::vector<exploration::Evaluation> m_all;
    Snapshot m_snapshot;
};

bool isSorted(const DesignListModel& model, const SnapshotPointer& snapshot, QuantityId id,
              bool ascending) {
    for (int row = 1; row < model.rowCount(); ++row) {
        const double before = snapshot->find(model.idAt(row - 1))->value(id);
        const double here = snapshot->find(model.idAt(row))->value(id);
        if (ascending ? before > here : before < here) {
            return false;
        }
    }
    return true;
}

}  // namespace

class TstUiModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        collectQtWarnings();
    }
    void cleanup() { QCOMPARE(takeQtWarnings(), QStringList()); }

    void theListStaysSoundWhileItGrows_data() {
        QTest::addColumn<bool>("frontOnly");
        QTest::newRow("front") << true;
        QTest::newRow("all") << false;
    }

    void theListStaysSoundWhileItGrows() {
        QFETCH(bool, frontOnly);
        DesignListModel model;
        model.setFrontOnly(frontOnly);
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSortFilterProxyModel proxy;
        proxy.setSourceModel(&model);
        const QAbstractItemModelTester proxyTester(&proxy, Mode::QtTest);
        model.sort(DesignListModel::FirstQuantity, Qt::DescendingOrder);
        Growth growth;
        for (int step = 0; step < 20; ++step) {
            const SnapshotPointer snapshot = growth.more(1 + step * 3);
            model.setSnapshot(snapshot);
            const auto wanted = frontOnly ? snapshot->front.size() : snapshot->evaluations.size();
            QCOMPARE(static_cast<std::size_t>(model.rowCount()), wanted);
            QVERIFY(isSorted(model, snapshot, QuantityId::Accuracy, false));
        }
        const SnapshotPointer snapshot = growth.more(5);
        model.setSnapshot(snapshot);
        model.sort(DesignListModel::FirstQuantity + 3, Qt::AscendingOrder);
        QVERIFY(isSorted(model, snapshot, QuantityId::Bops, true));
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.rowOf(model.idAt(row)), row);
        }
    }

    void aPersistentIndexFollowsItsDesign() {
        DesignListModel model;
        model.setFrontOnly(false);
        model.sort(DesignListModel::FirstQuantity, Qt::DescendingOrder);
        Growth growth;
        model.setSnapshot(growth.more(50));
        const QPersistentModelIndex held = model.index(7, 0);
        const std::int64_t id = model.idAt(7);
        for (int step = 0; step < 10; ++step) {
            model.setSnapshot(growth.more(37));
            QCOMPARE(model.idAt(held.row()), id);
        }
    }

    void theListCanBeConstrainedAndTakenAway() {
        DesignListModel model;
        model.setFrontOnly(false);
        Growth growth;
        const SnapshotPointer snapshot = growth.more(100);
        model.setSnapshot(snapshot);
        model.setFilter({{{QuantityId::Accuracy, 0.5}}, {}, {}});
        int wanted = 0;
        for (std::size_t i = 0; i < 100; ++i) {
            wanted += snapshot->evaluations[i].measured.metric >= 0.5 ? 1 : 0;
        }
        QCOMPARE(model.rowCount(), wanted);
        const QByteArray csv = model.toCsv();
        QCOMPARE(csv.count("\r\n"), wanted + 1);
        QVERIFY(csv.startsWith("id,front,accuracy,kl,"));
        // What is written reads back as the same double.
        const QList<QByteArray> cells = csv.split('\n').at(1).trimmed().split(',');
        QCOMPARE(cells.at(2).toDouble(), snapshot->find(cells.at(0).toLongLong())->measured.metric);
    }

    void theScatterGetsEveryDesignOnce() {
        ScatterBuilder builder;
        Growth growth;
        for (int step = 0; step < 5; ++step) {
            const SnapshotPointer snapshot = growth.more(40);
            builder.setPinned({3});
            builder.setFilter({{{QuantityId::Accuracy, 0.3}}, {}, {}});
            const charts::ScatterSnapshot data = builder.build(*snapshot);
            QVERIFY(data->isConsistent());
            QCOMPARE(data->count(), snapshot->evaluations.size());
            for (std::size_t i = 0; i < data->count(); ++i) {
                const auto& evaluation = snapshot->evaluations[i];
                QCOMPARE(data->ids[i], evaluation.id);
                QCOMPARE(data->y[i], evaluation.measured.metric * 100);
                QCOMPARE(data->x[i], evaluation.costs.bops);
                QCOMPARE(data->is(i, charts::kInfeasible), evaluation.measured.metric < 0.3);
                QCOMPARE(data->is(i, charts::kPinned), evaluation.id == 3);
            }
        }
        ScatterAxes axes;
        axes.x = QuantityId::Cycles;
        axes.colour = QuantityId::Bops;
        builder.setAxes(axes);
        const SnapshotPointer snapshot = growth.more(1);
        const charts::ScatterSnapshot data = builder.build(*snapshot);
        QCOMPARE(data->count(), std::size_t{201});
        QCOMPARE(data->x[17], snapshot->evaluations[17].costs.cycles);
        QCOMPARE(data->colour[17], snapshot->evaluations[17].costs.bops);
    }

    void layersOfANetwork() {
        NetworkLayersModel model;
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.setNetwork(smallNetwork());
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(model.index(1, NetworkLayersModel::Product).data().toString(),
                 QStringLiteral("100 × 150 × 16"));
        QCOMPARE(model.index(1, NetworkLayersModel::Macs).data().toString(),
                 QStringLiteral("240,000"));
        QCOMPARE(model.index(1, NetworkLayersModel::Output).data().toString(),
                 QStringLiteral("16 × 10 × 10"));
        QVERIFY(model.index(1, NetworkLayersModel::Macs).data(Qt::TextAlignmentRole).toInt() &
                Qt::AlignRight);
        model.setNetwork({});
        QCOMPARE(model.rowCount(), 0);
    }

    void layersOfADesign() {
        DesignLayersModel model;
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        exploration::Assignment assignment(5);
        assignment[2].weights = exploration::testing::quantizer("int4");
        model.setDesign(smallNetwork(), assignment);
        QCOMPARE(model.index(2, DesignLayersModel::Weights).data().toString(),
                 QStringLiteral("int4"));
        QCOMPARE(model.index(2, DesignLayersModel::Activations).data().toString(),
                 QStringLiteral("float32"));
        model.setComparison(exploration::Assignment(5));
        QVERIFY(model.index(2, DesignLayersModel::Weights).data(Qt::FontRole).isValid());
        QVERIFY(!model.index(1, DesignLayersModel::Weights).data(Qt::FontRole).isValid());
    }

    void costsOfLayersSumToTheNetworks() {
        LayerCostsModel model;
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        const hardware::Accelerator array{16, 16, hardware::Dataflow::WeightStationary};
        model.set(std::make_shared<const AcceleratorStudy>(
            studyAccelerator(*smallNetwork(), {}, array, false)));
        double shares = 0;
        for (int row = 0; row < model.rowCount(); ++row) {
            shares += model.index(row, 0).data(LayerCostsModel::ShareRole).toDouble();
        }
        QVERIFY(std::abs(shares - 1) < 1e-12);
        // ws: ceil(k/R) ceil(n/C) (m + 2R + C - 2), k = 150, n = 16, m = 100
        QCOMPARE(model.index(1, LayerCostsModel::Cycles).data().toString(),
                 QLocale().toString(10 * 1 * (100 + 32 + 16 - 2)));
        QCOMPARE(model.index(1, LayerCostsModel::Waiting).data().toString(), QStringLiteral("0"));
    }

    void arraysAreSwept() {
        ArraySweepModel model;
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.set(gemmsOf(*smallNetwork()), hardware::arraysOf(256, hardware::kAllDataflows));
        QCOMPARE(model.rowCount(), 9 * 3);
        model.sort(ArraySweepModel::Cycles, Qt::AscendingOrder);
        QCOMPARE(model.best(), 0);
        for (int row = 1; row < model.rowCount(); ++row) {
            QVERIFY(hardware::computeCycles(gemmsOf(*smallNetwork()), model.accelerator(row - 1)) <=
                    hardware::computeCycles(gemmsOf(*smallNetwork()), model.accelerator(row)));
        }
    }

    void locksAreShown() {
        LayerLocksModel model;
        const QAbstractItemModelTester tester(&model, Mode::QtTest);
        study::StudyDescription study = smallStudy();
        model.set(smallNetwork(), study);
        QCOMPARE(model.index(0, LayerLocksModel::Weights).data().toString(),
                 QStringLiteral("all 4 ticked"));
        study.layers["c1"].weights = {"int8"};
        model.set(smallNetwork(), study);
        QCOMPARE(model.index(0, LayerLocksModel::Weights).data().toString(),
                 QStringLiteral("int8"));
    }

    void theCatalogueOffersEachFormatOnce() {
        QStringList names;
        for (const FormatFamily& family : formatCatalogue()) {
            QVERIFY(!family.formats.empty());
            for (const quantization::Quantizer& format : family.formats) {
                names << QString::fromStdString(format.name());
            }
        }
        QCOMPARE(names.removeDuplicates(), 0);
        QVERIFY(names.contains(QStringLiteral("int8")));
    }

    void oneSelectionTellsOnce() {
        Selection selection;
        QSignalSpy designs(&selection, &Selection::designChanged);
        selection.setDesign(4);
        selection.setDesign(4);
        QCOMPARE(designs.size(), 1);
        selection.togglePin(4);
        selection.togglePin(9);
        selection.togglePin(4);
        QCOMPARE(selection.pinned(), std::vector<std::int64_t>{9});
        selection.togglePin(0);
        QCOMPARE(selection.pinned().size(), std::size_t{1});
    }

    void numbersAreWritten_data() {
        QTest::addColumn<QString>("written");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("count") << wording::count(9765625) << QStringLiteral("9,765,625");
        QTest::newRow("large count") << wording::count(1.2e10) << QStringLiteral("12.0 billion");
        QTest::newRow("compact") << wording::compact(3141592) << QStringLiteral("3.14 M");
        QTest::newRow("compact carries") << wording::compact(999700) << QStringLiteral("1.00 M");
        QTest::newRow("compact whole") << wording::compact(412) << QStringLiteral("412");
        QTest::newRow("percent") << wording::percent(0.98711) << QStringLiteral("98.71 %");
        QTest::newRow("seconds") << wording::duration(4.31) << QStringLiteral("4.3 s");
        QTest::newRow("minutes") << wording::duration(72.4) << QStringLiteral("1 min 12 s");
        QTest::newRow("not known") << wording::duration(-1) << QStringLiteral("–");
        QTest::newRow("rough") << wording::roughDuration(133) << QStringLiteral("2 min");
        QTest::newRow("rough hours")
            << wording::roughDuration(4200) << QStringLiteral("1 h 10 min");
        QTest::newRow("points") << wording::change(QuantityId::Accuracy, 0.9, 0.91)
                                << QString::fromUtf8("−1.00 points");
        QTest::newRow("saving") << wording::change(QuantityId::Bops, 13, 100)
                                << QString::fromUtf8("−87 %");
        QTest::newRow("nan") << wording::value(QuantityId::Accuracy, std::nan(""))
                             << QStringLiteral("–");
    }

    void numbersAreWritten() {
        QFETCH(QString, written);
        QFETCH(QString, wanted);
        QCOMPARE(written, wanted);
    }
};

QTEST_MAIN(TstUiModels)
#include "tst_ui_models.moc"
