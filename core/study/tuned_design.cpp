// SPDX-License-Identifier: Apache-2.0
#include "core/study/tuned_design.h"

#include <filesystem>

#include "core/base/file.h"
#include "core/base/safetensors_writer.h"
#include "core/importers/safetensors.h"

namespace bitloupe::study {

namespace {

constexpr std::string_view kScales = "scales/";

std::string scalesName(const network::Layer& layer, const char* side) {
    return std::string(kScales) + layer.name + "/" + side;
}

Array vectorOf(const std::vector<float>& values) {
    return Array::of({static_cast<std::int64_t>(values.size())}, values);
}

std::vector<float> valuesOf(const std::map<std::string, Array>& tensors, const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.type() != ElementType::Float32) {
        return {};
    }
    const std::span<const float> values = found->second.as<float>();
    return {values.begin(), values.end()};
}

}  // namespace

Result<void> saveTrainedTensors(const std::string& path, const network::Network& network,
                                const execution::TrainedTensors& trained) {
    std::map<std::string, Array> tensors = trained.initializers;
    for (std::size_t i = 0; i < trained.scales.size(); ++i) {
        const auto& [weights, input, second] = trained.scales[i];
        if (!weights.empty()) {
            tensors[scalesName(network.layers[i], "weights")] = vectorOf(weights);
        }
        if (!input.empty()) {
            tensors[scalesName(network.layers[i], "input")] = vectorOf(input);
        }
        if (!second.empty()) {
            tensors[scalesName(network.layers[i], "second")] = vectorOf(second);
        }
    }
    return writeFileAtomically(path, safetensorsBytes(tensors, {{"format", "pt"}}));
}

Result<execution::TrainedTensors> loadTrainedTensors(const std::string& path,
                                                     const network::Network& network) {
    const Result<network::NamedTensors> read = importers::readSafetensors(path);
    if (read.hasError()) {
        return read.error();
    }
    const std::map<std::string, Array> tensors(read.value().begin(), read.value().end());
    execution::TrainedTensors trained;
    for (const auto& [name, array] : tensors) {
        if (!name.starts_with(kScales)) {
            trained.initializers[name] = array;
        }
    }
    for (const network::Layer& layer : network.layers) {
        trained.scales.push_back({valuesOf(tensors, scalesName(layer, "weights")),
                                  valuesOf(tensors, scalesName(layer, "input")),
                                  valuesOf(tensors, scalesName(layer, "second"))});
    }
    return trained;
}

Result<exploration::TunedDesign> designOf(const Session& session,
                                          const exploration::Assignment& assignment,
                                          const std::string& weightsFile) {
    Result<exploration::ResolvedLayers> layers = session.evaluator->resolve(assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    if (weightsFile.empty()) {
        return exploration::TunedDesign{session.network, std::move(layers).value()};
    }
    const Result<execution::TrainedTensors> trained =
        loadTrainedTensors(weightsFile, *session.network);
    if (trained.hasError()) {
        return trained.error();
    }
    Result<exploration::TunedDesign> tuned =
        exploration::tunedDesign(*session.network, assignment, layers.value(), trained.value());
    return tuned.hasError() ? Result<exploration::TunedDesign>(tuned.error().within(weightsFile))
                            : tuned;
}

std::string weightsFileOf(const std::string& results, const exploration::Evaluation& evaluation) {
    return evaluation.weights.empty()
               ? ""
               : (std::filesystem::path(results).parent_path() / evaluation.weights).string();
}

}  // namespace bitloupe::study
