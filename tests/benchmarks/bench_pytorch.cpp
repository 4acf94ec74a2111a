// SPDX-License-Identifier: Apache-2.0
// Designs per second beside a plain PyTorch loop (set weights, hook activations, run): the same
// designs, the same samples, one thread each, processor time, in one run. The rounded weights and
// the ranges of this program are handed over, so both compute the same; the loop compares.
//
// bench_pytorch PYTHON: an interpreter that has torch and numpy. Needs BITLOUPE_TEST_DATA.
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "core/base/file.h"
#include "core/base/safetensors_writer.h"
#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/core/exploration/cifar_images.h"
#include "tests/core/exploration/lenet_on_mnist.h"

using namespace bitloupe;
using exploration::Assignment;

namespace {

using Population = std::vector<Assignment>;

struct Subject {
    std::string name;
    std::shared_ptr<const network::Network> network;
    std::unique_ptr<exploration::PopulationEvaluator> evaluator;
    data::Samples samples;
    std::vector<std::string> formats;
};

double now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::optional<quantization::Quantizer>& slotOf(Assignment& assignment, std::size_t slot) {
    return slot % 2 == 0 ? assignment[slot / 2].weights : assignment[slot / 2].activations;
}

/// Each slot alone in each format.
Population sensitivityMap(const Subject& subject) {
    const std::size_t layers = subject.network->layers.size();
    Population population;
    for (std::size_t slot = 0; slot < 2 * layers; ++slot) {
        for (const std::string& format : subject.formats) {
            Assignment assignment(layers);
            slotOf(assignment, slot) = quantization::Quantizer::parse(format).value();
            population.push_back(assignment);
        }
    }
    return population;
}

/// A design and 63 that differ from it in one or two slots.
Population neighbours(const Subject& subject) {
    const std::size_t layers = subject.network->layers.size();
    std::mt19937 engine(1);
    Population population(64, testing::uniformAssignment(layers, "int4", "int6"));
    for (std::size_t i = 1; i < population.size(); ++i) {
        for (int change = 0; change < 2; ++change) {
            slotOf(population[i], engine() % (2 * layers)) =
                quantization::Quantizer::parse(subject.formats[engine() % subject.formats.size()])
                    .value();
        }
    }
    return population;
}

/// What the loop needs of one population: for every design and slot the number of its format.
void describe(Subject& subject, const std::string& name, const Population& population,
              std::map<std::string, Array>& tensors) {
    const std::vector<std::string> formats = {"int2", "int3", "int4", "int6", "int8"};
    const std::size_t layers = subject.network->layers.size();
    std::vector<std::int32_t> choices;
    const auto numberOf = [&](const std::optional<quantization::Quantizer>& quantizer) {
        const auto found =
            std::find(formats.begin(), formats.end(), quantizer ? quantizer->name() : "");
        return found == formats.end() ? -1 : static_cast<std::int32_t>(found - formats.begin());
    };
    for (const Assignment& assignment : population) {
        const auto resolved = subject.evaluator->resolve(assignment).value();
        for (std::size_t layer = 0; layer < layers; ++layer) {
            const std::string suffix = "." + std::to_string(layer) + ".";
            choices.push_back(numberOf(assignment[layer].weights));
            if (choices.back() >= 0) {
                tensors["weights" + suffix + std::to_string(choices.back())] =
                    resolved.weights[layer]->values;
            }
            choices.push_back(numberOf(assignment[layer].activations));
            if (choices.back() >= 0) {
                const auto& rounding = *resolved.activations[layer];
                const int bits = std::atoi(rounding.format.name().substr(3).c_str());
                const float half = static_cast<float>(1 << (bits - 1));
                tensors["range" + suffix + std::to_string(choices.back())] = Array::of<float>(
                    {4}, {rounding.options.scaling.scale, rounding.options.scaling.zeroPoint,
                          rounding.options.narrow ? 1 - half : -half, half - 1});
            }
        }
    }
    tensors[name] = Array::of<std::int32_t>(
        {static_cast<std::int64_t>(population.size()), static_cast<std::int64_t>(layers), 2},
        choices);
}

/// Measures the population; the second time, so that weights are rounded already.
void measure(Subject& subject, const std::string& name, const Population& population,
             std::map<std::string, Array>& tensors) {
    static_cast<void>(subject.evaluator->evaluate({population.data(), 1}, {}, {}));
    describe(subject, name, population, tensors);
    const double start = now();
    const auto answer = subject.evaluator->evaluate(population, {}, {});
    const double seconds = now() - start;
    std::vector<float> accuracy;
    std::vector<float> kl;
    for (const exploration::Measurement& measured : answer.measurements) {
        accuracy.push_back(static_cast<float>(measured.metric));
        kl.push_back(static_cast<float>(measured.kl));
    }
    const auto count = static_cast<std::int64_t>(population.size());
    tensors[name + ".accuracy"] = Array::of<float>({count}, accuracy);
    tensors[name + ".kl"] = Array::of<float>({count}, kl);
    tensors[name + ".seconds"] = Array::of<float>({1}, {static_cast<float>(seconds)});
}

void run(Subject& subject, const QString& python) {
    std::map<std::string, Array> tensors;
    tensors["images"] = subject.samples.inputs.begin()->second;
    tensors["labels"] = Array::of<std::int64_t>(
        {static_cast<std::int64_t>(subject.samples.labels.size())}, subject.samples.labels);
    for (std::size_t layer = 0; layer < subject.network->layers.size(); ++layer) {
        const auto& stored = subject.network->graph->initializers;
        const network::Layer& description = subject.network->layers[layer];
        tensors["weight." + std::to_string(layer)] = stored.at(description.weight);
        tensors["bias." + std::to_string(layer)] = stored.at(description.bias);
    }
    measure(subject, "map", sensitivityMap(subject), tensors);
    measure(subject, "neighbours", neighbours(subject), tensors);
    const QTemporaryDir folder;
    const std::string file = folder.filePath(QStringLiteral("designs.safetensors")).toStdString();
    if (writeFileAtomically(file, safetensorsBytes(tensors)).hasError()) {
        std::printf("%s cannot be written\n", file.c_str());
        return;
    }
    std::fflush(stdout);
    QProcess::execute(python,
                      {QStringLiteral(BITLOUPE_SOURCE_DIR "/tests/benchmarks/pytorch_loop.py"),
                       QString::fromStdString(subject.name), QString::fromStdString(file)});
}

Subject lenet(const std::string& folder) {
    const auto loaded = testing::LenetOnMnist::load(folder);
    return {"lenet5",
            loaded.network,
            loaded.evaluator(1),
            loaded.evaluation,
            {"int2", "int3", "int4", "int6", "int8"}};
}

Subject resnet(const std::string& folder) {
    const std::string file =
        folder + "/models/derived/resnet20_cifar10/resnet20_cifar10_opset13.onnx";
    const std::string images = folder + "/data/cifar10/data_batch_1_first4000.bin";
    Subject subject;
    subject.name = "resnet20";
    subject.network = std::make_shared<const network::Network>(
        execution::makeNetwork(importers::importNetwork({file, ""}).value(), file,
                               {{"input", {1, 3, 32, 32}}})
            .value());
    subject.samples = testing::cifarImages(images, 0, 256).value();
    subject.evaluator =
        exploration::makePopulationEvaluator(
            subject.network, testing::cifarImages(images, 256, 64).value(), subject.samples, 1)
            .value();
    subject.formats = {"int3", "int4", "int8"};
    return subject;
}

}  // namespace

int main(int argc, char** argv) {
    const char* folder = std::getenv("BITLOUPE_TEST_DATA");
    if (folder == nullptr || argc < 2) {
        std::printf("usage: bench_pytorch PYTHON, with BITLOUPE_TEST_DATA set\n");
        return 1;
    }
    const QString python = QString::fromLocal8Bit(argv[1]);
    Subject small = lenet(folder);
    run(small, python);
    Subject deep = resnet(folder);
    run(deep, python);
    return 0;
}
