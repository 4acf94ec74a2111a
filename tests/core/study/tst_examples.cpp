// SPDX-License-Identifier: Apache-2.0
#include <QDir>
#include <QtTest/QTest>

#include "core/study/examples.h"
#include "core/study/study_description.h"
#include "tests/core/data/files.h"

using namespace bitloupe;
using namespace bitloupe::testing;

class TstExamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsTheExamples() {
        TAKE_RESULT(examples, study::listExamples());
        QStringList names;
        for (const study::Example& example : examples) {
            names << QString::fromStdString(example.name);
            QVERIFY(!example.note.empty());
            QCOMPARE(example.needsOwnFiles, example.name == "mnist-lenet5");
            // What is made up says so.
            QCOMPARE(example.note.starts_with("Synthetic"), !example.needsOwnFiles);
        }
        QCOMPARE(names, QStringList({"digits", "jets", "mnist-lenet5"}));
    }

    void writtenExamplesAreWhole() {
        const Files files;
        for (const char* name : {"digits", "jets"}) {
            TAKE_RESULT(path, study::writeExample(name, files.path("new/folder")));
            QCOMPARE(path, files.path("new/folder") + "/" + name + ".yaml");
            TAKE_RESULT(description, study::readStudy(path));
            QVERIFY(QFile::exists(QString::fromStdString(study::networkOf(description).model)));
            TAKE_RESULT(set, data::loadDataSet(description.data));
            QVERIFY(set.warnings.empty());
            QCOMPARE(set.splits.size(), 3U);
            TAKE_RESULT(training, data::loadTrainingSamples(description.data));
            const auto& calibration = set.splits.at(data::Role::Calibration);
            // The digits bring samples of their own to train on, the jets calibration's.
            QCOMPARE(training.count(), std::string(name) == "digits" ? 4000 : calibration.count());
            VERIFY_FAILS(study::writeExample(name, files.path("new/folder")),
                         "the study is there already");
        }
    }

    void templatesTakeTheUsersFiles() {
        const Files files;
        TAKE_RESULT(empty, study::writeExample("mnist-lenet5", files.path("a")));
        VERIFY_FAILS(study::readStudy(empty), "path/to/mnist");
        files.write("t.csv", "x,label\n1,0\n2,1\n3,0\n4,1\n");
        TAKE_RESULT(network, study::writeExample("mnist-lenet5", files.path("b"),
                                                 {.model = files.path("my net.onnx"),
                                                  .data = files.path("t.csv")}));
        TAKE_RESULT(description, study::readStudy(network));
        QCOMPARE(study::networkOf(description).model, files.path("my net.onnx"));
        QCOMPARE(description.data.kind, std::string("csv"));
        TAKE_RESULT(weights, study::writeExample(
                                 "mnist-lenet5", files.path("c"),
                                 {.model = files.path("best.pth"), .data = files.path("t.csv")}));
        TAKE_RESULT(architecture, study::readStudy(weights));
        QCOMPARE(study::networkOf(architecture).model, std::string("architecture:lenet5"));
        QCOMPARE(study::networkOf(architecture).weightsFile, files.path("best.pth"));
    }

    void refusals() {
        const Files files;
        VERIFY_FAILS(study::writeExample("digit", files.folder()), "did you mean `digits`?");
        VERIFY_FAILS(study::writeExample("digits", files.folder(), {.model = "", .data = "x"}),
                     "brings its own network and data");
        QVERIFY(QDir(QString::fromStdString(files.folder())).isEmpty());
        VERIFY_FAILS(study::writeExample("digits", files.write("file", "x")), "cannot be written");
        qputenv("BITLOUPE_RESOURCES", files.folder().c_str());
        VERIFY_FAILS(study::listExamples(), "the files that ship with the program are not there");
        qunsetenv("BITLOUPE_RESOURCES");
    }
};

QTEST_GUILESS_MAIN(TstExamples)
#include "tst_examples.moc"
