// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <hwy/targets.h>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "core/numerics/number_format.h"
#include "core/numerics/rounding.h"
#include "tests/core/numerics/reference_formats.h"

using namespace bitloupe;
using namespace bitloupe::numerics;
using bitloupe::testing::WrittenFormat;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

NumberFormat parsed(const std::string& name) {
    return NumberFormat::parse(name).value();
}

std::vector<float> rounded(const std::string& name, const std::vector<float>& in,
                           const RoundingOptions& options = {}) {
    std::vector<float> out(in.size());
    roundSpan(parsed(name), in, out, options);
    return out;
}

std::vector<float> normalData(std::size_t count, float deviation = 1) {
    std::mt19937 engine(42);
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> data(count);
    std::generate(data.begin(), data.end(), [&] { return normal(engine); });
    return data;
}

bool sameBits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

/// One of every kind of kernel and option.
const std::vector<std::string> kKinds = {"int8",
                                         "uint5",
                                         "fixed<8,3>",
                                         "fixed<7,2,rnd,wrap>",
                                         "fixed<9,4,trn_zero>",
                                         "fp16",
                                         "bf16",
                                         "fp8e4m3",
                                         "fp8e5m2fnuz",
                                         "float<4,0>",
                                         "float<3,2,finite,nosub>",
                                         "pow2<4>",
                                         "posit<8,1>",
                                         "posit<16,3>",
                                         "posit<7,2>",
                                         "binary",
                                         "ternary",
                                         "midrise<3>",
                                         "mxfp4",
                                         "mxint8",
                                         "mxfp8e5m2<16>",
                                         "nvfp4",
                                         "mxfp6e2m3<6>",
                                         "codebook<uniform,2>",
                                         "codebook<kmeans,4>",
                                         "codebook<histogram,7>"};

/// ap_fixed by integers: x is `eighths` of a step.
std::int64_t fixedReference(std::int64_t eighths, const std::string& rule,
                            const std::string& overflow, int width, bool isSigned) {
    const std::int64_t floor = eighths >= 0 ? eighths / 8 : -((-eighths + 7) / 8);
    const std::int64_t part = eighths - 8 * floor;
    std::int64_t q = floor;
    if (rule == "rnd") {
        q += part >= 4 ? 1 : 0;
    } else if (rule == "trn_zero") {
        q += eighths < 0 && part != 0 ? 1 : 0;
    } else if (rule == "rnd_conv") {
        q += part > 4 || (part == 4 && floor % 2 != 0) ? 1 : 0;
    }
    const std::int64_t codes = std::int64_t{1} << width;
    const std::int64_t low = isSigned ? -codes / 2 : 0;
    if (overflow == "sat") {
        return std::clamp(q, low, low + codes - 1);
    }
    return ((q - low) % codes + codes) % codes + low;
}

}  // namespace

