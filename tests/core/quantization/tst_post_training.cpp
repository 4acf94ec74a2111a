// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>

#include "core/quantization/post_training/second_moments.h"
#include "core/quantization/tensor_quantization.h"
#include "tests/support/normal_values.h"

using namespace bitloupe;
using namespace bitloupe::quantization;

using bitloupe::testing::normalValues;

namespace {

/// Rows whose columns go together: x = common + half of its own.
InputRows correlatedRows(std::size_t rows, std::size_t length, unsigned seed) {
    const std::vector<float> common = normalValues(rows, seed);
    const std::vector<float> own = normalValues(rows * length, seed + 1);
    InputRows inputs;
    inputs.rows = rows;
    inputs.length = length;
    inputs.original = own;
    for (std::size_t i = 0; i < inputs.original.size(); ++i) {
        inputs.original[i] = common[i / length] + 0.5F * own[i] + 0.3F;
    }
    return inputs;
}

/// Mean squared difference of the outputs of all channels.
double outputError(std::span<const float> a, std::span<const float> b, const InputRows& inputs) {
    double sum = 0;
    for (std::size_t channel = 0; channel < a.size(); channel += inputs.length) {
        for (std::size_t row = 0; row < inputs.original.size(); row += inputs.length) {
            double difference = 0;
            for (std::size_t i = 0; i < inputs.length; ++i) {
                difference +=
                    (static_cast<double>(a[channel + i]) - static_cast<double>(b[channel + i])) *
                    static_cast<double>(inputs.original[row + i]);
            }
            sum += difference * difference;
        }
    }
    return sum / static_cast<double>(inputs.rows);
}

QuantizedWeights quantize(const Array& weights, const std::string& text, const InputRows& inputs) {
    auto result = quantizeWeights(weights, 0, Quantizer::parse(text).value(), &inputs);
    if (result.hasError()) {
        QTest::qFail(result.error().sentence().c_str(), __FILE__, __LINE__);
        return {};
    }
    return std::move(result).value();
}

/// The least output error of any choice of one of two neighbours for each of a few weights.
double exhaustiveOptimum(const Array& weights, float scale, const InputRows& inputs) {
    const std::span<const float> values = weights.as<float>();
    double best = 1e300;
    for (unsigned choice = 0; choice < (1U << values.size()); ++choice) {
        std::vector<float> rounded;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float below = std::floor(values[i] / scale);
            rounded.push_back(scale * (below + (((choice >> i) & 1U) != 0U ? 1.0F : 0.0F)));
        }
        best = std::min(best, outputError(values, rounded, inputs));
    }
    return best;
}

}  // namespace

