// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numerics/number_format.h"
#include "core/numerics/rounding.h"
#include "tests/core/numerics/reference_formats.h"

using namespace bitloupe;
using namespace bitloupe::numerics;
using bitloupe::testing::WrittenFormat;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

NumberFormat parsed(const std::string& name) {
    const Result<NumberFormat> format = NumberFormat::parse(name);
    if (format.hasError()) {
        throw std::logic_error(format.error().sentence());
    }
    return format.value();
}

void addAround(std::vector<float>& inputs, double centre) {
    const auto near = static_cast<float>(centre);
    inputs.insert(inputs.end(),
                  {std::nextafter(near, -kInfinity), near, std::nextafter(near, kInfinity)});
}

/// Where exactness is decided: every value, every border, one ulp to each side, and the ends of
/// float32.
std::vector<float> trickyInputs(const WrittenFormat& format) {
    std::vector<float> inputs = {0.0F,      -0.0F,     kSmallest,  -kSmallest,       kLargest,
                                 -kLargest, 0x1p-126F, -0x1p-126F, 0x1.fffffcp-127F, kInfinity,
                                 -kInfinity};
    for (const testing::Code& code : format.codes) {
        addAround(inputs, code.value);
        addAround(inputs, code.value * 1.25);
    }
    for (const testing::Border& border : format.borders) {
        addAround(inputs, border.at);
    }
    std::erase_if(inputs, [](float x) { return std::isnan(x); });
    return inputs;
}

/// The reference's answer; a difference from `actual` is described, equality is "".
std::string difference(const WrittenFormat& format, float x, float actual) {
    if (std::isinf(x) && format.infinityIsNan) {
        return std::isnan(actual) ? "" : "infinity is not NaR";
    }
    if (std::isinf(x) && format.hasInfinity) {
        return actual == x ? "" : "infinity is lost";
    }
    const auto expected = static_cast<float>(format.codes[format.nearest(x)].value);
    if (actual == expected) {
        return "";
    }
    return QString("%1 gives %2 instead of %3")
        .arg(x, 0, 'g', 12)
        .arg(actual, 0, 'g', 12)
        .arg(expected, 0, 'g', 12)
        .toStdString();
}

}  // namespace

class TstExactness : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesAreThoseOfTheBook() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            const NumberFormat format = parsed(written.name);
            QCOMPARE(QString::fromStdString(format.name()), QString::fromStdString(written.name));
            QCOMPARE(format.bitsPerValue(), static_cast<double>(written.width));
            const std::vector<float> values = format.values();
            const bool same =
                std::equal(values.begin(), values.end(), written.codes.begin(), written.codes.end(),
                           [](float value, const testing::Code& code) {
                               return static_cast<double>(value) == code.value;
                           });
            QVERIFY2(same, written.name.c_str());
            const auto positive =
                std::find_if(values.begin(), values.end(), [](float value) { return value > 0; });
            QVERIFY2(format.maxValue() == written.codes.back().value, written.name.c_str());
            QVERIFY2(format.minPositive() == static_cast<double>(*positive), written.name.c_str());
        }
    }

    void everyCodeDecodesAndEncodesBack() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            const NumberFormat format = parsed(written.name);
            const bool all = std::all_of(written.codes.begin(), written.codes.end(),
                                         [&](const testing::Code& code) {
                                             const float value = format.decode(code.bits);
                                             return static_cast<double>(value) == code.value &&
                                                    format.encode(value) == code.bits;
                                         });
            QVERIFY2(all, written.name.c_str());
            for (const float special : {-0.0F, kInfinity, -kInfinity, std::nanf("")}) {
                const std::uint32_t code = format.encode(special);
                QVERIFY2(format.encode(format.decode(code)) == code, written.name.c_str());
            }
        }
    }

    void nearestIsTheReferenceEverywhere() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            const std::vector<float> inputs = trickyInputs(written);
            std::vector<float> outputs(inputs.size());
            roundSpan(parsed(written.name), inputs, outputs);
            std::string wrong;
            for (std::size_t i = 0; i < inputs.size() && wrong.empty(); ++i) {
                wrong = difference(written, inputs[i], outputs[i]);
            }
            QVERIFY2(wrong.empty(), (written.name + ": " + wrong).c_str());
        }
    }

    void nanStaysWhereThereIsOne() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            const std::vector<float> in = {std::nanf(""), 0};
            std::vector<float> out(2);
            roundSpan(parsed(written.name), in, out);
            QVERIFY2(written.hasNan ? std::isnan(out[0]) : out[0] == out[1], written.name.c_str());
        }
    }

    void zerosKeepTheirSignWhereThereAreTwo() {
        for (const WrittenFormat& written : testing::everyWrittenFormat()) {
            const NumberFormat format = parsed(written.name);
            const std::vector<float> in = {-0.0F, -std::numeric_limits<float>::denorm_min()};
            std::vector<float> out(2);
            roundSpan(format, in, out);
            const bool hasTwo = (format.family() == Family::Float &&
                                 written.name.find("fnuz") == std::string::npos) ||
                                format.family() == Family::PowerOfTwo;
            for (const float zero : out) {
                QVERIFY2(zero != 0 || std::signbit(zero) == hasTwo, written.name.c_str());
            }
        }
    }
};

QTEST_APPLESS_MAIN(TstExactness)
#include "tst_exactness.moc"
