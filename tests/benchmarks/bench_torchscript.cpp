// SPDX-License-Identifier: Apache-2.0
// The float forward pass beside LibTorch's own interpreter of the same TorchScript network, one
// thread, batch 32: processor time, the fastest of many passes, taken in turns. Needs
// BITLOUPE_TEST_DATA.
#include <ATen/Parallel.h>
#include <torch/script.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "core/execution/executor.h"
#include "core/execution/tensor_bridge.h"
#include "core/study/network_file.h"

using namespace bitloupe;

namespace {

constexpr std::int64_t kBatch = 32;
constexpr double kSeconds = 3;  // for each network

double now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <typename Work>
double secondsOf(Work work) {
    const double start = now();
    work();
    return now() - start;
}

at::Tensor inputFor(const network::ValueInfo& info) {
    std::vector<std::int64_t> shape = {kBatch};
    for (std::size_t i = 1; i < info.shape.size(); ++i) {
        shape.push_back(info.shape[i].value.value_or(kBatch));
    }
    return info.type == ElementType::Int64 ? at::randint(16, shape, at::TensorOptions(at::kLong))
                                           : at::rand(shape);
}

void measure(const std::string& path) {
    const auto graph = study::openNetwork({path, ""});
    if (graph.hasError()) {
        std::printf("%s\n", graph.error().sentence().c_str());
        return;
    }
    const auto executor = execution::Executor::prepare(graph.value());
    torch::jit::setGraphExecutorOptimize(true);
    torch::jit::Module module = torch::jit::load(path, at::kCPU);
    module.eval();
    module = torch::jit::freeze(module);
    std::vector<c10::IValue> arguments;
    std::map<std::string, Array> inputs;
    for (const network::ValueInfo& info : graph.value()->inputs) {
        const at::Tensor input = inputFor(info);
        arguments.emplace_back(input);
        inputs[info.name] = execution::toArray(input);
    }
    const at::NoGradGuard guard;
    at::set_num_threads(1);
    double ours = 1e9;
    double theirs = 1e9;
    int passes = 0;
    for (const double start = now(); now() - start < kSeconds || passes < 5; ++passes) {
        ours = std::min(ours, secondsOf([&] { static_cast<void>(executor.value().run(inputs)); }));
        theirs = std::min(theirs, secondsOf([&] { module.forward(arguments); }));
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    std::printf("%-44s %9.3f ms  interpreter %9.3f ms  ratio %.2f\n", name.c_str(), ours * 1e3,
                theirs * 1e3, ours / theirs);
}

}  // namespace

int main(int argc, char** argv) {
    const char* data = std::getenv("BITLOUPE_TEST_DATA");
    for (int i = 1; i < argc; ++i) {
        measure(argv[i]);
    }
    if (argc == 1 && data != nullptr) {
        const std::string folder = std::string(data) + "/models/derived/";
        for (const char* name :
             {"lenet5_mnist", "resnet20_cifar10", "edge_churn_dnn", "edge_telescope_dnn",
              "char_rnn_baseline", "particlenet_kin_jetclass"}) {
            measure(folder + name + "/" + name + "_scripted.pt");
        }
    }
    return 0;
}
