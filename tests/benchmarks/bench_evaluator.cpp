// SPDX-License-Identifier: Apache-2.0
// What sharing prefixes is worth on a real network: a full one-layer sensitivity map and a
// generation of neighbours of LeNet-5 on 10,000 images, beside plain passes of the float network
// and beside the same designs one at a time.
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

void report(const char* name, exploration::Evaluator& evaluator,
            const std::vector<Assignment>& population, double pass) {
    secondsOf(evaluator, population);  // weights are rounded once
    const double together = secondsOf(evaluator, population);
    const double alone = secondsAlone(evaluator, population);
    std::printf("%-18s %3zu designs  together %6.2f s = %5.1f passes   alone %6.2f s   %4.1fx\n",
                name, population.size(), together, together / pass, alone, alone / together);
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
    const double pass = secondsAlone(*evaluator, std::vector<Assignment>(5)) / 5;
    std::printf("threads %d, batches of %lld: a plain float pass takes %.3f s\n", threads,
                static_cast<long long>(evaluator->batchSize()), pass);
    report("sensitivity map", *evaluator, sensitivityMap(), pass);
    report("neighbours", *evaluator, neighbours(), pass);
    return 0;
}
