// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <nlohmann/json.hpp>
#include <sstream>
#include "tests/app/run_command.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;

class TstExamplesCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsAsJson() {
        const Outcome answer = run({"--json", "examples"});
        QCOMPARE(answer.status, 0);
        const nlohmann::json list = nlohmann::json::parse(answer.out);
        QCOMPARE(list.size(), 3U);
        QCOMPARE(list[0]["name"].get<std::string>(), std::string("digits"));
        QVERIFY(list[2]["needs_own_files"].get<bool>());
    }

    void writesAnExample() {
        const QTemporaryDir folder;
        const std::string output = folder.filePath("jets").toStdString();
        const Outcome answer = run({"--json", "examples", "jets", "--output", output});
        QCOMPARE(answer.status, 0);
        const std::string study = nlohmann::json::parse(answer.out)["study"];
        QCOMPARE(study, output + "/jets.yaml");
        QVERIFY(QFile::exists(QString::fromStdString(study)));
        QVERIFY(QFile::exists(folder.filePath("jets/jet_tagger.onnx")));
        QCOMPARE(run({"--quiet", "examples", "digits", "--output", output}).out, std::string());
        const Outcome again = run({"examples", "jets", "--output", output});
        QCOMPARE(again.status, 2);
        QCOMPARE(again.err, "bitloupe-cli: the study is there already: " + study +
                                ": open it, or give another folder\n");
    }

    void wrongCallsAreOneSentence() {
        const Outcome unknown = run({"examples", "digitz", "--output", "/nowhere"});
        QCOMPARE(unknown.status, 2);
        QCOMPARE(
            unknown.err,
            std::string("bitloupe-cli: there is no example `digitz`: did you mean `digits`?\n"));
        const Outcome nowhere = run({"examples", "digits"});
        QCOMPARE(nowhere.status, 2);
        QVERIFY(nowhere.err.find("give --output DIR") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstExamplesCommand)
#include "tst_examples_command.moc"
