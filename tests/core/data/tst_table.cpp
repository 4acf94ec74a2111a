// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/data/csv.h"
#include "core/data/data_description.h"
#include "core/data/table.h"
#include "tests/core/data/files.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> rowsOf(const std::string& path) {
    Result<data::CsvReader> reader = data::CsvReader::open(path);
    if (reader.hasError()) {
        return reader.error();
    }
    Rows rows;
    while (true) {
        const Result<bool> next = reader.value().next();
        if (next.hasError()) {
            return next.error();
        }
        if (!next.value()) {
            return rows;
        }
        const auto cells = reader.value().cells();
        rows.emplace_back(cells.begin(), cells.end());
    }
}

}  // namespace

class TstTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // The examples of RFC 4180, section 2, and what spreadsheets make of them.
    void readsRfc4180() {
        const Files files;
        TAKE_RESULT(plain, rowsOf(files.write("a", "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n")));
        QCOMPARE(plain, Rows({{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
        TAKE_RESULT(open, rowsOf(files.write("a", "a,b\nc,d")));
        QCOMPARE(open, Rows({{"a", "b"}, {"c", "d"}}));
        TAKE_RESULT(quoted, rowsOf(files.write(
                                "a", "\"aaa\",\"b \r\nbb\",\"ccc\"\r\nzzz,\"y\"\"y\",\r\n")));
        QCOMPARE(quoted, Rows({{"aaa", "b \r\nbb", "ccc"}, {"zzz", "y\"y", ""}}));
        TAKE_RESULT(blank, rowsOf(files.write("a",
                                              "\xEF\xBB\xBF"
                                              "a;b\n\n\r\n1,5;2\n\n")));
        QCOMPARE(blank, Rows({{"a", "b"}, {"1,5", "2"}}));
        TAKE_RESULT(packed, rowsOf(files.writeGzip("a.gz", "a\tb\n1\t2\n")));
        QCOMPARE(packed, Rows({{"a", "b"}, {"1", "2"}}));
    }

    void rowsLongerThanTheBufferStayWhole() {
        const Files files;
        std::string text;
        Rows expected;
        for (int i = 0; i < 3000; ++i) {
            const std::string cell(static_cast<std::size_t>(i % 97), 'x');
            text += "\"" + cell + "\n\"," + std::to_string(i) + "\r\n";
            expected.push_back({cell + "\n", std::to_string(i)});
        }
        TAKE_RESULT(rows, rowsOf(files.write("a", text)));
        QVERIFY(rows == expected);
    }

    void hostileCsvIsRefused() {
        const Files files;
        VERIFY_FAILS(rowsOf(files.write("a", "a,b\n1,\"2\n3,4\n")), "never closed");
        VERIFY_FAILS(rowsOf(files.write("a", "a,b\n1,\"2\n3,4\n")), "line 2");
        VERIFY_FAILS(rowsOf(files.write("a", "a,\"b\"c\n")), "text follows a closing quote");
        VERIFY_FAILS(rowsOf(files.write("a", std::string("a,b\n1\0,2\n", 9))), "zero byte");
        VERIFY_FAILS(rowsOf(files.write("a", std::string(70'000, ','))), "more than 65,536 cells");
        VERIFY_FAILS(rowsOf(files.write("a", "a," + std::string(2 << 20, 'x'))),
                     "a cell is longer than 1 MiB");
        VERIFY_FAILS(rowsOf(files.write("a", "a,\"" + std::string(2 << 20, 'x') + "\"")),
                     "a cell is longer than 1 MiB");
    }

    void picksColumnsByNameAndNumber() {
        const Files files;
        const std::string path = files.write("a", "x,kind,y\n1,a,+2.5\n-3, b ,.5\n");
        TAKE_RESULT(byName, data::readTable(path, {.header = {}, .target = "kind", .columns = {}}));
        QCOMPARE(byName.columns, std::vector<std::string>({"x", "y"}));
        QCOMPARE(byName.targets, std::vector<std::string>({"a", "b"}));
        QCOMPARE(byName.inputs.shape(), Shape({2, 2}));
        QCOMPARE(byName.inputs.as<float>()[1], 2.5F);
        QCOMPARE(byName.inputs.as<float>()[3], 0.5F);
        TAKE_RESULT(some, data::readTable(path, {.header = {}, .target = "2", .columns = {"y"}}));
        QCOMPARE(some.inputs.shape(), Shape({2, 1}));
        VERIFY_FAILS(data::readTable(path, {.header = {}, .target = "kimd", .columns = {}}),
                     "there is no column `kimd`: " + QString::fromStdString(path) +
                         ": did you mean `kind`?");
        VERIFY_FAILS(data::readTable(path, {.header = {}, .target = "x", .columns = {"x"}}),
                     "is the target and an input");
    }

    void badCellsAreNamed() {
        const Files files;
        const data::TableRequest request{.header = {}, .target = "t", .columns = {}};
        VERIFY_FAILS(
            data::readTable(files.write("a", "x,t\n1,0\n,1\n"), request),
            "the cell is empty: " + QString::fromStdString(files.path("a")) + ", line 3, column x");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n1,0\nabc,1\n"), request),
                     "`abc` is not a finite number");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n1,0\nnan,1\n"), request),
                     "`nan` is not a finite number");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n1,0\n1e99,1\n"), request),
                     "`1e99` is not a finite number");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n1,0\n1,\n"), request),
                     "the cell is empty");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n1,0\n1,2,3\n"), request),
                     "the row has 3 cells, the others 2");
        VERIFY_FAILS(data::readTable(files.write("a", "x,t\n"), request), "no rows of values");
        VERIFY_FAILS(data::readTable(files.write("a", "x,x\n1,2\n"), request), "given twice");
    }

    void headersAreRecognizedOrTold() {
        const Files files;
        const std::string path = files.write("a", "M,0.4,1\nF,0.5,2\n");
        TAKE_RESULT(guessed, data::readTableHead(path));
        QVERIFY(!guessed.hasHeader);
        QCOMPARE(guessed.columns, std::vector<std::string>({"1", "2", "3"}));
        TAKE_RESULT(told, data::readTableHead(path, true));
        QCOMPARE(told.columns, std::vector<std::string>({"M", "0.4", "1"}));
        TAKE_RESULT(rows, data::countRows(path, true));
        QCOMPARE(rows, 1);
    }

    void keelHeadsGiveNamesAndTarget() {
        const Files files;
        const std::string head =
            "@relation r\r\n@attribute A real[0,1]\r\n@attribute B{x, y}\r\n"
            "@inputs A\r\n@outputs B\r\n@data\r\n";
        TAKE_RESULT(description, data::describeData(files.write("a.dat", head + "1,x\r\n2,y\r\n")));
        QCOMPARE(description.target, std::string("B"));
        TAKE_RESULT(table, data::readTable(files.path("a.dat"),
                                           {.header = {}, .target = "B", .columns = {}}));
        QCOMPARE(table.columns, std::vector<std::string>({"A"}));
        VERIFY_FAILS(data::readTableHead(files.write("b.dat", "@relation r\n@attribute A real\n")),
                     "no `@data` line");
        // A second head in the middle of a file.
        VERIFY_FAILS(data::readTable(files.write("c.dat", head + "1,x\r\n" + head + "2,y\r\n"),
                                     {.header = {}, .target = "B", .columns = {}}),
                     "line 8");
    }

    void realTablesLoad() {
        BITLOUPE_REAL_FILE(telescope, "data/tabular/edge/telescope.dat");
        TAKE_RESULT(description, data::describeData(telescope));
        TAKE_RESULT(set, data::loadDataSet(description));
        QCOMPARE(set.classNames, std::vector<std::string>({"g", "h"}));
        std::int64_t samples = 0;
        for (const auto& [role, split] : set.splits) {
            samples += split.count();
        }
        QCOMPARE(samples, 19020);
        TAKE_RESULT(california,
                    data::describeData(testDataFolder() + "/data/tabular/edge/california.dat"));
        QCOMPARE(california.target, std::string("MedianHouseValue"));
        TAKE_RESULT(houses, data::loadDataSet(california));
        QVERIFY(houses.task == data::Task::Regression);
        data::DataDescription churn =
            data::describeData(testDataFolder() + "/data/tabular/edge/churn.csv").value();
        QCOMPARE(churn.oneHot, (std::vector<std::string>{"Geography", "Gender"}));
        churn.columns.clear();
        VERIFY_FAILS(data::loadDataSet(churn), "column Surname");
    }
};

QTEST_APPLESS_MAIN(TstTable)
#include "tst_table.moc"
