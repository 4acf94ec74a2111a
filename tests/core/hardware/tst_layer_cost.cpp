// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QElapsedTimer>
#include <filesystem>
#include <random>

#include "core/base/file.h"
#include "core/hardware/cost.h"
#include "core/hardware/layer_cost.h"
#include "core/hardware/scalesim/physical.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::hardware;

namespace {

using Random = std::mt19937_64;

std::int64_t pick(Random& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

Workload randomWorkload(Random& random) {
    Workload workload;
    workload.gemm = {.m = pick(random, 1, 60),
                     .k = pick(random, 1, 90),
                     .n = pick(random, 1, 50),
                     .count = pick(random, 1, 3)};
    const std::int64_t all = workload.gemm.m * workload.gemm.k;
    workload.inputElements = pick(random, std::max<std::int64_t>(1, all / 9), all);
    workload.haloElements = pick(random, 1, workload.inputElements);
    workload.weightBits = static_cast<double>(pick(random, 1, 16));
    workload.activationBits = static_cast<double>(pick(random, 1, 16));
    workload.outputBits = static_cast<double>(pick(random, 1, 16));
    return workload;
}

Accelerator randomAccelerator(Random& random) {
    Accelerator array;
    array.rows = pick(random, 1, 12);
    array.columns = pick(random, 1, 12);
    array.dataflow = kAllDataflows.at(static_cast<std::size_t>(pick(random, 0, 2)));
    array.element = kAllProcessingElements.at(static_cast<std::size_t>(pick(random, 0, 3)));
    array.ifmapBytes = pick(random, 2, 4000);
    array.filterBytes = pick(random, 2, 4000);
    array.ofmapBytes = pick(random, 2, 4000);
    array.bandwidth = static_cast<double>(pick(random, 1, 200)) / 8;
    array.sharedBandwidth = pick(random, 0, 1) == 1;
    return array;
}

}  // namespace

class TstLayerCost : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// One processing element, two outputs of two products, one byte a cycle, worked out by hand:
    /// 4 bytes arrive, the first fold runs 4 to 6 while 2 bytes arrive, the second 6 to 8 while one
    /// result leaves, and the last result leaves from 8 to 9.
    void byHand() {
        Workload workload;
        workload.gemm = {.m = 2, .k = 2, .n = 1};
        Accelerator array{.rows = 1, .columns = 1, .bandwidth = 1};
        const LayerCost cost = layerCost(workload, array);
        QCOMPARE(cost.coldStart, 4);
        QCOMPARE(cost.computeCycles, 4);
        QCOMPARE(cost.cycles, 9);
        QCOMPARE(cost.stallCycles(), 5);
        QCOMPARE(cost.rooflineCycles, 8.0);
        QVERIFY(cost.bottleneck == Bottleneck::IfmapBandwidth);
        array.sharedBandwidth = false;  // 2 + 2 bytes at once, then as above
        QCOMPARE(layerCost(workload, array).cycles, 7);
    }

    void withoutALimitTheClosedFormHolds() {
        Random random(1);
        for (int i = 0; i < 300; ++i) {
            Workload workload = randomWorkload(random);
            Accelerator array = randomAccelerator(random);
            array.bandwidth = 0;
            array.element = ProcessingElement::BitParallel;
            const LayerCost cost = layerCost(workload, array);
            QCOMPARE(cost.cycles, computeCycles(workload.gemm, array));
            QCOMPARE(cost.stallCycles(), 0);
            QVERIFY(std::abs(cost.utilization - utilization(workload.gemm, array)) < 1e-12);
        }
    }

    void staysBetweenItsBounds() {
        Random random(2);
        for (int i = 0; i < 2000; ++i) {
            const Workload workload = randomWorkload(random);
            const Accelerator array = randomAccelerator(random);
            const LayerCost cost = layerCost(workload, array);
            const double memory = cost.dram.total() / array.bandwidth;
            const double compute = static_cast<double>(cost.computeCycles);
            const double cycles = static_cast<double>(cost.cycles);
            QVERIFY(cycles >= compute);
            QVERIFY(cycles >= cost.rooflineCycles * (1 - 1e-9));
            QVERIFY(cycles <= compute + memory + 1 + 1e-6 * cycles);
            if (array.sharedBandwidth) {
                QVERIFY(cycles >= memory * (1 - 1e-9));
            }
            QVERIFY(cost.utilization <= 1 && cost.utilization > 0);
            QVERIFY(cost.rooflineDistance() >= 1 - 1e-9);
        }
    }

