// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exporters/small_network.h"

#include <algorithm>
#include <random>

namespace bitloupe::testing {

namespace {

constexpr int kSide = 8;
constexpr int kKernel = 3;
constexpr int kOut = kSide - kKernel + 1;
constexpr int kChannels = 4;
constexpr int kFeatures = kChannels * kOut * kOut;
constexpr int kClasses = 5;

Array randomArray(Shape shape, float width, unsigned seed) {
    std::mt19937 generator(seed);
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    for (float& value : values) {
        const double unit = static_cast<double>(generator()) / 4294967296.0;
        value = static_cast<float>((2 * unit - 1) * width);
    }
    return Array::of(std::move(shape), values);
}

std::optional<quantization::Quantizer> quantizer(const std::string& name) {
    return name == "float" ? std::nullopt
                           : std::optional(quantization::Quantizer::parse(name).value());
}

std::vector<float> rounded(const std::vector<float>& values,
                           const std::optional<quantization::ActivationRounding>& rounding) {
    std::vector<float> result = values;
    if (rounding.has_value()) {
        rounding->apply(values, result);
    }
    return result;
}

std::span<const float> weightsOf(const exporters::ResolvedDesign& design, std::size_t layer) {
    return design.weights[layer].has_value()
               ? design.weights[layer]->values.as<float>()
               : design.network->graph->initializers.at(design.network->layers[layer].weight)
                     .as<float>();
}

/// Convolution, bias and ReLU of one image.
std::vector<float> convolve(std::span<const float> image, std::span<const float> weights,
                            std::span<const float> bias) {
    std::vector<float> features;
    for (int channel = 0; channel < kChannels; ++channel) {
        for (int pixel = 0; pixel < kOut * kOut; ++pixel) {
            double sum = bias[static_cast<std::size_t>(channel)];
            for (int tap = 0; tap < kKernel * kKernel; ++tap) {
                const int y = pixel / kOut + tap / kKernel;
                const int x = pixel % kOut + tap % kKernel;
                sum += static_cast<double>(image[static_cast<std::size_t>(y * kSide + x)]) *
                       weights[static_cast<std::size_t>(channel * kKernel * kKernel + tap)];
            }
            features.push_back(static_cast<float>(std::max(sum, 0.0)));
        }
    }
    return features;
}

}  // namespace

network::Network smallNetwork() {
    network::Graph graph;
    graph.name = "small";
    graph.inputs = {
        {"image", ElementType::Float32, {{{}, "N"}, {1, ""}, {kSide, ""}, {kSide, ""}}}};
    graph.outputs = {{"scores", ElementType::Float32, {{{}, "N"}, {kClasses, ""}}}};
    graph.initializers = {{"c1.weight", randomArray({kChannels, 1, kKernel, kKernel}, 0.5F, 1)},
                          {"c1.bias", randomArray({kChannels}, 0.1F, 2)},
                          {"f2.weight", randomArray({kClasses, kFeatures}, 0.2F, 3)},
                          {"f2.bias", randomArray({kClasses}, 0.1F, 4)}};
    graph.nodes = {{"c1", "Conv", "", {"image", "c1.weight", "c1.bias"}, {"c1_out"}, {}},
                   {"relu", "Relu", "", {"c1_out"}, {"relu_out"}, {}},
                   {"flat", "Flatten", "", {"relu_out"}, {"features"}, {}},
                   {"f2",
                    "Gemm",
                    "",
                    {"features", "f2.weight", "f2.bias"},
                    {"scores"},
                    {{"transB", std::int64_t{1}}}}};
    network::Network network;
    network.name = "small";
    network.source = "small.onnx";
    network.graph = std::make_shared<const network::Graph>(std::move(graph));
    network.layers =
        network::findLayers(*network.graph, {{"image", {1, 1, kSide, kSide}},
                                             {"c1_out", {1, kChannels, kOut, kOut}},
                                             {"relu_out", {1, kChannels, kOut, kOut}},
                                             {"features", {1, kFeatures}},
                                             {"scores", {1, kClasses}},
                                             {"c1.weight", {kChannels, 1, kKernel, kKernel}},
                                             {"c1.bias", {kChannels}},
                                             {"f2.weight", {kClasses, kFeatures}},
                                             {"f2.bias", {kClasses}}});
    return network;
}

std::vector<float> smallImages(int count) {
    const Array noise = randomArray({count * kSide * kSide}, 0.5F, 5);
    std::vector<float> images(noise.as<float>().begin(), noise.as<float>().end());
    for (float& value : images) {
        value += 0.5F;
    }
    return images;
}

exporters::ResolvedDesign smallDesign(const network::Network& network, const std::string& weights,
                                      const std::string& activations) {
    exporters::ResolvedDesign design;
    design.network = &network;
    const std::vector<float> sample = smallImages(8);
    for (const network::Layer& layer : network.layers) {
        design.assignment.push_back({quantizer(weights), quantizer(activations)});
        design.weights.emplace_back();
        design.activations.emplace_back();
        if (const auto& scheme = design.assignment.back(); scheme.weights.has_value()) {
            design.weights.back() =
                quantization::quantizeWeights(network.graph->initializers.at(layer.weight),
                                              layer.channelAxis, *scheme.weights)
                    .value();
        }
        if (const auto& scheme = design.assignment.back(); scheme.activations.has_value()) {
            design.activations.back() =
                quantization::chooseActivationRounding({0.0F, 1.0F, sample}, *scheme.activations)
                    .value();
        }
    }
    return design;
}

network::Network wideNetwork(std::int64_t parameters) {
    constexpr std::int64_t kInputs = 1000;
    const std::int64_t outputs = parameters / kInputs;
    network::Graph graph;
    graph.name = "wide";
    graph.inputs = {{"x", ElementType::Float32, {{{}, "N"}, {kInputs, ""}}}};
    graph.outputs = {{"y", ElementType::Float32, {{{}, "N"}, {outputs, ""}}}};
    std::vector<float> values(static_cast<std::size_t>(outputs * kInputs));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i * 2654435761U % 255) - 127;
    }
    graph.initializers = {{"fc.weight", Array::of({outputs, kInputs}, values)}};
    graph.nodes = {{"fc", "Gemm", "", {"x", "fc.weight"}, {"y"}, {{"transB", std::int64_t{1}}}}};
    network::Network network;
    network.name = "wide";
    network.source = "wide.onnx";
    network.graph = std::make_shared<const network::Graph>(std::move(graph));
    network.layers = network::findLayers(
        *network.graph,
        {{"x", {1, kInputs}}, {"y", {1, outputs}}, {"fc.weight", {outputs, kInputs}}});
    return network;
}

