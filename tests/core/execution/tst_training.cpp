// SPDX-License-Identifier: Apache-2.0
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>
#include <torch/types.h>
// Qt's macros are left out by QT_NO_KEYWORDS: LibTorch has functions of their names.
#include <QtTest/QTest>
#include <array>
#include <cmath>
#include <cstring>

#include "core/execution/executor.h"
#include "core/execution/tensor_bridge.h"
#include "core/execution/training/fake_quantize.h"
#include "core/execution/training/optimizer.h"
#include "core/execution/training/trainer.h"
#include "tests/support/graph_builder.h"
#include "tests/support/result_text.h"

using namespace bitloupe;
using execution::EpochRecord;
using execution::OptimizerKind;
using execution::ScheduleKind;
using execution::Trainer;
using execution::TrainingPlan;
using execution::TrainingSettings;
using testing::GraphBuilder;
using testing::reason;
using testing::someArray;

namespace {

/// 1 x 6 x 6 images, the quick convolution and the quick mean, three classes. With batch
/// normalization and Dropout when `trained`.
std::shared_ptr<const network::Network> smallNetwork(bool trained = false) {
    GraphBuilder builder;
    builder.input("image", {0, 1, 6, 6})
        .stored("w1", someArray({3, 1, 3, 3}, 1))
        .stored("b1", someArray({3}, 2))
        .stored("w2", someArray({3, 12}, 3))
        .stored("b2", someArray({3}, 4));
    std::string edge = "c1";
    builder.node("Conv", {"image", "w1", "b1"}, {edge});
    if (trained) {
        builder.stored("gamma", Array::of({3}, std::vector<float>{1, 1, 1}))
            .stored("beta", Array::of({3}, std::vector<float>{0, 0, 0}))
            .stored("mean", Array::of({3}, std::vector<float>{0, 0, 0}))
            .stored("variance", Array::of({3}, std::vector<float>{1, 1, 1}))
            .node("BatchNormalization", {edge, "gamma", "beta", "mean", "variance"}, {"n1"})
            .node("Dropout", {"n1"}, {"d1"}, {{"ratio", 0.25F}});
        edge = "d1";
    }
    builder.node("Relu", {edge}, {"r1"})
        .node("AveragePool", {"r1"}, {"p1"},
              {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
               {"strides", std::vector<std::int64_t>{2, 2}}})
        .node("Flatten", {"p1"}, {"flat"})
        .node("Gemm", {"flat", "w2", "b2"}, {"logits"}, {{"transB", std::int64_t{1}}})
        .output("logits");
    auto made = execution::makeNetwork(builder.graph(), "test");
    return std::make_shared<const network::Network>(std::move(made).value());
}

/// Images whose class is where they are bright.
execution::TrainingSamples someSamples(std::int64_t count, unsigned seed) {
    std::vector<float> pixels = testing::someValues(count * 36, seed);
    execution::TrainingSamples samples;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t label = (i * 7 + seed) % 3;
        samples.labels.push_back(label);
        for (std::int64_t k = 0; k < 12; ++k) {
            pixels[static_cast<std::size_t>(i * 36 + label * 12 + k)] += 1;
        }
    }
    samples.inputs["image"] = Array::of({count, 1, 6, 6}, pixels);
    return samples;
}

TrainingPlan smallPlan(bool trained = false) {
    TrainingPlan plan;
    plan.network = smallNetwork(trained);
    plan.training = someSamples(50, 1);
    plan.judging = someSamples(30, 2);
    plan.fromNothing = trained;
    plan.settings.epochs = 3;
    plan.settings.batchSize = 16;
    plan.settings.learningRate = 0.02;
    return plan;
}