    void moreNeverCostsMore() {
        Random random(3);
        for (int i = 0; i < 1500; ++i) {
            const Workload workload = randomWorkload(random);
            const Accelerator array = randomAccelerator(random);
            const std::int64_t cycles = layerCost(workload, array).cycles;
            const auto larger = [&](auto change) {
                Accelerator more = array;
                change(more);
                return layerCost(workload, more);
            };
            const std::int64_t extra = pick(random, 1, 5000);
            QVERIFY(larger([&](Accelerator& a) { a.ifmapBytes += extra; }).cycles <= cycles);
            QVERIFY(larger([&](Accelerator& a) { a.filterBytes += extra; }).cycles <= cycles);
            QVERIFY(larger([&](Accelerator& a) { a.ofmapBytes += extra; }).cycles <= cycles);
            QVERIFY(larger([&](Accelerator& a) { a.bandwidth *= 1.3; }).cycles <= cycles);
            QVERIFY(larger([&](Accelerator& a) { a.sharedBandwidth = false; }).cycles <= cycles);
            Workload narrower = workload;
            narrower.outputBits /= 2;
            narrower.accumulatorBits /= 2;
            QVERIFY(layerCost(narrower, array).cycles <= cycles);
        }
    }

    /// In buffers that hold everything, every value crosses once; nothing is read less than once.
    void trafficIsTheFootprintWhenItFits() {
        Random random(4);
        for (int i = 0; i < 500; ++i) {
            Workload workload = randomWorkload(random);
            Accelerator array = randomAccelerator(random);
            const Gemm& g = workload.gemm;
            const double inputs =
                static_cast<double>(workload.inputElements * g.count) * workload.activationBits / 8;
            const double weights =
                static_cast<double>(g.k * g.n * g.count) * workload.weightBits / 8;
            const double outputs =
                static_cast<double>(g.m * g.n * g.count) * workload.outputBits / 8;
            const DramTraffic tight = layerCost(workload, array).dram;
            QVERIFY(tight.ifmap >= inputs * (1 - 1e-9));
            QVERIFY(tight.filter >= weights * (1 - 1e-9));
            array.ifmapBytes = array.filterBytes = array.ofmapBytes = 1 << 24;
            const DramTraffic roomy = layerCost(workload, array).dram;
            QVERIFY(std::abs(roomy.ifmap - inputs) < 1e-6 * inputs);
            QVERIFY(std::abs(roomy.filter - weights) < 1e-6 * weights);
            QVERIFY(std::abs(roomy.ofmap - outputs) < 1e-6 * outputs);
            QCOMPARE(roomy.partialReads + roomy.partialWrites, 0.0);
        }
    }

    /// Weight stationary, 8 sums of 32 bits a fold, half a buffer of 16 bytes holds 4: the other 4
    /// leave after two of the three row folds and come back before two of them.
    void partialSumsReturn() {
        Workload workload;
        workload.gemm = {.m = 8, .k = 6, .n = 1};
        const Accelerator array{.rows = 2,
                                .columns = 1,
                                .dataflow = Dataflow::WeightStationary,
                                .ofmapBytes = 32,
                                .bandwidth = 4};
        const LayerCost cost = layerCost(workload, array);
        QCOMPARE(cost.dram.partialWrites, 2 * 16.0);
        QCOMPARE(cost.dram.partialReads, 2 * 16.0);
        QCOMPARE(cost.dram.ofmap, 8.0);
        QCOMPARE(cost.sram.ofmapWrites, 24.0);
        QCOMPARE(cost.sram.partialReads, 16.0);
    }

