// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <set>

#include "core/data/data_description.h"
#include "core/data/data_yaml.h"
#include "core/data/split.h"
#include "tests/core/data/files.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::data;
using namespace bitloupe::testing;

namespace {

/// Rows 0..count-1 with x = row, label = row % 3.
std::string numberedTable(int count) {
    std::string text = "x,label\n";
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i) + "," + std::to_string(i % 3) + "\n";
    }
    return text;
}

DataDescription tableDescription(const Files& files, const std::string& text) {
    files.write("t.csv", text);
    DataDescription description;
    description.kind = "csv";
    description.name = "t";
    description.folder = files.folder();
    description.sources["all"].files["table"] = "t.csv";
    description.target = "label";
    description.splits = {{Role::Calibration, {"all", 0, 4}},
                          {Role::Search, {"all", 4, 4}},
                          {Role::Test, {"all", 8, std::nullopt}}};
    return description;
}

std::vector<float> values(const DataSet& set, Role role) {
    const auto span = set.splits.at(role).inputs.at("").as<float>();
    return {span.begin(), span.end()};
}

/// Numbered samples of one split reach beyond those of another, which is said as well.
std::vector<std::string> overlapWarnings(const DataSet& set) {
    std::vector<std::string> warnings;
    for (const std::string& warning : set.warnings) {
        if (warning.find(" share ") != std::string::npos) {
            warnings.push_back(warning);
        }
    }
    return warnings;
}

}  // namespace

