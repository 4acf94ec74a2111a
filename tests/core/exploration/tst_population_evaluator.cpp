// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

#include "core/execution/executor.h"
#include "core/exploration/calibration.h"
#include "core/exploration/channels.h"
#include "core/exploration/layer_schemes.h"
#include "core/exploration/memory_budget.h"
#include "core/exploration/output_comparison.h"
#include "core/exploration/population_evaluator.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using exploration::Assignment;
using exploration::Measurement;
using testing::GraphBuilder;
using testing::someArray;

namespace {

/// A small residual network: 2 x 6 x 6 images, four layers, five classes.
std::shared_ptr<const network::Network> residualNetwork() {
    GraphBuilder builder;
    builder.input("image", {0, 2, 6, 6})
        .stored("w1", someArray({4, 2, 3, 3}, 1))
        .stored("b1", someArray({4}, 2))
        .stored("w2", someArray({4, 4, 3, 3}, 3))
        .stored("w3", someArray({4, 4, 1, 1}, 4))
        .stored("w4", someArray({144, 5}, 5))
        .stored("b4", someArray({5}, 6));
    const std::vector<std::int64_t> ones = {1, 1, 1, 1};
    builder.node("Conv", {"image", "w1", "b1"}, {"c1"}, {{"pads", ones}})
        .node("Relu", {"c1"}, {"r1"})
        .node("Conv", {"r1", "w2"}, {"c2"}, {{"pads", ones}})
        .node("Conv", {"r1", "w3"}, {"c3"})
        .node("Add", {"c2", "c3"}, {"sum"})
        .node("Relu", {"sum"}, {"r2"})
        .node("Flatten", {"r2"}, {"flat"})
        .node("Gemm", {"flat", "w4", "b4"}, {"logits"})
        .output("logits");
    auto made = execution::makeNetwork(builder.graph(), "test");
    return std::make_shared<const network::Network>(std::move(made).value());
}

data::Samples someSamples(std::int64_t count, unsigned seed) {
    data::Samples samples;
    samples.inputs["image"] = someArray({count, 2, 6, 6}, seed);
    for (std::int64_t i = 0; i < count; ++i) {
        samples.labels.push_back((i * 7 + seed) % 5);
    }
    return samples;
}

std::unique_ptr<exploration::PopulationEvaluator> evaluatorOf(const data::Samples& samples,
                                                              int threads) {
    auto made = exploration::makePopulationEvaluator(residualNetwork(), someSamples(40, 9), samples,
                                                     threads);
    if (made.hasError()) {
        QTest::qFail(made.error().sentence().c_str(), __FILE__, __LINE__);
        return nullptr;
    }
    return std::move(made).value();
}

std::vector<Assignment> somePopulation(std::size_t size) {
    const std::vector<std::string> formats = {"",           "int2",  "int4@channel", "int8",
                                              "posit<6,1>", "mxfp4", "fp32"};
    std::mt19937 engine(5);
    std::vector<Assignment> population(size, Assignment(4));
    for (Assignment& assignment : population) {
        for (quantization::LayerScheme& scheme : assignment) {
            const std::string& weights = formats[engine() % formats.size()];
            const std::string& inputs = formats[engine() % formats.size()];
            if (!weights.empty()) {
                scheme.weights = quantization::Quantizer::parse(weights).value();
            }
            if (!inputs.empty() && inputs.find('@') == std::string::npos) {
                scheme.activations = quantization::Quantizer::parse(inputs).value();
            }
        }
    }
    return population;
}

std::vector<Measurement> measured(exploration::Evaluator& evaluator,
                                  const std::vector<Assignment>& population) {
    auto answer = evaluator.evaluate(population, {}, {});
    if (answer.outcome != JobOutcome::Finished) {
        QTest::qFail(answer.error.sentence().c_str(), __FILE__, __LINE__);
    }
    return answer.measurements;
}

bool sameBits(double a, double b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

bool same(const Measurement& a, const Measurement& b) {
    return a.correct == b.correct && a.samples == b.samples && sameBits(a.metric, b.metric) &&
           sameBits(a.kl, b.kl) && sameBits(a.outputMse, b.outputMse) &&
           sameBits(a.interval.low, b.interval.low) && sameBits(a.interval.high, b.interval.high);
}

}  // namespace

class TstPopulationEvaluator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void companyOrderAndThreadsDoNotMatter() {
        const data::Samples samples = someSamples(700, 3);
        const std::vector<Assignment> population = somePopulation(60);
        const auto evaluator = evaluatorOf(samples, 1);
        QVERIFY(static_cast<std::int64_t>(samples.labels.size()) > 2 * evaluator->batchSize());
        const std::vector<Measurement> together = measured(*evaluator, population);
        for (std::size_t i = 0; i < population.size(); ++i) {
            QVERIFY(same(measured(*evaluator, {population[i]}).at(0), together[i]));
        }
        for (const int threads : {2, 3, 8}) {
            const auto other = evaluatorOf(samples, threads);
            std::vector<Assignment> reversed(population.rbegin(), population.rend());
            const std::vector<Measurement> again = measured(*other, reversed);
            for (std::size_t i = 0; i < population.size(); ++i) {
                QVERIFY(same(again[population.size() - 1 - i], together[i]));
            }
        }
    }

