// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/base/file.h"
#include "core/base/npy.h"
#include "core/data/data_description.h"
#include "core/data/text/tokenizer.h"
#include "tests/core/data/files.h"
#include "tests/support/python.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;
using data::DataDescription;
using data::Role;

namespace {

/// Every sample of a recognised file, in its own order and as it is stored.
DataDescription plain(const std::string& path) {
    DataDescription description = data::describeData(path).value();
    description.shuffle.reset();
    const std::string source = description.sources.begin()->first;
    description.splits = {{Role::Search, {source, 0, {}}}};
    return description;
}

DataDescription unscaled(const std::string& path) {
    DataDescription description = plain(path);
    description.scaling = "none";
    return description;
}

/// What Python reads.
struct Opinion {
    Array samples;
    std::vector<std::int64_t> labels;
    QByteArray trouble;
};

Opinion secondOpinion(const Files& files, QStringList arguments) {
    arguments.insert(1, QString::fromStdString(files.folder()));
    const PythonRun run = runPython(QStringLiteral("core/data/read_data.py"), arguments);
    if (run.status != 0) {
        return {{}, {}, run.errors};
    }
    const Array samples =
        parseNpy(readFile(files.path("samples.npy")).value(), "samples.npy").value();
    const Array labels = parseNpy(readFile(files.path("labels.npy")).value(), "labels.npy").value();
    const auto values = labels.as<std::int64_t>();
    return {samples, {values.begin(), values.end()}, {}};
}

QByteArray difference(const Array& ours, const Array& theirs) {
    if (ours.shape() != theirs.shape()) {
        return "another shape";
    }
    const auto a = ours.as<float>();
    const auto b = theirs.as<float>();
    const auto place = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
    return place == static_cast<std::ptrdiff_t>(a.size())
               ? QByteArray()
               : "value " + QByteArray::number(qlonglong(place)) + " is " +
                     QByteArray::number(double(a[std::size_t(place)])) + ", not " +
                     QByteArray::number(double(b[std::size_t(place)]));
}

#define COMPARE_SAMPLES(set, input, opinion)                                         \
    QVERIFY2((opinion).trouble.isEmpty(), (opinion).trouble);                        \
    const data::Samples& samples = (set).splits.at(Role::Search);                    \
    QCOMPARE(difference(samples.inputs.at(input), (opinion).samples), QByteArray()); \
    QCOMPARE(samples.labels, (opinion).labels)

}  // namespace