bool sameBytes(const Array& a, const Array& b) {
    return a.shape() == b.shape() && a.bytes().size() == b.bytes().size() &&
           std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

bool sameResult(const execution::TrainedTensors& a, const execution::TrainedTensors& b) {
    return std::equal(a.initializers.begin(), a.initializers.end(), b.initializers.begin(),
                      b.initializers.end(), [](const auto& x, const auto& y) {
                          return x.first == y.first && sameBytes(x.second, y.second);
                      });
}

Trainer prepared(TrainingPlan plan) {
    Result<Trainer> trainer = Trainer::prepare(std::move(plan));
    if (trainer.hasError()) {
        throw std::runtime_error(trainer.error().sentence());
    }
    return std::move(trainer).value();
}

/// Mean cross-entropy of the network with one weight changed, by the inference executor in double.
double lossWith(const network::Graph& graph, const std::string& name, std::size_t element,
                float value, const execution::TrainingSamples& samples) {
    auto changed = std::make_shared<network::Graph>(graph);
    const auto old = graph.initializers.at(name).as<float>();
    std::vector<float> values(old.begin(), old.end());
    values[element] += value;
    changed->initializers[name] = Array::of(graph.initializers.at(name).shape(), values);
    const auto outputs = execution::Executor::prepare(changed).value().run(samples.inputs).value();
    const std::span<const float> logits = outputs.front().as<float>();
    double loss = 0;
    for (std::size_t i = 0; i < samples.labels.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            sum += std::exp(static_cast<double>(logits[i * 3 + k]));
        }
        const auto label = static_cast<std::size_t>(samples.labels[i]);
        loss += std::log(sum) - static_cast<double>(logits[i * 3 + label]);
    }
    return loss / static_cast<double>(samples.labels.size());
}

std::unique_ptr<torch::optim::Optimizer> torchOptimizer(const TrainingSettings& settings,
                                                        const torch::Tensor& tensor) {
    const std::vector<torch::Tensor> tensors = {tensor};
    switch (settings.optimizer) {
        case OptimizerKind::Sgd:
            return std::make_unique<torch::optim::SGD>(
                tensors, torch::optim::SGDOptions(settings.learningRate)
                             .momentum(settings.momentum)
                             .nesterov(settings.nesterov)
                             .weight_decay(settings.weightDecay));
        case OptimizerKind::Adam:
            return std::make_unique<torch::optim::Adam>(
                tensors, torch::optim::AdamOptions(settings.learningRate)
                             .weight_decay(settings.weightDecay));
        case OptimizerKind::AdamW:
            return std::make_unique<torch::optim::AdamW>(
                tensors, torch::optim::AdamWOptions(settings.learningRate)
                             .weight_decay(settings.weightDecay));
    }
    return nullptr;
}

}  // namespace

class TstTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// One dense layer under softmax: the gradients are written down. 21 samples: groups of eight,
    /// the last five left out.
    void fisherTracesOfADenseLayer() {
        GraphBuilder builder;
        builder.input("x", {0, 4})
            .stored("w", someArray({3, 4}, 5))
            .node("Gemm", {"x", "w"}, {"logits"}, {{"transB", std::int64_t{1}}})
            .output("logits");
        TrainingPlan plan;
        plan.network = std::make_shared<const network::Network>(
            std::move(execution::makeNetwork(builder.graph(), "test")).value());
        const std::vector<float> x = testing::someValues(21 * 4, 6);
        plan.training.inputs["x"] = Array::of({21, 4}, x);
        for (std::int64_t i = 0; i < 21; ++i) {
            plan.training.labels.push_back(i % 3);
        }
        plan.judging = plan.training;
        const std::span<const float> w = plan.network->graph->initializers.at("w").as<float>();
        double weights = 0;
        double input = 0;
        for (std::size_t group = 0; group < 2; ++group) {
            std::array<double, 12> sum{};
            for (std::size_t n = group * 8; n < group * 8 + 8; ++n) {
                std::array<double, 3> slope{};  // softmax minus the label
                double total = 0;
                for (std::size_t k = 0; k < 3; ++k) {
                    for (std::size_t j = 0; j < 4; ++j) {
                        slope[k] += static_cast<double>(w[k * 4 + j]) * x[n * 4 + j];
                    }
                    slope[k] = std::exp(slope[k]);
                    total += slope[k];
                }
                for (std::size_t k = 0; k < 3; ++k) {
                    slope[k] = slope[k] / total - (n % 3 == k ? 1 : 0);
                }
                for (std::size_t j = 0; j < 4; ++j) {
                    double back = 0;
                    for (std::size_t k = 0; k < 3; ++k) {
                        sum[k * 4 + j] += slope[k] * x[n * 4 + j];
                        back += slope[k] * w[k * 4 + j];
                    }
                    input += back * back / 16;
                }
            }
            for (const double each : sum) {
                weights += each * each / 16;
            }
        }
        Trainer trainer = prepared(plan);
        const auto traces = trainer.fisherTraces();
        QVERIFY2(traces.hasValue(), reason(traces));
        QCOMPARE(traces.value().size(), std::size_t(1));
        QVERIFY(std::abs(traces.value()[0].weights - weights) < 1e-5 * weights);
        QVERIFY(std::abs(traces.value()[0].input - input) < 1e-5 * input);
    }

    void optimizersAreTorchs_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("momentum");
        QTest::addColumn<bool>("nesterov");
        QTest::newRow("sgd") << 0 << 0.0 << false;
        QTest::newRow("momentum") << 0 << 0.9 << false;
        QTest::newRow("nesterov") << 0 << 0.9 << true;
        QTest::newRow("adam") << 1 << 0.0 << false;
        QTest::newRow("adamw") << 2 << 0.0 << false;
    }
    void optimizersAreTorchs() {
        QFETCH(int, kind);
        QFETCH(double, momentum);
        QFETCH(bool, nesterov);
        TrainingSettings settings;
        settings.optimizer = static_cast<OptimizerKind>(kind);
        settings.momentum = momentum;
        settings.nesterov = nesterov;
        settings.weightDecay = 0.1;
        settings.learningRate = 0.05;
        const Array start = someArray({4, 5}, 1);
        at::Tensor mine = execution::borrowTensor(start).clone().set_requires_grad(true);
        torch::Tensor theirs = mine.detach().clone().set_requires_grad(true);
        execution::Optimizer optimizer(settings, {{"w", mine, true}});
        const auto reference = torchOptimizer(settings, theirs);
        for (unsigned step = 0; step < 6; ++step) {
            const Array gradient = someArray({4, 5}, 10 + step);
            mine.mutable_grad() = execution::borrowTensor(gradient).clone();
            theirs.mutable_grad() = mine.grad().clone();
            optimizer.step(settings.learningRate);
            reference->step();
        }
        QVERIFY(at::allclose(mine, theirs, 1e-6, 1e-7));
        QVERIFY(!at::allclose(mine, execution::borrowTensor(start), 1e-2, 1e-2));
    }

    void ratesFollowTheirSchedule() {
        TrainingSettings settings;
        settings.learningRate = 1;
        settings.warmUpSteps = 4;
        settings.lastRate = 0.1;
        const auto rate = [&](std::int64_t step) {
            return execution::learningRateAt(settings, step, 104, 10);
        };
        QCOMPARE(rate(0), 0.25);
        QCOMPARE(rate(3), 1.0);
        QCOMPARE(rate(4), 1.0);
        QVERIFY(std::fabs(rate(54) - 0.55) < 1e-12);  // half of the way from 1 to 0.1
        QVERIFY(std::fabs(rate(104) - 0.1) < 1e-12);
        settings.schedule = ScheduleKind::Step;
        settings.stepEpochs = 2;
        QCOMPARE(rate(19), 1.0);
        QVERIFY(std::fabs(rate(20) - 0.1) < 1e-12);
        QVERIFY(std::fabs(rate(40) - 0.01) < 1e-12);
        settings.schedule = ScheduleKind::Constant;
        QCOMPARE(rate(100), 1.0);
    }

    void gradientsAreThoseOfInference() {
        // One step of plain SGD with rate 1 over all samples: the change is the gradient.
        TrainingPlan plan = smallPlan();
        plan.settings.optimizer = OptimizerKind::Sgd;
        plan.settings.schedule = ScheduleKind::Constant;
        plan.settings.momentum = 0;
        plan.settings.learningRate = 1;
        plan.settings.batchSize = 50;
        plan.settings.epochs = 1;
        const network::Graph& graph = *plan.network->graph;
        Trainer trainer = prepared(plan);
        QVERIFY(trainer.run({}).value() == JobOutcome::Finished);
        const auto trained = trainer.result();
        for (const auto& [name, after] : trained.initializers) {
            const auto before = graph.initializers.at(name).as<float>();
            for (std::size_t i = 0; i < before.size(); i += 4) {
                constexpr float kStep = 0.002F;  // few ReLUs change sides
                const double slope = (lossWith(graph, name, i, kStep, plan.training) -
                                      lossWith(graph, name, i, -kStep, plan.training)) /
                                     (2 * static_cast<double>(kStep));
                const double change = static_cast<double>(before[i] - after.as<float>()[i]);
                QVERIFY2(std::fabs(change - slope) < 1e-3 + 0.02 * std::fabs(slope),
                         qPrintable(QStringLiteral("%1[%2]: %3, not %4")
                                        .arg(QString::fromStdString(name))
                                        .arg(i)
                                        .arg(change)
                                        .arg(slope)));
            }
        }
        QCOMPARE(trained.initializers.size(), std::size_t{4});
    }

    void straightThroughAndLearnedSteps() {
        // Esser et al., equation 3, for a step of 0.5 and the codes -2 to 1.
        const std::vector<float> values = {-3, -0.6F, 0.2F, 0.45F, 2};
        execution::TensorRounding rounding;
        rounding.lowest = -2;
        rounding.highest = 1;
        rounding.learnsScales = true;
        rounding.round = [](std::span<const float> in, std::span<const float> scales, double,
                            std::span<float> out) {
            for (std::size_t i = 0; i < in.size(); ++i) {
                out[i] = std::clamp(std::nearbyint(in[i] / scales[0]), -2.0F, 1.0F) * scales[0];
            }
        };
        const at::Tensor x = at::tensor(values).set_requires_grad(true);
        const at::Tensor step = at::full({1}, 0.5F).set_requires_grad(true);
        const at::Tensor weights = at::tensor(std::vector<float>{1, 2, 3, 4, 5});
        const at::Tensor rounded = execution::fakeQuantize(x, step, {}, rounding, 5, 1);
        QVERIFY(at::equal(rounded, at::tensor(std::vector<float>{-1, -0.5F, 0, 0.5F, 0.5F})));
        (rounded * weights).sum().backward();
        QVERIFY(at::equal(x.grad(), at::tensor(std::vector<float>{0, 2, 3, 4, 0})));
        const double expected =
            (1 * -2.0 + 2 * (-1 + 1.2) + 3 * (0 - 0.4) + 4 * (1 - 0.9) + 5 * 1) / std::sqrt(5.0);
        QVERIFY(std::fabs(step.grad().item<double>() - expected) < 1e-5);
    }

    void floatForwardIsTheReferenceBitForBit() {
        TrainingPlan plan = smallPlan();
        const auto executor = execution::Executor::prepare(plan.network->graph);
        const Array reference = executor.value().run(plan.judging.inputs).value().front();
        const Trainer trainer = prepared(plan);
        const Result<Array> outputs = trainer.outputs(plan.judging.inputs);
        QVERIFY2(outputs.hasValue(), reason(outputs).constData());
        QVERIFY(sameBytes(outputs.value(), reference));
    }

    void lockedLayersStayUntouched() {
        TrainingPlan plan = smallPlan();
        plan.layers.resize(2);
        plan.layers[0].isFrozen = true;
        Trainer trainer = prepared(plan);
        QVERIFY(trainer.run({}).value() == JobOutcome::Finished);
        const auto trained = trainer.result();
        QVERIFY(!trained.initializers.contains("w1") && !trained.initializers.contains("b1"));
        QVERIFY(
            !sameBytes(trained.initializers.at("w2"), plan.network->graph->initializers.at("w2")));
    }

    void runningStatisticsAreMovedATenth() {
        TrainingPlan plan = smallPlan(true);
        plan.settings.epochs = 1;
        plan.settings.batchSize = 50;
        plan.settings.learningRate = 0;
        Trainer trainer = prepared(plan);
        QVERIFY(trainer.run({}).value() == JobOutcome::Finished);
        // The mean of the first channel of the convolution, by hand, with the weights that training
        // from nothing drew and at a rate of zero left alone.
        const execution::TrainedTensors result = trainer.result();
        const auto w = result.initializers.at("w1").as<float>();
        const float bias = result.initializers.at("b1").as<float>()[0];
        const auto pixels = plan.training.inputs.at("image").as<float>();
        double sum = 0;
        for (std::size_t n = 0; n < 50; ++n) {
            for (std::size_t place = 0; place < 16; ++place) {
                double value = static_cast<double>(bias);
                for (std::size_t k = 0; k < 9; ++k) {
                    const std::size_t at = n * 36 + (place / 4 + k / 3) * 6 + place % 4 + k % 3;
                    value += static_cast<double>(pixels[at]) * static_cast<double>(w[k]);
                }
                sum += value;
            }
        }
        const auto mean = result.initializers.at("mean").as<float>();
        QVERIFY2(std::fabs(static_cast<double>(mean[0]) - 0.1 * sum / 800) < 1e-5,
                 qPrintable(QString::number(static_cast<double>(mean[0])) +
                            QStringLiteral(" not ") + QString::number(0.1 * sum / 800)));
    }

    void trainingIsDeterministicAndLeavesTheGlobalGeneratorAlone() {
        const at::Generator global = at::globalContext().defaultGenerator(at::kCPU);
        const at::Tensor before = global.get_state();
        Trainer first = prepared(smallPlan(true));
        Trainer second = prepared(smallPlan(true));
        QVERIFY(first.run({}).value() == JobOutcome::Finished);
        QVERIFY(second.run({}).value() == JobOutcome::Finished);
        QVERIFY(sameResult(first.result(), second.result()));
        QVERIFY(first.epochs() == second.epochs());
        QVERIFY(at::equal(before, global.get_state()));
        TrainingPlan other = smallPlan(true);
        other.settings.seed = 2;
        Trainer third = prepared(other);
        QVERIFY(third.run({}).value() == JobOutcome::Finished);
        QVERIFY(!sameResult(first.result(), third.result()));
    }

    void aSeparableProblemIsLearned() {
        TrainingPlan plan = smallPlan(true);
        plan.settings.epochs = 25;
        Trainer trainer = prepared(plan);
        QVERIFY(trainer.run({}).value() == JobOutcome::Finished);
        QVERIFY2(trainer.epochs().back().metric > 0.95,
                 qPrintable(QString::number(trainer.epochs().back().metric)));
        QVERIFY(trainer.epochs().back().loss < 0.5 * trainer.epochs().front().loss);
    }

    void aStoppedRunGoesOnToTheSameEnd_data() {
        QTest::addColumn<int>("pulses");
        QTest::newRow("in the first step") << 5;
        QTest::newRow("backwards") << 14;
        QTest::newRow("later") << 75;
        QTest::newRow("much later") << 150;
    }
    void aStoppedRunGoesOnToTheSameEnd() {
        QFETCH(int, pulses);
        TrainingPlan plan = smallPlan(true);
        plan.settings.patience = 2;
        Trainer whole = prepared(plan);
        QVERIFY(whole.run({}).value() == JobOutcome::Finished);
        Trainer stopped = prepared(plan);
        std::stop_source stop;
        execution::TrainingControl control;
        control.stop = stop.get_token();
        control.pulse = [&stop, left = pulses]() mutable {
            if (--left == 0) {
                stop.request_stop();
            }
        };
        QVERIFY(stopped.run(control).value() == JobOutcome::Cancelled);
        Trainer resumed = prepared(plan);
        const Result<void> restored = resumed.restore(stopped.state());
        QVERIFY2(restored.hasValue(), reason(restored).constData());
        QVERIFY(resumed.run({}).value() == JobOutcome::Finished);
        QVERIFY(sameResult(resumed.result(), whole.result()));
        QVERIFY(resumed.epochs() == whole.epochs());
    }

    void everyNodePulsesForwardsAndBackwards() {
        TrainingPlan plan = smallPlan();
        plan.settings.mostSteps = 1;
        Trainer trainer = prepared(plan);
        int pulses = 0;
        execution::TrainingControl control;
        control.pulse = [&pulses] { ++pulses; };
        QVERIFY(trainer.run(control).value() == JobOutcome::Finished);
        QCOMPARE(pulses, 3 * 5);  // five nodes forwards, backwards, and judged
    }

    void patienceEndsAndKeepsTheBest() {
        TrainingPlan plan = smallPlan();
        plan.settings.learningRate = 0;
        plan.settings.epochs = 50;
        plan.settings.patience = 2;
        Trainer trainer = prepared(plan);
        QVERIFY(trainer.run({}).value() == JobOutcome::Finished);
        QCOMPARE(trainer.epochs().size(), std::size_t{3});
    }

    void whatCannotBeTrainedIsSaid() {
        TrainingPlan wrong = smallPlan();
        wrong.training.labels[3] = 3;
        const Result<Trainer> labels = Trainer::prepare(wrong);
        QVERIFY(labels.hasError());
        QCOMPARE(labels.error().what, std::string("a label is none of the network's 3 classes"));
        TrainingPlan locked = smallPlan();
        locked.layers.resize(2);
        locked.layers[0].isFrozen = locked.layers[1].isFrozen = true;
        QVERIFY(Trainer::prepare(locked).hasError());
        TrainingPlan wild = smallPlan();
        wild.settings.optimizer = OptimizerKind::Sgd;
        wild.settings.learningRate = 1e30;
        const Result<JobOutcome> outcome = prepared(wild).run({});
        QVERIFY(outcome.hasError());
        QCOMPARE(outcome.error().what, std::string("the loss is not a finite number any more"));
        const Result<void> restored = prepared(smallPlan()).restore({});
        QVERIFY(restored.hasError());
    }
};

QTEST_APPLESS_MAIN(TstTraining)
#include "tst_training.moc"
