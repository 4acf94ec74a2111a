// SPDX-License-Identifier: Apache-2.0
// How long a stop and a pause take to have effect, on LeNet-5 with MNIST (BITLOUPE_TEST_DATA) and
// on a network of the size of ResNet-18. Arguments: threads (default 2), rounds (default 10).
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "core/base/random.h"
#include "core/execution/executor.h"
#include "tests/core/exploration/fakes.h"
#include "tests/core/exploration/lenet_on_mnist.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using bitloupe::testing::GraphBuilder;
using bitloupe::testing::someArray;

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The convolutions of He et al. (CVPR 2016, table 1), 18 layers, random weights.
std::shared_ptr<const network::Network> largeNetwork() {
    GraphBuilder builder;
    builder.input("x0", {0, 3, 224, 224});
    std::string edge = "x0";
    int number = 0;
    const auto convolve = [&](std::int64_t from, std::int64_t to, std::int64_t kernel,
                              std::int64_t stride) {
        const std::string suffix = std::to_string(++number);
        const std::int64_t pad = kernel / 2;
        builder
            .stored("w" + suffix,
                    someArray({to, from, kernel, kernel}, static_cast<unsigned>(number)))
            .node("Conv", {edge, "w" + suffix}, {"c" + suffix},
                  {{"pads", std::vector<std::int64_t>{pad, pad, pad, pad}},
                   {"strides", std::vector<std::int64_t>{stride, stride}}})
            .node("Tanh", {"c" + suffix}, {"r" + suffix});
        edge = "r" + suffix;
    };
    convolve(3, 64, 7, 4);
    std::int64_t width = 64;
    for (const std::int64_t next : {64, 128, 256, 512}) {
        for (int block = 0; block < 4; ++block) {
            convolve(block == 0 ? width : next, next, 3, block == 0 && next > 64 ? 2 : 1);
        }
        width = next;
    }
    builder.stored("w", someArray({512, 1000}, 99))
        .node("GlobalAveragePool", {edge}, {"pooled"})
        .node("Flatten", {"pooled"}, {"flat"})
        .node("MatMul", {"flat", "w"}, {"logits"})
        .output("logits");
    return std::make_shared<const network::Network>(
        std::move(execution::makeNetwork(builder.graph(), "large").value()));
}

data::Samples largeSamples(std::int64_t count) {
    data::Samples samples;
    samples.inputs["x0"] = someArray({count, 3, 224, 224}, 5);
    for (std::int64_t i = 0; i < count; ++i) {
        samples.labels.push_back(i % 1000);
    }
    return samples;
}

/// Says when the evaluator has worked for a while, and when it last said anything.
class Watch : public ExplorationSink {
public:
    void referenceMeasured(const Measurement&) override {}
    void sensitivityMeasured(const std::vector<SensitivityCell>&) override {}
    void evaluationsFinished(const std::vector<Evaluation>&) override {}
    void progressed(const Progress& progress) override {
        const std::scoped_lock lock(m_mutex);
        m_hasBegun = m_hasBegun || progress.phase != Phase::Reference;
        m_changed.notify_all();
    }
    void ended(JobOutcome, const Error&) override {}
    void waitForWork() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_hasBegun; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_hasBegun = false;
};

/// Counts the calls that the evaluator's threads make while they work: after a pause they end.
class WatchedEvaluator : public Evaluator {
public:
    explicit WatchedEvaluator(Evaluator& inner) : m_inner(inner) {}
    Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                    const std::function<void(double)>& progress) override {
        return m_inner.evaluate(population, stop, [&](double share) {
            lastSign = Clock::now().time_since_epoch().count();
            progress(share);
        });
    }
    std::atomic<Clock::rep> lastSign = 0;

private:
    Evaluator& m_inner;
};

ExplorationPlan planFor(const network::Network& network) {
    ExplorationPlan plan;
    plan.layers = network.layers;
    plan.space = exploration::testing::uniformSpace(
        plan.layers, {"int8", "int6", "int4", "int3", "int2", "posit<8,1>"}, {"int8", "int4"});
    plan.objectives = {QuantityId::Accuracy, QuantityId::Bops};
    plan.strategy = {.name = "random", .seed = 1};
    plan.sensitivityFirst = false;
    plan.maxEvaluations = 100'000;
    return plan;
}

void waste(double milliseconds) {
    const Clock::time_point start = Clock::now();
    while (millisecondsSince(start) < milliseconds) {
    }
}

void measure(const char* name, const network::Network& network, PopulationEvaluator& evaluator,
             int rounds) {
    Random random(7);
    std::vector<double> stops;
    std::vector<double> pauses;
    for (int round = 0; round < rounds; ++round) {
        exploration::testing::MemoryStore store;
        Watch watch;
        WatchedEvaluator watched(evaluator);
        Explorer explorer(planFor(network), {}, watched, store, watch);
        explorer.start();
        watch.waitForWork();
        waste(200 * random.uniform());
        const Clock::time_point paused = Clock::now();
        explorer.pause();
        waste(1000);  // every thread comes by within this, and then no more
        pauses.push_back(std::chrono::duration<double, std::milli>(
                             Clock::duration(watched.lastSign.load()) - paused.time_since_epoch())
                             .count());
        explorer.resume();
        waste(200 * random.uniform());
        const Clock::time_point stopped = Clock::now();
        explorer.requestStop();
        explorer.wait();
        stops.push_back(millisecondsSince(stopped));
    }
    std::sort(stops.begin(), stops.end());
    std::sort(pauses.begin(), pauses.end());
    std::printf(
        "%-12s stop: median %6.1f, longest %6.1f ms; pause: last sign of work after median "
        "%6.1f, longest %6.1f ms\n",
        name, stops[stops.size() / 2], stops.back(), pauses[pauses.size() / 2], pauses.back());
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 10;
    if (const char* folder = std::getenv("BITLOUPE_TEST_DATA")) {
        const auto lenet = bitloupe::testing::LenetOnMnist::load(folder);
        const auto evaluator = lenet.evaluator(threads);
        measure("LeNet-5", *lenet.network, *evaluator, rounds);
    }
    const auto network = largeNetwork();
    const auto evaluator =
        makePopulationEvaluator(network, largeSamples(2), largeSamples(8), threads);
    measure("ResNet-18", *network, *evaluator.value(), rounds);
}
