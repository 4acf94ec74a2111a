// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QTemporaryDir>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/importers/safetensors.h"
#include "tests/app/run_command.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;
using nlohmann::json;

namespace {

/// Rows of three numbers whose class is the sign of their sum.
std::string table(int rows) {
    std::string text = "a,b,c,label\n";
    unsigned state = 1;
    const auto next = [&state] {
        state = state * 1664525U + 1013904223U;
        return static_cast<int>(state >> 16U) % 200 - 100;
    };
    for (int i = 0; i < rows; ++i) {
        const int a = next();
        const int b = next();
        const int c = next();
        text += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(c) + "," +
                (a + b + c > 0 ? "1" : "0") + "\n";
    }
    return text;
}

constexpr const char* kStudy = R"(name: signs
network: {model: "architecture:mlp,layers=3x8x2", weights: signs.safetensors}
data:
  kind: csv
  name: signs
  sources: {all: {table: signs.csv}}
  splits:
    calibration: {source: all, first: 0, count: 100}
    training: {source: all, first: 0, count: 600}
    search: {source: all, first: 600, count: 200}
    test: {source: all, first: 800}
  target: label
  task: classification
  scaling: standardize
weights: [int2]
activations: [int4]
accelerators: [8x8 os]
objectives: [accuracy, bops]
sensitivity: false
evaluations: 1
training: {epochs: 6, batch: 16, learning_rate: 0.02}
fine_tuning: {epochs: 3, batch: 16, learning_rate: 0.02}
)";

}  // namespace

class TstTrainingCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string path(const char* name) const {
        return (m_folder.path() + QLatin1Char('/')).toStdString() + name;
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(writeFileAtomically(path("signs.csv"), table(1000)).hasValue());
        QVERIFY(writeFileAtomically(path("signs.yaml"), kStudy).hasValue());
    }

    void anArchitectureIsTrainedFromNothing() {
        const Outcome outcome =
            run({"train", path("signs.yaml"), "--threads", "1", "--quiet", "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json document = json::parse(outcome.out);
        QCOMPARE(document["epochs"].size(), std::size_t{6});
        QVERIFY(document["epochs"][5]["loss"] < document["epochs"][0]["loss"]);
        QVERIFY(document["epochs"][5]["metric"] > 0.95);
        QCOMPARE(document["output"].get<std::string>(), path("signs.safetensors"));
        QVERIFY(importers::readSafetensors(path("signs.safetensors")).hasValue());
        QVERIFY(!QFile::exists(QString::fromStdString(path("signs.safetensors.checkpoint"))));
    }

    void aDesignIsFineTunedAndExportedWithItsWeights() {
        const Outcome explored =
            run({"explore", path("signs.yaml"), "--threads", "1", "--quiet", "--json"});
        QVERIFY2(explored.status == 0, explored.err.c_str());
        const std::string results = path("signs.bitloupe");
        const Outcome outcome =
            run({"finetune", results, "1", "--threads", "1", "--quiet", "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json document = json::parse(outcome.out);
        QCOMPARE(document["epochs"].size(), std::size_t{3});
        QCOMPARE(document["id"].get<int>(), 2);
        QCOMPARE(document["parent"].get<int>(), 1);
        // What training measured last is what is kept.
        QVERIFY(document["search"]["value"] == document["epochs"][2]["metric"]);
        QCOMPARE(document["test"]["samples"].get<int>(), 200);
        const json shown = json::parse(run({"show", results, "2", "--json"}).out);
        QCOMPARE(shown["origin"].get<std::string>(), std::string("finetune of 1"));
        const json before = json::parse(run({"show", results, "1", "--json"}).out);
        QVERIFY(shown["objectives"]["accuracy"] > before["objectives"]["accuracy"]);
        QVERIFY(shown["objectives"]["bops"] == before["objectives"]["bops"]);

        for (const char* id : {"1", "2"}) {
            const Outcome exported = run({"export", results, id, "--to", "safetensors", "--output",
                                          path("design-") + id + ".safetensors"});
            QVERIFY2(exported.status == 0, exported.err.c_str());
        }
        const auto plain = importers::readSafetensors(path("design-1.safetensors"));
        const auto tuned = importers::readSafetensors(path("design-2.safetensors"));
        QVERIFY(plain.hasValue() && tuned.hasValue());
        int changed = 0;
        for (std::size_t i = 0; i < plain.value().size(); ++i) {
            QCOMPARE(tuned.value()[i].first, plain.value()[i].first);
            changed +=
                std::ranges::equal(plain.value()[i].second.bytes(), tuned.value()[i].second.bytes())
                    ? 0
                    : 1;
        }
        QVERIFY(changed >= 4);  // weights, scales and biases of both layers
    }

    void anExplorationGoesOnBesideTunedDesigns() {
        const Outcome again =
            run({"explore", path("signs.yaml"), "--threads", "1", "--quiet", "--json"});
        QVERIFY2(again.status == 0, again.err.c_str());
        const Outcome further = run({"finetune", path("signs.bitloupe"), "2", "--epochs", "1",
                                     "--threads", "1", "--quiet", "--json"});
        QVERIFY2(further.status == 0, further.err.c_str());
        QCOMPARE(json::parse(further.out)["parent"].get<int>(), 2);
    }

    void mistakesAreNamed() {
        const Outcome none = run({"finetune", path("signs.bitloupe"), "99"});
        QCOMPARE(none.status, 2);
        QVERIFY(none.err.find("there is no design 99") != std::string::npos);
        const std::string text = std::string(kStudy) + "\n";
        std::string wrong = text;
        wrong.replace(wrong.find("epochs: 6"), 9, "epoch: 6 ");
        QVERIFY(writeFileAtomically(path("wrong.yaml"), wrong).hasValue());
        const Outcome key = run({"train", path("wrong.yaml")});
        QCOMPARE(key.status, 2);
        QVERIFY2(key.err.find("did you mean `epochs`?") != std::string::npos, key.err.c_str());
    }
};

QTEST_GUILESS_MAIN(TstTrainingCommands)
#include "tst_training_commands.moc"
