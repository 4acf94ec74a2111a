// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/fine_tuning.h"

#include "core/exploration/layer_inputs.h"
#include "core/exploration/layer_schemes.h"
#include "core/exploration/output_comparison.h"
#include "core/network/graph_hash.h"
#include "core/quantization/scale_search.h"
#include "core/quantization/trained_weights.h"

namespace bitloupe::exploration {

using execution::TensorRounding;
using numerics::Family;
using quantization::Quantizer;
using quantization::WeightScales;

namespace {

/// Multiples of the scale beyond which values are clipped. Blocks and fitted formats follow their
/// values, and what has one magnitude alone would lose nearly every gradient.
void setRange(TensorRounding& rounding, const numerics::NumberFormat& format, bool weights,
              double zeroPoint) {
    switch (format.family()) {
        case Family::Integer: {
            const quantization::CodeRange codes =
                quantization::codeRange(format, weights && !quantization::isUnsigned(format));
            rounding.lowest = codes.lowest - zeroPoint;
            rounding.highest = codes.highest - zeroPoint;
            return;
        }
        case Family::Binary:
        case Family::Ternary:
            if (weights) {
                return;
            }
            [[fallthrough]];
        case Family::Fixed:
        case Family::Float:
        case Family::Posit:
        case Family::PowerOfTwo:
        case Family::MidRise:
            rounding.highest = format.maxValue();
            rounding.lowest = -rounding.highest;
            return;
        case Family::Microscaling:
        case Family::Codebook:
        case Family::Multipoint:
            return;
    }
}

TensorRounding weightRounding(const Array& stored, const Quantizer& quantizer,
                              const quantization::QuantizedWeights& before) {
    const auto scales = std::make_shared<const WeightScales>(stored.shape(), quantizer, before);
    TensorRounding rounding;
    rounding.scales = scales->initial();
    if (rounding.scales.size() > 1) {
        rounding.scaleOf = scales->scaleOf();
    }
    rounding.round = [scales](std::span<const float> values, std::span<const float> factors,
                              double done, std::span<float> rounded) {
        scales->round(values, factors, done, rounded);
    };
    rounding.learnsScales =
        quantizer.format.family() == Family::Integer && !quantizer.powerOfTwoScale;
    Quantizer nearest = quantizer;  // the methods that look at inputs belong to fixed weights
    nearest.rounding = quantization::WeightRounding::Nearest;
    nearest.biasCorrection = false;
    const int axis = before.channelAxis;
    rounding.rescale = [quantizer = nearest, axis, shape = stored.shape(),
                        scales](std::span<const float> values) {
        const auto rounded =
            quantization::quantizeWeights(Array::of<float>(shape, values), axis, quantizer);
        // Weights that are not finite end the training elsewhere, with a sentence.
        return rounded.hasError() ? scales->initial()
                                  : WeightScales(shape, quantizer, rounded.value()).initial();
    };
    if (quantizer.range == quantization::RangeRule::Sweep) {
        rounding.rescale = nullptr;  // it would choose another es beside another scale
    }
    setRange(rounding, before.format, true, static_cast<double>(before.scalings.front().zeroPoint));
    return rounding;
}

TensorRounding inputRounding(const quantization::ActivationRounding& before) {
    TensorRounding rounding;
    const bool scaled = quantization::takesScale(before.format);
    if (scaled) {
        rounding.scales = {before.options.scaling.scale};
    }
    rounding.round = [before](std::span<const float> values, std::span<const float> factors,
                              double /*done*/, std::span<float> rounded) {
        numerics::RoundingOptions options = before.options;
        if (!factors.empty()) {
            options.scaling.scale = factors.front();
        }
        numerics::roundSpan(before.format, values, rounded, options);
    };
    rounding.learnsScales = before.format.family() == Family::Integer;
    rounding.perSample = roundsPerSample(before);
    setRange(rounding, before.format, false, static_cast<double>(before.options.scaling.zeroPoint));
    return rounding;
}

}  // namespace

std::vector<execution::LayerTraining> layerTraining(const network::Network& network,
                                                    const Assignment& assignment,
                                                    const ResolvedLayers& resolved) {
    std::vector<execution::LayerTraining> layers(network.layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto stored = network.graph->initializers.find(network.layers[i].weight);
        if (resolved.weights[i] && stored != network.graph->initializers.end()) {
            layers[i].weights =
                weightRounding(stored->second, *assignment[i].weights, *resolved.weights[i]);
        } else {
            layers[i].isFrozen = true;
        }
        if (resolved.activations[i]) {
            layers[i].input = inputRounding(*resolved.activations[i]);
        }
        if (i < resolved.secondActivations.size() && resolved.secondActivations[i]) {
            layers[i].second = inputRounding(*resolved.secondActivations[i]);
        }
    }
    return layers;
}

Result<TunedDesign> tunedDesign(const network::Network& network, const Assignment& assignment,
                                const ResolvedLayers& resolved,
                                const execution::TrainedTensors& trained) {
    auto graph = std::make_shared<network::Graph>(*network.graph);
    for (const auto& [name, array] : trained.initializers) {
        const auto found = graph->initializers.find(name);
        if (found == graph->initializers.end() || found->second.shape() != array.shape()) {
            return Error{"the trained weights belong to another network", "tensor " + name,
                         "use the network that they were trained from"};
        }
        found->second = array;
    }
    auto tuned = std::make_shared<network::Network>(network);
    tuned->hash = network::graphHash(*graph);
    tuned->graph = graph;
    TunedDesign design{tuned, resolved};
    for (std::size_t i = 0; i < trained.scales.size() && i < network.layers.size(); ++i) {
        const auto& scales = trained.scales[i];
        if (design.layers.weights[i]) {
            const Array& stored = graph->initializers.at(network.layers[i].weight);
            const WeightScales rounding(stored.shape(), *assignment[i].weights,
                                        *resolved.weights[i]);
            if (rounding.initial().size() != scales.weights.size()) {
                return Error{"the trained weights have another number of scales",
                             "layer \"" + network.layers[i].name + "\"",
                             "use the design that they were trained for"};
            }
            design.layers.weights[i] = rounding.quantized(stored, scales.weights);
        }
        if (design.layers.activations[i] && !scales.input.empty()) {
            design.layers.activations[i]->options.scaling.scale = scales.input.front();
        }
        if (i < design.layers.secondActivations.size() && design.layers.secondActivations[i] &&
            !scales.second.empty()) {
            design.layers.secondActivations[i]->options.scaling.scale = scales.second.front();
        }
    }
    return design;
}

Result<execution::VariantList> addVariants(const TunedDesign& design,
                                           execution::PopulationRunner& runner) {
    execution::VariantList variants(design.network->layers.size());
    for (std::size_t i = 0; i < variants.size(); ++i) {
        if (design.layers.weights[i]) {
            const Result<int> added = runner.addWeights(i, design.layers.weights[i]->values);
            if (added.hasError()) {
                return added.error();
            }
            variants[i].weights = added.value();
        }
        if (design.layers.activations[i]) {
            execution::OperandRoundings roundings{runnersRounding(*design.layers.activations[i])};
            if (i < design.layers.secondActivations.size() && design.layers.secondActivations[i]) {
                roundings.second = runnersRounding(*design.layers.secondActivations[i]);
            }
            variants[i].input = runner.addRounding(i, std::move(roundings));
        }
    }
    return variants;
}

execution::TrainingSamples trainingSamples(const data::Samples& samples) {
    return {samples.inputs, samples.labels, samples.targets};
}

Result<execution::LossKind> lossFor(const data::Samples& samples) {
    if (!samples.labels.empty()) {
        return execution::LossKind::CrossEntropy;
    }
    if (!samples.targets.empty()) {
        return execution::LossKind::MeanSquaredError;
    }
    return Error{"the samples have no labels and no targets", "training",
                 "training needs to know what is right"};
}

execution::OutputForm outputFormOf(const network::Graph& graph) {
    switch (outputKindOf(graph)) {
        case OutputKind::Logits:
            return execution::OutputForm::Logits;
        case OutputKind::Probabilities:
            return execution::OutputForm::Probabilities;
        case OutputKind::LogProbabilities:
            return execution::OutputForm::LogProbabilities;
    }
    return execution::OutputForm::Logits;
}

std::vector<FisherTrace> fisherTraces(std::shared_ptr<const network::Network> network,
                                      const data::Samples& samples) {
    constexpr std::int64_t kMostSamples = 256;
    const Result<execution::LossKind> loss = lossFor(samples);
    if (loss.hasError()) {
        return {};
    }
    execution::TrainingPlan plan;
    plan.training = trainingSamples(samples.slice(0, std::min(samples.count(), kMostSamples)));
    plan.judging = plan.training;
    plan.loss = loss.value();
    plan.outputs = outputFormOf(*network->graph);
    plan.network = std::move(network);
    Result<execution::Trainer> trainer = execution::Trainer::prepare(std::move(plan));
    if (trainer.hasError()) {
        return {};
    }
    const Result<std::vector<execution::LayerFisher>> traces = trainer.value().fisherTraces();
    std::vector<FisherTrace> found;
    if (traces.hasValue()) {
        for (const execution::LayerFisher& trace : traces.value()) {
            found.push_back({.weights = trace.weights, .activations = trace.input});
        }
    }
    return found;
}

}  // namespace bitloupe::exploration
