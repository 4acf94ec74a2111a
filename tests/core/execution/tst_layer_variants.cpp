// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <mutex>
#include <set>

#include "core/execution/executor.h"
#include "core/execution/population_runner.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"

using namespace bitloupe;
using Inputs = std::map<std::string, Array>;

/// Layers that are not convolutions or dense layers, in a population: every variant gives bit for
/// bit what a network with those weights and roundings gives alone.
class TstLayerVariants : public QObject {
    Q_OBJECT

    using Graph = network::Graph;

    static std::vector<float> alone(const Graph& graph, const Inputs& inputs) {
        const auto executor = execution::Executor::prepare(std::make_shared<const Graph>(graph));
        const auto outputs = executor.value().run(inputs);
        const auto values = outputs.value()[0].as<float>();
        return {values.begin(), values.end()};
    }

    static std::shared_ptr<const network::Network> networkOf(const Graph& graph,
                                                             const Inputs& inputs) {
        std::map<std::string, Shape> shapes;
        for (const auto& [name, array] : inputs) {
            shapes[name] = array.shape();
        }
        auto made = execution::makeNetwork(std::make_shared<const Graph>(graph), "", shapes);
        return std::make_shared<const network::Network>(std::move(made).value());
    }

    static std::vector<std::vector<float>> populate(
        const execution::PopulationRunner& runner, const Inputs& inputs,
        const std::vector<execution::VariantList>& population, int threads) {
        std::vector<std::vector<float>> outputs(population.size());
        std::mutex mutex;
        execution::PopulationJob job;
        job.inputs = &inputs;
        job.population = population;
        job.threads = threads;
        job.output = [&](const execution::BatchOutput& batch) {
            const std::scoped_lock lock(mutex);
            auto& whole = outputs[batch.design];
            whole.insert(whole.end(), batch.values.begin(), batch.values.end());
        };
        const auto run = runner.run(job);
        return run.hasValue() ? outputs : std::vector<std::vector<float>>();
    }

    static void roundToEighths(std::span<const float> in, std::span<float> out) {
        std::transform(in.begin(), in.end(), out.begin(),
                       [](float value) { return std::nearbyint(value * 8) / 8; });
    }

    static Array rounded(const Array& array) {
        std::vector<float> values(static_cast<std::size_t>(array.size()));
        roundToEighths(array.as<float>(), values);
        return Array::of<float>(array.shape(), values);
    }

    /// Places, a table, a GRU in both directions, attention of its outputs to themselves, a head
    /// that is the table again.
    static Graph everything() {
        return *testing::GraphBuilder()
                    .input("tokens", {0, 6}, ElementType::Int64)
                    .stored("table", testing::someArray({9, 4}, 1))
                    .stored("W", testing::someArray({2, 12, 4}, 2))
                    .stored("R", testing::someArray({2, 12, 4}, 3))
                    .stored("B", testing::someArray({2, 24}, 4))
                    .stored("places", testing::someArray({6, 4}, 5))
                    .stored("order", Array::of<std::int64_t>(
                                         {6}, std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}))
                    .stored("flat",
                            Array::of<std::int64_t>({3}, std::vector<std::int64_t>{0, 6, -1}))
                    .stored("turn", testing::someArray({8, 4}, 6))
                    .node("Gather", {"table", "tokens"}, {"words"})
                    .node("Gather", {"places", "order"}, {"where"})
                    .node("Add", {"words", "where"}, {"x"})
                    .node("GRU", {"x", "W", "R", "B"}, {"states"},
                          {{"hidden_size", std::int64_t{4}},
                           {"direction", std::string("bidirectional")},
                           {"layout", std::int64_t{1}}})
                    .node("Reshape", {"states", "flat"}, {"h"})
                    .node("Transpose", {"h"}, {"keys"},
                          {{"perm", std::vector<std::int64_t>{0, 2, 1}}})
                    .node("MatMul", {"h", "keys"}, {"logits"})
                    .node("Softmax", {"logits"}, {"shares"}, {{"axis", std::int64_t{-1}}})
                    .node("MatMul", {"shares", "h"}, {"mixed"})
                    .node("MatMul", {"mixed", "turn"}, {"small"})
                    .node("Transpose", {"table"}, {"turned"})
                    .node("MatMul", {"small", "turned"}, {"y"})
                    .output("y")
                    .graph();
    }

    static Inputs tokens() {
        std::vector<std::int64_t> values(5 * 6);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<std::int64_t>(i * i % 9);
        }
        return {{"tokens", Array::of<std::int64_t>({5, 6}, values)}};
    }

