// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <limits>

#include "core/base/half_float.h"
#include "core/importers/stored_tensor.h"

using namespace bitloupe;
using importers::StoredType;

class TstStoredTensor : public QObject {
    Q_OBJECT

    template <typename T>
    static std::vector<T> decode(StoredType type, const std::vector<std::uint8_t>& bytes,
                                 std::int64_t count) {
        const Result<Array> array =
            importers::arrayFromStored(type, {count}, std::as_bytes(std::span(bytes)));
        if (array.hasError()) {
            qWarning("%s", array.error().sentence().c_str());
            return {};
        }
        const std::span<const T> values = array.value().as<T>();
        return {values.begin(), values.end()};
    }

private Q_SLOTS:
    void halfFollowsIeee754() {
        QCOMPARE(halfToFloat(0x3c00), 1.0F);
        QCOMPARE(halfToFloat(0xc000), -2.0F);
        QCOMPARE(halfToFloat(0x7bff), 65504.0F);
        QCOMPARE(halfToFloat(0x0400), std::ldexp(1.0F, -14));  // least normal
        QCOMPARE(halfToFloat(0x0001), std::ldexp(1.0F, -24));  // least subnormal
        QCOMPARE(halfToFloat(0x3555), 0.333251953125F);
        QVERIFY(std::signbit(halfToFloat(0x8000)));
        QCOMPARE(halfToFloat(0xfc00), -std::numeric_limits<float>::infinity());
        QVERIFY(std::isnan(halfToFloat(0x7e00)));
        QCOMPARE(importers::bfloat16ToFloat(0x3fc0), 1.5F);
    }

    void smallFloatsFollowTheirStandards() {
        // Largest, least subnormal, one and NaN of each, from the OCP and ONNX tables.
        QCOMPARE(decode<float>(StoredType::Float8E4M3, {0x7e, 0x01, 0x38, 0xb8}, 4),
                 (std::vector<float>{448, std::ldexp(1.0F, -9), 1, -1}));
        QVERIFY(std::isnan(decode<float>(StoredType::Float8E4M3, {0x7f}, 1)[0]));
        QCOMPARE(decode<float>(StoredType::Float8E4M3Fnuz, {0x7f, 0x01, 0x40}, 3),
                 (std::vector<float>{240, std::ldexp(1.0F, -10), 1}));
        QVERIFY(std::isnan(decode<float>(StoredType::Float8E4M3Fnuz, {0x80}, 1)[0]));
        QCOMPARE(decode<float>(StoredType::Float8E5M2, {0x7b, 0x01, 0x3c, 0xfc}, 4),
                 (std::vector<float>{57344, std::ldexp(1.0F, -16), 1,
                                     -std::numeric_limits<float>::infinity()}));
        QCOMPARE(decode<float>(StoredType::Float8E5M2Fnuz, {0x7f, 0x01, 0x40}, 3),
                 (std::vector<float>{57344, std::ldexp(1.0F, -17), 1}));
        QCOMPARE(decode<float>(StoredType::Float8E8M0, {127, 0, 130}, 3),
                 (std::vector<float>{1, std::ldexp(1.0F, -127), 8}));
        // The eight magnitudes of FP4, and minus six: 0 0.5 | 1 1.5 | 2 3 | 4 6 | -6.
        QCOMPARE(decode<float>(StoredType::Float4E2M1, {0x10, 0x32, 0x54, 0x76, 0x0f}, 9),
                 (std::vector<float>{0, 0.5F, 1, 1.5F, 2, 3, 4, 6, -6}));
    }

    void packedIntegersStartWithTheLowestBits() {
        QCOMPARE(decode<std::int8_t>(StoredType::Int4, {0x8f, 0x07}, 3),
                 (std::vector<std::int8_t>{-1, -8, 7}));
        QCOMPARE(decode<std::uint8_t>(StoredType::Uint4, {0x8f}, 2),
                 (std::vector<std::uint8_t>{15, 8}));
        QCOMPARE(decode<std::int8_t>(StoredType::Int2, {0b11'10'01'00}, 4),
                 (std::vector<std::int8_t>{0, 1, -2, -1}));
        QCOMPARE(decode<std::uint8_t>(StoredType::Uint2, {0b11'10'01'00}, 4),
                 (std::vector<std::uint8_t>{0, 1, 2, 3}));
    }

    void boolsAreZeroOrOne() {
        const std::vector<std::uint8_t> bytes = {0, 1, 2, 255};
        const Result<Array> array =
            importers::arrayFromStored(StoredType::Bool, {4}, std::as_bytes(std::span(bytes)));
        QCOMPARE(array.value().bytes()[3], std::byte{1});
    }

    void sizesAreCheckedBeforeAnythingIsMade() {
        const auto count = [](const Shape& shape) { return importers::checkedElementCount(shape); };
        QCOMPARE(count({}).value(), 1);
        QCOMPARE(count({3, 0, 5}).value(), 0);
        QVERIFY(count({-1}).hasError());
        QVERIFY(count({0, -1}).hasError());
        QVERIFY(count({std::int64_t{1} << 21, std::int64_t{1} << 21}).hasError());
        QVERIFY(count({std::int64_t{1} << 62, 4}).hasError());
        QVERIFY(importers::arrayFromStored(StoredType::Float32, {std::int64_t{1} << 39}, {})
                    .hasError());
    }
};

QTEST_APPLESS_MAIN(TstStoredTensor)
#include "tst_stored_tensor.moc"
