// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <filesystem>
#include <random>

#include "core/hardware/array_shapes.h"
#include "core/hardware/presets.h"
#include "core/hardware/resource_sweep.h"
#include "core/hardware/roofline.h"

using namespace bitloupe::hardware;

/// Sweeps and rooflines, held to what must be true of any network on any accelerator.
class TstResourceSweep : public QObject {
    Q_OBJECT

    std::mt19937_64 m_random{7};

    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(m_random);
    }

    std::vector<Workload> network() {
        std::vector<Workload> layers(static_cast<std::size_t>(between(1, 4)));
        for (Workload& layer : layers) {
            layer.gemm = {between(1, 300), between(1, 300), between(1, 300), between(1, 3)};
            layer.weightBits = static_cast<double>(between(2, 16));
            layer.activationBits = static_cast<double>(between(2, 16));
        }
        return layers;
    }

    Accelerator accelerator() {
        Accelerator array;
        array.rows = between(1, 40);
        array.columns = between(1, 40);
        array.dataflow = kAllDataflows.at(static_cast<std::size_t>(between(0, 2)));
        array.element = kAllProcessingElements.at(static_cast<std::size_t>(between(0, 3)));
        array.bandwidth = static_cast<double>(between(1, 64));
        array.sharedBandwidth = between(0, 1) == 1;
        return array;
    }

private Q_SLOTS:
    /// More never costs more, and the knee is the first size that is as good as the largest.
    void sweepsFallAndTheKneeIsTheFirstGoodSize() {
        for (int round = 0; round < 60; ++round) {
            const auto layers = network();
            const Accelerator array = accelerator();
            for (const Resource resource : {Resource::IfmapBuffer, Resource::FilterBuffer,
                                            Resource::OfmapBuffer, Resource::Bandwidth}) {
                const auto sizes = sweepSizes(resource);
                const ResourceSweep sweep = sweepResource(layers, array, resource, sizes);
                QCOMPARE(sweep.points.size(), sizes.size());
                const auto cost = [&](std::size_t i) {
                    return resource == Resource::Bandwidth
                               ? static_cast<double>(sweep.points[i].cycles)
                               : sweep.points[i].dramBytes;
                };
                const double enough = cost(sizes.size() - 1) * kKneeSlack;
                for (std::size_t i = 0; i < sizes.size(); ++i) {
                    QCOMPARE(sweep.points[i].size, sizes[i]);
                    QVERIFY(i == 0 || cost(i) <= cost(i - 1) * (1 + 1e-12));
                    QCOMPARE(i<sweep.knee, cost(i)> enough);
                }
            }
        }
    }

    /// A dense layer of 64 inputs and 8 outputs in 8 bits: with room for everything each weight and
    /// input is read once and each output written once, whatever the sweep.
    void aSmallLayerNeedsItsOperandsOnce() {
        const std::vector<Workload> layer = {{.name = "dense", .gemm = {1, 64, 8, 1}}};
        const auto sweep =
            sweepResource(layer, {}, Resource::FilterBuffer, sweepSizes(Resource::FilterBuffer));
        QCOMPARE(sweep.points.back().dramBytes, 64.0 * 8 + 64 + 8);
        QCOMPARE(sweep.knee, 0U);
    }

    void noLayerIsAboveTheRoof() {
        for (int round = 0; round < 200; ++round) {
            const auto layers = network();
            const Accelerator array = accelerator();
            const NetworkCost cost = networkCost(layers, array);
            const Roofline roofline = rooflineOf(layers, cost.layers, array);
            QCOMPARE(roofline.layers.size(), layers.size());
            for (const RooflinePoint& point : roofline.layers) {
                QVERIFY(point.intensity > 0);
                QVERIFY(point.performance <=
                        std::min(roofline.peak, point.intensity * roofline.bandwidth) * (1 + 1e-9));
            }
        }
    }

    void namesSayAllThatDiffers() {
        for (int round = 0; round < 200; ++round) {
            Accelerator array = accelerator();
            array.bandwidth /= 8;
            array.vectorLanes = between(0, 3);
            array.clockMhz = static_cast<double>(between(1, 4)) * 100;
            array.filterBytes = between(1, 3) * 32768;
            const auto again = parseArrayName(array.name());
            QVERIFY2(again.hasValue(), array.name().c_str());
            QVERIFY(again.value() == array);
        }
        QCOMPARE(Accelerator{}.name(), std::string("16x16 os"));
        for (const char* bad : {"16x16", "16x16 rs", "0x4 os", "4x4 os bytes=3", "4x4 os ifmap=x",
                                "4x4 os clock=0", "4x4 os serial"}) {
            QVERIFY2(parseArrayName(bad).hasError(), bad);
        }
    }

    void acceleratorsAreKeptInBothForms() {
        const auto folder = std::filesystem::temp_directory_path() / "tst_resource_sweep";
        std::filesystem::create_directories(folder);
        for (const std::string& name : presetNames()) {
            const AcceleratorFile preset = presetOrFile(name).value();
            for (const char* ending : {".yaml", ".cfg"}) {
                const std::string path = (folder / (name + ending)).string();
                QVERIFY(writeAccelerator(preset, path).hasValue());
                const auto again = presetOrFile(path);
                QVERIFY2(again.hasValue(),
                         again.hasError() ? again.error().sentence().c_str() : "");
                Accelerator expected = preset.accelerator;
                if (path.ends_with(".cfg")) {
                    expected.bandwidth = std::round(expected.bandwidth);  // whole words only
                }
                QVERIFY(again.value().accelerator == expected);
                QCOMPARE(again.value().name, name);
            }
        }
        std::filesystem::remove_all(folder);
    }
};

QTEST_APPLESS_MAIN(TstResourceSweep)
#include "tst_resource_sweep.moc"
