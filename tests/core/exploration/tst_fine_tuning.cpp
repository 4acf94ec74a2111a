// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <cstring>

#include "core/execution/executor.h"
#include "core/exploration/fine_tuning.h"
#include "tests/core/exploration/lenet_on_mnist.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"

using namespace bitloupe;
using exploration::Assignment;
using testing::reason;
using testing::someArray;

namespace {

/// Two dense layers, the second stored the other way round (a Transpose stands before it). Both
/// have a bias, which is not rounded: without one, rows of few codes give two classes the same
/// output, and the last digit of a sum decides.
std::shared_ptr<const network::Network> twoLayers() {
    testing::GraphBuilder builder;
    builder.input("x", {0, 12})
        .stored("a.weight", someArray({16, 12}, 1))
        .stored("a.bias", someArray({16}, 2))
        .stored("b.weight", someArray({4, 16}, 3))
        .stored("b.bias", someArray({4}, 4))
        .node("Gemm", {"x", "a.weight", "a.bias"}, {"h"}, {{"transB", std::int64_t{1}}})
        .node("Relu", {"h"}, {"r"})
        .node("Transpose", {"b.weight"}, {"turned"}, {{"perm", std::vector<std::int64_t>{1, 0}}})
        .node("MatMul", {"r", "turned"}, {"product"})
        .node("Add", {"product", "b.bias"}, {"y"})
        .output("y");
    auto made = execution::makeNetwork(builder.graph(), "test");
    return std::make_shared<const network::Network>(std::move(made).value());
}

/// Samples whose class is the largest of their first four values.
data::Samples someSamples(std::int64_t count, unsigned seed) {
    data::Samples samples;
    const std::vector<float> values = testing::someValues(count * 12, seed);
    samples.inputs["x"] = Array::of({count, 12}, values);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto first = values.begin() + i * 12;
        samples.labels.push_back(std::max_element(first, first + 4) - first);
    }
    return samples;
}

struct Tuned {
    std::vector<execution::EpochRecord> epochs;
    exploration::TunedDesign design;
    exploration::Measurement before;
    exploration::Measurement after;
    execution::TrainedTensors tensors;
};

template <typename T>
T need(Result<T> result) {
    if (result.hasError()) {
        throw std::runtime_error(result.error().sentence());
    }
    return std::move(result).value();
}

Tuned tune(const std::shared_ptr<const network::Network>& network, const Assignment& assignment) {
    const data::Samples search = someSamples(200, 2);
    const auto evaluator =
        need(exploration::makePopulationEvaluator(network, someSamples(64, 3), search, 1));
    const exploration::ResolvedLayers resolved = need(evaluator->resolve(assignment));
    execution::TrainingPlan plan;
    plan.network = network;
    plan.training = exploration::trainingSamples(someSamples(400, 1));
    plan.judging = exploration::trainingSamples(search);
    plan.layers = exploration::layerTraining(*network, assignment, resolved);
    plan.settings.epochs = 10;
    plan.settings.batchSize = 32;
    plan.settings.learningRate = 0.01;
    execution::Trainer trainer = need(execution::Trainer::prepare(plan));
    (void)need(trainer.run({}));
    Tuned tuned;
    tuned.epochs = trainer.epochs();
    tuned.tensors = trainer.result();
    tuned.design = need(exploration::tunedDesign(*network, assignment, resolved, tuned.tensors));
    tuned.before = evaluator->evaluate({&assignment, 1}, {}, {}).measurements.at(0);
    tuned.after = evaluator->measure(tuned.design, {}, {}).measurements.at(0);
    return tuned;
}

}  // namespace