class TstRounding : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fixedPointFollowsItsRoundingAndOverflow() {
        for (const int width : {2, 3, 5, 8}) {
            for (const int integerBits : {0, 1, width}) {
                for (const std::string rule : {"rnd_conv", "rnd", "trn", "trn_zero"}) {
                    for (const std::string overflow : {"sat", "wrap"}) {
                        for (const bool isSigned : {true, false}) {
                            checkFixed(width, integerBits, rule, overflow, isSigned);
                        }
                    }
                }
            }
        }
    }

    void wrapOfTheToolChainsCollapse() {
        const std::vector<float> wrapped = rounded("fixed<8,5,trn,wrap>", {17.9F, -13.6F});
        QCOMPARE(wrapped[0], -14.125F);  // 17.875 - 32
        QCOMPARE(wrapped[1], -13.625F);
        QCOMPARE(rounded("fixed<8,5,trn>", {17.9F})[0], 15.875F);
        for (const float huge : {3e38F, -3e38F, 1e20F, kInfinity, -kInfinity, std::nanf("")}) {
            const double exact =
                std::isfinite(huge) ? std::fmod(static_cast<double>(huge), 32.0) : 0.0;
            const double expected = exact >= 16 ? exact - 32 : exact < -16 ? exact + 32 : exact;
            QCOMPARE(static_cast<double>(rounded("fixed<8,5,wrap>", {huge})[0]), expected);
        }
    }

    void scalesAndZeroPointsFollowOnnx() {
        const std::vector<float> data = normalData(20000, 40);
        for (const float scale : {1.0F, 0.25F, 0.3F, 5.0F / 127, 1e-3F, 1e20F}) {
            for (const float zeroPoint : {0.0F, 3.0F, 128.0F}) {
                const std::vector<float> actual =
                    rounded("uint8", data, {.scaling = {scale, zeroPoint}});
                for (std::size_t i = 0; i < data.size(); ++i) {
                    // A quotient of floats rounded to double and then to float is correctly
                    // rounded.
                    const auto quotient = static_cast<float>(static_cast<double>(data[i]) / scale);
                    const double code = std::clamp(
                        std::nearbyint(static_cast<double>(quotient)) + zeroPoint, 0.0, 255.0);
                    QCOMPARE(actual[i], static_cast<float>(code - zeroPoint) * scale);
                }
            }
        }
    }

    void scaledFormatsRoundTheQuotient() {
        for (const WrittenFormat& written :
             {testing::writtenPosit(8, 1), testing::writtenPosit(16, 2),
              testing::writtenFloat(4, 3, "fn", true), testing::writtenFixed(8, 3, true),
              testing::writtenPowerOfTwo(4), testing::writtenMidRise(4)}) {
            const std::vector<float> data = normalData(20000, 3);
            for (const float scale : {0.125F, 0.3F, 7.7F}) {
                const std::string name = written.name == "float<4,3,fn>" ? "fp8e4m3" : written.name;
                const std::vector<float> actual = rounded(name, data, {.scaling = {scale, 5.0F}});
                for (std::size_t i = 0; i < data.size(); ++i) {
                    const auto quotient = static_cast<float>(static_cast<double>(data[i]) / scale);
                    const auto value =
                        static_cast<float>(written.codes[written.nearest(quotient)].value);
                    QCOMPARE(actual[i], value * scale);
                }
            }
        }
    }

    void narrowLeavesOutTheMostNegativeCode() {
        QCOMPARE(rounded("int8", {-1000}, {.narrow = true})[0], -127.0F);
        QCOMPARE(rounded("int8", {-1000})[0], -128.0F);
        QCOMPARE(rounded("int2", {-5, 5}, {.narrow = true}), std::vector<float>({-1, 1}));
        QCOMPARE(rounded("uint8", {-5, 300}, {.narrow = true}), std::vector<float>({0, 255}));
    }

    void floorIsTheLargestValueNotAbove() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            if (written.width > 9) {
                continue;
            }
            std::vector<float> data =
                normalData(200, static_cast<float>(written.codes.back().value / 2));
            for (const testing::Code& code : written.codes) {
                const auto value = static_cast<float>(code.value);
                data.insert(data.end(), {value, std::nextafter(value, kInfinity),
                                         std::nextafter(value, -kInfinity)});
            }
            const std::vector<float> actual =
                rounded(written.name, data, {.mode = RoundingMode::Floor});
            for (std::size_t i = 0; i < data.size(); ++i) {
                if (!std::isfinite(data[i])) {
                    continue;  // one step beyond bf16's largest value
                }
                double expected = written.codes.front().value;
                for (const testing::Code& code : written.codes) {
                    expected = code.value <= data[i] ? code.value : expected;
                }
                if (written.neverToZero && expected == 0 && data[i] != 0) {
                    expected = parsed(written.name).minPositive();
                }
                QVERIFY2(static_cast<double>(actual[i]) == expected,
                         qPrintable(QString("%1: %2 gives %3")
                                        .arg(written.name.c_str())
                                        .arg(data[i])
                                        .arg(actual[i])));
            }
        }
    }

    void stochasticTakesANeighbourAndKeepsTheMean() {
        for (const WrittenFormat& written :
             {testing::writtenInteger(4, true), testing::writtenFixed(6, 2, true),
              testing::writtenFloat(4, 3, "ieee", true),
              testing::writtenFloat(3, 2, "finite", false),
              testing::writtenFloat(8, 7, "ieee", true), testing::writtenPosit(6, 2),
              testing::writtenPosit(8, 1), testing::writtenPowerOfTwo(4),
              testing::writtenMidRise(3), testing::writtenBinary(), testing::writtenTernary()}) {
            const std::size_t middle = written.codes.size() / 2;
            for (std::size_t i = middle > 20 ? middle - 20 : 0;
                 i + 1 < std::min(written.codes.size(), middle + 20); ++i) {
                for (const double part : {0.0, 0.1, 0.5, 0.83}) {
                    checkMean(written, i, part);
                }
            }
        }
    }

    void stochasticDependsOnSeedAndIndexAlone() {
        const std::vector<float> data = normalData(3001);
        for (const std::string& name : kKinds) {
            if (name.starts_with("codebook")) {
                continue;  // fitted to each part
            }
            const std::uint64_t start =
                (std::uint64_t{1} << 32) - 960;  // the index passes 2^32 on the way
            const RoundingOptions whole{
                .mode = RoundingMode::Stochastic, .seed = 9, .firstIndex = start};
            const std::vector<float> together = rounded(name, data, whole);
            std::vector<float> parts(data.size());
            for (std::size_t begin = 0; begin < data.size(); begin += 96) {  // whole blocks
                const std::size_t count = std::min<std::size_t>(96, data.size() - begin);
                RoundingOptions part = whole;
                part.firstIndex += begin;
                roundSpan(parsed(name), std::span(data).subspan(begin, count),
                          std::span(parts).subspan(begin, count), part);
            }
            QVERIFY2(sameBits(together, parts), name.c_str());
            RoundingOptions other = whole;
            other.seed = 10;
            QVERIFY2(!sameBits(together, rounded(name, data, other)), name.c_str());
        }
    }

    void randomNumbersAreUniformAndIndependent() {
        // int8 at 0.5 above an integer is a coin, each way.
        constexpr std::size_t kCount = 1 << 18;
        const std::vector<float> half(kCount, 0.5F);
        const double sigma = std::sqrt(static_cast<double>(kCount)) / 2;
        std::vector<float> before;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const std::vector<float> coins =
                rounded("int8", half, {.mode = RoundingMode::Stochastic, .seed = seed});
            double ups = 0;
            double pairs = 0;
            double same = 0;
            for (std::size_t i = 0; i < kCount; ++i) {
                ups += coins[i];
                pairs += i > 0 && coins[i] == coins[i - 1] ? 1 : 0;
                same += !before.empty() && coins[i] == before[i] ? 1 : 0;
            }
            QVERIFY(std::abs(ups - kCount / 2.0) < 5 * sigma);
            QVERIFY(std::abs(pairs - kCount / 2.0) < 5 * sigma);
            QVERIFY(before.empty() || std::abs(same - kCount / 2.0) < 5 * sigma);
            before = coins;
        }
    }

    void lengthsAlignmentAndPlaceDoNotMatter() {
        const std::vector<float> data = normalData(300);
        for (const std::string& name : kKinds) {
            for (std::size_t length = 0; length <= 67; ++length) {
                const std::vector<float> in(data.begin(),
                                            data.begin() + static_cast<std::ptrdiff_t>(length));
                const std::vector<float> expected = rounded(name, in);
                for (std::size_t offset = 1; offset < 4; ++offset) {
                    std::vector<float> from(length + 8, 1e30F);
                    std::vector<float> to(length + 8, -7.0F);
                    std::copy(in.begin(), in.end(),
                              from.begin() + static_cast<std::ptrdiff_t>(offset));
                    roundSpan(parsed(name), std::span(from).subspan(offset, length),
                              std::span(to).subspan(3, length));
                    QVERIFY2(sameBits(std::span(to).subspan(3, length), expected), name.c_str());
                    QVERIFY(to[2] == -7.0F && to[3 + length] == -7.0F);
                }
                std::vector<float> place = in;
                roundSpan(parsed(name), place, place);
                QVERIFY2(sameBits(place, expected), name.c_str());
            }
        }
    }

    void longSpansAreRoundedLikeShortOnes() {
        const std::vector<float> data =
            normalData((9 << 20) / sizeof(float) + 5);  // past the cache, and ragged
        const std::size_t piece = 4800;
        for (const std::string name : {"int8", "fp8e4m3", "bf16", "posit<8,1>", "mxfp4", "nvfp4"}) {
            const std::vector<float> whole = rounded(name, data);
            for (std::size_t begin = 0; begin < data.size(); begin += piece) {
                const std::size_t count = std::min(piece, data.size() - begin);
                std::vector<float> part(count);
                roundSpan(parsed(name), std::span(data).subspan(begin, count), part);
                QVERIFY2(sameBits(part, std::span(whole).subspan(begin, count)), name.c_str());
            }
        }
    }

    void everyInstructionSetGivesTheSame() {
        std::vector<float> data = normalData(4000, 2);
        data.insert(data.end(),
                    {0.0F, -0.0F, 1e-40F, -1e-40F, 1e38F, kInfinity, -kInfinity, std::nanf("")});
        for (const std::string& name : kKinds) {
            for (const RoundingMode mode :
                 {RoundingMode::Nearest, RoundingMode::Stochastic, RoundingMode::Floor}) {
                for (const float scale : {1.0F, 0.3F}) {
                    const RoundingOptions options{.scaling = {scale, 0}, .mode = mode, .seed = 3};
                    const std::vector<float> expected = rounded(name, data, options);
                    const std::int64_t best = hwy::SupportedTargets();
                    for (std::int64_t targets = best; targets != 0; targets &= targets - 1) {
                        hwy::SetSupportedTargetsForTest(targets & -targets);
                        const std::vector<float> actual = rounded(name, data, options);
                        hwy::SetSupportedTargetsForTest(0);
                        QVERIFY2(sameBits(actual, expected),
                                 (name + " on " + hwy::TargetName(targets & -targets)).c_str());
                    }
                }
            }
        }
    }

    void runsHaveScalingsOfTheirOwn() {
        const std::vector<float> data = {1, 2, 3, 1, 2, 3, 1, 2};
        const std::vector<Scaling> scalings = {{1, 0}, {2, 0}, {0.5F, 100}};
        std::vector<float> out(data.size());
        roundRuns(parsed("uint8"), data, out, 3, scalings);
        QCOMPARE(out, std::vector<float>({1, 2, 3, 0, 2, 4, 1, 2}));
        const RoundingOptions drawn{.mode = RoundingMode::Stochastic, .seed = 5};
        const std::vector<float> halves(100, 0.5F);
        std::vector<float> runs(halves.size());
        roundRuns(parsed("int8"), halves, runs, 10, std::vector<Scaling>(10), drawn);
        QCOMPARE(runs, rounded("int8", halves, drawn));
        QVERIFY_EXCEPTION_THROWN(roundRuns(parsed("int8"), data, out, 4, scalings),
                                 std::logic_error);
        QVERIFY_EXCEPTION_THROWN(roundRuns(parsed("int8"), data, out, 0, scalings),
                                 std::logic_error);
    }

    void brokenArgumentsThrow() {
        std::vector<float> two(2);
        std::vector<float> three(3);
        QVERIFY_EXCEPTION_THROWN(roundSpan(parsed("int8"), two, three), std::logic_error);
        for (const float scale : {0.0F, -1.0F, kInfinity, std::nanf("")}) {
            QVERIFY_EXCEPTION_THROWN(roundSpan(parsed("int8"), two, two, {.scaling = {scale, 0}}),
                                     std::logic_error);
        }
    }

    void fp32ChangesNothing() {
        const std::vector<float> data = {0.1F, -0.0F, 1e-45F, kInfinity};
        QVERIFY(sameBits(rounded("fp32", data), data));
    }

