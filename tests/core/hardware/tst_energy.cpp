// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QRegularExpression>

#include "core/hardware/deep_socflow.h"
#include "core/hardware/layer_energy.h"
#include "core/hardware/presets.h"

using namespace bitloupe;
using namespace bitloupe::hardware;

namespace {

EnergyTable horowitz() {
    return energyTable("horowitz-45nm").value();
}

bool near(const std::optional<Figure>& figure, double expected, double share = 1e-9) {
    return figure.has_value() && std::abs(figure->value - expected) <= share * expected &&
           figure->low <= figure->value && figure->value <= figure->high && !figure->source.empty();
}

std::string tableError(const std::string& text) {
    const auto table = EnergyTable::parse(text, "t.yaml");
    return table.hasError() ? table.error().sentence() : std::string();
}

const std::string kSmallTable =
    "name: x\ndescription: y\nsources: {a: \"somewhere\"}\noperations:\n"
    "  - {operation: add, arithmetic: integer, bits: 8, energy_pj: 1, energy_pj_range: [0.5, 2], "
    "source: a}\nmemories: []\n";

}  // namespace

class TstEnergy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Horowitz, ISSCC 2014: int8 multiply 0.2 pJ and 282 um2, int32 add 0.1 pJ and 137 um2 ...
    void publishedFiguresComeBack() {
        const EnergyTable table = horowitz();
        QVERIFY(near(table.macEnergy(Arithmetic::Integer, 8, 8, 32), 0.3));
        QVERIFY(near(table.macArea(Arithmetic::Integer, 8, 8, 32), 419));
        QVERIFY(near(table.macEnergy(Arithmetic::Float, 32, 32, 32), 4.6));
        QVERIFY(near(table.macArea(Arithmetic::Float, 32, 32, 32), 11884));
        QVERIFY(near(table.macArea(Arithmetic::Float, 16, 16, 32), 5824));
        QVERIFY(near(table.macEnergy(Arithmetic::Integer, 4, 4, 8), 0.052 + 0.03, 5e-3));
        QVERIFY(near(table.macEnergy(Arithmetic::Logarithmic, 8, 8, 32), 0.96 * 0.3));
        QVERIFY(near(table.dramEnergyPerBit(), 1300 / 64.0));
        QVERIFY(near(table.sramEnergyPerBit(8192), 10 / 64.0));
        QVERIFY(near(table.sramEnergyPerBit(32768), 20 / 64.0));
        QVERIFY(near(table.sramEnergyPerBit(1048576), 100 / 64.0));
        QVERIFY(near(energyTable("aladdin-40nm").value().macArea(Arithmetic::Integer, 32, 32, 32),
                     6350 + 278));
    }

    void memoryLawsNeverFall() {
        const EnergyTable table = horowitz();
        double last = 0;
        for (double bytes = 128; bytes <= 64.0 * 1048576; bytes *= 1.07) {
            const auto figure = table.sramEnergyPerBit(bytes);
            QVERIFY(figure.has_value());
            QVERIFY(figure->value > last);
            last = figure->value;
        }
        QVERIFY(near(table.sramEnergyPerBit(2048), 0.15625 / 2, 1e-6));  // square-root law below
    }

    void widerNumbersCostMore() {
        const EnergyTable table = horowitz();
        for (const Arithmetic arithmetic :
             {Arithmetic::Integer, Arithmetic::Float, Arithmetic::Posit}) {
            double last = 0;
            for (double bits = 4; bits <= 32; ++bits) {
                const auto figure = table.macEnergy(arithmetic, bits, bits, 32);
                QVERIFY(figure.has_value() && figure->value > last);
                last = figure->value;
            }
        }
    }

    /// No figure without a source.
    void whatIsNotPublishedIsAbsent() {
        const EnergyTable table = horowitz();
        QVERIFY(!table.macEnergy(Arithmetic::PowerOfTwo, 4, 8, 32));
        QVERIFY(!table.macEnergy(Arithmetic::Integer, 512, 512, 32));
        QVERIFY(!energyTable("aladdin-40nm").value().sramEnergyPerBit(8192));
        QVERIFY(!energyTable("aladdin-40nm").value().macEnergy(Arithmetic::Integer, 8, 8, 32));
        Workload workload;
        workload.gemm = {.m = 4, .k = 4, .n = 4};
        workload.arithmetic = Arithmetic::PowerOfTwo;
        const Accelerator array;
        const LayerEnergy energy = layerEnergy(layerCost(workload, array), workload, array, table);
        QVERIFY(!energy.arithmetic && energy.dram.has_value() && !energy.total());
    }

    /// 8 x 8 x 8 product of int8 on 8 x 8: 512 MACs at 0.3 pJ; every operand crosses DRAM once.
    void energyAddsUp() {
        Workload workload;
        workload.gemm = {.m = 8, .k = 8, .n = 8};
        const Accelerator array{
            .rows = 8, .columns = 8, .ifmapBytes = 8192, .filterBytes = 8192, .ofmapBytes = 8192};
        const LayerEnergy energy =
            layerEnergy(layerCost(workload, array), workload, array, horowitz());
        QVERIFY(near(energy.arithmetic, 512 * 0.3));
        QVERIFY(near(energy.dram, 3 * 64 * 8 * 20.3125));
        QVERIFY(near(energy.ifmapBuffer, 2 * 64 * 8 * 0.15625));
        QVERIFY(near(energy.ofmapBuffer, 2 * 64 * 8 * 0.15625));
        QVERIFY(near(energy.total(), 512 * 0.3 + 3 * 512 * 20.3125 + 6 * 512 * 0.15625));
        const std::vector<Workload> twice = {workload, workload};
        const NetworkCost cost = networkCost(twice, array);
        QVERIFY(
            near(networkEnergy(cost, twice, array, horowitz()).total(), 2 * energy.total()->value));
        QVERIFY(near(arithmeticArea(twice, array, horowitz()), 64 * 419));
    }

    void bitCounts() {
        Workload workload;
        workload.gemm = {.m = 1, .k = 16, .n = 64};
        workload.weightBits = 6;
        workload.activationBits = 9;
        QCOMPARE(weightBits(workload), 6144.0);
        QCOMPARE(effectiveBitOperations(workload), 55296.0);
        workload.density = 0.5;
        QCOMPARE(effectiveBitOperations(workload), 27648.0);
    }

    void tablesAreReadStrictly() {
        QVERIFY(tableError(kSmallTable).empty());
        const auto with = [](const char* from, const char* to) {
            return tableError(
                QString::fromStdString(kSmallTable)
                    .replace(QRegularExpression(QString::fromLatin1(from)), QString::fromLatin1(to))
                    .toStdString());
        };
        const auto mentions = [](const std::string& sentence, const char* part) {
            return sentence.find(part) != std::string::npos &&
                   sentence.find("t.yaml, line") != std::string::npos;
        };
        QVERIFY(mentions(with("source: a", "source: b"), "not in the list of sources"));
        QVERIFY(mentions(with("\\[0.5, 2\\]", "[2, 3]"), "does not hold"));
        QVERIFY(mentions(with("energy_pj_range: \\[0.5, 2\\], ", ""), "range"));
        QVERIFY(mentions(with("operation: add", "operation: divide"), "unknown operation"));
        QVERIFY(mentions(with("integer", "whole"), "unknown arithmetic"));
        QVERIFY(!with("name: x", "nome: x").empty());
        QVERIFY(energyTable("nothing").error().sentence().find("horowitz-45nm") !=
                std::string::npos);
    }

    void presetsLoadAndSave() {
        QCOMPARE(presetNames().size(), 4U);
        for (const std::string& name : presetNames()) {
            const auto preset = presetOrFile(name);
            QVERIFY2(preset.hasValue(), preset.hasError() ? preset.error().sentence().c_str() : "");
            const auto again = parseAccelerator(acceleratorText(preset.value()), "again");
            QVERIFY(again.hasValue() && again.value().accelerator == preset.value().accelerator);
            QCOMPARE(again.value().name, name);
            QCOMPARE(again.value().description, preset.value().description);
        }
        QCOMPARE(presetOrFile("teaching-64").value().accelerator.processingElements(), 64);
        const auto bad = parseAccelerator("rows: 0\ncolumns: 4\ndataflow: os\n", "a.yaml");
        QVERIFY(bad.hasError());
        QVERIFY(bad.error().sentence().find("a.yaml, line 1") != std::string::npos);
        QVERIFY(parseAccelerator("rows: 4\ncolumns: 4\ndataflow: rs\n", "a").hasError());
        QVERIFY(
            parseAccelerator("rows: 4\ncolumns: 4\ndataflow: os\nclock_mhz: -3\n", "a").hasError());
        QVERIFY(parseAccelerator("rows: 4\ndataflow: os\n", "a").hasError());
        QVERIFY(presetOrFile("nothing").error().sentence().find("eyeriss") != std::string::npos);
    }

    /// The eight blocks of a Particle Transformer (128 particles, width 128), linear layers only:
    /// 0.79 ms on 32 x 32, 1.45 ms on 8 x 96 and 4.6 ms on 8 x 24 elements at 250 MHz.
    void deepSocFlowTimes() {
        const auto milliseconds = [](std::int64_t rows, std::int64_t columns) {
            const DeepSocFlow engine{.rows = rows, .columns = columns};
            const auto dense = [&](std::int64_t inputs, std::int64_t outputs) {
                return engineCost(
                           {.height = 128, .inputChannels = inputs, .outputChannels = outputs},
                           engine)
                    .seconds(engine);
            };
            return 8e3 * (4 * dense(128, 128) + dense(128, 512) + dense(512, 128));
        };
        QVERIFY(std::abs(milliseconds(32, 32) - 0.79) < 0.005);
        QVERIFY(std::abs(milliseconds(8, 96) - 1.45) < 0.005);
        QVERIFY(std::abs(milliseconds(8, 24) - 4.6) < 0.05);
    }

    void deepSocFlowPasses() {
        // 20 channels in a memory of 8 rows: passes of 4, 8 and 8; 2 iterations of 3 filters.
        const DeepSocFlow engine{.rows = 4, .columns = 3, .weightMemoryDepth = 8};
        const EngineCost cost =
            engineCost({.height = 4, .width = 5, .inputChannels = 20, .outputChannels = 6}, engine);
        QCOMPARE(cost.clocks, 2 * (1 + 5 * 5) + 2 * 2 * (1 + 5 * 9));
        QVERIFY(cost.utilization > 0.8 && cost.utilization <= 1);
        QCOMPARE(engineCost({.kernelWidth = 4}, engine).clocks, 0);
    }
};

QTEST_APPLESS_MAIN(TstEnergy)
#include "tst_energy.moc"