/// GPTQ, AdaRound and bias correction against exhaustive search and plain sums.
class TstPostTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFactorIsThatOfTheInverse() {
        const InputRows inputs = correlatedRows(50, 12, 5);
        const SquareMatrix moments = secondMoments(inputs.original, 12);
        QVERIFY(std::fabs(moments.at(2, 7) - moments.at(7, 2)) == 0);
        const SquareMatrix factor = inverseFactor(moments);
        for (std::size_t i = 0; i < 12; ++i) {
            for (std::size_t j = 0; j < 12; ++j) {
                double product = 0;  // (U^T U A)_ij
                for (std::size_t k = 0; k < 12; ++k) {
                    for (std::size_t l = 0; l < 12; ++l) {
                        product += factor.at(k, i) * factor.at(k, l) * moments.at(l, j);
                    }
                }
                QVERIFY(std::fabs(product - (i == j ? 1 : 0)) < 1e-9);
                QVERIFY(i <= j || factor.at(i, j) == 0);
            }
        }
    }

    void methodsLowerTheOutputError_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("method");
        for (const char* format : {"int4", "int3@channel", "int4@group8", "posit<5,1>/mse",
                                   "fp4e2m1@channel", "fixed<4,1>", "uint4", "ternary"}) {
            for (const char* method : {"+gptq", "+gptqordered", "+adaround"}) {
                QTest::addRow("%s%s", format, method) << QString(format) << QString(method);
            }
        }
    }
    void methodsLowerTheOutputError() {
        QFETCH(const QString, format);
        QFETCH(const QString, method);
        std::vector<float> values = normalValues(16 * 32, 21);
        for (float& value : values) {
            value *= 0.3F;
        }
        const Array weights = Array::of<float>({16, 32}, values);
        const InputRows inputs = correlatedRows(300, 32, 8);
        const QuantizedWeights nearest = quantize(weights, format.toStdString(), inputs);
        const QuantizedWeights better = quantize(weights, (format + method).toStdString(), inputs);
        const double before = outputError(values, nearest.values.as<float>(), inputs);
        const double after = outputError(values, better.values.as<float>(), inputs);
        QVERIFY2(after < 0.6 * before, qPrintable(QString("%1 %2").arg(after).arg(before)));
        for (std::size_t i = 0; i < nearest.scalings.size(); ++i) {
            QCOMPARE(better.scalings[i].scale, nearest.scalings[i].scale);
        }
    }

    void adaRoundIsNearTheExhaustiveOptimum() {
        double nearest = 0;
        double learned = 0;
        double optimum = 0;
        for (unsigned seed = 0; seed < 20; ++seed) {
            std::vector<float> values = normalValues(10, 100 + seed);
            const Array weights = Array::of<float>({1, 10}, values);
            const InputRows inputs = correlatedRows(60, 10, 300 + 2 * seed);
            const QuantizedWeights rounded = quantize(weights, "int4/minmax", inputs);
            nearest += outputError(values, rounded.values.as<float>(), inputs);
            learned += outputError(
                values, quantize(weights, "int4/minmax+adaround", inputs).values.as<float>(),
                inputs);
            optimum += exhaustiveOptimum(weights, rounded.scalings.front().scale, inputs);
        }
        QVERIFY2(learned - optimum < 0.1 * (nearest - optimum),
                 qPrintable(QString("%1 %2 %3").arg(nearest).arg(learned).arg(optimum)));
    }

    void withIndependentInputsGptqIsRoundingToNearest() {
        // Second moments that are exactly diagonal: nothing can be made up for.
        InputRows inputs;
        inputs.rows = 8;
        inputs.length = 4;
        inputs.original.assign(32, 0.0F);
        for (std::size_t i = 0; i < 8; ++i) {
            inputs.original[i * 4 + i % 4] = static_cast<float>(i + 1);
        }
        const Array weights = Array::of<float>({8, 4}, normalValues(32, 2));
        const QuantizedWeights nearest = quantize(weights, "int3", inputs);
        for (const char* method : {"int3+gptq", "int3+gptqordered", "int3+adaround"}) {
            const QuantizedWeights other = quantize(weights, method, inputs);
            for (std::size_t i = 0; i < 32; ++i) {
                QCOMPARE(other.values.as<float>()[i], nearest.values.as<float>()[i]);
            }
        }
    }

    void prunedWeightsStayZeroAndAreMadeUpFor() {
        const std::vector<float> values = normalValues(16 * 32, 33);
        const Array weights = Array::of<float>({16, 32}, values);
        const InputRows inputs = correlatedRows(300, 32, 4);
        const QuantizedWeights plain = quantize(weights, "int6@channel~2:4", inputs);
        const std::vector<bool> pruned = pruningMask(values, 32, Pruning::parse("2:4").value());
        for (const char* method : {"int6@channel+gptq~2:4", "int6@channel+adaround~2:4"}) {
            const QuantizedWeights other = quantize(weights, method, inputs);
            for (std::size_t i = 0; i < values.size(); ++i) {
                QVERIFY(!pruned[i] || other.values.as<float>()[i] == 0.0F);
            }
            QCOMPARE(other.sparsity, 0.5);
        }
        const double before = outputError(values, plain.values.as<float>(), inputs);
        const double after = outputError(
            values, quantize(weights, "int6@channel+gptq~2:4", inputs).values.as<float>(), inputs);
        QVERIFY(after < 0.5 * before);
    }

    void theMeanErrorOfEveryOutputIsCorrected() {
        const std::vector<float> values = normalValues(6 * 10, 3);
        InputRows inputs = correlatedRows(200, 10, 6);
        inputs.rounded = inputs.original;
        for (float& value : inputs.rounded) {
            value = std::round(value * 2) / 2 + 0.1F;
        }
        const Array weights = Array::of<float>({6, 10}, values);
        const QuantizedWeights corrected = quantize(weights, "int3+biascorr", inputs);
        QCOMPARE(corrected.outputShift.size(), std::size_t{6});
        for (std::size_t channel = 0; channel < 6; ++channel) {
            double mean = 0;
            for (std::size_t row = 0; row < 200; ++row) {
                for (std::size_t i = 0; i < 10; ++i) {
                    mean += static_cast<double>(values[channel * 10 + i]) *
                                static_cast<double>(inputs.original[row * 10 + i]) -
                            static_cast<double>(corrected.values.as<float>()[channel * 10 + i]) *
                                static_cast<double>(inputs.rounded[row * 10 + i]);
                }
            }
            QVERIFY(std::fabs(mean / 200 - static_cast<double>(corrected.outputShift[channel])) <
                    1e-5);
        }
        QVERIFY(quantize(weights, "int3", inputs).outputShift.empty());
    }

    void multipointAddsTermsUntilTheOutputsAreKept() {
        const std::vector<float> values = normalValues(16 * 32, 71);
        const Array weights = Array::of<float>({16, 32}, values);
        const InputRows inputs = correlatedRows(200, 32, 72);
        double bits = 0;
        for (const double bound : {20.0, 5.0, 1.0}) {
            const QuantizedWeights bounded = quantize(
                weights, "multipoint<int3,6>/output" + std::to_string(bound) + "%", inputs);
            QVERIFY(bounded.storedBits > bits);
            QVERIFY(bounded.storedBits < 18);
            bits = bounded.storedBits;
            for (std::size_t channel = 0; channel < 16; ++channel) {
                const auto row = [&](std::span<const float> all) {
                    return all.subspan(channel * 32, 32);
                };
                const std::vector<float> nothing(32, 0.0F);
                const double lost =
                    outputError(row(values), row(bounded.values.as<float>()), inputs);
                const double whole = outputError(row(values), nothing, inputs);
                QVERIFY(std::sqrt(lost / whole) <= bound / 100);
            }
        }
    }

    void groupsOfAConvolutionHaveInputsOfTheirOwn() {
        // Two groups: what the second one sees must not matter to the first.
        const std::vector<float> values = normalValues(4 * 8, 12);
        const Array weights = Array::of<float>({4, 8}, values);
        const InputRows first = correlatedRows(100, 8, 40);
        InputRows both = first;
        both.groups = 2;
        const InputRows second = correlatedRows(100, 8, 50);
        both.original.insert(both.original.end(), second.original.begin(), second.original.end());
        const QuantizedWeights grouped = quantize(weights, "int3/minmax+gptq", both);
        const QuantizedWeights alone = quantize(weights, "int3/minmax+gptq", first);
        const QuantizedWeights other = quantize(weights, "int3/minmax+gptq", second);
        for (std::size_t i = 0; i < 32; ++i) {
            QCOMPARE(grouped.values.as<float>()[i], (i < 16 ? alone : other).values.as<float>()[i]);
        }
    }

    void whatNeedsInputsSaysSo() {
        const Array weights = Array::of<float>({2, 2}, {1, 2, 3, 4});
        for (const char* text : {"int4+gptq", "int4+adaround", "int4+biascorr"}) {
            const Quantizer quantizer = Quantizer::parse(text).value();
            QVERIFY(quantizeWeights(weights, 0, quantizer).hasError());
            const InputRows wrong = correlatedRows(5, 3, 1);
            QVERIFY(quantizeWeights(weights, 0, quantizer, &wrong).hasError());
        }
    }

    void stochasticRoundingKeepsTheMeanAndRepeats() {
        const std::vector<float> values(4000, 0.3F);
        const Array weights = Array::of<float>({4, 1000}, values);
        for (const char* text : {"fixed<4,2>+stochastic", "codebook<uniform,2>+stochastic~0.05%"}) {
            Quantizer quantizer = Quantizer::parse(text).value();
            std::vector<float> with = values;
            with[0] = -1;  // ends of the landmarks
            with[1] = 2;
            const Array data = Array::of<float>({4, 1000}, with);
            const auto once = quantizeWeights(data, 0, quantizer).value();
            const auto twice = quantizeWeights(data, 0, quantizer).value();
            double mean = 0;
            std::size_t different = 0;
            for (std::size_t i = 2; i < 4000; ++i) {
                mean += static_cast<double>(once.values.as<float>()[i]) / 3998;
                different += once.values.as<float>()[i] != once.values.as<float>()[2] ? 1 : 0;
                QCOMPARE(once.values.as<float>()[i], twice.values.as<float>()[i]);
            }
            QVERIFY2(std::fabs(mean - 0.3) < 0.03, qPrintable(QString::number(mean)));
            QVERIFY(different > 100);
        }
    }
};

QTEST_APPLESS_MAIN(TstPostTraining)
#include "tst_post_training.moc"