private:
    void checkFixed(int width, int integerBits, const std::string& rule,
                    const std::string& overflow, bool isSigned) {
        const std::string name = std::string(isSigned ? "" : "u") + "fixed<" +
                                 std::to_string(width) + "," + std::to_string(integerBits) + "," +
                                 rule + "," + overflow + ">";
        const std::int64_t most = std::int64_t{8} << (width + 2);
        std::vector<float> in;
        for (std::int64_t eighths = -most; eighths <= most; ++eighths) {
            in.push_back(std::ldexp(static_cast<float>(eighths), integerBits - width - 3));
        }
        const std::vector<float> actual = rounded(name, in);
        for (std::int64_t eighths = -most; eighths <= most; ++eighths) {
            const std::int64_t q = fixedReference(eighths, rule, overflow, width, isSigned);
            const float expected = std::ldexp(static_cast<float>(q), integerBits - width);
            const float got = actual[static_cast<std::size_t>(eighths + most)];
            QVERIFY2(
                got == expected && !(got == 0 && std::signbit(got)),
                qPrintable(
                    QString("%1: %2/8 steps give %3").arg(name.c_str()).arg(eighths).arg(got)));
        }
    }

    void checkMean(const WrittenFormat& written, std::size_t i, double part) {
        constexpr std::size_t kCount = 4000;
        const double lower = written.codes[i].value;
        const double upper = written.codes[i + 1].value;
        const auto x = static_cast<float>(lower + part * (upper - lower));
        if (written.neverToZero && (lower == 0 || upper == 0) && x != 0) {
            return;
        }
        const std::vector<float> results = rounded(written.name, std::vector<float>(kCount, x),
                                                   {.mode = RoundingMode::Stochastic, .seed = i});
        double ups = 0;
        for (const float result : results) {
            QVERIFY2(result == static_cast<float>(lower) || result == static_cast<float>(upper),
                     written.name.c_str());
            ups += result == static_cast<float>(upper) ? 1 : 0;
        }
        const double expected = (x - lower) / (upper - lower);
        const double sigma = std::sqrt(kCount * expected * (1 - expected));
        QVERIFY2(std::abs(ups - kCount * expected) <= 5.5 * sigma,
                 qPrintable(QString("%1 at %2: %3 ups").arg(written.name.c_str()).arg(x).arg(ups)));
    }
};

QTEST_APPLESS_MAIN(TstRounding)
#include "tst_rounding.moc"