private Q_SLOTS:
    void everyStoredWeightCanBeReplaced() {
        const Graph graph = everything();
        const Inputs inputs = tokens();
        const auto network = networkOf(graph, inputs);
        const std::size_t layers = network->layers.size();
        QCOMPARE(layers, 8U);  // table, places, W, R, two products, turn, table again
        auto runner = execution::PopulationRunner::prepare(network);
        QVERIFY2(runner.hasValue(), testing::reason(runner).constData());

        std::vector<execution::VariantList> population(1, execution::VariantList(layers));
        std::vector<Graph> graphs = {graph};
        for (std::size_t layer = 0; layer < layers; ++layer) {
            const std::string& weight = network->layers[layer].weight;
            if (weight.empty()) {
                continue;
            }
            const Array other = rounded(graph.initializers.at(weight));
            const auto index = runner.value().addWeights(layer, other);
            QVERIFY2(index.hasValue(), testing::reason(index).constData());
            population.emplace_back(layers)[layer].weights = index.value();
            Graph changed = graph;
            if (weight == "table") {  // this layer alone gets the other table
                changed.initializers["other"] = other;
                for (network::Node& node : changed.nodes) {
                    const bool first = node.operatorType == "Gather" && layer == 0;
                    const bool last = node.operatorType == "Transpose" && layer != 0;
                    if (node.inputs[0] == "table" && (first || last)) {
                        node.inputs[0] = "other";
                    }
                }
            } else {
                changed.initializers[weight] = other;
            }
            graphs.push_back(changed);
        }
        for (const int threads : {1, 3}) {
            const auto outputs = populate(runner.value(), inputs, population, threads);
            QCOMPARE(outputs.size(), graphs.size());
            for (std::size_t i = 0; i < graphs.size(); ++i) {
                QCOMPARE(outputs[i], alone(graphs[i], inputs));
                QVERIFY(i == 0 || outputs[i] != outputs[0]);
            }
        }
    }

    void bothOperandsOfAProductAreRounded() {
        const Graph graph = *testing::GraphBuilder()
                                 .input("a", {0, 3, 4})
                                 .input("b", {0, 4, 3})
                                 .node("MatMul", {"a", "b"}, {"y"})
                                 .output("y")
                                 .graph();
        const Inputs inputs = {{"a", testing::someArray({4, 3, 4}, 1)},
                               {"b", testing::someArray({4, 4, 3}, 2)}};
        const auto network = networkOf(graph, inputs);
        auto runner = execution::PopulationRunner::prepare(network);
        std::vector<execution::VariantList> population(3, execution::VariantList(1));
        population[1][0].input = runner.value().addRounding(0, {{roundToEighths}});
        population[2][0].input =
            runner.value().addRounding(0, {{roundToEighths}, {roundToEighths}});
        const auto outputs = populate(runner.value(), inputs, population, 1);
        Inputs other = inputs;
        QCOMPARE(outputs[0], alone(graph, other));
        other["a"] = rounded(inputs.at("a"));
        QCOMPARE(outputs[1], alone(graph, other));
        other["b"] = rounded(inputs.at("b"));
        QCOMPARE(outputs[2], alone(graph, other));
    }

    void calibrationSeesBothOperands() {
        const Inputs inputs = tokens();
        const auto network = networkOf(everything(), inputs);
        const auto runner = execution::PopulationRunner::prepare(network);
        std::set<std::pair<std::string, int>> seen;
        const auto visited = runner.value().visitLayerInputs(
            inputs, [&](std::size_t layer, execution::Operand operand, std::span<const float>,
                        const std::vector<bool>& counts) {
                QVERIFY(counts.empty());  // no mask: all of it
                seen.emplace(network->layers[layer].name,
                             operand == execution::Operand::First ? 1 : 2);
            });
        QVERIFY(visited.hasValue());
        for (const network::Layer& layer : network->layers) {
            QCOMPARE(seen.contains({layer.name, 1}), !layer.input.empty());
            QCOMPARE(seen.contains({layer.name, 2}), !layer.secondInput.empty());
        }
    }
};

QTEST_GUILESS_MAIN(TstLayerVariants)
#include "tst_layer_variants.moc"
