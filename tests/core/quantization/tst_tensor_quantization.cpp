// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "core/quantization/tensor_quantization.h"
#include "tests/support/normal_values.h"

using namespace bitloupe;
using namespace bitloupe::quantization;

using bitloupe::testing::normalValues;

namespace {

Quantizer quantizer(const std::string& text) {
    return Quantizer::parse(text).value();
}

QuantizedWeights quantize(const Array& weights, int axis, const std::string& text) {
    auto result = quantizeWeights(weights, axis, quantizer(text));
    if (result.hasError()) {
        QTest::qFail(result.error().sentence().c_str(), __FILE__, __LINE__);
        return {};
    }
    return std::move(result).value();
}

double meanSquaredError(std::span<const float> a, std::span<const float> b) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        total += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    }
    return total / static_cast<double>(a.size());
}

ActivationRounding chosen(const std::vector<float>& values, const std::string& text) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    auto result = chooseActivationRounding({*low, *high, values}, quantizer(text));
    if (result.hasError()) {
        QTest::qFail(result.error().sentence().c_str(), __FILE__, __LINE__);
        return {quantizer("fp32").format, {}};
    }
    return std::move(result).value();
}

}  // namespace

class TstTensorQuantization : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void minMaxFollowsTheFormula() {
        // int4, narrow: scale = 1.4 / 7 = 0.2; codes are round(w / 0.2), ties to even.
        const Array weights = Array::of<float>({2, 3}, {1.4F, -1.4F, 0.3F, -0.61F, 0.0F, 0.09F});
        const QuantizedWeights result = quantize(weights, 0, "int4/minmax");
        QCOMPARE(result.scalings.size(), std::size_t{1});
        QCOMPARE(result.scalings[0].scale, 1.4F / 7);
        const std::vector<std::int32_t> codes = {7, -7, 1, -3, 0, 0};
        const auto got = result.codes.as<std::int32_t>();
        // 0.3 / 0.2 is 1.5 minus or plus the last bit: both neighbours are right.
        QVERIFY(got[2] == 1 || got[2] == 2);
        for (const std::size_t i : {0U, 1U, 3U, 4U, 5U}) {
            QCOMPARE(got[i], codes[i]);
        }
        for (std::size_t i = 0; i < 6; ++i) {
            QCOMPARE(result.values.as<float>()[i],
                     static_cast<float>(got[i]) * result.scalings[0].scale);
        }
    }

    void channelsHaveTheirOwnScale_data() {
        QTest::addColumn<int>("axis");
        QTest::newRow("rows") << 0;
        QTest::newRow("columns") << 1;
    }
    void channelsHaveTheirOwnScale() {
        QFETCH(int, axis);
        // Two channels whose magnitudes differ a thousandfold.
        const std::vector<float> rows = {127, -127, 64, 0.127F, -0.127F, 0.001F};
        const std::vector<float> columns = {127, 0.127F, -127, -0.127F, 64, 0.001F};
        const Array weights =
            axis == 0 ? Array::of<float>({2, 3}, rows) : Array::of<float>({3, 2}, columns);
        const QuantizedWeights result = quantize(weights, axis, "int8@channel/minmax");
        QCOMPARE(result.scalings.size(), std::size_t{2});
        QCOMPARE(result.scalings[0].scale, 1.0F);
        QCOMPARE(result.scalings[1].scale, 0.127F / 127);
        const std::vector<std::int32_t> expected =
            axis == 0 ? std::vector<std::int32_t>{127, -127, 64, 127, -127, 1}
                      : std::vector<std::int32_t>{127, 127, -127, -127, 64, 1};
        for (std::size_t i = 0; i < 6; ++i) {
            QCOMPARE(result.codes.as<std::int32_t>()[i], expected[i]);
        }
    }

    void groupsEndWithTheirChannel() {
        const Array weights = Array::of<float>({2, 3}, {7, 1, 0.7F, 70, 3, 0.07F});
        const QuantizedWeights result = quantize(weights, 0, "int4@group2/minmax");
        QCOMPARE(result.scalings.size(), std::size_t{4});
        const std::vector<float> scales = {1, 0.1F, 10, 0.01F};
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY(std::fabs(result.scalings[i].scale / scales[i] - 1) < 1e-6F);
        }
    }

    void meanSquaredErrorBeatsMinMax_data() {
        QTest::addColumn<QString>("format");
        for (const char* name : {"int2", "int3", "int4", "int6", "fp4e2m1", "fp8e4m3", "posit<6,0>",
                                 "posit<8,2>", "pow2<4>", "ternary", "binary", "midrise<3>"}) {
            QTest::newRow(name) << QString(name);
        }
    }
    void meanSquaredErrorBeatsMinMax() {
        QFETCH(QString, format);
        const std::vector<float> values = normalValues(4000, 7);
        const Array weights = Array::of<float>({40, 100}, values);
        const QuantizedWeights plain = quantize(weights, 0, format.toStdString() + "/minmax");
        const QuantizedWeights best = quantize(weights, 0, format.toStdString() + "/mse");
        QVERIFY(meanSquaredError(values, best.values.as<float>()) <=
                meanSquaredError(values, plain.values.as<float>()));
    }

    void leastErrorIsNearTheKnownOptimum() {
        // Least mean squared errors of uniform quantizers of a unit normal: Max, "Quantizing for
        // minimum distortion" (1960), table II, for 3, 4, 8 and 16 levels.
        const std::vector<float> values = normalValues(200000, 3);
        const Array weights = Array::of<float>({200, 1000}, values);
        const std::vector<std::pair<std::string, double>> optima = {{"int2", 0.1902},
                                                                    {"midrise<2>", 0.1188},
                                                                    {"midrise<3>", 0.03744},
                                                                    {"midrise<4>", 0.01154}};
        for (const auto& [format, optimum] : optima) {
            const double error =
                meanSquaredError(values, quantize(weights, 0, format).values.as<float>());
            QVERIFY2(std::fabs(error / optimum - 1) < 0.03,
                     qPrintable(QString("%1: %2").arg(format.c_str()).arg(error)));
        }
    }

    void roundingTwiceChangesNothing_data() {
        QTest::addColumn<QString>("format");
        for (const char* name :
             {"int8@channel", "fixed<8,3>", "mxfp4", "bf16", "fp32", "posit<8,1>"}) {
            QTest::newRow(name) << QString(name);
        }
    }
    void roundingTwiceChangesNothing() {
        QFETCH(QString, format);
        const Array weights = Array::of<float>({8, 64}, normalValues(512, 11));
        const QuantizedWeights once = quantize(weights, 0, format.toStdString() + "/minmax");
        const QuantizedWeights twice = quantize(once.values, 0, format.toStdString() + "/minmax");
        for (std::size_t i = 0; i < 512; ++i) {
            const float a = once.values.as<float>()[i];
            const float b = twice.values.as<float>()[i];
            QVERIFY(std::fabs(a - b) <= 1e-6F * std::fabs(a));
        }
    }

    void zeroWeightsStayZero() {
        const Array weights = Array::of<float>({2, 2}, {0, 0, 0, 0});
        for (const char* format : {"int4@channel", "posit<8,1>", "fp8e4m3", "mxfp4"}) {
            const QuantizedWeights result = quantize(weights, 0, format);
            for (const float value : result.values.as<float>()) {
                QCOMPARE(value, 0.0F);
            }
        }
    }

    void notANumberIsNamedByItsPlace() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const auto result =
            quantizeWeights(Array::of<float>({3}, {1, 2, nan}), 0, quantizer("int8"));
        QVERIFY(result.hasError());
        QCOMPARE(result.error().where, std::string("element 2"));
    }

    void activationsAfterReluUseEveryCode() {
        std::vector<float> values = normalValues(5000, 5);
        for (float& value : values) {
            value = std::max(0.0F, value);
        }
        const ActivationRounding rounding = chosen(values, "int4/minmax");
        QCOMPARE(rounding.options.scaling.zeroPoint, -8.0F);
        const float largest = *std::max_element(values.begin(), values.end());
        QCOMPARE(rounding.options.scaling.scale, largest / 15);
        const ActivationRounding unsignedRounding = chosen(values, "uint4/minmax");
        QCOMPARE(unsignedRounding.options.scaling.zeroPoint, 0.0F);
        std::vector<float> a(values.size());
        std::vector<float> b(values.size());
        rounding.apply(values, a);
        unsignedRounding.apply(values, b);
        QVERIFY(a == b);
    }

    void affineRangeHoldsZeroExactly() {
        std::vector<float> values = normalValues(2000, 9);
        for (float& value : values) {
            value += 1.3F;
        }
        for (const char* text : {"int4/minmax", "int8/mse", "uint3/percentile99", "int6/entropy"}) {
            const ActivationRounding rounding = chosen(values, text);
            const std::vector<float> zero = {0.0F};
            std::vector<float> rounded(1);
            rounding.apply(zero, rounded);
            QCOMPARE(rounded[0], 0.0F);
        }
    }

    void percentileClips() {
        std::vector<float> values(1000, 1.0F);
        values[500] = 1000.0F;
        const ActivationRounding rounding = chosen(values, "uint8/percentile99");
        QCOMPARE(rounding.options.scaling.scale, 1.0F / 255);
    }

    void signalToNoise() {
        const std::vector<float> signal = {3, 4};
        const std::vector<float> rounded = {3, 4.5F};
        QVERIFY(std::fabs(sqnrDb(signal, rounded) - 20) < 1e-9);  // 25 / 0.25
        QVERIFY(std::isinf(sqnrDb(signal, signal)));
    }

    void codebooksAreForWeights() {
        const auto result =
            chooseActivationRounding({0, 1, {0, 1}}, quantizer("codebook<kmeans,3>"));
        QVERIFY(result.hasError());
        QVERIFY(!result.error().remedy.empty());
    }
};

QTEST_APPLESS_MAIN(TstTensorQuantization)
#include "tst_tensor_quantization.moc"