    void throughputFollowsTheWidths() {
        const auto fusion = [](double a, double w) {
            return multipliesPerCycle(ProcessingElement::BitComposable, w, a);
        };
        QCOMPARE(fusion(8, 8), 1.0);
        QCOMPARE(fusion(8, 4), 2.0);
        QCOMPARE(fusion(4, 4), 4.0);
        QCOMPARE(fusion(2, 8), 4.0);
        QCOMPARE(fusion(2, 2), 16.0);
        QCOMPARE(fusion(1, 1), 16.0);
        QCOMPARE(fusion(16, 16), 0.25);
        QCOMPARE(multipliesPerCycle(ProcessingElement::SerialInputs, 4, 8), 2.0);
        QCOMPARE(multipliesPerCycle(ProcessingElement::SerialBoth, 4, 8), 8.0);
        QCOMPARE(multipliesPerCycle(ProcessingElement::SerialBoth, 4, 8, true), 4.0);
        Workload workload;
        workload.gemm = {.m = 64, .k = 512, .n = 64};
        workload.weightBits = workload.activationBits = 4;
        Accelerator array{.rows = 8, .columns = 8};
        const std::int64_t parallel = layerCost(workload, array).cycles;
        array.element = ProcessingElement::BitComposable;
        QCOMPARE(parallel, 64 * (512 + 14));
        QCOMPARE(layerCost(workload, array).cycles, 64 * (128 + 14));
        for (const ProcessingElement element : kAllProcessingElements) {
            QVERIFY(parseProcessingElement(processingElementName(element)).value() == element);
        }
    }

    void layersMayStayOnTheChip() {
        Workload first;
        first.gemm = {.m = 100, .k = 9, .n = 8};
        Workload second;
        second.gemm = {.m = 100, .k = 8, .n = 4};
        second.inputIsPreviousOutput = true;
        const std::vector<Workload> both = {first, second};
        Accelerator array{.bandwidth = 2};
        const NetworkCost apart = networkCost(both, array);
        const NetworkCost joined = networkCost(both, array, true);
        QCOMPARE(apart.dramBytes - joined.dramBytes, 2 * 800.0);
        QVERIFY(joined.cycles < apart.cycles);
        array.ofmapBytes = 1599;  // 800 bytes do not fit into half of it
        QCOMPARE(networkCost(both, array, true).dramBytes, networkCost(both, array).dramBytes);
    }

    void namesTheBottleneck() {
        Workload deep;
        deep.gemm = {.m = 64, .k = 4096, .n = 64};
        QVERIFY(layerCost(deep, {.rows = 8, .columns = 8}).bottleneck == Bottleneck::Compute);
        Workload shallow;
        shallow.gemm = {.m = 64, .k = 3, .n = 64};
        QVERIFY(layerCost(shallow, {.rows = 32, .columns = 32}).bottleneck ==
                Bottleneck::FillAndDrain);
        Workload vector;
        vector.gemm = {.m = 1, .k = 100, .n = 1};
        QVERIFY(layerCost(vector, {.rows = 8, .columns = 8}).bottleneck == Bottleneck::IdleArray);
        Workload dense;
        dense.gemm = {.m = 1, .k = 1000, .n = 1000};
        const LayerCost starved = layerCost(dense, {.rows = 8, .columns = 8, .bandwidth = 1});
        QVERIFY(starved.bottleneck == Bottleneck::FilterBandwidth);
        QVERIFY(starved.rooflineDistance() < 1.01);
        Workload normalization;
        normalization.vectorOperations = 1000;
        const LayerCost elementwise = layerCost(normalization, {.columns = 16});
        QCOMPARE(elementwise.cycles, 63);
        QVERIFY(elementwise.bottleneck == Bottleneck::VectorUnit);
    }

    /// The physical cycles of every recorded stall-free run are SCALE-Sim's plus one a layer.
    void countsWhatScaleSimIndexes() {
        BITLOUPE_REAL_FILE(root, "scalesim");
        int compared = 0;
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            const std::string folder = entry.path().string();
            if (folder.find("calc") == std::string::npos) {
                continue;
            }
            const bool gemm =
                readFile(folder + "/meta.json").value().find("\"gemm\"") != std::string::npos;
            const auto configuration = scalesim::readConfiguration(folder + "/config.cfg").value();
            const auto layers = scalesim::readTopology(folder + "/topology.csv",
                                                       gemm ? scalesim::TopologyKind::Gemm
                                                            : scalesim::TopologyKind::Convolution)
                                    .value();
            const auto theirs =
                scalesim::simulateLayers(layers, configuration, scalesim::Version::V2, 1);
            const auto ours = networkCost(scalesim::physicalWorkloads(layers, configuration),
                                          scalesim::physicalAccelerator(configuration));
            for (std::size_t i = 0; i < layers.size(); ++i) {
                QCOMPARE(ours.layers[i].cycles, theirs[i].totalCycles + 1);
                ++compared;
            }
        }
        QVERIFY(compared > 300);
    }
};

QTEST_APPLESS_MAIN(TstLayerCost)
#include "tst_layer_cost.moc"
