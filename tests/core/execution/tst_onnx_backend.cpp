// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <map>

#include "tests/core/execution/onnx_cases.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using testing::OnnxCase;
using testing::OnnxVerdict;

namespace {

/// Operators that train, or work on sequences or strings alone: outside what Bitloupe is for.
bool isOutOfScope(const std::string& name) {
    static const std::set<std::string> kOthers = {"Adagrad",         "Adam",
                                                  "Momentum",        "Gradient",
                                                  "SplitToSequence", "ConcatFromSequence",
                                                  "RegexFullMatch",  "Optional"};
    return name.starts_with("Sequence") || name.starts_with("String") || kOthers.contains(name);
}

/// Results of one folder of cases.
struct Tally {
    int passed = 0;
    int counted = 0;  ///< cases whose operators are all in scope
    std::vector<std::string> lines;
    std::vector<std::string> unfair;  ///< failed after it ran, or refused without a name

    [[nodiscard]] const char* unfairLine() const {
        return unfair.empty() ? "" : unfair.front().c_str();
    }
};

bool namesOneOf(const std::string& sentence, const std::set<std::string>& operators) {
    return std::any_of(operators.begin(), operators.end(), [&](const std::string& name) {
        return sentence.find(name) != std::string::npos;
    });
}

Tally runAll(const std::string& folder) {
    Tally tally;
    for (const OnnxCase& one : testing::findOnnxCases(folder)) {
        const std::set<std::string> operators = testing::operatorsOf(one);
        const bool counts = std::none_of(operators.begin(), operators.end(), isOutOfScope);
        const OnnxVerdict verdict = testing::runOnnxCase(one);
        const bool passed = verdict.kind == OnnxVerdict::Kind::Passed;
        tally.counted += counts ? 1 : 0;
        tally.passed += passed && counts ? 1 : 0;
        if (passed) {
            continue;
        }
        const std::string line =
            (operators.size() == 1 ? *operators.begin() : "several") + " | " + one.name + " | " +
            (verdict.kind == OnnxVerdict::Kind::Refused ? "refused: " : "FAILED: ") +
            verdict.reason + (counts ? "" : " (not counted)");
        tally.lines.push_back(line);
        if (verdict.kind == OnnxVerdict::Kind::Failed || !namesOneOf(verdict.reason, operators)) {
            tally.unfair.push_back(line);
        }
    }
    std::sort(tally.lines.begin(), tally.lines.end());
    return tally;
}

void report(const char* what, const Tally& tally) {
    for (const std::string& line : tally.lines) {
        qInfo("  %s", line.c_str());
    }
    qInfo("%s: %d of %d in scope pass", what, tally.passed, tally.counted);
}

}  // namespace

/// ONNX's own backend tests, through the importer and the executor that users use.
class TstOnnxBackend : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsTheNodeTests() {
        BITLOUPE_REAL_FILE(folder, "onnx-backend/node");
        const Tally tally = runAll(folder);
        report("node", tally);
        QVERIFY2(tally.counted > 1000, "the folder of node tests is not whole");
        QVERIFY(tally.passed >= 0.95 * tally.counted);
        QVERIFY2(tally.unfair.empty(), tally.unfairLine());
    }

    void runsTheOtherSets_data() {
        QTest::addColumn<QString>("set");
        for (const char* set : {"simple", "pytorch-converted", "pytorch-operator", "light"}) {
            QTest::newRow(set) << QString(set);
        }
    }
    void runsTheOtherSets() {
        QFETCH(QString, set);
        BITLOUPE_REAL_FILE(folder, "onnx-backend/" + set.toStdString());
        const Tally tally = runAll(folder);
        report(qPrintable(set), tally);
        QVERIFY(tally.counted > 0);
        QCOMPARE(tally.passed, tally.counted);
        QVERIFY2(tally.unfair.empty(), tally.unfairLine());
    }
};

QTEST_GUILESS_MAIN(TstOnnxBackend)
#include "tst_onnx_backend.moc"
