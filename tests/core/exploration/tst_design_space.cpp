// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <set>

#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

class TstDesignSpace : public QObject {
    Q_OBJECT

    /// Three layers: both sides free, weights locked with float activations, all float.
    static DesignSpace mixedSpace() {
        return {{{.layer = "a",
                  .weights = quantizers({"int8", "int4", "int2"}),
                  .activations = quantizers({"int8", "int4"})},
                 {.layer = "b", .weights = quantizers({"int4"}), .activations = {}},
                 {.layer = "c", .weights = {}, .activations = {}}},
                {{.rows = 8, .columns = 8}, {.rows = 4, .columns = 16}}};
    }

private Q_SLOTS:
    void slotsRunLayerByLayerWithTheAcceleratorLast() {
        const DesignSpace space = mixedSpace();
        QCOMPARE(space.slotSizes(), (std::vector<std::uint16_t>{3, 2, 1, 2}));
        QCOMPARE(space.size(), 12.0);
        QCOMPARE(space.layerSlots().size(), std::size_t(3));
        QCOMPARE(space.layerSlots()[1].layer, std::size_t(0));
        QVERIFY(space.layerSlots()[1].side == Side::Activations);
        QVERIFY(space.layerSlots()[2].side == Side::Weights);
    }

    void everyDesignIsFoundAgain() {
        const DesignSpace space = mixedSpace();
        std::set<Design> seen;
        for (std::uint16_t w = 0; w < 3; ++w) {
            for (std::uint16_t a = 0; a < 2; ++a) {
                for (std::uint16_t array = 0; array < 2; ++array) {
                    const Design design{{w, a, 0, array}};
                    QVERIFY(space.contains(design));
                    const Assignment assignment = space.assignment(design);
                    QCOMPARE(assignment[1].weights->name(), std::string("int4"));
                    QVERIFY(!assignment[1].activations.has_value());
                    QVERIFY(assignment[2] == quantization::LayerScheme{});
                    QCOMPARE(space.find(assignment, space.accelerator(design)),
                             std::optional(design));
                    seen.insert(design);
                }
            }
        }
        QCOMPARE(static_cast<double>(seen.size()), space.size());
    }

    void whatTheSpaceDoesNotHoldIsNotFound() {
        const DesignSpace space = mixedSpace();
        Assignment assignment = space.assignment({{0, 0, 0, 0}});
        QVERIFY(!space.find(assignment, {.rows = 3, .columns = 3}).has_value());
        assignment[2].weights = quantizer("int8");  // a layer that stays in float
        QVERIFY(!space.find(assignment, space.accelerators()[0]).has_value());
        assignment[2].weights.reset();
        assignment[0].weights = quantizer("int5");
        QVERIFY(!space.find(assignment, space.accelerators()[0]).has_value());
        QVERIFY(!space.find({}, space.accelerators()[0]).has_value());
        QVERIFY(!space.contains({{3, 0, 0, 0}}));
        QVERIFY(!space.contains({{0, 0, 0}}));
    }

    void aSpaceNeedsAnAccelerator() {
        QVERIFY_THROWS_EXCEPTION(std::logic_error, DesignSpace({}, {}));
    }

    /// Hawks et al. give the bit operations of this network at these widths.
    void costsOfTheJetTagger() {
        const std::vector<network::Layer> layers = denseLayers(4);
        const hardware::Accelerator array{.rows = 8, .columns = 8};
        const Costs floating = computeCosts(layers, {}, array);
        QCOMPARE(std::round(floating.bops), 4652832.0);
        QCOMPARE(floating.weightBits, 4256.0 * 32);
        QCOMPARE(floating.macs, 4256.0);
        const DesignSpace space = uniformSpace(layers, {"int8", "int4"}, {"int8", "int4"}, {array});
        const Costs four =
            computeCosts(layers, space.assignment({{1, 1, 1, 1, 1, 1, 1, 1, 0}}), array);
        QCOMPARE(std::round(four.bops), 124448.0);
        QCOMPARE(four.weightBits, 4256.0 * 4);
        QCOMPARE(four.cycles, floating.cycles);
        // Output stationary, m = 1: 8 folds of 16 + 14, 4 of 64 + 14, 4 of 32 + 14, 1 of 32 + 14.
        QCOMPARE(four.cycles, 8.0 * 30 + 4 * 78 + 4 * 46 + 46);
        QVERIFY(std::abs(four.utilization - 4256 / (four.cycles * 64)) < 1e-12);
    }

