// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <ctime>
#include <numeric>

#include "core/hardware/array_search.h"
#include "core/hardware/array_shapes.h"
#include "core/hardware/cost.h"
#include "core/hardware/presets.h"

using namespace bitloupe;
using namespace bitloupe::hardware;

namespace {

Workload dense(std::int64_t m, std::int64_t k, std::int64_t n) {
    Workload workload;
    workload.gemm = {.m = m, .k = k, .n = n};
    return workload;
}

std::vector<Workload> lenet() {
    return {dense(784, 25, 6), dense(100, 150, 16), dense(1, 400, 120), dense(1, 120, 84),
            dense(1, 84, 10)};
}

/// The 53 convolutions and the last layer of ResNet-50 on 224 x 224.
std::vector<Workload> resnet50() {
    std::vector<Workload> layers = {dense(112 * 112, 147, 64)};
    std::int64_t inputs = 64;
    for (const auto& [blocks, width, side] : {std::tuple{3, 64, 56}, std::tuple{4, 128, 28},
                                              std::tuple{6, 256, 14}, std::tuple{3, 512, 7}}) {
        const std::int64_t pixels = std::int64_t{side} * side;
        for (int block = 0; block < blocks; ++block) {
            if (block == 0) {
                layers.push_back(dense(pixels, inputs, 4 * width));
            }
            layers.push_back(dense(pixels, inputs, width));
            layers.push_back(dense(pixels, 9 * width, width));
            layers.push_back(dense(pixels, width, 4 * width));
            inputs = 4 * width;
        }
    }
    layers.push_back(dense(1, 2048, 1000));
    return layers;
}

std::vector<std::int64_t> upTo(std::int64_t last) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(last));
    std::iota(values.begin(), values.end(), 1);
    return values;
}

}  // namespace

class TstArraySearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// 64 elements, three dataflows: 21 arrays. The square output-stationary one is known to be the
    /// best for LeNet-5, with 15,966 cycles.
    void lenetOn64Elements() {
        ArraySpace space;
        space.processingElements = 64;
        space.dataflows = {kAllDataflows.begin(), kAllDataflows.end()};
        QCOMPARE(space.size(), 21U);
        const auto layers = lenet();
        const ArraySearchResult result = searchArrays(layers, space, {}).value();
        QCOMPARE(result.evaluated, 21U);
        QCOMPARE(result.designs.size(), 21U);
        QCOMPARE(result.designs[0].accelerator.name(), std::string("8x8 os"));
        QCOMPARE(result.designs[0].cycles, 15966);
        QCOMPARE(result.designs[1].accelerator.name(), std::string("4x16 os"));
        QCOMPARE(result.designs[1].cycles, 16897 + 5);
        for (std::size_t i = 1; i < result.designs.size(); ++i) {
            QVERIFY(result.designs[i - 1].cycles <= result.designs[i].cycles);
        }
        ArraySearchOptions mixed;
        mixed.dataflowPerLayer = true;
        const auto perLayer = searchArrays(layers, space, mixed).value().designs[0];
        QVERIFY(perLayer.cycles <= 15966);
        QCOMPARE(perLayer.dataflows.size(), layers.size());
    }

    /// The inception layer of the class project: 1x64, 2x32, 4x16 os come before all others.
    void inceptionPrefersFlatArrays() {
        ArraySpace space;
        space.processingElements = 64;
        space.dataflows = {kAllDataflows.begin(), kAllDataflows.end()};
        const std::vector<Workload> layer = {dense(25, 1728, 384)};
        const auto designs = searchArrays(layer, space, {}).value().designs;
        QCOMPARE(designs[0].accelerator.name(), std::string("1x64 os"));
        QCOMPARE(designs[1].accelerator.name(), std::string("2x32 os"));
        QCOMPARE(designs[2].accelerator.name(), std::string("4x16 os"));
        QCOMPARE(designs[3].accelerator.name(), std::string("32x2 is"));
        QCOMPARE(designs[5].accelerator.name(), std::string("8x8 os"));
    }

    void tenThousandArraysForResnet50() {
        const auto layers = resnet50();
        QCOMPARE(layers.size(), 54U);
        ArraySpace space;
        space.rows = upTo(100);
        space.columns = upTo(100);
        const std::clock_t start = std::clock();  // other programs do not count
        const ArraySearchResult result = searchArrays(layers, space, {}).value();
        const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
        QCOMPARE(result.evaluated, 10000U);
        qInfo("10,000 arrays, ResNet-50: %g s", seconds);
        QVERIFY(seconds < 1);
        std::int64_t cycles = 0;
        for (const Workload& layer : layers) {
            cycles += computeCycles(layer.gemm, result.designs[0].accelerator);
        }
        QCOMPARE(result.designs[0].cycles, cycles);
    }

    void randomSearchesFindTheBest_data() {
        QTest::addColumn<int>("strategy");
        QTest::newRow("genetic") << static_cast<int>(ArrayStrategy::Genetic);
        QTest::newRow("annealing") << static_cast<int>(ArrayStrategy::Annealing);
    }
    void randomSearchesFindTheBest() {
        QFETCH(int, strategy);
        const auto layers = lenet();
        ArraySpace space;
        space.rows = upTo(40);
        space.columns = upTo(40);
        space.dataflows = {kAllDataflows.begin(), kAllDataflows.end()};
        ArraySearchOptions options;
        const double best = searchArrays(layers, space, options).value().designs[0].score;
        options.strategy = static_cast<ArrayStrategy>(strategy);
        options.evaluations = 1000;
        const ArraySearchResult found = searchArrays(layers, space, options).value();
        QVERIFY(found.evaluated <= 1000);
        QVERIFY2(found.designs[0].score <= 1.03 * best,
                 qPrintable(QString::number(found.designs[0].score / best)));
        const ArraySearchResult again = searchArrays(layers, space, options).value();
        QVERIFY(again.designs[0].accelerator == found.designs[0].accelerator);
        QCOMPARE(again.evaluated, found.evaluated);
    }

    void limitsHold() {
        const auto layers = lenet();
        const EnergyTable table = energyTable("horowitz-45nm").value();
        ArraySpace space;
        space.rows = {4, 8, 16, 32};
        space.columns = {4, 8, 16, 32};
        space.bandwidths = {1, 4, 16};
        ArraySearchOptions options;
        options.energy = &table;
        options.limits.areaUm2 = 419.0 * 128;
        options.limits.bandwidth = 4;
        options.threads = 2;
        const ArraySearchResult result = searchArrays(layers, space, options).value();
        QCOMPARE(result.evaluated, 48U);
        QVERIFY(result.withinLimits > 0 && result.withinLimits < 48);
        for (const ArrayDesign& design : result.designs) {
            QVERIFY(design.accelerator.processingElements() <= 128);
            QVERIFY(design.accelerator.bandwidth <= 4);
        }
        options.objective = ArrayObjective::EnergyDelay;
        const auto edp = searchArrays(layers, space, options).value().designs;
        QVERIFY(edp.front().energy.has_value());
        const double watts = *edp.front().powerMilliwatts() / 1e3;
        const double seconds =
            static_cast<double>(edp.front().cycles) / (edp.front().accelerator.clockMhz * 1e6);
        QVERIFY(std::abs(watts * seconds * 1e12 / edp.front().energy->value - 1) < 1e-9);
    }

    void refusesWhatCannotBeSearched() {
        const auto layers = lenet();
        ArraySpace empty;
        empty.processingElements = std::int64_t{65537} * 65537 * 3;
        QVERIFY(searchArrays(layers, empty, {}).hasError());
        ArraySpace huge;
        huge.rows = upTo(4000);
        huge.columns = upTo(4000);
        QVERIFY(searchArrays(layers, huge, {}).error().sentence().find("10000000") !=
                std::string::npos);
        ArraySpace zero;
        zero.rows = {8, 0};
        QVERIFY(searchArrays(layers, zero, {}).error().sentence().find("1 to 65536") !=
                std::string::npos);
        ArraySearchOptions energy;
        energy.objective = ArrayObjective::Energy;
        QVERIFY(searchArrays(layers, {}, energy).hasError());
        QVERIFY(parseArrayObjective("speed").hasError() && parseArrayStrategy("luck").hasError());
    }
};

QTEST_APPLESS_MAIN(TstArraySearch)
#include "tst_array_search.moc"
