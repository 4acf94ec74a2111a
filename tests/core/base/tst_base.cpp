// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QtCore/QTemporaryDir>
#include <cmath>

#include "core/base/array.h"
#include "core/base/file.h"
#include "core/base/result.h"
#include "core/base/text.h"

using namespace bitloupe;

class TstBase : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void errorReadsAsOneSentence() {
        const Error error{"the file is empty", "digits.idx", "copy it again"};
        QCOMPARE(error.sentence(), std::string("the file is empty: digits.idx: copy it again"));
        QCOMPARE(error.within("study.yaml").where, std::string("study.yaml, digits.idx"));
    }

    void errorStaysOneLine() {
        const Error error{"no", "node a\nb\x1b[31m", std::string(1000000, 'x')};
        QVERIFY(error.sentence().starts_with("no: node a?b?[31m: xxx"));
        QVERIFY(error.sentence().size() < 1000);
    }

    void resultHoldsOneSide() {
        const Result<int> good = 4;
        QVERIFY(good.hasValue() && !good.hasError());
        const Result<int> bad = Error{"no", "", ""};
        QVERIFY(bad.hasError());
        QVERIFY_EXCEPTION_THROWN((void)bad.value(), std::bad_variant_access);
        static_assert(!std::is_convertible_v<Result<int>, bool>);
    }

    void arrayKeepsItsTypeAndSize() {
        const Array array = Array::of<float>({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
        QCOMPARE(array.size(), 6);
        QCOMPARE(array.as<float>()[4], 5.0F);
        QVERIFY_EXCEPTION_THROWN((void)array.as<double>(), std::logic_error);
        QCOMPARE(array.reshaped({3, 2}).shape(), Shape({3, 2}));
        QVERIFY_EXCEPTION_THROWN((void)array.reshaped({4}), std::logic_error);
        QVERIFY_EXCEPTION_THROWN((void)Array::of<float>({2}, std::vector<float>{1}),
                                 std::logic_error);
    }

    void rowsOfAnArrayShareItsElements() {
        const Array array = Array::of<float>({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
        const Array part = array.rows(1, 2);
        QCOMPARE(part.shape(), Shape({2, 2}));
        QCOMPARE(part.as<float>()[0], 3.0F);
        QCOMPARE(part.as<float>().data(), array.as<float>().data() + 2);
        QVERIFY_EXCEPTION_THROWN((void)array.rows(2, 2), std::logic_error);
        QVERIFY_EXCEPTION_THROWN((void)array.rows(-1, 1), std::logic_error);
    }

    void numbersRoundTripAndRejectJunk() {
        for (const double value : {0.1, 1e-300, 4652832.0, -0.0, 1.0 / 3.0}) {
            const auto parsed = text::parseNumber(text::number(value));
            QVERIFY(parsed.has_value());
            QCOMPARE(std::signbit(*parsed), std::signbit(value));
            QVERIFY(*parsed == value);
        }
        QVERIFY(!text::parseInteger("12x").has_value());
        QVERIFY(!text::parseInteger("").has_value());
        QVERIFY(!text::parseNumber(" 1").has_value());
    }

    void filesAreWrittenWholeOrNotAtAll() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("new/deep/a.txt").toStdString();
        QVERIFY(writeFileAtomically(path, "first").hasValue());
        QVERIFY(writeFileAtomically(path, "second").hasValue());
        QCOMPARE(readFile(path).value(), std::string("second"));
        QCOMPARE(QDir(folder.filePath("new/deep")).entryList(QDir::Files).size(), 1);
        QVERIFY(writeFileAtomically(folder.path().toStdString(), "over a folder").hasError());
        QVERIFY(readFile(folder.path().toStdString()).hasError());
        QVERIFY(readFile(path, 3).hasError());
        QVERIFY(readFile(path + "x").hasError());
    }

    void slipsFindTheirWord() {
        QCOMPARE(text::nearest("wieghts", {"weights", "activations"}), std::string("weights"));
        QCOMPARE(text::nearest("zebra", {"weights", "activations"}), std::string());
    }
};

QTEST_APPLESS_MAIN(TstBase)
#include "tst_base.moc"