    /// Layers 16-64-32-32-5, all with 8-bit inputs.
    void prunedWeightsAreNotCharged_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<double>("density");
        QTest::addColumn<double>("bitsOfAWeight");
        QTest::addColumn<double>("cycles");  // 8 x 8, output stationary, m = 1
        const double dense = 8.0 * 30 + 4 * 78 + 4 * 46 + 46;
        QTest::newRow("dense") << "int8" << 1.0 << 8.0 << dense;
        QTest::newRow("single weights") << "int8~75%" << 0.25 << 3.0 << dense;
        QTest::newRow("2:4") << "int8~2:4" << 0.5 << 5.0 << 8.0 * 22 + 4 * 46 + 4 * 30 + 30;
        // 32, 16, 16 and 2 or 3 of 5 channels stay; half of 5 rounds to 3 that go.
        QTest::newRow("channels") << "int8~50%channels" << 0.5 << 4.0
                                  << 4.0 * 30 + 2 * 78 + 2 * 46 + 46;
    }
    void prunedWeightsAreNotCharged() {
        QFETCH(const QString, weights);
        QFETCH(const double, density);
        QFETCH(const double, bitsOfAWeight);
        QFETCH(const double, cycles);
        const std::vector<network::Layer> layers = denseLayers(4);
        const Assignment assignment(
            4, {.weights = quantizer(weights.toStdString()), .activations = quantizer("int8")});
        const Costs costs = computeCosts(layers, assignment, {.rows = 8, .columns = 8});
        // 362,784 with all weights, of which the products are 4,256 * 64.
        QCOMPARE(std::round(costs.bops), 362784.0 - (1 - density) * 4256 * 64);
        QCOMPARE(costs.weightBits, 4256.0 * bitsOfAWeight);
        QCOMPARE(costs.cycles, cycles);
    }

    /// Stripes takes a bits of 16 for an input of a bits: k shrinks to a quarter at 4 bits.
    void serialElementsAreFasterOnNarrowInputs() {
        const std::vector<network::Layer> layers = denseLayers(4);
        const hardware::Accelerator array{
            .rows = 8, .columns = 8, .element = hardware::ProcessingElement::SerialInputs};
        const DesignSpace space = uniformSpace(layers, {"int8"}, {"int8", "int4"}, {array});
        const Costs four = computeCosts(layers, space.assignment({{0, 1, 0, 1, 0, 1, 0, 1, 0}}),
                                        space.accelerators()[0]);
        QCOMPARE(four.cycles, 8.0 * (4 + 14) + 4 * (16 + 14) + 4 * (8 + 14) + (8 + 14));
        const Costs eight = computeCosts(layers, space.assignment({{0, 0, 0, 0, 0, 0, 0, 0, 0}}),
                                         space.accelerators()[0]);
        QCOMPARE(eight.cycles, 8.0 * (8 + 14) + 4 * (32 + 14) + 4 * (16 + 14) + (16 + 14));
    }

    /// Attention multiplies two computed matrices: nothing is stored, and both are rounded alike.
    void layersWithoutWeights() {
        std::vector<network::Layer> layers = denseLayers(1);
        layers[0].weight.clear();
        layers[0].weightShape.clear();
        const Assignment assignment = {
            {.weights = quantizer("int4"), .activations = quantizer("int8")}};
        const Costs costs = computeCosts(layers, assignment, {});
        QCOMPARE(costs.weightBits, 0.0);
        QCOMPARE(costs.bops, 16.0 * 64 * (8 * 8 + 8 + 8 + 4));
    }
};

QTEST_APPLESS_MAIN(TstDesignSpace)
#include "tst_design_space.moc"
