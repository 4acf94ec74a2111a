// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QFile>
#include <ctime>
#include <set>

#include "core/base/text.h"
#include "core/hardware/array_shapes.h"
#include "core/hardware/cost.h"
#include "core/hardware/mapping.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::hardware;

namespace {

/// The five layers of LeNet-5 on 28x28 MNIST, first convolution padded by 2.
const std::vector<Gemm> kLenet = {{.m = 784, .k = 25, .n = 6},
                                  {.m = 100, .k = 150, .n = 16},
                                  {.m = 1, .k = 400, .n = 120},
                                  {.m = 1, .k = 120, .n = 84},
                                  {.m = 1, .k = 84, .n = 10}};

double taggerBitOperations(double bits, double density = 1) {
    double sum = 0;
    const std::vector<std::pair<std::int64_t, std::int64_t>> layers = {
        {16, 64}, {64, 32}, {32, 32}, {32, 5}};
    for (const auto& [inputs, outputs] : layers) {
        sum += bitOperations({.gemm = {.m = 1, .k = inputs, .n = outputs},
                              .weightBits = bits,
                              .activationBits = bits,
                              .density = density});
    }
    return sum;
}

}  // namespace

class TstHardwareCost : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// 49,152 runs of SCALE-Sim: it reports the index of the last cycle, one less than the count.
    void everyRowOfTheGemmTable() {
        BITLOUPE_REAL_FILE(path, "data/scalesim-gemm-cycles.csv");
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string content = file.readAll().toStdString();
        const std::clock_t start = std::clock();  // other programs do not count
        int rows = 0;
        int equal = 0;
        for (const std::string& line : text::split(content, '\n')) {
            std::vector<std::int64_t> fields;
            for (const std::string& field : text::split(text::trim(line), ',')) {
                fields.push_back(text::parseInteger(field).value_or(-1));
            }
            if (fields.size() != 10 || fields[9] < 0) {
                continue;  // the header
            }
            ++rows;
            const Accelerator array{.rows = fields[2],
                                    .columns = fields[1],
                                    .dataflow = kAllDataflows.at(std::size_t(fields[4]))};
            const Gemm gemm{.m = fields[6], .k = fields[8], .n = fields[7]};
            equal += computeCycles(gemm, array) - 1 == fields[9] ? 1 : 0;
        }
        QCOMPARE(rows, 49152);
        QCOMPARE(equal, 49152);
        QVERIFY(std::clock() - start < CLOCKS_PER_SEC);
    }

    void lenetOn64ProcessingElements() {
        const Accelerator square{.rows = 8, .columns = 8};
        std::int64_t scaleSim = 0;
        for (const Gemm& gemm : kLenet) {
            scaleSim += computeCycles(gemm, square) - 1;
        }
        QCOMPARE(scaleSim, 15961);
        QCOMPARE(computeCycles(kLenet, square), 15966);
        std::int64_t macs = 0;
        for (const Gemm& gemm : kLenet) {
            macs += gemm.macs();
        }
        QCOMPARE(macs, 416520);
        QCOMPARE(utilization(kLenet, square), 416520.0 / (15966.0 * 64));
    }

    void inceptionLayerRanksTheShapes() {
        const Gemm layer{.m = 25, .k = 1728, .n = 384};
        QCOMPARE(computeCycles(layer, {.rows = 8, .columns = 8}) - 1, 334463);
        QCOMPARE(computeCycles(layer, {.rows = 1, .columns = 64}) - 1, 268649);
        // 16,588,800 MACs in 64 PEs: SCALE-Sim reports 77.497 % and a mapping of 78.125 %.
        QVERIFY(std::abs(utilization(layer, {.rows = 8, .columns = 8}) - 0.77497) < 5e-6);
        const Mapping mapping = mapGemm(layer, {.rows = 8, .columns = 8});
        QCOMPARE(mapping.rowFolds, 4);
        QCOMPARE(mapping.columnFolds, 48);
    }

    void countRepeatsTheProduct() {
        Gemm gemm{.m = 3, .k = 5, .n = 7};
        const Accelerator array{.rows = 2, .columns = 2, .dataflow = Dataflow::WeightStationary};
        const std::int64_t once = computeCycles(gemm, array);
        QCOMPARE(once, 3 * 4 * (3 + 4 + 2 - 2));
        const double share = utilization(gemm, array);
        gemm.count = 12;
        QCOMPARE(computeCycles(gemm, array), 12 * once);
        QCOMPARE(utilization(gemm, array), share);
    }

    void bitOperationsOfTheTagger_data() {
        QTest::addColumn<double>("bits");
        QTest::addColumn<double>("expected");
        const std::map<int, double> published = {{32, 4652832}, {16, 1248032}, {12, 737312},
                                                 {8, 362784},   {6, 226592},   {4, 124448},
                                                 {3, 86144},    {2, 56352}};
        for (const auto& [bits, expected] : published) {
            QTest::addRow("%d bits", bits) << double(bits) << expected;
        }
    }
    void bitOperationsOfTheTagger() {
        QFETCH(double, bits);
        QFETCH(double, expected);
        QCOMPARE(taggerBitOperations(bits), expected);
    }

    /// Six-bit weights, nine-bit activations, the 16-bit inputs of the detector.
    void bitOperationsOfMixedWidths() {
        QCOMPARE(bitOperations({{.m = 1, .k = 16, .n = 64}, 6, 16, 1}), 124928.0);
        QCOMPARE(bitOperations({{.m = 1, .k = 64, .n = 32}, 6, 9, 1}), 153600.0);
        QCOMPARE(bitOperations({{.m = 1, .k = 32, .n = 5}, 6, 9, 1}), 11840.0);
        QCOMPARE(taggerBitOperations(8) - taggerBitOperations(8, 0.5), 4256 * 64 * 0.5);
    }

    void factorPairsMultiplyBack() {
        QCOMPARE(factorPairs(64).size(), 7U);
        QCOMPARE(factorPairs(1).size(), 1U);
        QVERIFY(factorPairs(0).empty() && factorPairs(-4).empty());
        std::set<std::pair<std::int64_t, std::int64_t>> seen;
        for (const auto& pair : factorPairs(3600)) {
            QCOMPARE(pair.first * pair.second, 3600);
            seen.insert(pair);
        }
        QCOMPARE(seen.size(), 45U);  // 3600 = 2^4 3^2 5^2 has 5 * 3 * 3 divisors
        for (const auto& [rows, columns] : factorPairs(std::int64_t{1} << 20)) {
            QVERIFY(rows <= kMaximumArraySide && columns <= kMaximumArraySide);
        }
        QCOMPARE(arraysOf(64, kAllDataflows).size(), 21U);
        QCOMPARE(arraysOf(std::vector<std::int64_t>{4, 8}, std::vector<std::int64_t>{1, 2, 3},
                          std::vector<Dataflow>{Dataflow::InputStationary})
                     .size(),
                 6U);
    }

    void dataflowsHaveNames() {
        for (const Dataflow dataflow : kAllDataflows) {
            QVERIFY(parseDataflow(dataflowName(dataflow)).value() == dataflow);
        }
        QCOMPARE(parseDataflow("rs").error().sentence(),
                 std::string("unknown dataflow \"rs\": use os, ws or is (outputs, weights or "
                             "inputs stay in the array)"));
        QCOMPARE(Accelerator{}.name(), std::string("16x16 os"));
        QVERIFY(checkAccelerator({}).hasValue());
        QVERIFY(checkAccelerator({.rows = 0}).error().sentence().find("1 to 65536") !=
                std::string::npos);
        QVERIFY(checkAccelerator({.columns = 65537}).hasError());
    }
};

QTEST_APPLESS_MAIN(TstHardwareCost)
#include "tst_hardware_cost.moc"
