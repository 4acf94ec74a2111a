// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>

#include "core/quantization/posit_scale.h"
#include "core/quantization/tensor_quantization.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using namespace bitloupe::quantization;

namespace {

QuantizedWeights quantize(const Array& weights, const std::string& text) {
    return quantizeWeights(weights, 0, Quantizer::parse(text).value()).value();
}

/// Values around 2^-4 with a wide spread, as trained weights have.
std::vector<float> narrowValues(std::int64_t count) {
    std::vector<float> values = testing::someValues(count, 17);
    for (float& value : values) {
        value = 0.12F * value * value * value;
    }
    return values;
}

bool isPowerOfTwo(float scale) {
    int exponent = 0;
    return std::frexp(scale, &exponent) == 0.5F;
}

double squaredError(const QuantizedWeights& rounded, std::span<const float> values) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double difference =
            static_cast<double>(rounded.values.as<float>()[i]) - static_cast<double>(values[i]);
        sum += difference * difference;
    }
    return sum;
}

}  // namespace

/// Power-of-two scales, the scale rules of posits, and moving averages.
class TstScaleRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void energyWeightedMeanByHand() {
        // e = (1 * log2 1 + 16 * log2 4 + 0.25 * log2 0.5) / 17.25 = 31.75 / 17.25 = 1.84
        const std::vector<float> values = {1, -4, 0.5F, 0};
        QCOMPARE(logarithmicScale(values, RangeRule::Energy).value(), 4.0);
        QVERIFY(!logarithmicScale(values, RangeRule::Mse).has_value());
        QVERIFY(!logarithmicScale(std::vector<float>{0, 0}, RangeRule::Energy).has_value());
    }

    void theFullestBinIsTheHistogramsChoice() {
        std::vector<float> values(1000, 0.125F);
        values.push_back(1);
        values.push_back(-0.001F);
        const double scale = logarithmicScale(values, RangeRule::Histogram).value();
        QVERIFY(std::fabs(std::log2(scale) + 3) < 0.1);  // bins are a hundredth of ten octaves wide
        QCOMPARE(logarithmicScale(std::vector<float>{0.25F, -0.25F}, RangeRule::Histogram).value(),
                 0.25);
    }

    void aSweepBeatsEveryOtherPowerOfTwoAndEs() {
        const std::vector<float> values = narrowValues(4000);
        const Array weights = Array::of<float>({40, 100}, values);
        const double swept = squaredError(quantize(weights, "posit<6,1>/sweep"), values);
        for (int es = 0; es <= 3; ++es) {
            const auto format =
                numerics::NumberFormat::parse("posit<6," + std::to_string(es) + ">").value();
            for (int power = -10; power <= 4; ++power) {
                double error = 0;
                for (const float value : values) {
                    const float rounded =
                        std::ldexp(format.decode(format.encode(std::ldexp(value, -power))), power);
                    error += std::pow(static_cast<double>(rounded) - static_cast<double>(value), 2);
                }
                QVERIFY(swept <= error * (1 + 1e-12));
            }
        }
        QVERIFY(quantize(weights, "posit<6,1>/sweep").format.name() != "posit<6,1>");
    }

    void everyRuleBeatsNoScale() {
        const std::vector<float> values = narrowValues(4000);
        const Array weights = Array::of<float>({40, 100}, values);
        const auto format = numerics::NumberFormat::parse("posit<6,0>").value();
        double unscaled = 0;
        for (const float value : values) {
            const double difference = static_cast<double>(format.decode(format.encode(value))) -
                                      static_cast<double>(value);
            unscaled += difference * difference;
        }
        for (const char* rule : {"", "/histogram", "/energy", "/sweep", "/mse"}) {
            QVERIFY(squaredError(quantize(weights, std::string("posit<6,0>") + rule), values) <
                    unscaled / 2);
        }
    }

    void unscaledIsTheFormatItself() {
        const std::vector<float> values = narrowValues(4000);
        const Array weights = Array::of<float>({40, 100}, values);
        for (const char* name : {"posit<6,0>", "posit<8,1>", "fp8e4m3", "pow2<4>"}) {
            const auto format = numerics::NumberFormat::parse(name).value();
            const QuantizedWeights rounded = quantize(weights, std::string(name) + "/unscaled");
            QCOMPARE(rounded.scalings.size(), std::size_t{1});
            QCOMPARE(rounded.scalings[0].scale, 1.0F);
            for (std::size_t i = 0; i < values.size(); ++i) {
                QCOMPARE(rounded.values.as<float>()[i], format.decode(format.encode(values[i])));
            }
            ValueStatistics statistics;
            statistics.minimum = -0.1F;
            statistics.maximum = 0.2F;
            const auto activations = chooseActivationRounding(
                statistics, Quantizer::parse(std::string(name) + "/unscaled").value());
            QCOMPARE(activations.value().options.scaling.scale, 1.0F);
        }
        QCOMPARE(Quantizer::parse("posit<6,0>/unscaled").value().name(),
                 std::string("posit<6,0>/unscaled"));
        QVERIFY(Quantizer::parse("int8/unscaled").hasError());
    }

    /// Posits of 6 bits without exponent bits end at 1/16: the weights of a trained network all
    /// become that, and a network of them falls apart. A scale brings it back.
    void unscaledPositsCollapseAndScaledOnesRecover() {
        constexpr std::size_t kWidth = 64;
        constexpr std::size_t kClasses = 10;
        constexpr std::size_t kSamples = 300;
        const auto weights = [](std::size_t outputs, std::size_t inputs, unsigned seed) {
            std::vector<float> values =
                testing::someValues(static_cast<std::int64_t>(outputs * inputs), seed);
            for (float& value : values) {
                value = 0.04F * value * value * value;  // most are far below 1/16
            }
            return Array::of<float>(
                {static_cast<std::int64_t>(outputs), static_cast<std::int64_t>(inputs)}, values);
        };
        const std::vector<Array> layers = {weights(kWidth, kWidth, 31), weights(kWidth, kWidth, 32),
                                           weights(kClasses, kWidth, 33)};
        const std::vector<float> inputs =
            testing::someValues(static_cast<std::int64_t>(kSamples * kWidth), 34);
        const auto predictions = [&](const std::string& quantizer) {
            std::vector<std::size_t> classes;
            std::vector<Array> used = layers;
            for (Array& layer : used) {
                layer = quantizer.empty() ? layer : quantize(layer, quantizer).values;
            }
            for (std::size_t sample = 0; sample < kSamples; ++sample) {
                std::vector<float> values(
                    inputs.begin() + static_cast<std::ptrdiff_t>(sample * kWidth),
                    inputs.begin() + static_cast<std::ptrdiff_t>((sample + 1) * kWidth));
                for (std::size_t l = 0; l < used.size(); ++l) {
                    const auto matrix = used[l].as<float>();
                    std::vector<float> sums(matrix.size() / kWidth, 0);
                    for (std::size_t i = 0; i < matrix.size(); ++i) {
                        sums[i / kWidth] += matrix[i] * values[i % kWidth];
                    }
                    for (float& sum : sums) {
                        sum = l + 1 < used.size() ? std::max(sum, 0.0F) : sum;
                    }
                    values = std::move(sums);
                }
                classes.push_back(static_cast<std::size_t>(
                    std::max_element(values.begin(), values.end()) - values.begin()));
            }
            return classes;
        };
        const std::vector<std::size_t> real = predictions("");
        const auto agreement = [&](const std::string& quantizer) {
            const std::vector<std::size_t> classes = predictions(quantizer);
            int same = 0;
            for (std::size_t i = 0; i < classes.size(); ++i) {
                same += classes[i] == real[i] ? 1 : 0;
            }
            return static_cast<double>(same) / static_cast<double>(kSamples);
        };
        const double collapsed = agreement("posit<6,0>/unscaled");
        QVERIFY2(collapsed < 0.5, qPrintable(QString::number(collapsed)));
        for (const char* rule : {"/energy", "/histogram", "/sweep"}) {
            const double recovered = agreement(std::string("posit<6,0>") + rule);
            QVERIFY2(recovered > 0.85,
                     qPrintable(QString::fromLatin1(rule) + QString::number(recovered)));
        }
        // An exponent bit or two more bits reach further down: those never needed the scale as
        // much.
        QVERIFY(agreement("posit<8,1>/unscaled") > collapsed);
    }

    void powersOfTwoWhereAsked_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"int8/pow2scale", "int4@channel/minmax/pow2scale",
                                 "uint4/pow2scale", "posit<8,1>/mse/pow2scale", "posit<8,1>",
                                 "int3@group16/percentile99/pow2scale", "fp8e4m3/pow2scale"}) {
            QTest::newRow(text) << QString(text);
        }
    }
    void powersOfTwoWhereAsked() {
        QFETCH(const QString, text);
        const Array weights = Array::of<float>({8, 64}, narrowValues(512));
        const QuantizedWeights result = quantize(weights, text.toStdString());
        for (const numerics::Scaling& scaling : result.scalings) {
            QVERIFY(isPowerOfTwo(scaling.scale));
        }
        ValueStatistics statistics;
        statistics.sample = narrowValues(512);
        statistics.minimum = *std::min_element(statistics.sample.begin(), statistics.sample.end());
        statistics.maximum = *std::max_element(statistics.sample.begin(), statistics.sample.end());
        Quantizer quantizer = Quantizer::parse(text.toStdString()).value().withoutWeightMethods();
        const auto rounding = chooseActivationRounding(statistics, quantizer).value();
        QVERIFY(isPowerOfTwo(rounding.options.scaling.scale));
    }

    void aPowerOfTwoWithoutClippingHoldsEverything() {
        const Array weights = Array::of<float>({1, 3}, {0.9F, -0.3F, 0.1F});
        const QuantizedWeights result = quantize(weights, "int4/minmax/pow2scale");
        QCOMPARE(result.scalings.front().scale, 0.25F);  // 0.9 / 7 = 0.129, the next is 0.25
        QCOMPARE(result.clippedShare, 0.0);
    }

    void leastErrorPowerBeatsItsNeighbours() {
        const std::vector<float> values = narrowValues(4000);
        const Array weights = Array::of<float>({40, 100}, values);
        const QuantizedWeights best = quantize(weights, "int4/pow2scale");
        const double error = squaredError(best, values);
        for (int power = -12; power <= 2; ++power) {
            double other = 0;
            for (const float value : values) {
                const double scale = std::ldexp(1.0, power);
                const double code =
                    std::clamp(std::nearbyint(static_cast<double>(value) / scale), -7.0, 7.0);
                other += std::pow(code * scale - static_cast<double>(value), 2);
            }
            QVERIFY(error <= other * (1 + 1e-9));
        }
    }

    void movingAveragesAreForActivations() {
        ValueStatistics statistics{-1, 9, {0, 1}, -0.5F, 2.55F};
        const auto rounding =
            chooseActivationRounding(statistics, Quantizer::parse("uint8/movingaverage").value());
        QVERIFY(std::fabs(rounding.value().options.scaling.scale - 3.05F / 255) < 1e-6F);
        const auto refused = quantizeWeights(Array::of<float>({1}, {1}), 0,
                                             Quantizer::parse("int8/movingaverage").value());
        QVERIFY(refused.hasError());
        const auto method =
            chooseActivationRounding(statistics, Quantizer::parse("int8+stochastic").value());
        QVERIFY(method.hasError());
    }
};

QTEST_APPLESS_MAIN(TstScaleRules)
#include "tst_scale_rules.moc"