    void theMemoryBudgetChangesNoBit() {
        const data::Samples samples = someSamples(300, 3);
        const std::vector<Assignment> population = somePopulation(40);
        const std::vector<Measurement> expected = measured(*evaluatorOf(samples, 2), population);
        std::vector<exploration::ChannelProbe> probes;
        for (const exploration::ChannelGroup& group : exploration::channelGroups(
                 residualNetwork()->layers, 3, exploration::Side::Weights, 1)) {
            probes.push_back(
                {.channels = group, .quantizer = quantization::Quantizer::parse("int3").value()});
        }
        const auto channels = evaluatorOf(samples, 2)->evaluateChannels(probes, {}, {});
        for (const std::size_t bytes :
             {std::size_t{1}, std::size_t{20'000}, std::size_t{100'000}}) {
            auto made = exploration::makePopulationEvaluator(residualNetwork(), someSamples(40, 9),
                                                             samples, 8, {}, bytes);
            const std::vector<Measurement> tight = measured(*made.value(), population);
            const std::vector<Measurement> again = measured(*made.value(), population);
            for (std::size_t i = 0; i < population.size(); ++i) {
                QVERIFY(same(tight[i], expected[i]) && same(again[i], expected[i]));
            }
            const auto tightChannels = made.value()->evaluateChannels(probes, {}, {});
            for (std::size_t i = 0; i < probes.size(); ++i) {
                QVERIFY(same(tightChannels.measurements.at(i), channels.measurements.at(i)));
            }
        }
    }

    void roundedWeightsStayWithinTheirBytes() {
        const auto network = residualNetwork();
        auto runner = execution::PopulationRunner::prepare(network);
        auto statistics = exploration::calibrate(runner.value(), 4, someSamples(40, 9));
        constexpr std::size_t kBudget = 12 * (144 + 720);  // of the second and the last layer
        exploration::LayerSchemes schemes(network, runner.value(), statistics.value(),
                                          someSamples(40, 9), kBudget);
        std::vector<Assignment> population = somePopulation(200);
        for (Assignment& assignment : population) {
            assignment[0] = {};
            assignment[2] = {};
            exploration::LayerSchemes::Pins pins;
            QVERIFY(schemes.variants(assignment, pins).hasValue());
            QVERIFY(schemes.keptBytes() <= kBudget);
        }
        QVERIFY(schemes.keptBytes() > 0);
        // Pinned weights stay although they are too many, and go with the next one afterwards.
        {
            exploration::LayerSchemes::Pins pins;
            for (const Assignment& assignment : population) {
                QVERIFY(schemes.variants(assignment, pins).hasValue());
            }
            QVERIFY(schemes.keptBytes() > kBudget);
        }
        exploration::LayerSchemes::Pins pins;
        const Assignment other(4, {quantization::Quantizer::parse("int7").value(), {}});
        Assignment one(4);
        one[1] = other[1];
        QVERIFY(schemes.variants(one, pins).hasValue());
        QVERIFY(schemes.keptBytes() <= kBudget);
    }

