// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "core/numerics/block_format.h"
#include "core/numerics/codebook.h"
#include "core/numerics/multipoint.h"
#include "core/numerics/normal_quantile.h"
#include "tests/core/numerics/reference_formats.h"

using namespace bitloupe;
using namespace bitloupe::numerics;
using bitloupe::testing::WrittenFormat;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

NumberFormat parsed(const std::string& name) {
    return NumberFormat::parse(name).value();
}

std::vector<float> normalData(std::size_t count, float deviation = 1, unsigned seed = 42) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> data(count);
    std::generate(data.begin(), data.end(), [&] { return normal(engine); });
    return data;
}

double squaredError(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
    }
    return sum;
}

std::vector<float> rounded(const std::string& name, const std::vector<float>& in,
                           const RoundingOptions& options = {}) {
    std::vector<float> out(in.size());
    roundSpan(parsed(name), in, out, options);
    return out;
}

double nearestValue(const WrittenFormat& written, double x) {
    return written.codes[written.nearest(x)].value;
}

/// The scale of a block by the OCP text: 2^(floor(log2 largest) - exponent of the largest element).
double ocpScale(std::span<const float> block, int elementExponent) {
    double largest = 0;
    for (const float value : block) {
        largest = std::isfinite(value) ? std::max(largest, std::abs(static_cast<double>(value)))
                                       : largest;
    }
    int exponent = -127;
    if (largest > 0) {
        exponent = static_cast<int>(std::floor(std::log2(largest))) - elementExponent;
    }
    return std::ldexp(1.0, std::clamp(exponent, -127, 127));
}

struct BlockCase {
    std::string name;
    WrittenFormat element;
    int elementExponent;
    std::size_t size;
};

}  // namespace

