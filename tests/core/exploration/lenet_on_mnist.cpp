// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exploration/lenet_on_mnist.h"

#include <stdexcept>

#include "core/data/data_description.h"
#include "core/execution/executor.h"
#include "core/importers/importer.h"

namespace bitloupe::testing {

namespace {

template <typename T>
T need(Result<T> result) {
    if (result.hasError()) {
        throw std::runtime_error(result.error().sentence());
    }
    return std::move(result).value();
}

}  // namespace

LenetOnMnist LenetOnMnist::load(const std::string& folder, std::int64_t calibrationImages) {
    LenetOnMnist loaded;
    const std::string file = folder + "/models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx";
    loaded.network = std::make_shared<const network::Network>(
        need(execution::makeNetwork(need(importers::importNetwork({file, ""})), file)));
    data::DataDescription description;
    description.kind = "idx";
    description.name = "MNIST";
    description.folder = folder + "/data/mnist";
    description.sources["train"].files = {{"images", "train-images-idx3-ubyte.gz"},
                                          {"labels", "train-labels-idx1-ubyte.gz"}};
    description.sources["test"].files = {{"images", "t10k-images-idx3-ubyte.gz"},
                                         {"labels", "t10k-labels-idx1-ubyte.gz"}};
    description.splits[data::Role::Calibration] = {"train", 0, calibrationImages};
    description.splits[data::Role::Search] = {"test", 0, std::nullopt};
    description.scaling = "divide";
    description.divisor = 255;
    const data::DataSet set = need(data::loadDataSet(description));
    loaded.calibration = set.splits.at(data::Role::Calibration);
    loaded.evaluation = set.splits.at(data::Role::Search);
    return loaded;
}

std::unique_ptr<exploration::PopulationEvaluator> LenetOnMnist::evaluator(int threads) const {
    return need(exploration::makePopulationEvaluator(network, calibration, evaluation, threads));
}

exploration::Assignment uniformAssignment(std::size_t layers, const std::string& weights,
                                          const std::string& activations) {
    quantization::LayerScheme scheme;
    if (!weights.empty()) {
        scheme.weights = need(quantization::Quantizer::parse(weights));
    }
    if (!activations.empty()) {
        scheme.activations = need(quantization::Quantizer::parse(activations));
    }
    return exploration::Assignment(layers, scheme);
}

}  // namespace bitloupe::testing
