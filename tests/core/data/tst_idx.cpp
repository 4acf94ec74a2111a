// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/data/data_description.h"
#include "core/data/idx.h"
#include "tests/core/data/files.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;

class TstIdx : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsBytesAndBigEndianNumbers() {
        const Files files;
        TAKE_RESULT(bytes, data::readIdx(files.write("a", idxBytes(8, {2, 3}, "\1\2\3\4\5\xff"))));
        QCOMPARE(bytes.shape(), Shape({2, 3}));
        QCOMPARE(int(bytes.as<std::uint8_t>()[5]), 255);
        // 1.5f is 0x3fc00000, -2 as 32 bits 0xfffffffe.
        TAKE_RESULT(floats, data::readIdx(files.write(
                                "b", idxBytes(0x0d, {1}, std::string_view("\x3f\xc0\0\0", 4)))));
        QCOMPARE(floats.as<float>()[0], 1.5F);
        TAKE_RESULT(ints, data::readIdx(files.write("c", idxBytes(0x0c, {1}, "\xff\xff\xff\xfe"))));
        QCOMPARE(ints.as<std::int32_t>()[0], -2);
    }

    void gzippedFilesReadTheSame() {
        const Files files;
        const std::string content = idxBytes(8, {1, 2, 2}, "\1\2\3\4");
        TAKE_RESULT(array, data::readIdx(files.writeGzip("a.gz", content)));
        QCOMPARE(array.shape(), Shape({1, 2, 2}));
        QCOMPARE(int(array.as<std::uint8_t>()[3]), 4);
    }

    void everyShorterFileIsRefused() {
        const Files files;
        const std::string whole = idxBytes(8, {2, 2}, "\1\2\3\4");
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const auto result = data::readIdx(files.write("a", whole.substr(0, length)));
            QVERIFY(result.hasError());
            VERIFY_CONTAINS(result.error().where, files.path("a").c_str());
        }
        VERIFY_FAILS(
            data::readIdx(files.write("a", whole.substr(0, 14))),
            "the file ends early: " + QString::fromStdString(files.path("a")) + ", byte 14 of 16");
        VERIFY_FAILS(data::readIdx(files.write("a", whole + "x")), "goes on after the samples");
        VERIFY_FAILS(data::readIdx(files.write("a", "")), "the file is empty");
        VERIFY_FAILS(data::readIdx(files.path("none")), "there is no such file");
        VERIFY_FAILS(data::readIdx(files.folder()), "this is not a file");
        VERIFY_FAILS(data::readIdx(files.write("a", "PNG and so on")), "not an IDX file");
    }

    void hugeHeadsAskForNoMemory() {
        const Files files;
        VERIFY_FAILS(data::readIdx(files.write("a", idxBytes(8, {0x40000000, 0x40000000}, ""))),
                     "more than 2 GiB");
        VERIFY_FAILS(data::readIdx(files.write("a", idxBytes(8, {0x70000000}, "abc"))),
                     "the file ends early");
        VERIFY_FAILS(data::readIdx(files.write("a", idxBytes(8, {0}, ""))), "holds no samples");
    }

    void damagedGzipIsNamed() {
        const Files files;
        std::string body(5000, '\0');
        for (std::size_t i = 0; i < body.size(); ++i) {
            body[i] = static_cast<char>(i * i * 31 % 251);
        }
        const std::string path = files.writeGzip("a.gz", idxBytes(8, {5000}, body));
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string packed = file.readAll().toStdString();
        file.close();
        VERIFY_FAILS(data::readIdx(files.write("b.gz", packed.substr(0, packed.size() / 2))),
                     "the gzip file ends early");
        std::string wrong = packed;
        wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);  // its checksum
        VERIFY_FAILS(data::readIdx(files.write("b.gz", wrong)), "the gzip file is damaged");
    }

    void realMnistIsRecognizedByItsFolder() {
        BITLOUPE_REAL_FILE(folder, "data/mnist");
        TAKE_RESULT(description, data::describeData(folder));
        QCOMPARE(description.kind, std::string("idx"));
        QCOMPARE(description.scaling, std::string("divide"));
        QCOMPARE(description.divisor, 255.0);
        description.splits[data::Role::Search].count = 100;
        TAKE_RESULT(set, data::loadDataSet(description));
        const data::Samples& test = set.splits.at(data::Role::Test);
        QCOMPARE(test.inputs.at("").shape(), Shape({10000, 1, 28, 28}));
        // The first test labels of MNIST, as everybody prints them.
        QCOMPARE(std::vector<std::int64_t>(test.labels.begin(), test.labels.begin() + 5),
                 std::vector<std::int64_t>({7, 2, 1, 0, 4}));
        std::vector<int> perClass(10);
        for (const std::int64_t label : test.labels) {
            ++perClass.at(static_cast<std::size_t>(label));
        }
        QCOMPARE(perClass,
                 std::vector<int>({980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
        QVERIFY(set.warnings.empty());
    }
};

QTEST_APPLESS_MAIN(TstIdx)
#include "tst_idx.moc"
