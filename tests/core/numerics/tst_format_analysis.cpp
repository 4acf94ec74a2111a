// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <limits>
#include <random>

#include "core/numerics/format_analysis.h"
#include "core/numerics/quire.h"
#include "tests/core/numerics/reference_formats.h"

using namespace bitloupe;
using namespace bitloupe::numerics;
using bitloupe::testing::WrittenFormat;

namespace {

NumberFormat parsed(const std::string& name) {
    return NumberFormat::parse(name).value();
}

/// Floats of a posit, drawn from all its values alike.
std::vector<float> drawnValues(const WrittenFormat& written, std::size_t count, unsigned seed) {
    std::mt19937 engine(seed);
    std::uniform_int_distribution<std::size_t> index(0, written.codes.size() - 1);
    std::vector<float> values(count);
    for (float& value : values) {
        value = static_cast<float>(written.codes[index(engine)].value);
    }
    return values;
}

/// The dot product of posits<16,1> in steps of minpos^2 = 2^-56: 112 bits of range fit into 128.
double exactDot16(const std::vector<float>& a, const std::vector<float>& b, bool& isExact) {
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto left = static_cast<std::int64_t>(std::ldexp(static_cast<double>(a[i]), 28));
        const auto right = static_cast<std::int64_t>(std::ldexp(static_cast<double>(b[i]), 28));
        sum += static_cast<Wide>(left) * right;
    }
    // A double holds the sum if its low bits are zero; else it is moved off every border by one
    // bit.
    const Wide magnitude = sum < 0 ? -sum : sum;
    int shift = 0;
    while ((magnitude >> shift) >= (Wide{1} << 50)) {
        ++shift;
    }
    const auto high = static_cast<std::int64_t>(magnitude >> shift);
    const bool rest = (static_cast<Wide>(high) << shift) != magnitude;
    isExact = !rest;
    const double value = std::ldexp(static_cast<double>(2 * high + (rest ? 1 : 0)), shift - 57);
    return sum < 0 ? -value : value;
}

}  // namespace