class TstDataSet : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void splitsTakeTheirSamples() {
        const Files files;
        TAKE_RESULT(set, loadDataSet(tableDescription(files, numberedTable(12))));
        QCOMPARE(values(set, Role::Search), std::vector<float>({4, 5, 6, 7}));
        QCOMPARE(set.splits.at(Role::Test).labels, std::vector<std::int64_t>({2, 0, 1, 2}));
        QCOMPARE(set.classNames, std::vector<std::string>({"0", "1", "2"}));
        QVERIFY(set.task == Task::Classification && overlapWarnings(set).empty());
        QCOMPARE(set.hash.size(), 64U);
        const Samples part = set.splits.at(Role::Test).slice(1, 2);
        QCOMPARE(part.count(), 2);
        QCOMPARE(part.labels, std::vector<std::int64_t>({0, 1}));
        QCOMPARE(part.inputs.at("").as<float>()[1], 10.0F);
        QVERIFY_EXCEPTION_THROWN((void)part.slice(1, 2), std::logic_error);
    }

    void trainingSamplesAreReadOnDemandAlone() {
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        TAKE_RESULT(plain, loadDataSet(description));
        TAKE_RESULT(instead, loadTrainingSamples(description));  // the calibration split
        QCOMPARE(instead.labels, std::vector<std::int64_t>({0, 1, 2, 0}));
        description.splits[Role::Training] = {"all", 2, 3};
        TAKE_RESULT(samples, loadTrainingSamples(description));
        QCOMPARE(samples.inputs.at("").as<float>()[0], 2.0F);
        QCOMPARE(samples.labels, std::vector<std::int64_t>({2, 0, 1}));
        TAKE_RESULT(set, loadDataSet(description));
        QVERIFY(!set.splits.contains(Role::Training));
        QCOMPARE(set.hash, plain.hash);
        QCOMPARE(overlapWarnings(set),
                 std::vector<std::string>({"the training and the search split share 1 samples: "
                                           "training sees samples the search is judged by"}));
    }

    void splitsBeyondTheirSourceAreRefused() {
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        description.splits[Role::Test] = {"all", 8, 5};
        VERIFY_FAILS(
            loadDataSet(description),
            "the test split wants 5 samples from sample 8 on, but the source `all` has 12");
        description.splits[Role::Test] = {"all", 12, std::nullopt};
        VERIFY_FAILS(loadDataSet(description), "the test split");
        description.splits[Role::Test] = {"all", std::numeric_limits<std::int64_t>::max(), 5};
        VERIFY_FAILS(loadDataSet(description), "the test split");
    }

    void overlapsAreWarnedAbout() {
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        description.splits[Role::Search] = {"all", 4, 6};
        TAKE_RESULT(tuned, loadDataSet(description));
        QCOMPARE(overlapWarnings(tuned),
                 std::vector<std::string>({"the search and the test split share 2 "
                                           "samples: the study is tuned on its "
                                           "test set"}));
        // The same file under another source name is the same data.
        description.sources["copy"].files["table"] = "./t.csv";
        description.splits = {{Role::Calibration, {"all", 0, 4}}, {Role::Search, {"copy", 2, 4}}};
        TAKE_RESULT(renamed, loadDataSet(description));
        QCOMPARE(renamed.warnings.size(), 2U);
        VERIFY_CONTAINS(renamed.warnings[0], "calibration and the search split share 2 samples");
        VERIFY_CONTAINS(renamed.warnings[1], "no test split");
    }

    void shufflingIsAFixedPermutation() {
        const std::vector<std::int64_t> order = shuffledIndices(1000, 7);
        QCOMPARE(std::set<std::int64_t>(order.begin(), order.end()).size(), 1000U);
        QVERIFY(order == shuffledIndices(1000, 7));
        QVERIFY(order != shuffledIndices(1000, 8));
        int stayed = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            stayed += order[i] == static_cast<std::int64_t>(i) ? 1 : 0;
        }
        QVERIFY2(stayed < 10, "a random permutation leaves about one in place");
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        description.shuffle = 3;
        TAKE_RESULT(set, loadDataSet(description));
        std::multiset<float> all;
        for (const Role role : {Role::Calibration, Role::Search, Role::Test}) {
            const std::vector<float> part = values(set, role);
            all.insert(part.begin(), part.end());
            for (std::size_t i = 0; i < part.size(); ++i) {  // labels move with their rows
                QCOMPARE(set.splits.at(role).labels[i], static_cast<std::int64_t>(part[i]) % 3);
            }
        }
        QCOMPARE(std::set<float>(all.begin(), all.end()).size(), 12U);
        QVERIFY(set.warnings.empty());
    }

    void scalingIsFittedToCalibrationAlone() {
        const Files files;
        DataDescription description =
            tableDescription(files,
                             "x,c,label\n1,5,0\n2,5,1\n3,5,0\n6,5,1\n9,7,1\n-1,5,0\n4,4,1\n0,"
                             "0,0\n1,1,1\n");
        description.scaling = "standardize";  // 1 2 3 6: mean 3, population variance 14/4
        TAKE_RESULT(standard, loadDataSet(description));
        const float deviation = std::sqrt(3.5F);
        QCOMPARE(values(standard, Role::Calibration)[6], 3.0F / deviation);
        QCOMPARE(values(standard, Role::Search)[0], 6.0F / deviation);
        QCOMPARE(values(standard, Role::Search)[1], 2.0F);  // a constant column: minus 5, over 1
        description.scaling = "minmax";
        TAKE_RESULT(minmax, loadDataSet(description));
        QCOMPARE(values(minmax, Role::Search)[0], 1.6F);
        description.scaling = "divide";
        description.divisor = 255;
        TAKE_RESULT(divided, loadDataSet(description));
        QCOMPARE(values(divided, Role::Calibration)[2], 2.0F / 255.0F);
        description.scaling = "log";
        VERIFY_FAILS(loadDataSet(description), "unknown scaling `log`");
    }

    void targetsBecomeClassesOrValues() {
        const Files files;
        const auto load = [&](const std::string& target, const std::string& task) {
            std::string text = "x,label\n";
            for (const QString& cell : QString::fromStdString(target).split(' ')) {
                text += "0," + cell.toStdString() + "\n";
            }
            DataDescription description = tableDescription(files, text);
            description.task = task;
            description.splits = {{Role::Search, {"all", 0, std::nullopt}}};
            return loadDataSet(description);
        };
        TAKE_RESULT(text, load("red blue red", ""));
        QCOMPARE(text.classNames, std::vector<std::string>({"blue", "red"}));
        QCOMPARE(text.splits.at(Role::Search).labels, std::vector<std::int64_t>({1, 0, 1}));
        TAKE_RESULT(fromOne, load("10 1 2 2", ""));
        QCOMPARE(fromOne.classNames, std::vector<std::string>({"1", "2", "10"}));
        QCOMPARE(fromOne.splits.at(Role::Search).labels, std::vector<std::int64_t>({2, 0, 1, 1}));
        TAKE_RESULT(gap, load("0 3 1.0", ""));
        QCOMPARE(gap.splits.at(Role::Search).labels, std::vector<std::int64_t>({0, 3, 1}));
        QCOMPARE(gap.classNames.size(), 4U);
        TAKE_RESULT(real, load("0.5 3 1", ""));
        QVERIFY(real.task == Task::Regression && real.splits.at(Role::Search).labels.empty());
        QCOMPARE(real.splits.at(Role::Search).targets, std::vector<float>({0.5F, 3, 1}));
        TAKE_RESULT(forced, load("3 4 5", "regression"));
        QVERIFY(forced.task == Task::Regression);
        VERIFY_FAILS(load("3 x 5", "regression"), "the target `x` is not a finite number: " +
                                                      QString::fromStdString(files.path("t.csv")) +
                                                      ", line 3");
    }

    void hashesFollowTheSamples() {
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        const std::string first = loadDataSet(description).value().hash;
        QCOMPARE(loadDataSet(description).value().hash, first);
        description.name = "other";
        QCOMPARE(loadDataSet(description).value().hash, first);
        description.splits[Role::Search].count = 3;
        QVERIFY(loadDataSet(description).value().hash != first);
        DataDescription changed = tableDescription(files, numberedTable(11) + "11,1\n");
        QVERIFY(loadDataSet(changed).value().hash != first);
    }

    void idxLabelsAreChecked() {
        const Files files;
        files.write("i", idxBytes(8, {2, 1, 2}, "\1\2\3\4"));
        files.write("l", idxBytes(8, {2}, "\1\2"));
        DataDescription description;
        description.kind = "idx";
        description.folder = files.folder();
        description.sources["all"].files = {{"images", "i"}, {"labels", "l"}};
        description.splits = {{Role::Search, {"all", 0, std::nullopt}}};
        TAKE_RESULT(set, loadDataSet(description));
        QCOMPARE(set.splits.at(Role::Search).inputs.at("").shape(), Shape({2, 1, 1, 2}));
        files.write("l", idxBytes(8, {3}, "\1\2\3"));
        VERIFY_FAILS(loadDataSet(description), "there are 3 labels for 2 images");
        files.write("l", idxBytes(9, {2}, "\1\xff"));
        VERIFY_FAILS(loadDataSet(description), "the label -1 is negative");
        VERIFY_CONTAINS(loadDataSet(description).error().where, "sample 1");
        description.sources["all"].files = {{"images", "l"}, {"labels", "i"}};
        VERIFY_FAILS(loadDataSet(description), "swap `images` and `labels`");
        description.sources["all"].files = {{"images", "i"}};
        TAKE_RESULT(unlabelled, loadDataSet(description));
        QVERIFY(unlabelled.task == Task::None);
    }

    void nanSamplesAreNamed() {
        const Files files;
        files.write("i", idxBytes(0x0d, {2, 1}, std::string_view("\0\0\0\0\x7f\xc0\0\0", 8)));
        DataDescription description;
        description.kind = "idx";
        description.folder = files.folder();
        description.sources["all"].files = {{"images", "i"}};
        description.splits = {{Role::Search, {"all", 0, std::nullopt}}};
        VERIFY_FAILS(loadDataSet(description), "not a finite number: search split, sample 1");
    }

    void filesAreRecognizedByThemselves() {
        const Files files;
        files.write("train-images-idx3-ubyte", idxBytes(8, {20, 1, 1}, std::string(20, 'a')));
        files.write("train-labels-idx1-ubyte", idxBytes(8, {20}, std::string(20, '\1')));
        files.writeGzip("t10k-images-idx3-ubyte.gz", idxBytes(8, {20, 1, 1}, std::string(20, 'a')));
        files.writeGzip("t10k-labels-idx1-ubyte.gz", idxBytes(8, {20}, std::string(20, '\1')));
        TAKE_RESULT(folder, describeData(files.folder()));
        QCOMPARE(folder.sources.at("test").files.at("labels"),
                 std::string("t10k-labels-idx1-ubyte.gz"));
        QCOMPARE(folder.splits.at(Role::Test).source, std::string("test"));
        QCOMPARE(folder.splits.at(Role::Search).source, std::string("train"));
        QCOMPARE(*folder.splits.at(Role::Training).count, folder.splits.at(Role::Search).first);
        TAKE_RESULT(set, loadDataSet(folder));
        QVERIFY2(set.warnings.empty(), set.warnings.empty() ? "" : set.warnings[0].c_str());
        TAKE_RESULT(one, describeData(files.path("t10k-images-idx3-ubyte.gz")));
        QCOMPARE(one.sources.at("test").files.at("labels"),
                 std::string("t10k-labels-idx1-ubyte.gz"));
        TAKE_RESULT(oneSet, loadDataSet(one));
        VERIFY_CONTAINS(oneSet.warnings.at(0), "tuned on its test set");
        TAKE_RESULT(byLabels, describeData(files.path("train-labels-idx1-ubyte")));
        QCOMPARE(byLabels.splits.size(), 3U);
    }

    void otherThingsAreRefusedClearly() {
        const Files files;
        VERIFY_FAILS(describeData(files.folder()), "holds no data that is recognised");
        VERIFY_FAILS(describeData(files.path("none")), "there is no such file or folder");
        VERIFY_FAILS(describeData(files.write("a.csv", "")), "the file is empty");
        VERIFY_FAILS(describeData(files.write("a.bin", std::string("\x93NUMPY\1\0", 8))),
                     "not recognised");
        VERIFY_FAILS(describeData(files.write("a.csv", "x,y\n")), "no rows of values");
        QVERIFY(QDir(QString::fromStdString(files.folder())).mkpath("images/cat"));
        files.write("images/cat/1.png", "x");
        VERIFY_FAILS(describeData(files.path("images")), "this is neither a PNG nor a JPEG image");
    }

    void descriptionsSurviveTheirYaml() {
        const Files files;
        DataDescription description = tableDescription(files, numberedTable(12));
        description.columns = {"x"};
        description.header = true;
        description.task = "classification";
        description.shuffle = 9;
        description.scaling = "divide";
        description.divisor = 2.5;
        const std::string text = writeDataDescription(description);
        TAKE_RESULT(again, describeData(files.write("d.yaml", text)));
        QCOMPARE(writeDataDescription(again), text);
        QCOMPARE(loadDataSet(again).value().hash, loadDataSet(description).value().hash);
    }

    void wrongDescriptionsNameTheLine_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const QString head = "kind: csv\nsources: {a: {table: t.csv}}\n";
        QTest::newRow("kind") << "kind: cvs\nsources: {}\nsplits: {}\n"
                              << "`cvs` is none of the choices";
        QTest::newRow("unknown key") << head + "splits: {search: {}}\nscalling: none\n"
                                     << "d.yaml, line 4, scalling: did you mean `scaling`?";
        QTest::newRow("split role") << head + "splits: {serch: {}}\n"
                                    << "did you mean `search`?";
        QTest::newRow("source") << head + "splits: {search: {source: b}}\n"
                                << "no source `b`";
        QTest::newRow("octal") << head + "splits: {search: {first: 010}}\n"
                               << "starts with a zero";
        QTest::newRow("negative") << head + "splits: {search: {count: -5}}\n"
                                  << "-5 is out of range";
        QTest::newRow("no splits") << head + "splits: {}\n"
                                   << "there are no splits";
        QTest::newRow("divisor") << head + "splits: {search: {}}\ndivisor: 255\n"
                                 << "a divisor without";
        QTest::newRow("zero") << head + "splits: {search: {}}\nscaling: divide\ndivisor: 0\n"
                              << "cannot be divided by 0";
        QTest::newRow("part") << "kind: idx\nsources: {a: {table: t}}\nsplits: {search: {}}\n"
                              << "a source of `kind: idx` has no `table`";
    }
    void wrongDescriptionsNameTheLine() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const Files files;
        VERIFY_FAILS(describeData(files.write("d.yaml", text.toStdString())), expected);
    }
};

QTEST_APPLESS_MAIN(TstDataSet)
#include "tst_data_set.moc"
