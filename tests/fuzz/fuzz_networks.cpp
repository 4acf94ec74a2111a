// SPDX-License-Identifier: Apache-2.0
// Runs random graphs: `fuzz_networks [COUNT [FIRST SEED]]`. Every one must end in outputs or in one
// error of one line, within bounds of memory and time.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "core/execution/executor.h"
#include "tests/fuzz/random_graph.h"

using namespace bitloupe;

namespace {

constexpr int kCount = 4000;
constexpr long kMostMegabytes = 6000;  // an operator may make tensors of 2^28 elements
constexpr double kMostSeconds = 20;

// What a crash tells of itself: the seed that brings it back.
char crashText[64];

void tellSeed(int signal) {
    const ssize_t written = write(STDERR_FILENO, crashText, std::strlen(crashText));
    _exit(written > 0 ? 128 + signal : EXIT_FAILURE);
}

long peakMegabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

struct Outcome {
    bool ran = false;
    std::string fault;  ///< "" when the program behaved
};

std::string faultOf(const Error& error) {
    const std::string sentence = error.sentence();
    if (sentence.empty() || error.what.empty()) {
        return "an error that says nothing";
    }
    return sentence.find('\n') == std::string::npos ? "" : "an error of several lines: " + sentence;
}

Outcome run(const fuzz::RandomCase& made) {
    const Result<network::Network> network = execution::makeNetwork(made.graph, "random");
    if (network.hasError()) {
        if (const std::string fault = faultOf(network.error()); !fault.empty()) {
            return {false, fault};
        }
    }
    const Result<execution::Executor> executor = execution::Executor::prepare(made.graph);
    if (executor.hasError()) {
        return {false, faultOf(executor.error())};
    }
    const Result<std::vector<Array>> outputs = executor.value().run(made.inputs);
    if (outputs.hasError()) {
        return {false, faultOf(outputs.error())};
    }
    return {true,
            outputs.value().size() == made.graph->outputs.size() ? "" : "outputs are missing"};
}

Outcome runSeed(std::uint32_t seed) {
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome;
    try {
        outcome = run(fuzz::randomCase(seed));
    } catch (const std::exception& error) {
        outcome.fault = std::string("an exception: ") + error.what();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (outcome.fault.empty() && took.count() > kMostSeconds) {
        outcome.fault = "it took " + std::to_string(took.count()) + " s";
    }
    if (outcome.fault.empty() && peakMegabytes() > kMostMegabytes) {
        outcome.fault = "memory grew to " + std::to_string(peakMegabytes()) + " MB";
    }
    return outcome;
}

/// Every operator of the list must be one that the program runs: else nothing is tried.
std::string unknownOperator() {
    for (const std::string& type : fuzz::operatorsUsed()) {
        const std::size_t slash = type.find('/');
        network::Graph graph;
        graph.nodes.emplace_back();
        graph.nodes[0].domain = slash == std::string::npos ? "" : type.substr(0, slash);
        graph.nodes[0].operatorType = slash == std::string::npos ? type : type.substr(slash + 1);
        if (!execution::unsupportedOperators(graph).empty()) {
            return type;
        }
    }
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : kCount;
    const int first = argc > 2 ? std::atoi(argv[2]) : 1;
    if (const std::string unknown = unknownOperator(); !unknown.empty()) {
        std::fprintf(stderr, "networks: the operator %s is not known\n", unknown.c_str());
        return EXIT_FAILURE;
    }
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) {
        std::signal(signal, tellSeed);
    }
    int ran = 0;
    for (int seed = first; seed < first + count; ++seed) {
        std::snprintf(crashText, sizeof(crashText), "networks: crash at seed %d\n", seed);
        const Outcome outcome = runSeed(static_cast<std::uint32_t>(seed));
        if (!outcome.fault.empty()) {
            std::fprintf(stderr, "networks: seed %d: %s\n", seed, outcome.fault.c_str());
            return EXIT_FAILURE;
        }
        ran += outcome.ran ? 1 : 0;
    }
    std::printf("networks: %d graphs, %d ran, peak %ld MB\n", count, ran, peakMegabytes());
    // A target whose graphs all fail early would find nothing.
    return ran * 20 > count || count < 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}