/// Every real data set that is at hand, beside what NumPy, h5py and Pillow read from it.
class TstRealData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cifarImagesAreThoseOfNumPy() {
        BITLOUPE_REAL_FILE(folder, "data/cifar10");
        TAKE_RESULT(all, data::describeData(folder));
        QCOMPARE(all.kind, std::string("cifar"));
        QCOMPARE(all.splits.at(Role::Test).source, std::string("test"));
        TAKE_RESULT(both, loadDataSet(all));
        QCOMPARE(both.splits.at(Role::Test).count(), 100);
        QCOMPARE(both.classNames.at(9), std::string("truck"));
        BITLOUPE_NEEDS_PYTHON();
        const Files files;
        const std::string path = folder + "/data_batch_1_first4000.bin";
        TAKE_RESULT(set, loadDataSet(unscaled(path)));
        const Opinion opinion =
            secondOpinion(files, {QStringLiteral("cifar"), QString::fromStdString(path)});
        COMPARE_SAMPLES(set, "", opinion);
    }

    void keywordsAreThoseOfNumPy() {
        BITLOUPE_REAL_FILE(path, "data/keywords/kws01.npz");
        TAKE_RESULT(set, loadDataSet(plain(path)));
        QCOMPARE(set.splits.at(Role::Search).inputs.at("x").shape(), Shape({994, 49, 10}));
        BITLOUPE_NEEDS_PYTHON();
        const Files files;
        const Opinion opinion =
            secondOpinion(files, {QStringLiteral("npz"), QString::fromStdString(path), "x", "y"});
        COMPARE_SAMPLES(set, "x", opinion);
    }

    void jetsAreThoseOfH5py() {
        BITLOUPE_REAL_FILE(path, "data/jetclass/jetclass_500.h5");
        TAKE_RESULT(set, loadDataSet(plain(path)));
        QCOMPARE(set.classNames.at(1), std::string("Hbb"));
        QCOMPARE(set.splits.at(Role::Search).inputs.size(), std::size_t(4));
        BITLOUPE_NEEDS_PYTHON();
        const Files files;
        for (const char* name : {"pf_features", "pf_points", "pf_vectors", "pf_mask"}) {
            const Opinion opinion =
                secondOpinion(files, {QStringLiteral("hdf5"), QString::fromStdString(path),
                                      QString::fromLatin1(name), "label"});
            COMPARE_SAMPLES(set, name, opinion);
        }
    }

    void digitsOfAFolderAreThoseOfPillow() {
        BITLOUPE_REAL_FILE(path, "data/mnist/imagefolder_png500");
        TAKE_RESULT(set, loadDataSet(unscaled(path)));
        QCOMPARE(set.classNames.size(), std::size_t(10));
        QCOMPARE(set.splits.at(Role::Search).count(), 500);
        BITLOUPE_NEEDS_PYTHON();
        const Files files;
        const Opinion opinion = secondOpinion(
            files, {QStringLiteral("images"), QString::fromStdString(path), QStringLiteral("L")});
        COMPARE_SAMPLES(set, "", opinion);
    }

    void photographsAreResizedAsPillowDoesIt() {
        BITLOUPE_REAL_FILE(path, "data/imagenet_sample");
        DataDescription description = plain(path);
        QCOMPARE(description.sources.at("all").files.at("labels"), std::string("labels_A.csv"));
        description.splits[Role::Search].count = 20;
        description.mean = {0.485, 0.456, 0.406};
        description.deviation = {0.229, 0.224, 0.225};
        // 256 as they are; 160 smaller, 301 larger, both with an odd margin.
        for (const auto& [side, crop] : {std::pair{256, 224}, {160, 127}, {301, 224}}) {
            description.images.resize = {side, 0};
            description.images.crop = {crop, crop};
            TAKE_RESULT(set, loadDataSet(description));
            const data::Samples& samples = set.splits.at(Role::Search);
            QCOMPARE(samples.labels[1], 26);
            QCOMPARE(set.classNames.at(26), std::string("common_newt"));
            BITLOUPE_NEEDS_PYTHON();
            const Files files;
            const Opinion opinion = secondOpinion(
                files, {QStringLiteral("photographs"), QString::fromStdString(path + "/jpeg256"),
                        QStringLiteral("20"), QString::number(side), QString::number(crop)});
            QVERIFY2(opinion.trouble.isEmpty(), opinion.trouble);
            QCOMPARE(difference(samples.inputs.at(""), opinion.samples), QByteArray());
        }
    }

    void gpt2TokensAreThoseOfTiktokensRanks() {
        BITLOUPE_REAL_FILE(folder, "data/text");
        BITLOUPE_NEEDS_PYTHON();
        const Files files;
        const std::string path = folder + "/tinyshakespeare/input.txt";
        const Opinion opinion =
            secondOpinion(files, {QStringLiteral("gpt2"), QString::fromStdString(path),
                                  QString::fromStdString(folder + "/gpt2_vocab/gpt2.tiktoken"),
                                  QStringLiteral("60000")});
        QVERIFY2(opinion.trouble.isEmpty(), opinion.trouble);
        TAKE_RESULT(tokenizer, data::makeGpt2Tokenizer(folder + "/gpt2_vocab/encoder.json",
                                                       folder + "/gpt2_vocab/vocab.bpe"));
        const auto tokens =
            tokenizer->encode(readFile(path).value().substr(0, 60000), path).value();
        const auto theirs = opinion.samples.as<float>();
        QVERIFY(std::equal(tokens.begin(), tokens.end(), theirs.begin(), theirs.end(),
                           [](std::int32_t a, float b) { return a == static_cast<int>(b); }));
    }

    void gesturesHaveTheirClassInFront() {
        BITLOUPE_REAL_FILE(path, "data/hand_gesture/keypoint.csv");
        TAKE_RESULT(description, data::describeData(path));
        QCOMPARE(description.target, std::string("1"));
        TAKE_RESULT(set, loadDataSet(unscaled(path)));
        QCOMPARE(set.task, data::Task::Classification);
        const data::Samples& samples = set.splits.at(Role::Search);
        QCOMPARE(samples.inputs.at("").shape()[1], 42);
        QCOMPARE(samples.inputs.at("").as<float>()[2], 0.20078740157480315F);
    }

    void everyTableOpensByItself_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::addColumn<bool>("classes");
        // Rows and columns as the collections that publish them say.
        // Of churn the surnames are left out, three countries and two genders are 0 and 1.
        QTest::newRow("churn") << "edge/churn.csv" << 10000 << 15 << true;
        QTest::newRow("telescope") << "edge/telescope.dat" << 19020 << 10 << true;
        QTest::newRow("california") << "edge/california.dat" << 20640 << 8 << false;
        QTest::newRow("iris") << "uci_jbrownlee/iris.csv" << 150 << 4 << true;
        QTest::newRow("wine") << "uci_jbrownlee/wine.csv" << 178 << 13 << true;
        QTest::newRow("sonar") << "uci_jbrownlee/sonar.csv" << 208 << 60 << true;
        QTest::newRow("abalone") << "uci_jbrownlee/abalone.csv" << 4177 << 10 << true;
        QTest::newRow("housing") << "uci_jbrownlee/housing.data" << 506 << 13 << false;
        QTest::newRow("wine quality")
            << "uci_jbrownlee/winequality-white.csv" << 4898 << 11 << true;
        QTest::newRow("seaborn iris") << "seaborn/iris.csv" << 150 << 4 << true;
        // 344 penguins, of which 11 lack something; two islands' and sexes' names as 0 and 1.
        QTest::newRow("penguins") << "seaborn/penguins.csv" << 333 << 9 << true;
    }
    void everyTableOpensByItself() {
        QFETCH(QString, file);
        QFETCH(int, rows);
        QFETCH(int, columns);
        QFETCH(bool, classes);
        BITLOUPE_REAL_FILE(path, "data/tabular/" + file.toStdString());
        DataDescription description = unscaled(path);
        TAKE_RESULT(set, loadDataSet(description));
        const Shape& shape = set.splits.at(Role::Search).inputs.at("").shape();
        QCOMPARE(shape, Shape({rows, columns}));
        QCOMPARE(set.task == data::Task::Classification, classes);
    }
};

QTEST_APPLESS_MAIN(TstRealData)
#include "tst_real_data.moc"