class TstFineTuning : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTrainingSawIsWhatIsMeasured_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        for (const char* weights :
             {"int4", "int2@channel", "int4@group5", "uint4", "posit<6,1>", "fp4e2m1@channel",
              "fixed<6,3>", "mxfp4", "codebook<kmeans,3>", "ternary", "binary", "pow2<4>",
              "midrise<3>", "multipoint<int2,2>", "int4~50%", "int4@channel~2:4"}) {
            QTest::newRow(weights) << QString::fromLatin1(weights) << QStringLiteral("int4");
        }
        for (const char* activations : {"uint3", "posit<5,1>", "mxint8", "fp4e2m1", "fixed<5,3>"}) {
            QTest::newRow(activations)
                << QStringLiteral("int3") << QString::fromLatin1(activations);
        }
    }
    void whatTrainingSawIsWhatIsMeasured() {
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const Tuned tuned =
            tune(twoLayers(),
                 testing::uniformAssignment(2, weights.toStdString(), activations.toStdString()));
        QVERIFY2(tuned.after.metric == tuned.epochs.back().metric,
                 qPrintable(QStringLiteral("measured %1, trained %2")
                                .arg(tuned.after.metric)
                                .arg(tuned.epochs.back().metric)));
        QVERIFY2(
            tuned.after.metric > tuned.before.metric + 0.1,
            qPrintable(
                QStringLiteral("%1 after %2").arg(tuned.after.metric).arg(tuned.before.metric)));
        // Rounding what is rounded changes nothing: every weight is one of the format's values.
        const auto& values = tuned.design.layers.weights[0]->values;
        QVERIFY(values.shape() == Shape({16, 12}));
        const auto& codes = tuned.design.layers.weights[0]->codes;
        for (std::int64_t i = 0; i < codes.size(); ++i) {
            const auto& scalings = tuned.design.layers.weights[0]->scalings;
            const auto place = static_cast<std::size_t>(i);
            const auto scale = scalings.size() == 1    ? scalings[0]
                               : scalings.size() == 16 ? scalings[place / 12]
                                                       : scalings[place / 12 * 3 + place % 12 / 5];
            QCOMPARE(values.as<float>()[place],
                     scale.scale *
                         (static_cast<float>(codes.as<std::int32_t>()[place]) - scale.zeroPoint));
        }
    }

    void integersLearnTheirSteps() {
        const auto network = twoLayers();
        const Tuned tuned = tune(network, testing::uniformAssignment(2, "int4@channel", "int4"));
        QCOMPARE(tuned.tensors.scales.at(0).weights.size(), std::size_t{16});
        QCOMPARE(tuned.tensors.scales.at(0).input.size(), std::size_t{1});
        const auto before =
            quantization::quantizeWeights(network->graph->initializers.at("a.weight"), 0,
                                          quantization::Quantizer::parse("int4@channel").value());
        QVERIFY(tuned.tensors.scales[0].weights[0] != before.value().scalings[0].scale);
    }

    void pruningRisesToItsShare() {
        const Tuned tuned = tune(twoLayers(), testing::uniformAssignment(2, "float~75%", ""));
        const auto values = tuned.design.layers.weights[0]->values.as<float>();
        QCOMPARE(std::count(values.begin(), values.end(), 0.0F), 16 * 12 * 3 / 4);
        QVERIFY(tuned.after.metric == tuned.epochs.back().metric);
    }

    void floatLayersStayBitForBit() {
        const auto network = twoLayers();
        Assignment assignment = testing::uniformAssignment(2, "int3", "int4");
        assignment[1] = {};
        const Tuned tuned = tune(network, assignment);
        QVERIFY(!tuned.tensors.initializers.contains("b.weight"));
        const Array& kept = tuned.design.network->graph->initializers.at("b.weight");
        QVERIFY(
            std::ranges::equal(kept.bytes(), network->graph->initializers.at("b.weight").bytes()));
        QVERIFY(tuned.design.network->hash != network->hash);
        // With every layer float there is nothing to train.
        QVERIFY_EXCEPTION_THROWN((void)tune(network, Assignment(2)), std::runtime_error);
    }

    void tensorsOfAnotherNetworkAreRefused() {
        const auto network = twoLayers();
        execution::TrainedTensors foreign;
        foreign.initializers["a.weight"] = someArray({3, 3}, 1);
        exploration::ResolvedLayers resolved;
        const auto design = exploration::tunedDesign(*network, Assignment(2), resolved, foreign);
        QVERIFY(design.hasError());
        QCOMPARE(design.error().where, std::string("tensor a.weight"));
    }
};

QTEST_GUILESS_MAIN(TstFineTuning)
#include "tst_fine_tuning.moc"
