// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>

#include "core/quantization/tensor_quantization.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using namespace bitloupe::quantization;

namespace {

std::size_t count(const std::vector<bool>& mask) {
    return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), true));
}

std::vector<bool> mask(std::span<const float> rows, std::size_t length, const char* text) {
    return pruningMask(rows, length, Pruning::parse(text).value());
}

QuantizedWeights quantize(const Array& weights, const std::string& text) {
    return quantizeWeights(weights, 0, Quantizer::parse(text).value()).value();
}

}  // namespace

class TstPruning : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exactlyTheSmallestShareFalls() {
        const std::vector<float> values = testing::someValues(1000, 1);
        for (const int percent : {1, 25, 50, 60, 95, 99}) {
            const std::vector<bool> pruned =
                mask(values, 100, (std::to_string(percent) + "%").c_str());
            QCOMPARE(count(pruned), static_cast<std::size_t>(percent) * 10);
            float largestPruned = 0;
            float smallestKept = 2;
            for (std::size_t i = 0; i < values.size(); ++i) {
                float& extreme = pruned[i] ? largestPruned : smallestKept;
                extreme = pruned[i] ? std::max(extreme, std::fabs(values[i]))
                                    : std::min(extreme, std::fabs(values[i]));
            }
            QVERIFY(largestPruned <= smallestKept);
        }
    }

    void equalMagnitudesArePrunedByShareToo() {
        // By rank among distinct magnitudes, as a share of these, all or nothing would go.
        const std::vector<float> values(8, -0.5F);
        QCOMPARE(mask(values, 4, "25%"),
                 (std::vector<bool>{false, false, false, false, false, false, true, true}));
    }

    void ofEveryFourTheTwoLargestStay() {
        const std::vector<float> rows = {1, -4, 3, 2, 0.1F, 0.2F, 9, 8, 7, 6};
        QCOMPARE(mask(rows, 5, "2:4"), (std::vector<bool>{true, false, false, true, false,  //
                                                          true, false, false, true, false}));
        QCOMPARE(mask(rows, 10, "2:4"), (std::vector<bool>{true, false, false, true, true, true,
                                                           false, false, false, false}));
    }

    void wholeChannelsGoByTheirNorm() {
        const std::vector<float> rows = {1, 1, 0, 1.5F, 0.9F, 0.9F, 3, 0};
        QCOMPARE(mask(rows, 2, "50%channels"),
                 (std::vector<bool>{true, true, false, false, true, true, false, false}));
    }

    void oneThresholdForAllLayers() {
        const std::vector<float> large = {5, 6, 7, 8};
        const std::vector<float> small = {1, 2, 3, 4, 9, 10};
        const std::vector<std::span<const float>> layers = {large, small};
        const std::vector<double> shares = globalShares(layers, 0.5);
        QCOMPARE(shares[0], 0.25);
        QCOMPARE(shares[1], 4.0 / 6);
    }

    void prunedWeightsAreZeroInEveryFormat_data() {
        QTest::addColumn<QString>("format");
        for (const char* name : {"int4", "uint4", "binary", "midrise<3>", "posit<6,0>", "mxfp4",
                                 "codebook<kmeans,3>", "multipoint<int3,2>", "float", "fp8e4m3"}) {
            QTest::newRow(name) << QString(name);
        }
    }
    void prunedWeightsAreZeroInEveryFormat() {
        QFETCH(const QString, format);
        const Array weights = testing::someArray({8, 64}, 3);
        const QuantizedWeights result = quantize(weights, format.toStdString() + "~60%");
        const std::vector<bool> pruned = mask(weights.as<float>(), 64, "60%");
        QCOMPARE(count(pruned), std::size_t{307});
        QCOMPARE(result.sparsity, 307.0 / 512);
        for (std::size_t i = 0; i < pruned.size(); ++i) {
            if (pruned[i]) {
                QCOMPARE(result.values.as<float>()[i], 0.0F);
            } else if (format == QStringLiteral("float")) {
                QCOMPARE(result.values.as<float>()[i], weights.as<float>()[i]);
            }
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(result.codes.size()); ++i) {
            const auto& scaling = result.scalings.front();
            QCOMPARE(scaling.scale * (static_cast<float>(result.codes.as<std::int32_t>()[i]) -
                                      scaling.zeroPoint),
                     result.values.as<float>()[i]);
        }
    }

    void scalesAreFittedToWhatStays() {
        // Levels of two values that stay: with the zeros in the fit they would be far smaller.
        const Array weights = Array::of<float>({1, 8}, {1, -1, 0.1F, 0.1F, 0.1F, -0.1F, 0.1F, 1});
        const QuantizedWeights result = quantize(weights, "binary~62.5%");
        QCOMPARE(result.values.as<float>()[0], 1.0F);
        QCOMPARE(result.values.as<float>()[2], 0.0F);
    }

    void clippedShareCountsWhatSaturates() {
        std::vector<float> values = testing::someValues(1000, 9);
        values[3] = 100;
        values[700] = -90;
        const Array weights = Array::of<float>({10, 100}, values);
        QCOMPARE(quantize(weights, "int8/minmax").clippedShare, 0.0);
        QCOMPARE(quantize(weights, "int8/percentile99.8").clippedShare, 2.0 / 1000);
        QCOMPARE(quantize(weights, "posit<8,0>/percentile99.8").clippedShare, 2.0 / 1000);
        QCOMPARE(quantize(weights, "float~50%").clippedShare, 0.0);
    }
};

QTEST_APPLESS_MAIN(TstPruning)
#include "tst_pruning.moc"
