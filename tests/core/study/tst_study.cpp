// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/study/study_description.h"
#include "tests/core/data/files.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

const QString kStudy = R"(name: digits
note: "rendered, not real"
network: {model: lenet5.onnx}
data:
  kind: csv
  name: t
  sources: {all: {table: t.csv}}
  splits: {calibration: {count: 2}, search: {first: 2, count: 2}}
  target: y
weights: [int2, int8@channel]
activations: [int8, int4/minmax]
layers:
  conv1: {activations: [float]}
  "fc, last": {weights: [int8, fp32]}
accelerator: {rows: [8, 16], columns: [16], dataflow: [os, ws]}
objectives: [accuracy, bops]
strategy: {name: random, seed: 7}
evaluations: 50
)";

Result<study::StudyDescription> parse(const QString& text) {
    return study::parseStudy(text.toStdString(), "/studies/s.yaml");
}

QString with(const QString& before, const QString& after) {
    QString text = kStudy;
    if (!text.contains(before)) {
        qFatal("the study has no such part");
    }
    return text.replace(before, after);
}

}  // namespace

class TstStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsHowMuchIsMeasured() {
        TAKE_RESULT(plain, parse(kStudy));
        QVERIFY(!plain.earlyStopping.has_value() && plain.memory.empty());
        QVERIFY(!plain.leaveOneInFloat && plain.channelLayers.empty());
        TAKE_RESULT(study, parse(kStudy + "early_stopping: 99.5%\nmemory: 1.5 GiB\n"
                                          "leave_one_in_float: true\n"
                                          "channel_sensitivity: {layers: [conv1], group: 4}\n"));
        TAKE_RESULT(again, study::parseStudy(study::writeStudy(study), "/studies/s.yaml"));
        for (const study::StudyDescription& each : {study, again}) {
            QCOMPARE(*each.earlyStopping, 0.995);
            QCOMPARE(each.memory, std::string("1.5 GiB"));
            QVERIFY(each.leaveOneInFloat);
            QCOMPARE(each.channelLayers, std::vector<std::string>{"conv1"});
            QCOMPARE(each.channelGroup, 4);
        }
        TAKE_RESULT(brief, parse(kStudy + "early_stopping: off\nchannel_sensitivity: [a, b]\n"));
        QVERIFY(!brief.earlyStopping.has_value());
        QCOMPARE(brief.channelLayers.size(), 2U);
        QCOMPARE(brief.channelGroup, 1);
        VERIFY_FAILS(parse(kStudy + "early_stopping: 30%\n"), "from 50% to less than 100%");
        VERIFY_FAILS(parse(kStudy + "early_stopping: 100%\n"), "early_stopping");
        VERIFY_FAILS(parse(kStudy + "memory: lots\n"), "512MiB, 2GiB or 25%");
    }

    void limitsTiesAndTheTargetAreReadAndWritten() {
        const QString rules =
            "constraints:\n"
            "  - {cost: bops, at_most: 2.5e6}\n"
            "  - {metric: accuracy, at_least: 0.9}\n"
            "  - {cost: cycles, at_least: 10, at_most: 1000}\n"
            "ties:\n  - [q, k, v]\n  - {layers: [conv1, conv2], side: activations}\n"
            "strategy: {name: bisection, seed: 7, target: 0.95}\n";
        const QString text = with("strategy: {name: random, seed: 7}\n", rules);
        TAKE_RESULT(study, parse(text));
        using exploration::QuantityId;
        const std::vector<exploration::Constraint> limits = {
            {.quantity = QuantityId::Bops, .atMost = 2.5e6},
            {.quantity = QuantityId::Accuracy, .atLeast = 0.9},
            {.quantity = QuantityId::Cycles, .atLeast = 10, .atMost = 1000}};
        QVERIFY(study.strategy.rules.constraints == limits);
        const std::vector<exploration::TieGroup> ties = {
            {.layers = {"q", "k", "v"}},
            {.layers = {"conv1", "conv2"}, .weights = false, .activations = true}};
        QVERIFY(study.strategy.rules.ties == ties);
        QCOMPARE(study.strategy.target, std::optional(0.95));
        TAKE_RESULT(again, parse(QString::fromStdString(study::writeStudy(study))));
        QVERIFY(again.strategy.rules == study.strategy.rules);
        QCOMPARE(again.strategy.target, study.strategy.target);
    }

    void thePriceOfConversionsIsReadAndWritten() {
        TAKE_RESULT(free, parse(kStudy));
        QVERIFY(free.conversionPrice == exploration::ConversionPrice{});
        QVERIFY(study::writeStudy(free).find("conversions") == std::string::npos);
        TAKE_RESULT(study, parse(kStudy + "conversions: {bops: 44, cycles: 0.5}\n"));
        QCOMPARE(study.conversionPrice.bops, 44.0);
        QCOMPARE(study.conversionPrice.cycles, 0.5);
        TAKE_RESULT(again, parse(QString::fromStdString(study::writeStudy(study))));
        QVERIFY(again.conversionPrice == study.conversionPrice);
        VERIFY_FAILS(parse(kStudy + "conversions: {bops: -1}\n"), "less than nothing");
        VERIFY_FAILS(parse(kStudy + "conversions: {bytes: 1}\n"), "bytes");
        TAKE_RESULT(objective, parse(with("objectives: [accuracy, bops]",
                                          "objectives: [accuracy, bops, conversions]")));
        QVERIFY(objective.objectives.back() == exploration::QuantityId::Conversions);
    }

    void wrongRulesAreNamed_data() {
        QTest::addColumn<QString>("rules");
        QTest::addColumn<QString>("says");
        QTest::newRow("no end") << "constraints: [{cost: bops}]"
                                << "no end";
        QTest::newRow("no quantity") << "constraints: [{at_most: 3}]"
                                     << "one `cost` or on one";
        QTest::newRow("misspelt") << "constraints: [{cost: bopps, at_most: 3}]"
                                  << "bopps";
        QTest::newRow("one layer") << "ties: [[q]]"
                                   << "two layers";
        QTest::newRow("no side") << "ties: [{layers: [q, k], side: bias}]"
                                 << "no side";
        QTest::newRow("target") << "strategy: {name: random, target: 0.9}"
                                << "bisection";
    }
    void wrongRulesAreNamed() {
        QFETCH(const QString, rules);
        QFETCH(const QString, says);
        const auto study = parse(with("strategy: {name: random, seed: 7}", rules));
        QVERIFY(study.hasError());
        QVERIFY2(study.error().sentence().find(says.toStdString()) != std::string::npos,
                 study.error().sentence().c_str());
    }

    void readsEveryKey() {
        TAKE_RESULT(study, parse(kStudy));
        QCOMPARE(study.name, std::string("digits"));
        QCOMPARE(study.weights.size(), 2U);
        QCOMPARE(study.weights[1].name(), std::string("int8@channel"));
        QCOMPARE(study.activations[1].name(), std::string("int4/minmax"));
        QCOMPARE(study.layers.at("conv1").activations, std::vector<std::string>({"float"}));
        QVERIFY(study.layers.at("conv1").weights.empty());
        QCOMPARE(study.layers.at("fc, last").weights, std::vector<std::string>({"int8", "fp32"}));
        QCOMPARE(study.accelerators.size(), 4U);
        QVERIFY(study.objectives ==
                std::vector<exploration::QuantityId>(
                    {exploration::QuantityId::Accuracy, exploration::QuantityId::Bops}));
        QCOMPARE(study.strategy.seed, 7U);
        QCOMPARE(study.evaluations, 50);
        QVERIFY(study.sensitivity);
        QCOMPARE(study.folder, std::string("/studies"));
        QCOMPARE(study::networkOf(study).model, std::string("/studies/lenet5.onnx"));
    }

    void writtenStudiesReadTheSame() {
        TAKE_RESULT(study, parse(kStudy));
        const std::string text = study::writeStudy(study);
        TAKE_RESULT(again, study::parseStudy(text, "/studies/s.yaml"));
        QCOMPARE(study::writeStudy(again), text);
        QVERIFY(again.accelerators == study.accelerators);
        QVERIFY(again.layers.at("fc, last").weights == study.layers.at("fc, last").weights);
        QCOMPARE(again.data.splits.at(data::Role::Search).first, 2);
    }

    void methodsForTheWholeNetwork() {
        const QString text = with("weights: [int2, int8@channel]",
                                  "prepare: [equalize, smoothquant0.8]\n"
                                  "weights: [int2, int4@channel+gptq+biascorr~2:4]\n"
                                  "global_pruning: 62.5%");
        TAKE_RESULT(study, parse(text));
        QCOMPARE(study.preparations.size(), 2U);
        QCOMPARE(study.preparations[1].alpha, 0.8);
        QCOMPARE(study.globalPruning, 62.5);
        TAKE_RESULT(again, study::parseStudy(study::writeStudy(study), "/studies/s.yaml"));
        QVERIFY(again.preparations == study.preparations);
        QCOMPARE(again.globalPruning, 62.5);
        QCOMPARE(again.weights[1].name(), std::string("int4@channel+gptq+biascorr~2:4"));
    }

    void budgetsFilterArrays() {
        TAKE_RESULT(filtered, parse(with("{rows: [8, 16], columns: [16], dataflow: [os, ws]}",
                                         "{rows: [8, 16, 32], columns: [8, 16], "
                                         "processing_elements: 128}")));
        // 8x8, 8x16 and 16x8 have at most 128.
        QCOMPARE(filtered.accelerators.size(), 3U);
        for (const hardware::Accelerator& array : filtered.accelerators) {
            QVERIFY(array.processingElements() <= 128);
        }
        TAKE_RESULT(named, study::parseStudy(study::writeStudy(filtered), "/studies/s.yaml"));
        QVERIFY(named.accelerators == filtered.accelerators);
        TAKE_RESULT(exact, parse(with("{rows: [8, 16], columns: [16], dataflow: [os, ws]}",
                                      "{processing_elements: 6, dataflow: [is]}")));
        QCOMPARE(exact.accelerators.size(), 4U);  // 1x6 2x3 3x2 6x1
        VERIFY_FAILS(parse(with("{rows: [8, 16], columns: [16], dataflow: [os, ws]}",
                                "{rows: [8], columns: [8], processing_elements: 63}")),
                     "no array is left");
    }

    void wrongStudiesNameTheLine_data() {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("expected");
        QTest::newRow("unknown key") << "weights: [int2"
                                     << "wieghts: [int2"
                                     << "unknown key `wieghts`: /studies/s.yaml, line 10, wieghts: "
                                        "did you mean `weights`?";
        QTest::newRow("doubled key") << "evaluations: 50"
                                     << "name: x"
                                     << "`name` is given twice";
        QTest::newRow("octal") << "seed: 7"
                               << "seed: 012"
                               << "line 17, strategy.seed";
        QTest::newRow("type") << "evaluations: 50"
                              << "evaluations: many"
                              << "not a whole number";
        QTest::newRow("negative") << "evaluations: 50"
                                  << "evaluations: -1"
                                  << "out of range";
        QTest::newRow("format") << "int2,"
                                << "int99,"
                                << "int99";
        QTest::newRow("twice") << "int2,"
                               << "int2, int2,"
                               << "`int2` is given twice";
        QTest::newRow("float mixed") << "[float]"
                                     << "[float, int8]"
                                     << "cannot stand beside";
        QTest::newRow("rows") << "rows: [8, 16]"
                              << "rows: [0]"
                              << "0 is out of range";
        QTest::newRow("no arrays") << "rows: [8, 16]"
                                   << "rows: []"
                                   << "no array is left";
        QTest::newRow("dataflow") << "[os, ws]"
                                  << "[oss]"
                                  << "oss";
        QTest::newRow("objective") << "[accuracy, bops]"
                                   << "[acuracy]"
                                   << "did you mean `accuracy`?";
        QTest::newRow("no objectives") << "[accuracy, bops]"
                                       << "[]"
                                       << "there are no objectives";
        QTest::newRow("strategy") << "name: random"
                                  << "name: magic"
                                  << "no strategy `magic`";
        QTest::newRow("split") << "search: {first: 2"
                               << "search: {frist: 2"
                               << "did you mean `first`?";
        QTest::newRow("preparation") << "weights: [int2"
                                     << "prepare: [equalise]\nweights: [int2"
                                     << "'equalise' is not a preparation";
        QTest::newRow("global pruning") << "weights: [int2"
                                        << "global_pruning: 2:4\nweights: [int2"
                                        << "is not a share of all weights";
        QTest::newRow("method of activations") << "[int8, int4/minmax]"
                                               << "[int8+gptq]"
                                               << "`int8+gptq` has a part that is for weights";
        QTest::newRow("data file") << "data:\n  kind: csv\n  name: t\n  sources: {all: {table: "
                                      "t.csv}}\n  splits: {calibration: {count: 2}, search: "
                                      "{first: 2, count: 2}}\n  target: y\n"
                                   << "data: none.csv\n"
                                   << "there is no such file or folder";
    }
    void wrongStudiesNameTheLine() {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QString, expected);
        const Result<study::StudyDescription> study = parse(with(before, after));
        VERIFY_FAILS(study, expected);
        VERIFY_CONTAINS(study.error().where, "/studies/s.yaml, line");
    }

    void dataMayBeAFileThatIsRecognized() {
        const Files files;
        files.write("t.csv", "x,label\n1,0\n2,1\n3,0\n4,1\n");
        QVERIFY(QDir(QString::fromStdString(files.folder())).mkpath("studies"));
        const QString data =
            "data:\n  kind: csv\n  name: t\n  sources: {all: {table: t.csv}}\n  "
            "splits: {calibration: {count: 2}, search: {first: 2, count: 2}}\n  "
            "target: y\n";
        const std::string path =
            files.write("studies/s.yaml", with(data, "data: ../t.csv\n").toStdString());
        TAKE_RESULT(study, study::readStudy(path));
        QCOMPARE(study.data.sources.at("all").files.at("table"), std::string("../t.csv"));
        QVERIFY(data::loadDataSet(study.data).hasValue());
        files.write("studies/s.yaml", study::writeStudy(study));
        TAKE_RESULT(again, study::readStudy(path));
        QVERIFY(data::loadDataSet(again.data).hasValue());
    }
};

QTEST_APPLESS_MAIN(TstStudy)
#include "tst_study.moc"