class TstFormatAnalysis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void quireIsTheExactSumRoundedOnce() {
        for (const auto& [bits, exponentBits] :
             {std::pair{8, 0}, {8, 1}, {6, 1}, {5, 2}, {3, 0}, {2, 0}}) {
            const WrittenFormat written = testing::writtenPosit(bits, exponentBits);
            for (unsigned seed = 0; seed < 400; ++seed) {
                const std::vector<float> a = drawnValues(written, seed % 9, seed);
                const std::vector<float> b = drawnValues(written, seed % 9, seed + 1000);
                double sum = 0;  // exact: products span at most 48 bits
                for (std::size_t i = 0; i < a.size(); ++i) {
                    sum += static_cast<double>(a[i]) * b[i];
                }
                const double expected = sum == 0 ? 0 : written.codes[written.nearest(sum)].value;
                QCOMPARE(static_cast<double>(quireDot({bits, exponentBits}, a, b)), expected);
            }
        }
    }

    void quireOfWidePositsIsExact() {
        const WrittenFormat written = testing::writtenPosit(16, 1);
        int inexact = 0;
        for (unsigned seed = 0; seed < 2000; ++seed) {
            const std::vector<float> a = drawnValues(written, 1 + seed % 12, seed);
            const std::vector<float> b = drawnValues(written, 1 + seed % 12, seed + 5000);
            bool isExact = false;
            const double sum = exactDot16(a, b, isExact);
            inexact += isExact ? 0 : 1;
            const double expected = sum == 0 ? 0 : written.codes[written.nearest(sum)].value;
            QCOMPARE(static_cast<double>(quireDot({16, 1}, a, b)), expected);
        }
        QVERIFY2(inexact > 10, qPrintable(QString::number(inexact)));
    }

    void quireKeepsWhatCancellationLeaves() {
        for (const PositParameters& format : {PositParameters{16, 2}, {16, 3}, {9, 4}, {8, 2}}) {
            const auto maxpos =
                static_cast<float>(std::ldexp(1.0, (format.bits - 2) << format.exponentBits));
            const float minpos = 1 / maxpos;
            const std::vector<float> a = {maxpos, minpos, -maxpos};
            const std::vector<float> b = {maxpos, minpos, maxpos};
            QCOMPARE(quireDot(format, a, b), minpos);  // minpos^2, and never to zero
            QCOMPARE(
                quireDot(format, std::vector<float>(500, maxpos), std::vector<float>(500, -maxpos)),
                -maxpos);
            QCOMPARE(quireDot(format, {}, {}), 0.0F);
            const std::vector<float> one = {1};
            const std::vector<float> notReal = {std::nanf("")};
            QVERIFY(std::isnan(quireDot(format, one, notReal)));
            QVERIFY_EXCEPTION_THROWN((void)quireDot(format, one, {}), std::logic_error);
        }
    }

    void accuracyShowsTheShapeOfAFormat() {
        // Half a unit in the last of three bits: 1/16 at most, in every binade of fp8e4m3.
        for (const AccuracyPoint& point :
             accuracyOverMagnitude(parsed("fp8e4m3"), 0x1p-6, 256, 14)) {
            QVERIFY(point.relativeError <= 1.0 / 16 && point.relativeError > 0.055);
        }
        // A posit is best around 1.
        const std::vector<AccuracyPoint> posit =
            accuracyOverMagnitude(parsed("posit<8,1>"), 0x1p-10, 0x1p10, 20);
        QVERIFY(posit[10].relativeError < posit[1].relativeError &&
                posit[10].relativeError < posit[18].relativeError);
        QVERIFY(posit[10].decimalAccuracy > posit[1].decimalAccuracy);
        // Integers: below one half all is lost; above the range too.
        const std::vector<AccuracyPoint> integers =
            accuracyOverMagnitude(parsed("int8"), 0.01, 0.4, 3);
        QCOMPARE(integers[0].relativeError, 1.0);
        QCOMPARE(integers[0].decimalAccuracy, 0.0);
        QCOMPARE(accuracyOverMagnitude(parsed("fp32"), 0.1, 1, 2)[0].decimalAccuracy, 17.0);
        QVERIFY(accuracyOverMagnitude(parsed("multipoint<int4,2>"), 1, 2, 2).empty());
        QVERIFY_EXCEPTION_THROWN((void)accuracyOverMagnitude(parsed("int8"), 0, 2, 2),
                                 std::logic_error);
    }

    void lossCountsWhatIsClippedAndWhatVanishes() {
        const std::vector<float> data = {0, 0.2F, -0.2F, 1, 2, 200, -129, -128};
        const DataLoss loss = lossOnData(parsed("int8"), data);
        QCOMPARE(loss.clippedShare, 2.0 / 8);
        QCOMPARE(loss.underflowShare, 2.0 / 8);
        QCOMPARE(loss.largestError, 73.0);
        const double signal = 0.2F * 0.2F * 2.0 + 1 + 4 + 40000 + 129 * 129 + 128 * 128;
        const double noise = 0.2F * 0.2F * 2.0 + 73 * 73 + 1;
        QVERIFY(std::abs(loss.sqnrDecibels - 10 * std::log10(signal / noise)) < 1e-6);
        QVERIFY(std::isinf(lossOnData(parsed("fp32"), data).sqnrDecibels));
        QCOMPARE(lossOnData(parsed("fixed<8,8,wrap>"), data).clippedShare, 2.0 / 8);
        QCOMPARE(lossOnData(parsed("uint8"), {data}, {.scaling = {1, 128}}).clippedShare, 2.0 / 8);
        // The block's scale is 2: 6 times 2 is the end of fp4e2m1, 15.9 is beyond.
        QCOMPARE(lossOnData(parsed("mxfp4"), std::vector<float>{15.9F, 12, 1}).clippedShare,
                 1.0 / 3);
        QCOMPARE(lossOnData(parsed("codebook<uniform,3>"), data).clippedShare, 0.0);
        QCOMPARE(lossOnData(parsed("int8"), std::vector<float>{}).clippedShare, 0.0);
    }

    void scaledValuesAreTheNumberLine() {
        QCOMPARE(scaledValues(parsed("int2"), {}, {.scaling = {0.5F, 1}}),
                 std::vector<float>({-1.5F, -1, -0.5F, 0}));
        QCOMPARE(scaledValues(parsed("int2"), {}, {.narrow = true}),
                 std::vector<float>({-1, 0, 1}));
        QCOMPARE(scaledValues(parsed("uint2"), {}, {.narrow = true}),
                 std::vector<float>({0, 1, 2, 3}));
        QCOMPARE(scaledValues(parsed("codebook<uniform,1>"), std::vector<float>{-1, 3}),
                 std::vector<float>({-1, 3}));
        QCOMPARE(scaledValues(parsed("mxfp4")).size(), 15U);
    }
};

QTEST_APPLESS_MAIN(TstFormatAnalysis)
#include "tst_format_analysis.moc"
