// SPDX-License-Identifier: Apache-2.0
// What sharing prefixes is worth on a real network: a full one-layer sensitivity map and a
// generation of neighbours of LeNet-5 on 10,000 images, beside plain passes of the float network,
// by this program and by LibTorch's operators, and beside the same designs one at a time.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "tests/core/exploration/lenet_on_mnist.h"

using namespace bitloupe;
using exploration::Assignment;

namespace {

bool g_wall = false;

/// Processor time unless wall time was asked for: other programs on the machine do not count.
double now() {
    timespec time{};
    clock_gettime(g_wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double secondsOf(exploration::Evaluator& evaluator, const std::vector<Assignment>& population) {
    const double start = now();
    const auto answer = evaluator.evaluate(population, {}, {});
    const double took = now() - start;
    if (answer.outcome != JobOutcome::Finished) {
        std::printf("failed: %s\n", answer.error.sentence().c_str());
        std::exit(1);
    }
    return took;
}

double secondsAlone(exploration::Evaluator& evaluator, const std::vector<Assignment>& population) {
    double total = 0;
    for (const Assignment& assignment : population) {
        total += secondsOf(evaluator, {assignment});
    }
    return total;
}

/// Each of the ten slots alone in each of five formats.
std::vector<Assignment> sensitivityMap() {
    std::vector<Assignment> population;
    for (std::size_t slot = 0; slot < 10; ++slot) {
        for (const char* format : {"int2", "int3", "int4", "int6", "int8"}) {
            Assignment assignment(5);
            const auto quantizer = quantization::Quantizer::parse(format).value();
            (slot % 2 == 0 ? assignment[slot / 2].weights : assignment[slot / 2].activations) =
                quantizer;
            population.push_back(assignment);
        }
    }
    return population;
}

/// A design and 63 that differ from it in one or two slots.
std::vector<Assignment> neighbours() {
    std::mt19937 engine(1);
    const std::vector<std::string> formats = {"int2", "int3", "int4", "int6", "int8"};
    std::vector<Assignment> population(64, testing::uniformAssignment(5, "int4", "int6"));
    for (std::size_t i = 1; i < population.size(); ++i) {
        for (int change = 0; change < 2; ++change) {
            const std::size_t slot = engine() % 10;
            auto& side = slot % 2 == 0 ? population[i][slot / 2].weights
                                       : population[i][slot / 2].activations;
            side = quantization::Quantizer::parse(formats[engine() % 5]).value();
        }
    }
    return population;
}

at::Tensor tensorOf(const Array& array) {
    return at::from_blob(const_cast<float*>(array.as<float>().data()), array.shape(), at::kFloat);
}

/// A pass of the float network as a plain program with LibTorch runs it, 256 images at a time.
double secondsOfLibTorch(const testing::LenetOnMnist& lenet, int threads) {
    at::set_num_threads(threads);
    const at::NoGradGuard noGradients;
    const at::Tensor images = tensorOf(lenet.evaluation.inputs.begin()->second);
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    for (const network::Layer& layer : lenet.network->layers) {
        weights.push_back(tensorOf(lenet.network->graph->initializers.at(layer.weight)));
        biases.push_back(tensorOf(lenet.network->graph->initializers.at(layer.bias)));
    }
    constexpr std::int64_t kBatch = 256;
    const double start = now();
    for (std::int64_t first = 0; first < images.size(0); first += kBatch) {
        at::Tensor x = images.narrow(0, first, std::min(kBatch, images.size(0) - first));
        x = at::avg_pool2d(at::relu(at::conv2d(x, weights[0], biases[0], 1, 2)), 2);
        x = at::avg_pool2d(at::relu(at::conv2d(x, weights[1], biases[1])), 2);
        x = at::conv2d(x, weights[2], biases[2]).flatten(1);
        x = at::linear(at::linear(x, weights[3], biases[3]), weights[4], biases[4]);
    }
    return now() - start;
}

/// Seconds of a plain pass.
struct Passes {
    double own = 0;
    double libTorch = 0;
};

void report(const char* name, exploration::Evaluator& evaluator,
            const std::vector<Assignment>& population, const Passes& pass) {
    secondsOf(evaluator, population);  // weights are rounded once
    const double together = secondsOf(evaluator, population);
    const double alone = secondsAlone(evaluator, population);
    std::printf(
        "%-16s %3zu designs  together %6.2f s = %5.1f passes, %5.1f of LibTorch   alone %6.2f s   "
        "%4.1fx\n",
        name, population.size(), together, together / pass.own, together / pass.libTorch, alone,
        alone / together);
}

}  // namespace

int main(int argc, char** argv) {
    const char* folder = std::getenv("BITLOUPE_TEST_DATA");
    if (folder == nullptr) {
        std::printf("set BITLOUPE_TEST_DATA to the folder of real networks and data sets\n");
        return 1;
    }
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    g_wall = threads > 1;
    const auto lenet = testing::LenetOnMnist::load(folder);
    const auto evaluator = lenet.evaluator(threads);
    secondsOf(*evaluator, {{}});
    Passes pass;
    pass.own = secondsAlone(*evaluator, std::vector<Assignment>(5)) / 5;
    secondsOfLibTorch(lenet, threads);
    pass.libTorch = secondsOfLibTorch(lenet, threads);
    std::printf(
        "threads %d, batches of %lld: a plain float pass takes %.3f s, of LibTorch's operators "
        "%.3f s\n",
        threads, static_cast<long long>(evaluator->batchSize()), pass.own, pass.libTorch);
    report("sensitivity map", *evaluator, sensitivityMap(), pass);
    report("neighbours", *evaluator, neighbours(), pass);
    return 0;
}
