// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/command_line.h"

using namespace bitloupe;

namespace {

struct Answer {
    int status = 0;
    std::string out;
    std::string err;
};

Answer call(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const int status = cli::runCommandLine(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

}  // namespace

class TstExamplesCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsAsJson() {
        const Answer answer = call({"--json", "examples"});
        QCOMPARE(answer.status, 0);
        const nlohmann::json list = nlohmann::json::parse(answer.out);
        QCOMPARE(list.size(), 3U);
        QCOMPARE(list[0]["name"].get<std::string>(), std::string("digits"));
        QVERIFY(list[2]["needs_own_files"].get<bool>());
    }

    void writesAnExample() {
        const QTemporaryDir folder;
        const std::string output = folder.filePath("jets").toStdString();
        const Answer answer = call({"--json", "examples", "jets", "--output", output});
        QCOMPARE(answer.status, 0);
        const std::string study = nlohmann::json::parse(answer.out)["study"];
        QCOMPARE(study, output + "/jets.yaml");
        QVERIFY(QFile::exists(QString::fromStdString(study)));
        QVERIFY(QFile::exists(folder.filePath("jets/jet_tagger.onnx")));
        QCOMPARE(call({"--quiet", "examples", "digits", "--output", output}).out, std::string());
        const Answer again = call({"examples", "jets", "--output", output});
        QCOMPARE(again.status, 2);
        QCOMPARE(again.err, "bitloupe-cli: the study is there already: " + study +
                                ": open it, or give another folder\n");
    }

    void wrongCallsAreOneSentence() {
        const Answer unknown = call({"examples", "digitz", "--output", "/nowhere"});
        QCOMPARE(unknown.status, 2);
        QCOMPARE(
            unknown.err,
            std::string("bitloupe-cli: there is no example `digitz`: did you mean `digits`?\n"));
        const Answer nowhere = call({"examples", "digits"});
        QCOMPARE(nowhere.status, 2);
        QVERIFY(nowhere.err.find("give --output DIR") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstExamplesCommand)
#include "tst_examples_command.moc"
