// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <fstream>

#include "core/study/examples.h"
#include "core/study/session.h"
#include "tests/core/data/files.h"
#include "tests/core/importers/onnx_models.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

Result<study::StudyDescription> example(const Files& files, const std::string& name) {
    const Result<std::string> path = study::writeExample(name, files.path(name));
    return path.hasError() ? path.error() : study::readStudy(path.value());
}

Result<exploration::Measurement> floatMeasurement(study::Session& session) {
    const exploration::Assignment floating(session.network->layers.size());
    const auto answer = session.evaluator->evaluate(std::span(&floating, 1), {}, {});
    if (answer.outcome != JobOutcome::Finished) {
        return answer.error;
    }
    return answer.measurements.front();
}

}  // namespace

class TstSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensTheDigits() {
        const Files files;
        TAKE_RESULT(description, example(files, "digits"));
        std::vector<std::string> steps;
        TAKE_RESULT(session, study::openSession(description, 1, [&steps](const std::string& step) {
                        steps.push_back(step);
                    }));
        QCOMPARE(session.network->layers.size(), 5U);
        QCOMPARE(session.network->parameters(), 61'706);
        QCOMPARE(session.space.layers()[0].weights.size(), 7U);
        QCOMPARE(session.space.layers()[4].activations.size(), 5U);
        QVERIFY2(session.warnings.empty(),
                 session.warnings.empty() ? "" : session.warnings[0].c_str());
        QVERIFY(steps.size() >= 3);
        QCOMPARE(session.plan().maxEvaluations, 1000);
        QVERIFY(session.plan().sensitivityFirst);
        // What the program that trained it counted, with a forward pass of its own.
        TAKE_RESULT(measured, floatMeasurement(session));
        QCOMPARE(measured.samples, 2000);
        QCOMPARE(measured.correct, 1940);
    }

    void opensTheJets() {
        const Files files;
        TAKE_RESULT(description, example(files, "jets"));
        TAKE_RESULT(session, study::openSession(description, 1));
        QCOMPARE(session.network->layers.size(), 4U);
        QCOMPARE(session.network->parameters(),
                 16 * 64 + 64 + 64 * 32 + 32 + 32 * 32 + 32 + 32 * 5 + 5);
        QCOMPARE(session.data->classNames, std::vector<std::string>({"g", "q", "t", "w", "z"}));
        TAKE_RESULT(measured, floatMeasurement(session));
        QCOMPARE(measured.samples, 4000);
        QCOMPARE(measured.correct, 3032);
    }

    void bestClassesAreMeasuredByTheirScores() {
        const Files files;
        TAKE_RESULT(description, example(files, "digits"));
        const std::string path = files.path("digits") + "/lenet5.onnx";
        onnx::ModelProto model;
        std::ifstream in(path, std::ios::binary);
        QVERIFY(model.ParseFromIstream(&in));
        in.close();
        onnx::GraphProto& graph = *model.mutable_graph();
        const std::string scores = graph.output(0).name();
        onnx::AttributeProto& axis =
            *addNode(graph, "ArgMax", {scores}, {"best"}, "choose").add_attribute();
        axis.set_name("axis");
        axis.set_type(onnx::AttributeProto::INT);
        axis.set_i(1);
        onnx::AttributeProto& type = *addNode(graph, "Cast", {"best"}, {"number"}).add_attribute();
        type.set_name("to");
        type.set_type(onnx::AttributeProto::INT);
        type.set_i(onnx::TensorProto::INT32);
        graph.clear_output();
        addOutput(graph, "number");
        std::ofstream out(path, std::ios::binary);
        QVERIFY(model.SerializeToOstream(&out));
        out.close();
        TAKE_RESULT(session, study::openSession(description, 1));
        QCOMPARE(session.network->graph->outputs.front().name, scores);
        QCOMPARE(session.warnings.size(), 1U);
        VERIFY_CONTAINS(session.warnings[0], "`choose`");
        // As without the ArgMax.
        TAKE_RESULT(measured, floatMeasurement(session));
        QCOMPARE(measured.samples, 2000);
        QCOMPARE(measured.correct, 1940);
        QCOMPARE(measured.kl, 0.0);
    }

    void dataOfAnotherNetworkIsRefused() {
        const Files files;
        TAKE_RESULT(digits, example(files, "digits"));
        QVERIFY(example(files, "jets").hasValue());
        study::StudyDescription mixed = digits;
        mixed.network.model = files.path("jets") + "/jet_tagger.onnx";
        VERIFY_FAILS(study::openSession(mixed, 1),
                     "the network takes samples of 16, the data has 1x28x28");
        mixed = digits;
        mixed.data.splits.erase(data::Role::Calibration);
        VERIFY_FAILS(study::openSession(mixed, 1), "the data has no calibration split");
        mixed = digits;
        mixed.layers["c11"] = {};
        VERIFY_FAILS(study::openSession(mixed, 1), "the network has no layer `c11`");
        mixed = digits;
        mixed.network.model = "none.onnx";
        VERIFY_FAILS(study::openSession(mixed, 1), "none.onnx");
    }

    void tuningOnTheTestSetIsWarnedAbout() {
        const Files files;
        TAKE_RESULT(description, example(files, "jets"));
        description.data.splits[data::Role::Test] = description.data.splits[data::Role::Search];
        TAKE_RESULT(session, study::openSession(description, 1));
        QCOMPARE(session.warnings.size(), 1U);
        VERIFY_CONTAINS(session.warnings[0], "tuned on its test set");
    }

    // A truncated network or table: one sentence, for every length tried.
    void truncatedExamplesAreRefused() {
        const Files files;
        TAKE_RESULT(description, example(files, "jets"));
        for (const char* name : {"jet_tagger.onnx", "jets.csv.gz"}) {
            const std::string path = files.path("jets") + "/" + name;
            QFile file(QString::fromStdString(path));
            QVERIFY(file.open(QIODevice::ReadWrite));
            const QByteArray whole = file.readAll();
            for (int part = 0; part < 4; ++part) {
                QVERIFY(file.resize(whole.size() * part / 4));
                const auto session = study::openSession(description, 1);
                QVERIFY2(session.hasError(), name);
                VERIFY_CONTAINS(session.error().sentence(), name);
            }
            QVERIFY(file.seek(0) && file.write(whole) == whole.size());
        }
        QVERIFY(study::openSession(description, 1).hasValue());
    }

    void realMnistOpensFromItsTemplate() {
        BITLOUPE_REAL_FILE(mnist, "data/mnist");
        const Files files;
        TAKE_RESULT(
            path, study::writeExample("mnist-lenet5", files.path("mnist"),
                                      {.model = testDataFolder() + "/models/lenet5/best_model.pth",
                                       .data = mnist}));
        TAKE_RESULT(description, study::readStudy(path));
        description.data.splits[data::Role::Search] = description.data.splits[data::Role::Test];
        TAKE_RESULT(session, study::openSession(description, 1));
        TAKE_RESULT(measured, floatMeasurement(session));
        QCOMPARE(measured.correct, 9883);  // of 10,000, as its authors have it
        VERIFY_CONTAINS(session.warnings.at(0), "tuned on its test set");
    }
};

QTEST_GUILESS_MAIN(TstSession)
#include "tst_session.moc"