    void amountsOfMemoryAreRead() {
        QCOMPARE(exploration::parseMemoryBudget("512MiB").value(), std::size_t{512} << 20U);
        QCOMPARE(exploration::parseMemoryBudget("1.5 GB").value(), std::size_t{1'500'000'000});
        const double quarter = static_cast<double>(exploration::defaultMemoryBudget());
        const double read = static_cast<double>(exploration::parseMemoryBudget("25%").value());
        QVERIFY(std::fabs(read / quarter - 1) < 1e-9);
        for (const std::string bad : {"", "0MB", "-1GB", "12", "3 apples", "GB", "1e9GB%"}) {
            QVERIFY2(exploration::parseMemoryBudget(bad).hasError(), bad.c_str());
        }
    }

    void floatDesignIsTheReferenceBitForBit() {
        const auto evaluator = evaluatorOf(someSamples(70, 3), 2);
        Assignment identity(4);
        for (quantization::LayerScheme& scheme : identity) {
            scheme.weights = quantization::Quantizer::parse("fp32").value();
            scheme.activations = quantization::Quantizer::parse("fp32").value();
        }
        const auto all = measured(*evaluator, {{}, Assignment(4), identity});
        for (const Measurement& one : all) {
            QCOMPARE(one.kl, 0.0);
            QCOMPARE(one.outputMse, 0.0);
            QVERIFY(same(one, all.front()));
        }
    }

    void aDesignComputesWhatItsResolvedLayersSay() {
        // The truth by other means: a graph that holds the rounded weights and input.
        const data::Samples samples = someSamples(30, 3);
        const auto evaluator = evaluatorOf(samples, 1);
        Assignment assignment(4);
        for (quantization::LayerScheme& scheme : assignment) {
            scheme.weights = quantization::Quantizer::parse("int3@channel").value();
        }
        assignment[0].activations = quantization::Quantizer::parse("int4").value();
        const auto resolved = evaluator->resolve(assignment);
        QVERIFY(resolved.hasValue());
        const auto original = residualNetwork();
        network::Graph graph = *original->graph;
        for (std::size_t layer = 0; layer < 4; ++layer) {
            graph.initializers[original->layers[layer].weight] =
                resolved.value().weights[layer]->values;
        }
        std::vector<float> rounded(samples.inputs.at("image").as<float>().size());
        resolved.value().activations[0]->apply(samples.inputs.at("image").as<float>(), rounded);
        const auto executor =
            execution::Executor::prepare(std::make_shared<const network::Graph>(graph));
        const auto changed =
            executor.value().run({{"image", Array::of<float>({30, 2, 6, 6}, rounded)}});
        const auto floats = execution::Executor::prepare(original->graph)
                                .value()
                                .run({{"image", samples.inputs.at("image")}});
        double squares = 0;
        for (std::size_t i = 0; i < 150; ++i) {
            squares += std::pow(static_cast<double>(changed.value()[0].as<float>()[i]) -
                                    static_cast<double>(floats.value()[0].as<float>()[i]),
                                2);
        }
        const Measurement one = measured(*evaluator, {assignment}).at(0);
        QVERIFY(one.outputMse > 0);
        QVERIFY(std::fabs(one.outputMse / (squares / 150) - 1) < 1e-5);
    }

    void aChannelGroupComputesWhatItsMixedWeightsSay_data() {
        QTest::addColumn<int>("layer");
        QTest::addColumn<QString>("format");
        QTest::newRow("convolution") << 1 << "int3@channel";
        QTest::newRow("dense, channels last") << 3 << "int4";
        QTest::newRow("dense, groups") << 3 << "mxfp4";
    }

    void aChannelGroupComputesWhatItsMixedWeightsSay() {
        // The truth by other means: a graph whose weight is rounded in some channels alone.
        QFETCH(int, layer);
        QFETCH(QString, format);
        const auto index = static_cast<std::size_t>(layer);
        const data::Samples samples = someSamples(300, 3);
        const auto evaluator = evaluatorOf(samples, 2);
        const auto quantizer = quantization::Quantizer::parse(format.toStdString()).value();
        const exploration::ChannelProbe probe{.channels = {.layer = index, .first = 1, .count = 2},
                                              .quantizer = quantizer};
        const auto answer = evaluator->evaluateChannels(std::span(&probe, 1), {}, {});
        QCOMPARE(answer.measurements.size(), std::size_t{1});

        Assignment assignment(4);
        assignment[index].weights = quantizer;
        const auto resolved = evaluator->resolve(assignment);
        const auto original = residualNetwork();
        const network::Layer& description = original->layers[index];
        const Array& stored = original->graph->initializers.at(description.weight);
        const auto rounded = resolved.value().weights[index]->values.as<float>();
        std::vector<float> mixed(stored.as<float>().begin(), stored.as<float>().end());
        std::vector<float> before;
        std::vector<float> after;
        const auto channels = static_cast<std::size_t>(
            stored.shape()[static_cast<std::size_t>(description.channelAxis)]);
        for (std::size_t i = 0; i < mixed.size(); ++i) {
            const std::size_t channel = layer == 3 ? i % channels : i / (mixed.size() / channels);
            if (channel == 1 || channel == 2) {
                before.push_back(mixed[i]);
                mixed[i] = rounded[i];
                after.push_back(mixed[i]);
            }
        }
        network::Graph graph = *original->graph;
        graph.initializers[description.weight] = Array::of<float>(stored.shape(), mixed);
        const auto changed =
            execution::Executor::prepare(std::make_shared<const network::Graph>(std::move(graph)))
                .value()
                .run({{"image", samples.inputs.at("image")}});
        const auto floats = execution::Executor::prepare(original->graph)
                                .value()
                                .run({{"image", samples.inputs.at("image")}});
        double squares = 0;
        for (std::size_t i = 0; i < 1500; ++i) {
            squares += std::pow(static_cast<double>(changed.value()[0].as<float>()[i]) -
                                    static_cast<double>(floats.value()[0].as<float>()[i]),
                                2);
        }
        QVERIFY(squares > 0);
        QVERIFY(std::fabs(answer.measurements[0].outputMse / (squares / 1500) - 1) < 1e-5);
        const auto errors = evaluator->channelRoundingErrors(std::span(&probe, 1));
        QCOMPARE(errors.at(0).sqnrDb, quantization::sqnrDb(before, after));
    }

    void allChannelsTogetherAreTheLayer() {
        const auto evaluator = evaluatorOf(someSamples(300, 3), 2);
        for (const exploration::Side side :
             {exploration::Side::Weights, exploration::Side::Activations}) {
            for (const std::string name : {"int3", "posit<6,1>", "mxfp4"}) {
                const auto quantizer = quantization::Quantizer::parse(name).value();
                std::vector<exploration::ChannelProbe> probes;
                std::vector<Assignment> alone;
                for (std::size_t layer = 0; layer < 4; ++layer) {
                    const auto groups =
                        exploration::channelGroups(residualNetwork()->layers, layer, side, 1000);
                    QCOMPARE(groups.size(), std::size_t{1});
                    probes.push_back({.channels = groups.front(), .quantizer = quantizer});
                    Assignment assignment(4);
                    (side == exploration::Side::Weights ? assignment[layer].weights
                                                        : assignment[layer].activations) =
                        quantizer;
                    alone.push_back(assignment);
                }
                const auto answer = evaluator->evaluateChannels(probes, {}, {});
                const std::vector<Measurement> layers = measured(*evaluator, alone);
                QCOMPARE(answer.measurements.size(), layers.size());
                for (std::size_t i = 0; i < layers.size(); ++i) {
                    QVERIFY(same(answer.measurements[i], layers[i]));
                }
            }
        }
    }

    void inputChannelsAreRoundedWhereTheyLie() {
        // One input channel of a convolution over one-hot images: only its own values can change.
        const auto evaluator = evaluatorOf(someSamples(40, 9), 1);
        const auto quantizer = quantization::Quantizer::parse("int2").value();
        std::vector<exploration::ChannelProbe> probes;
        for (const exploration::ChannelGroup& group : exploration::channelGroups(
                 residualNetwork()->layers, 0, exploration::Side::Activations, 1)) {
            probes.push_back({.channels = group, .quantizer = quantizer});
        }
        QCOMPARE(probes.size(), std::size_t{2});
        // The calibration samples are these: the image's own values, channel by channel.
        Assignment assignment(4);
        assignment[0].activations = quantizer;
        const auto resolved = evaluator->resolve(assignment);
        const Array image = someArray({40, 2, 6, 6}, 9);
        const std::vector<exploration::RoundingError> errors =
            evaluator->channelRoundingErrors(probes);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            std::vector<float> values;
            for (std::size_t i = 0; i < image.as<float>().size(); ++i) {
                if (i / 36 % 2 == channel) {
                    values.push_back(image.as<float>()[i]);
                }
            }
            std::vector<float> rounded(values.size());
            resolved.value().activations[0]->apply(values, rounded);
            QCOMPARE(errors[channel].sqnrDb, quantization::sqnrDb(values, rounded));
        }
        const auto answer = evaluator->evaluateChannels(probes, {}, {});
        const Measurement whole = measured(*evaluator, {assignment}).at(0);
        QCOMPARE(answer.measurements.size(), std::size_t{2});
        for (const Measurement& one : answer.measurements) {
            QVERIFY(one.outputMse > 0 && !sameBits(one.outputMse, whole.outputMse));
        }
    }

    void channelsThatAreNotThereAreNamed() {
        const auto evaluator = evaluatorOf(someSamples(40, 9), 1);
        const exploration::ChannelProbe probe{
            .channels = {.layer = 3, .first = 4, .count = 2},
            .quantizer = quantization::Quantizer::parse("int2").value()};
        const auto answer = evaluator->evaluateChannels(std::span(&probe, 1), {}, {});
        QVERIFY(answer.outcome == JobOutcome::Failed);
        QVERIFY(answer.error.sentence().find("has 5 output channels") != std::string::npos);
        QVERIFY(answer.error.sentence().find("4 to 5") != std::string::npos);
    }

    void regressionGivesTheCoefficientOfDetermination() {
        GraphBuilder builder;
        builder.input("x", {0, 1})
            .stored("w", Array::of<float>({1, 1}, {2.0F}))
            .node("MatMul", {"x", "w"}, {"y"})
            .output("y");
        auto network = execution::makeNetwork(builder.graph(), "test");
        data::Samples samples;
        samples.inputs["x"] = Array::of<float>({4, 1}, {1, 2, 3, 4});
        samples.targets = {2, 4, 6, 9};  // outputs 2, 4, 6, 8: one off by one
        const auto evaluator = exploration::makePopulationEvaluator(
            std::make_shared<const network::Network>(std::move(network).value()), samples, samples,
            1);
        const Measurement one = measured(*evaluator.value(), {{}}).at(0);
        QVERIFY(std::fabs(one.metric - (1 - 1 / 26.75)) < 1e-12);
    }

    void withoutLabelsTheFloatNetworkIsTheTruth() {
        data::Samples samples = someSamples(50, 3);
        samples.labels.clear();
        const auto evaluator = evaluatorOf(samples, 1);
        QCOMPARE(measured(*evaluator, {{}}).at(0).metric, 1.0);
        const Measurement rough =
            measured(
                *evaluator,
                {Assignment(4, {quantization::Quantizer::parse("int2").value(), std::nullopt})})
                .at(0);
        QVERIFY(rough.metric < 1.0);
        QVERIFY(rough.kl > 0);
    }

    void stoppingIsQuickAndNamed() {
        const auto evaluator = evaluatorOf(someSamples(2000, 3), 1);
        std::stop_source source;
        std::chrono::steady_clock::time_point asked;
        const auto answer =
            evaluator->evaluate(somePopulation(3000), source.get_token(), [&](double share) {
                if (share > 0 && !source.stop_requested()) {
                    asked = std::chrono::steady_clock::now();
                    source.request_stop();
                }
            });
        const auto took = std::chrono::steady_clock::now() - asked;
        QVERIFY(answer.outcome == JobOutcome::Cancelled);
        QVERIFY(answer.measurements.empty());
        QVERIFY(took < std::chrono::milliseconds(200));
    }

    void progressRisesToOne() {
        const auto evaluator = evaluatorOf(someSamples(2000, 3), 1);
        double last = 0;
        bool rising = true;
        const std::vector<Assignment> population = somePopulation(100);
        static_cast<void>(evaluator->evaluate(population, {}, [&](double share) {
            rising = rising && share >= last && share <= 1;
            last = share;
        }));
        QVERIFY(rising);
        QVERIFY(last > 0.5);
    }

    void whatDoesNotFitIsNamed() {
        data::Samples labels = someSamples(10, 3);
        labels.labels[4] = 5;
        const auto beyond =
            exploration::makePopulationEvaluator(residualNetwork(), someSamples(10, 1), labels, 1);
        QVERIFY(beyond.hasError());
        QCOMPARE(beyond.error().where, std::string("sample 4"));
        data::Samples shape;
        shape.inputs["image"] = someArray({10, 1, 6, 6}, 1);
        const auto other = exploration::makePopulationEvaluator(residualNetwork(), shape, shape, 1);
        QVERIFY(other.hasError());
        const auto evaluator = evaluatorOf(someSamples(10, 3), 1);
        const auto answer = evaluator->evaluate(std::vector<Assignment>{Assignment(3)}, {}, {});
        QVERIFY(answer.outcome == JobOutcome::Failed);
    }

    void divergenceByHand() {
        using exploration::OutputKind;
        const std::vector<float> even = {0, 0};
        const std::vector<float> odds = {std::log(3.0F), 0};
        // p = (1/2, 1/2), q = (3/4, 1/4)
        const double expected = 0.5 * std::log(0.5 / 0.75) + 0.5 * std::log(0.5 / 0.25);
        QVERIFY(std::fabs(exploration::rowKl(even, odds, OutputKind::Logits) - expected) < 1e-7);
        const std::vector<float> half = {0.5F, 0.5F};
        const std::vector<float> quarter = {0.75F, 0.25F};
        QVERIFY(std::fabs(exploration::rowKl(half, quarter, OutputKind::Probabilities) - expected) <
                1e-7);
        const std::vector<float> zero = {0};
        const std::vector<float> one = {-std::log(3.0F)};
        QVERIFY(std::fabs(exploration::rowKl(zero, one, OutputKind::Logits) - expected) < 1e-7);
        QCOMPARE(exploration::vote(quarter, OutputKind::Probabilities), std::int64_t{0});
        QCOMPARE(exploration::vote(zero, OutputKind::Probabilities), std::int64_t{0});
    }
};

QTEST_GUILESS_MAIN(TstPopulationEvaluator)
#include "tst_population_evaluator.moc"