class TstFittedFormats : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void microscalingFollowsTheStandard() {
        WrittenFormat mxint8 = testing::writtenFixed(8, 2, true);
        mxint8.codes.erase(mxint8.codes.begin());
        mxint8.borders.erase(mxint8.borders.begin());
        const std::vector<BlockCase> cases = {
            {"mxfp8e4m3", testing::writtenFloat(4, 3, "fn", true), 8, 32},
            {"mxfp8e5m2", testing::writtenFloat(5, 2, "ieee", true), 15, 32},
            {"mxfp6e3m2", testing::writtenFloat(3, 2, "finite", true), 4, 32},
            {"mxfp6e2m3", testing::writtenFloat(2, 3, "finite", true), 2, 32},
            {"mxfp4", testing::writtenFloat(2, 1, "finite", true), 2, 32},
            {"mxfp4<16>", testing::writtenFloat(2, 1, "finite", true), 2, 16},
            {"mxfp4<5>", testing::writtenFloat(2, 1, "finite", true), 2, 5},
            {"mxint8", mxint8, 0, 32}};
        for (const BlockCase& test : cases) {
            for (const float deviation : {1.0F, 1e-3F, 1e30F, 1e-37F, 1e-42F}) {
                std::vector<float> data = normalData(1000 + 7, deviation);
                std::fill_n(data.begin() + 64, 32, 0.0F);
                const std::vector<float> actual = rounded(test.name, data);
                for (std::size_t begin = 0; begin < data.size(); begin += test.size) {
                    const std::size_t count = std::min(test.size, data.size() - begin);
                    const double scale =
                        ocpScale(std::span(data).subspan(begin, count), test.elementExponent);
                    for (std::size_t i = begin; i < begin + count; ++i) {
                        const double expected = nearestValue(test.element, data[i] / scale) * scale;
                        QVERIFY2(actual[i] == static_cast<float>(expected),
                                 qPrintable(
                                     QString("%1: %2 in a block of scale %3 gives %4 instead of %5")
                                         .arg(test.name.c_str())
                                         .arg(data[i])
                                         .arg(scale)
                                         .arg(actual[i])
                                         .arg(expected)));
                    }
                }
            }
        }
    }

    void nvfp4HasScalesOfItsOwn() {
        const WrittenFormat element = testing::writtenFloat(2, 1, "finite", true);
        const WrittenFormat scales = testing::writtenFloat(4, 3, "fn", true);
        const std::vector<float> data = normalData(16 * 40, 0.02F);
        const float tensorScale = blockTensorScale(parsed("nvfp4"), data);
        const float largest = std::abs(*std::max_element(
            data.begin(), data.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
        QCOMPARE(tensorScale, static_cast<float>(largest / (6.0 * 448.0)));
        for (const float scale : {1.0F, tensorScale}) {
            const std::vector<float> actual = rounded("nvfp4", data, {.scaling = {scale, 0}});
            for (std::size_t begin = 0; begin < data.size(); begin += 16) {
                float most = 0;
                for (std::size_t i = begin; i < begin + 16; ++i) {
                    most = std::max(most, std::abs(data[i] / scale));
                }
                const double shared = nearestValue(scales, most / 6.0F);
                for (std::size_t i = begin; i < begin + 16; ++i) {
                    const float quotient = static_cast<float>(data[i] / scale / shared);
                    const auto value = static_cast<float>(
                        shared == 0 ? 0 : nearestValue(element, quotient) * shared);
                    QCOMPARE(actual[i], value * scale);
                }
            }
        }
        // The second level is what keeps small tensors alive.
        QVERIFY(squaredError(data, rounded("nvfp4", data, {.scaling = {tensorScale, 0}})) <
                squaredError(data, rounded("nvfp4", data)));
    }

    void blocksKeepSpecialsToThemselves() {
        std::vector<float> data = normalData(64);
        data[3] = std::nanf("");
        data[7] = -kInfinity;
        const std::vector<float> clean = rounded("mxfp8e4m3", normalData(64));
        const std::vector<float> actual = rounded("mxfp8e4m3", data);
        QVERIFY(std::isnan(actual[3]));
        QVERIFY(std::isfinite(actual[7]) && actual[7] < 0);
        QVERIFY(std::equal(actual.begin() + 32, actual.end(), clean.begin() + 32));
        QCOMPARE(rounded("mxfp4", data)[3], 0.0F);
        QCOMPARE(rounded("mxfp4", std::vector<float>(40, 0.0F)), std::vector<float>(40, 0.0F));
    }

    void blockCodesDecodeToWhatRoundingGives() {
        for (const char* name : {"mxfp4", "mxfp8e5m2", "mxint8", "nvfp4", "mxfp6e2m3<12>"}) {
            const NumberFormat format = parsed(name);
            const auto& parameters = std::get<BlockParameters>(format.parameters());
            const auto size = static_cast<std::size_t>(parameters.blockSize);
            for (const float deviation : {1.0F, 1e-3F, 300.0F}) {
                const std::vector<float> data = normalData(size, deviation);
                const BlockCode code = encodeBlock(parameters, data);
                QVERIFY(code.scale <= 0xFF);
                std::vector<float> decoded(size);
                decodeBlock(parameters, code, decoded);
                QCOMPARE(decoded, rounded(name, data));
            }
        }
        // 2^0 is 127 in E8M0, and 5.9 is the seventh of the values of fp4e2m1.
        const BlockCode code = encodeBlock(std::get<BlockParameters>(parsed("mxfp4").parameters()),
                                           std::vector<float>{5.9F, -1});
        QCOMPARE(code.scale, 127U);
        QCOMPARE(code.elements, std::vector<std::uint32_t>({7, 8 + 2}));
    }

    void codebooksRoundToTheNearestValue() {
        for (const std::size_t count : {1, 2, 3, 7, 16, 17, 100, 256, 5000}) {
            std::vector<float> values = normalData(count, 2, static_cast<unsigned>(count));
            const Codebook codebook(values);
            std::sort(values.begin(), values.end());
            for (const std::size_t length :
                 {std::size_t{700}, std::size_t{1} << 15}) {  // either kind of search
                std::vector<float> data = normalData(length, 2.5F, 7);
                for (std::size_t i = 0; i + 1 < std::min<std::size_t>(count, 200); ++i) {
                    data[i] =
                        static_cast<float>((static_cast<double>(values[i]) + values[i + 1]) / 2);
                }
                data[201] = kInfinity;
                data[202] = -kInfinity;
                data[203] = std::nanf("");
                std::vector<float> actual(length);
                codebook.round(data, actual);
                for (std::size_t i = 0; i < length; i += (i < 210 ? 1 : 37)) {
                    const double x =
                        std::isnan(data[i]) ? 0 : std::clamp<double>(data[i], -1e9, 1e9);
                    std::size_t best = 0;
                    for (std::size_t j = 1; j < count; ++j) {
                        const double nearer = std::abs(x - values[best]) - std::abs(x - values[j]);
                        best = nearer > 0 || (nearer == 0 && j % 2 == 0) ? j : best;
                    }
                    QCOMPARE(actual[i], values[best]);
                    QCOMPARE(codebook.nearestIndex(data[i]), best);
                }
            }
        }
    }

    void codebookTiesGoToTheEvenIndex() {
        const Codebook codebook({0, 1, 2, 4});
        QCOMPARE(codebook.nearestIndex(0.5F), 0U);
        QCOMPARE(codebook.nearestIndex(1.5F), 2U);
        QCOMPARE(codebook.nearestIndex(3.0F), 2U);
        QCOMPARE(codebook.nearestIndex(std::nextafter(3.0F, 4.0F)), 3U);
        // The middle of two floats need not be a float, or even a double.
        const Codebook wide({1.0F, std::nextafter(1.0F, 2.0F)});
        QCOMPARE(wide.nearestIndex(1.0F), 0U);
        QCOMPARE(wide.nearestIndex(std::nextafter(1.0F, 2.0F)), 1U);
        const Codebook far({-1e-30F, 1e30F});
        QCOMPARE(far.nearestIndex(5e29F), 1U);  // a hair above the middle, 5e29 rounded down or not
        QVERIFY_EXCEPTION_THROWN(Codebook({}), std::logic_error);
        QVERIFY_EXCEPTION_THROWN(Codebook({std::nanf("")}), std::logic_error);
    }

    void codebooksInOtherModes() {
        const Codebook codebook({-3, -1, 0, 0.25F, 2});
        const std::vector<float> data = {-5, -3, -2, -0.5F, 0.1F, 1.9F, 7};
        std::vector<float> floor(data.size());
        codebook.round(data, floor, {.mode = RoundingMode::Floor});
        QCOMPARE(floor, std::vector<float>({-3, -3, -3, -1, 0, 0.25F, 2}));
        const std::vector<float> quarter(8000, -2.5F);
        std::vector<float> drawn(quarter.size());
        codebook.round(quarter, drawn, {.mode = RoundingMode::Stochastic, .seed = 4});
        const auto ups = static_cast<double>(std::count(drawn.begin(), drawn.end(), -1.0F));
        QCOMPARE(std::count(drawn.begin(), drawn.end(), -3.0F), 8000 - static_cast<long>(ups));
        QVERIFY(std::abs(ups - 2000) < 5 * std::sqrt(8000 * 0.25 * 0.75));
    }

    void landmarksAreThoseOfTheirKind() {
        std::vector<float> data = {-1, 0, 0.5F, 3};
        QCOMPARE(
            Codebook::fit({CodebookKind::Uniform, 2}, data).values(),
            std::vector<float>({-1, static_cast<float>(1 / 3.0), static_cast<float>(5 / 3.0), 3}));
        QCOMPARE(Codebook::fit({CodebookKind::Histogram, 2}, data).values(),
                 std::vector<float>({-0.5F, 0.5F, 1.5F, 2.5F}));
        // mean 0.625, deviation sqrt(mean of squares - mean^2); quantiles at 1/3 and 2/3
        const double deviation = std::sqrt((1 + 0.25 + 9) / 4 - 0.625 * 0.625);
        const std::vector<float> normal = Codebook::fit({CodebookKind::Normal, 2}, data).values();
        QCOMPARE(normal.size(), 4U);
        QCOMPARE(normal[1], static_cast<float>(0.625 - 0.4307272992954576 * deviation));
        QCOMPARE(normal[2], static_cast<float>(0.625 + 0.4307272992954576 * deviation));
        QCOMPARE(normal[3], 3.0F);
        const std::vector<float> clusters = {0.9F, 1.1F, 4, 4.2F, 10, 11, 12};
        QCOMPARE(Codebook::fit({CodebookKind::KMeans, 2}, clusters).values(),
                 std::vector<float>({1, 4.1F, 10, 11.5F}));
        QCOMPARE(Codebook::fit({CodebookKind::KMeans, 3}, std::vector<float>(9, 2.5F)).values(),
                 std::vector<float>({2.5F}));
        QCOMPARE(
            Codebook::fit({CodebookKind::Normal, 3}, std::vector<float>{kInfinity, std::nanf("")})
                .values(),
            std::vector<float>({0}));
        QCOMPARE(Codebook::fit({CodebookKind::Uniform, 1}, std::vector<float>{}).values(),
                 std::vector<float>({0}));
    }

    void kMeansNeverLosesToItsStart() {
        const std::vector<float> data = normalData(20000);
        for (int bits = 1; bits <= 8; ++bits) {
            const std::string suffix = "," + std::to_string(bits) + ">";
            QVERIFY(squaredError(data, rounded("codebook<kmeans" + suffix, data)) <
                    squaredError(data, rounded("codebook<uniform" + suffix, data)));
        }
        const std::vector<float> few(data.begin(), data.begin() + 3000);
        QVERIFY(squaredError(few, rounded("codebook<kmeans,12>", few)) <
                squaredError(few, rounded("codebook<uniform,12>", few)) / 2);
        // Max, "Quantizing for minimum distortion", 1960: four levels of a normal distribution.
        const std::vector<float> four =
            Codebook::fit({CodebookKind::KMeans, 2}, normalData(400000)).values();
        QVERIFY(std::abs(four[3] - 1.510) < 0.02 && std::abs(four[2] - 0.4528) < 0.02);
    }

    /// The error of rounding to steps of a range is a twelfth of the squared step.
    void wideCodebooksHaveAllTheirValues() {
        const std::vector<float> data = normalData(1 << 17);
        const auto [least, most] = std::minmax_element(data.begin(), data.end());
        for (const int bits : {10, 12, 16}) {
            const double step = (static_cast<double>(*most) - *least) / (std::exp2(bits) - 1);
            const double expected = step * step / 12 * static_cast<double>(data.size());
            for (const char* kind : {"uniform", "histogram"}) {
                const std::string name =
                    "codebook<" + std::string(kind) + "," + std::to_string(bits) + ">";
                const double measured = squaredError(data, rounded(name, data));
                QVERIFY2(std::abs(measured / expected - 1) < 0.03, name.c_str());
                QCOMPARE(
                    Codebook::fit(std::get<CodebookParameters>(parsed(name).parameters()), data)
                        .values()
                        .size(),
                    std::size_t{1} << static_cast<unsigned>(bits));
            }
        }
    }

    void normalQuantilesAreThoseOfTheTables() {
        for (const auto& [p, z] : {std::pair{0.5, 0.0},
                                   {0.75, 0.6744897501960817},
                                   {0.975, 1.959963984540054},
                                   {0.99, 2.3263478740408408},
                                   {0.001, -3.090232306167813},
                                   {1e-10, -6.361340902404056}}) {
            QVERIFY(std::abs(normalQuantile(p) - z) < 1e-12);
        }
    }

    void multipointLeavesLessWithEveryTerm() {
        const std::vector<float> data = normalData(512);
        for (const char* element : {"int4", "int2", "fp4e2m1", "posit<6,1>"}) {
            const auto format = std::get<ScalarParameters>(parsed(element).parameters());
            double before = squaredError(data, std::vector<float>(data.size(), 0.0F));
            for (int terms = 1; terms <= 4; ++terms) {
                const MultipointFit fit = fitMultipoint(format, data, terms);
                QCOMPARE(fit.scales.size(), static_cast<std::size_t>(terms));
                const double error = squaredError(data, fit.reconstruction);
                QVERIFY(error < 0.6 * before);
                before = error;
            }
        }
        // Two terms of four bits are about as good as eight bits.
        const float scale = leastErrorScale(IntegerParameters{8, true}, data);
        const double int8 = squaredError(data, rounded("int8", data, {.scaling = {scale, 0}}));
        QVERIFY(squaredError(data, rounded("multipoint<int4,2>", data)) < 4 * int8);
        QCOMPARE(rounded("multipoint<int4,2>", {0, 0}), std::vector<float>({0, 0}));
    }

    void multipointRaisesTermsUntilTheBoundHolds() {
        const std::size_t length = 64;
        const std::vector<float> weights = normalData(length * 12);
        const std::vector<float> inputs = normalData(length * 50, 1, 3);
        const ScalarParameters format = IntegerParameters{3, true};
        const MultipointLayer layer = fitMultipointLayer(format, weights, inputs, length, 0.1, 4);
        QCOMPARE(layer.channels.size(), 12U);
        double terms = 0;
        for (std::size_t c = 0; c < 12; ++c) {
            const std::span<const float> channel = std::span(weights).subspan(c * length, length);
            QVERIFY(layer.outputErrors[c] <= 0.1);
            QVERIFY(std::abs(outputError(channel, layer.channels[c].reconstruction, inputs) -
                             layer.outputErrors[c]) < 1e-9);
            const int fewer = static_cast<int>(layer.channels[c].scales.size()) - 1;
            QVERIFY(outputError(channel, fitMultipoint(format, channel, fewer).reconstruction,
                                inputs) > 0.1);
            terms += fewer + 1;
        }
        QCOMPARE(layer.multipliesPerValue, terms / 12);
        QCOMPARE(layer.bitsPerValue, 3 * terms / 12);
        QVERIFY_EXCEPTION_THROWN((void)fitMultipointLayer(format, weights, inputs, 7, 0.1, 4),
                                 std::logic_error);
    }

private:
    static double outputError(std::span<const float> weights, std::span<const float> sum,
                              std::span<const float> inputs) {
        double error = 0;
        double output = 0;
        for (std::size_t sample = 0; sample < inputs.size(); sample += weights.size()) {
            double exact = 0;
            double got = 0;
            for (std::size_t i = 0; i < weights.size(); ++i) {
                exact += static_cast<double>(weights[i]) * inputs[sample + i];
                got += static_cast<double>(sum[i]) * inputs[sample + i];
            }
            error += (exact - got) * (exact - got);
            output += exact * exact;
        }
        return std::sqrt(error / output);
    }
};

QTEST_APPLESS_MAIN(TstFittedFormats)
#include "tst_fitted_formats.moc"
