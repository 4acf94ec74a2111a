// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/agreement.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/execution/executor.h"
#include "core/execution/population_runner.h"
#include "core/execution/torchscript_file.h"
#include "core/exporters/integer_files.h"
#include "core/importers/importer.h"
#include "core/quantization/integer/run_integers.h"

namespace bitloupe::exporters {

namespace {

using Progress = std::function<bool(double)>;

struct Outputs {
    std::vector<float> values;
    std::size_t width = 1;  ///< of a row
};

Error stopped() {
    return {"the check was stopped", "", ""};
}

Result<Outputs> runPopulation(const execution::PopulationRunner& runner,
                              const execution::VariantList& variant, const data::Samples& samples,
                              const Progress& progress) {
    std::vector<std::vector<float>> batches(runner.batchCount(samples.count()));
    std::size_t width = 1;
    std::mutex mutex;
    std::stop_source stop;
    execution::PopulationJob job;
    job.inputs = &samples.inputs;
    job.population = std::span(&variant, 1);
    job.stop = stop.get_token();
    job.output = [&](const execution::BatchOutput& batch) {
        const std::scoped_lock lock(mutex);
        batches[batch.batch].assign(batch.values.begin(), batch.values.end());
        width = batch.width;
    };
    job.progress = [&](double share) {
        if (progress && !progress(share)) {
            stop.request_stop();
        }
    };
    const Result<execution::PopulationRun> run = runner.run(job);
    if (run.hasError()) {
        return run.error();
    }
    if (run.value().outcome != JobOutcome::Finished) {
        return stopped();
    }
    Outputs outputs;
    outputs.width = width;
    for (const std::vector<float>& batch : batches) {
        outputs.values.insert(outputs.values.end(), batch.begin(), batch.end());
    }
    return outputs;
}

execution::InputRounding roundingOf(const quantization::ActivationRounding& rounding) {
    const bool blocks = rounding.format.family() == numerics::Family::Microscaling;
    return {[rounding](auto in, auto out) { rounding.apply(in, out); }, blocks};
}

Result<Outputs> simulate(const ResolvedDesign& design, const data::Samples& samples,
                         const Progress& progress) {
    // The runner keeps the network alive by itself; here the caller does.
    const std::shared_ptr<const network::Network> borrowed(design.network, [](const auto*) {});
    Result<execution::PopulationRunner> runner = execution::PopulationRunner::prepare(borrowed);
    if (runner.hasError()) {
        return runner.error();
    }
    execution::VariantList variant(design.network->layers.size());
    for (std::size_t i = 0; i < variant.size(); ++i) {
        if (design.weights[i]) {
            const Result<int> added = runner.value().addWeights(i, design.weights[i]->values);
            if (added.hasError()) {
                return added.error();
            }
            variant[i].weights = added.value();
        }
        execution::OperandRoundings roundings;
        const bool second = i < design.secondActivations.size() && design.secondActivations[i];
        if (design.activations[i]) {
            roundings.first = roundingOf(*design.activations[i]);
        }
        if (second) {
            roundings.second = roundingOf(*design.secondActivations[i]);
        }
        if (design.activations[i] || second) {
            variant[i].input = runner.value().addRounding(i, std::move(roundings));
        }
    }
    return runPopulation(runner.value(), variant, samples, progress);
}

Result<Outputs> runOnnx(const std::string& path, const data::Samples& samples,
                        const Progress& progress) {
    const auto graph = importers::importNetwork({path, {}});
    if (graph.hasError()) {
        return graph.error();
    }
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : samples.inputs) {
        shapes[name] = array.shape();
        shapes[name].front() = 1;
    }
    Result<network::Network> network = execution::makeNetwork(graph.value(), path, shapes);
    if (network.hasError()) {
        return network.error().within(path);
    }
    const auto shared = std::make_shared<const network::Network>(std::move(network).value());
    const Result<execution::PopulationRunner> runner = execution::PopulationRunner::prepare(shared);
    if (runner.hasError()) {
        return runner.error().within(path);
    }
    return runPopulation(runner.value(), execution::VariantList(shared->layers.size()), samples,
                         progress);
}

Outputs rowsOf(const Array& array) {
    Outputs outputs;
    outputs.width = array.shape().size() < 2 ? 1 : static_cast<std::size_t>(array.shape().back());
    if (array.type() == ElementType::Float32) {
        outputs.values.assign(array.as<float>().begin(), array.as<float>().end());
    }
    return outputs;
}

Result<Outputs> runTorch(const std::string& path, const ResolvedDesign& design,
                         const data::Samples& samples, const Progress& progress) {
    constexpr std::int64_t kBatch = 64;
    Outputs outputs;
    for (std::int64_t first = 0; first < samples.count(); first += kBatch) {
        const data::Samples batch = samples.slice(first, std::min(kBatch, samples.count() - first));
        std::vector<Array> inputs;
        for (const network::ValueInfo& input : design.network->graph->inputs) {
            inputs.push_back(batch.inputs.at(input.name));
        }
        const Result<std::vector<Array>> result = execution::runTorchScript(path, inputs);
        if (result.hasError()) {
            return result.error();
        }
        const Outputs rows = rowsOf(result.value().at(0));  // a module gives at least one tensor
        outputs.width = rows.width;
        outputs.values.insert(outputs.values.end(), rows.values.begin(), rows.values.end());
        if (progress &&
            !progress(static_cast<double>(first) / static_cast<double>(samples.count()))) {
            return stopped();
        }
    }
    return outputs;
}

Result<Outputs> runIntegers(const std::string& path, const data::Samples& samples,
                            const Progress& progress) {
    const Result<quantization::IntegerNetwork> network = readIntegerFiles(path);
    if (network.hasError()) {
        return network.error();
    }
    const auto values = samples.inputs.begin()->second.as<float>();
    const auto count = static_cast<std::size_t>(samples.count());
    if (values.size() != count * network.value().sampleLength()) {
        return Error{"the samples do not have the size that the network takes", path,
                     "export the design again"};
    }
    const quantization::IntegerRun run =
        quantization::runIntegers(network.value(), values, {}, 1, progress);
    if (run.outputs.size() != count * run.width) {
        return stopped();
    }
    Outputs outputs;
    outputs.width = run.width;
    for (const std::int64_t code : run.outputs) {
        outputs.values.push_back(
            static_cast<float>(static_cast<double>(code) * network.value().outputScale));
    }
    return outputs;
}

std::size_t largestOf(std::span<const float> row) {
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

Agreement compare(const Outputs& here, const Outputs& there) {
    Agreement agreement;
    float most = 0;
    for (std::size_t i = 0; i < here.values.size(); ++i) {
        most = std::max(most, std::fabs(here.values[i]));
        agreement.largestDifference = std::max(
            agreement.largestDifference,
            std::fabs(static_cast<double>(here.values[i]) - static_cast<double>(there.values[i])));
    }
    constexpr float kShare = 1e-3F;
    for (std::size_t at = 0; at + here.width <= here.values.size(); at += here.width) {
        const std::span a = std::span(here.values).subspan(at, here.width);
        const std::span b = std::span(there.values).subspan(at, here.width);
        const bool same = here.width == 1 ? std::fabs(a[0] - b[0]) <= kShare * most
                                          : largestOf(a) == largestOf(b);
        agreement.agreeing += same ? 1 : 0;
        ++agreement.samples;
    }
    return agreement;
}

}  // namespace

Result<Agreement> checkAgreement(const ExportKind& kind, const std::string& path,
                                 const ResolvedDesign& design, const data::Samples& samples,
                                 const Progress& progress) {
    // The two runs take about as long as each other.
    const auto half = [&](double done) -> Progress {
        return progress ? Progress([&progress, done](double share) {
            return progress(done + share / 2);
        })
                        : Progress();
    };
    if (progress && !progress(0)) {
        return stopped();
    }
    const Result<Outputs> here = simulate(design, samples, half(0));
    if (here.hasError()) {
        return here.error();
    }
    if (progress && !progress(0.5)) {
        return stopped();
    }
    const bool torch = kind.key == "torchscript";
    const bool integers = kind.key == "integers";
    const Result<Outputs> there =
        torch ? runTorch(path, design, samples, half(0.5))
        : integers
            ? runIntegers(path, samples, half(0.5))
            : runOnnx(kind.key == "hls4ml" ? path + "/network.onnx" : path, samples, half(0.5));
    if (there.hasError()) {
        return there.error();
    }
    if (here.value().values.size() != there.value().values.size()) {
        return Error{"the file gives another number of outputs than the simulation", path,
                     "export the design again"};
    }
    Agreement agreement = compare(here.value(), there.value());
    agreement.reader = torch      ? "LibTorch"
                       : integers ? "integer arithmetic from the files alone"
                                  : "this program's ONNX importer and executor";
    return agreement;
}

}  // namespace bitloupe::exporters
