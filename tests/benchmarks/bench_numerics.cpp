// SPDX-License-Identifier: Apache-2.0
//
// Rounds 64 MiB of normally distributed floats out of place on one thread, beside memcpy of the
// same bytes and ATen's fake_quantize_per_tensor_affine. Each iteration runs the three in turn; the
// ratios are medians over the iterations of the ratio within one, so a neighbour's load hits both
// alike.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/numerics/codebook.h"
#include "core/numerics/number_format.h"
#include "core/numerics/rounding.h"

namespace {

using namespace bitloupe::numerics;

constexpr std::size_t kElements = (std::size_t{64} << 20) / sizeof(float);
constexpr double kBytes = static_cast<double>(kElements) * sizeof(float);
constexpr int kIterations = 15;

struct Buffers {
    std::vector<float> in;
    std::vector<float> out;

    Buffers() : in(kElements), out(kElements) {
        std::mt19937 engine(1);
        std::normal_distribution<float> normal;
        std::generate(in.begin(), in.end(), [&] { return normal(engine); });
    }
};

Buffers& buffers() {
    static Buffers instance;
    return instance;
}

template <typename Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void copy() {
    std::memcpy(buffers().out.data(), buffers().in.data(), kElements * sizeof(float));
    benchmark::ClobberMemory();
}

void fakeQuantize() {
    const torch::NoGradGuard guard;
    const at::Tensor input =
        at::from_blob(buffers().in.data(), {static_cast<std::int64_t>(kElements)});
    benchmark::DoNotOptimize(at::fake_quantize_per_tensor_affine(input, 5.0 / 127, 0, -128, 127));
}

/// `bar`: the least share of memcpy's speed; `overAten`: the least factor over ATen, 0 for none.
template <typename Work>
void compare(benchmark::State& state, double bar, double overAten, const Work& work) {
    copy();
    work();
    std::vector<double> times;
    std::vector<double> ofCopy;
    std::vector<double> ofAten;
    for ([[maybe_unused]] auto _ : state) {
        const double copying = seconds(copy);
        const double rounding = seconds(work);
        state.SetIterationTime(rounding);
        times.push_back(rounding);
        ofCopy.push_back(copying / rounding);
        if (overAten > 0) {
            ofAten.push_back(seconds(fakeQuantize) / rounding);
        }
    }
    state.counters["GB/s"] = kBytes / median(times) * 1e-9;
    state.counters["memcpy"] = median(ofCopy);
    state.counters["bar"] = bar;
    bool reached = median(ofCopy) >= bar;
    if (overAten > 0) {
        state.counters["xATen"] = median(ofAten);
        state.counters["xATen_bar"] = overAten;
        reached = reached && median(ofAten) >= overAten;
    }
    state.SetLabel(reached ? "reached" : "MISSED");
}

void roundFormat(benchmark::State& state, const std::string& name, RoundingMode mode, float scale,
                 double bar, double overAten) {
    const NumberFormat format = NumberFormat::parse(name).value();
    RoundingOptions options;
    options.mode = mode;
    options.scaling.scale = scale;
    compare(state, bar, overAten, [&] { roundSpan(format, buffers().in, buffers().out, options); });
}

void roundCodebook(benchmark::State& state, const CodebookParameters& parameters, RoundingMode mode,
                   double bar) {
    // Fitted to a part: the fit is not what is measured.
    const Codebook codebook =
        Codebook::fit(parameters, std::span<const float>(buffers().in).first(1 << 16));
    RoundingOptions options;
    options.mode = mode;
    compare(state, bar, 0, [&] { codebook.round(buffers().in, buffers().out, options); });
}

void add(const std::string& name, RoundingMode mode, double bar, double overAten, float scale = 1) {
    const std::string suffix = std::string(scale == 1 ? "" : " scaled") +
                               (mode == RoundingMode::Stochastic ? " stochastic" : " nearest");
    benchmark::RegisterBenchmark(
        (name + suffix).c_str(),
        [=](benchmark::State& state) { roundFormat(state, name, mode, scale, bar, overAten); })
        ->UseManualTime()
        ->Iterations(kIterations)
        ->Unit(benchmark::kMillisecond);
}

void addCodebook(CodebookKind kind, int bits, RoundingMode mode, double bar) {
    const std::string name = "codebook of " + std::to_string(1 << bits) + " values" +
                             (kind == CodebookKind::KMeans ? ", kmeans" : ", uniform") +
                             (mode == RoundingMode::Stochastic ? " stochastic" : " nearest");
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) {
                                     roundCodebook(state, {kind, bits}, mode, bar);
                                 })
        ->UseManualTime()
        ->Iterations(kIterations)
        ->Unit(benchmark::kMillisecond);
}

void addTable() {
    constexpr double kScalarBar = 0.5;
    constexpr double kAten = 8;
    constexpr double kBlockBar = 0.35;
    constexpr double kCodebookBar = 0.25;
    constexpr double kStochasticBar = 0.2;
    constexpr float kScale = 5.0F / 127;
    for (const char* name :
         {"int8", "int4", "uint8", "int16", "fixed<8,3>", "fixed<16,6,trn,wrap>"}) {
        add(name, RoundingMode::Nearest, kScalarBar, kAten, kScale);
    }
    for (const char* name :
         {"fp16", "bf16", "fp8e4m3", "fp8e5m2", "fp8e4m3fnuz", "fp6e3m2", "fp6e2m3", "fp4e2m1",
          "pow2<4>", "posit<8,0>", "posit<8,1>", "posit<16,2>", "posit<6,1>"}) {
        add(name, RoundingMode::Nearest, kScalarBar, kAten);
        add(name, RoundingMode::Nearest, kScalarBar, kAten, kScale);
    }
    for (const char* name : {"mxfp8e4m3", "mxfp6e3m2", "mxfp4", "mxint8", "nvfp4"}) {
        add(name, RoundingMode::Nearest, kBlockBar, 0);
    }
    for (const int bits : {2, 4, 6, 8}) {
        addCodebook(CodebookKind::KMeans, bits, RoundingMode::Nearest, kCodebookBar);
    }
    addCodebook(CodebookKind::Uniform, 8, RoundingMode::Nearest, kCodebookBar);
    for (const char* name :
         {"int8", "fixed<8,3>", "fp8e4m3", "posit<8,1>", "posit<16,2>", "mxfp4", "nvfp4"}) {
        add(name, RoundingMode::Stochastic, kStochasticBar, 0);
    }
    addCodebook(CodebookKind::KMeans, 8, RoundingMode::Stochastic, kStochasticBar);
}

}  // namespace

int main(int argc, char** argv) {
    at::set_num_threads(1);
    addTable();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
