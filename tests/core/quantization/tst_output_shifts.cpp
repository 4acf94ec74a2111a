// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>

#include "core/execution/executor.h"
#include "core/execution/population_runner.h"
#include "core/quantization/output_shifts.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;

namespace {

using Integers = std::vector<std::int64_t>;

/// A layer of every kind that a correction can go to, and a second one behind it.
network::Network networkOf(const QString& kind) {
    testing::GraphBuilder builder;
    if (kind.startsWith(QLatin1String("conv"))) {
        builder.input("x", {0, 2, 5, 5})
            .stored("w", testing::someArray({4, 2, 3, 3}, 1))
            .stored("b", testing::someArray({4}, 2));
        const bool biased = kind == QLatin1String("conv with bias");
        builder.node(
            "Conv",
            biased ? std::vector<std::string>{"x", "w", "b"} : std::vector<std::string>{"x", "w"},
            {"y"});
    } else if (kind == QLatin1String("gemm")) {
        builder.input("x", {0, 6})
            .stored("w", testing::someArray({6, 4}, 1))
            .stored("b", testing::someArray({4}, 2))
            .node("Gemm", {"x", "w", "b"}, {"y"});
    } else if (kind == QLatin1String("product")) {
        builder.input("x", {0, 3, 6})
            .stored("w", testing::someArray({6, 4}, 1))
            .node("MatMul", {"x", "w"}, {"y"});
    } else {
        builder.input("x", {0, 6, 3})
            .stored("w", testing::someArray({4, 6}, 1))
            .node("MatMul", {"w", "x"}, {"y"});
    }
    builder.node("Relu", {"y"}, {"z"}).output("z");
    return execution::makeNetwork(builder.graph(), "test").value();
}

}  // namespace

/// Bias correction as it is simulated, and as it is written into the network for the next tool.
class TstOutputShifts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void storedBiasesComputeWhatWasSimulated_data() {
        QTest::addColumn<QString>("kind");
        for (const char* kind :
             {"conv with bias", "conv without bias", "gemm", "product", "product from the left"}) {
            QTest::newRow(kind) << QString::fromUtf8(kind);
        }
    }
    void storedBiasesComputeWhatWasSimulated() {
        QFETCH(const QString, kind);
        const auto net = std::make_shared<const network::Network>(networkOf(kind));
        quantization::QuantizedWeights weights;
        weights.values = net->graph->initializers.at("w");
        weights.outputShift = {0.5F, -2, 3, 0.25F};
        const std::vector<std::optional<quantization::QuantizedWeights>> layers = {weights};
        QVERIFY(quantization::hasOutputShifts(layers));
        const network::Network stored = quantization::withOutputShifts(*net, layers);

        Shape shape = net->layers[0].inputShape;
        shape.front() = 3;
        const std::map<std::string, Array> inputs = {{"x", testing::someArray(shape, 9)}};
        const Array written =
            execution::Executor::prepare(stored.graph).value().run(inputs).value().front();
        auto runner = execution::PopulationRunner::prepare(net).value();
        const int variant = runner.addWeights(0, weights.values, weights.outputShift).value();
        const execution::VariantList design = {{execution::LayerVariant::kFloat, variant}};
        std::vector<float> simulated;
        execution::PopulationJob job;
        job.inputs = &inputs;
        job.population = {&design, 1};
        job.output = [&](const execution::BatchOutput& output) {
            simulated.insert(simulated.end(), output.values.begin(), output.values.end());
        };
        QVERIFY(runner.run(job).hasValue());
        const Array plain =
            execution::Executor::prepare(net->graph).value().run(inputs).value().front();
        QCOMPARE(simulated.size(), written.as<float>().size());
        double moved = 0;
        for (std::size_t i = 0; i < simulated.size(); ++i) {
            QVERIFY(std::fabs(simulated[i] - written.as<float>()[i]) < 1e-5F);
            moved += std::fabs(static_cast<double>(simulated[i]) -
                               static_cast<double>(plain.as<float>()[i]));
        }
        QVERIFY(moved > 1);
        QCOMPARE(stored.graph->nodes[stored.layers[0].node].operatorType,
                 net->graph->nodes[net->layers[0].node].operatorType);
    }
};

QTEST_APPLESS_MAIN(TstOutputShifts)
#include "tst_output_shifts.moc"