exporters::ResolvedDesign coarseDesign(const network::Network& network) {
    exporters::ResolvedDesign design;
    design.network = &network;
    design.assignment = {{quantizer("int8/minmax"), {}}};
    design.weights = {quantization::quantizeWeights(network.graph->initializers.at("fc.weight"), 0,
                                                    *design.assignment[0].weights)
                          .value()};
    design.activations.resize(1);
    return design;
}

std::vector<double> simulate(const exporters::ResolvedDesign& design,
                             const std::vector<float>& images) {
    const auto& initializers = design.network->graph->initializers;
    const std::vector<float> inputs = rounded(images, design.activations[0]);
    const auto dense = weightsOf(design, 1);
    std::vector<double> scores;
    for (std::size_t at = 0; at < inputs.size(); at += kSide * kSide) {
        const std::vector<float> features =
            rounded(convolve(std::span(inputs).subspan(at, kSide * kSide), weightsOf(design, 0),
                             initializers.at("c1.bias").as<float>()),
                    design.activations[1]);
        for (std::size_t c = 0; c < kClasses; ++c) {
            double sum = initializers.at("f2.bias").as<float>()[c];
            for (std::size_t i = 0; i < features.size(); ++i) {
                sum += static_cast<double>(features[i]) * dense[c * kFeatures + i];
            }
            scores.push_back(sum);
        }
    }
    return scores;
}

}  // namespace bitloupe::testing
