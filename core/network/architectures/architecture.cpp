// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/architecture.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/network/architectures/builders.h"

namespace bitloupe::network {

namespace {

using Build = Result<Graph> (*)(const ArchitectureParameters&, const NamedTensors*);

struct Entry {
    Architecture architecture;
    Build build;
};

const std::vector<Entry>& entries() {
    static const std::vector<Entry> kEntries = {
        {{"albert",
          "ALBERT's encoder for text: one layer's weights, used again and again",
          {"layers", "heads", "length", "inputs", "width", "embedding", "hidden", "context",
           "vocabulary"}},
         buildAlbert},
        {{"gpt2",
          "GPT-2, a decoder for text",
          {"heads", "length", "gelu", "layers", "width", "context", "vocabulary", "bias"}},
         buildGpt2},
        {{"jet_tagger", "dense 16-64-32-32-5 with ReLU, for jets at the LHC", {}}, buildJetTagger},
        {{"lenet5", "LeNet-5 for 28x28 digits", {}}, buildLenet5},
        {{"llama",
          "a decoder for text like Llama",
          {"heads", "length", "theta", "epsilon", "layers", "key_heads", "width", "hidden",
           "vocabulary", "tied"}},
         buildLlama},
        {{"mlp", "dense layers with an activation between them", {"layers", "activation"}},
         buildMlp},
        {{"nanogpt",
          "nanoGPT, a small decoder for characters",
          {"heads", "length", "gelu", "layers", "width", "context", "vocabulary", "bias"}},
         buildNanoGpt},
        {{"particle_transformer",
          "Particle Transformer for jets",
          {"particles", "features", "classes"}},
         buildParticleTransformer},
        {{"particlenet", "ParticleNet for jets", {"particles", "features", "classes"}},
         buildParticleNet},
        {{"resnet20", "residual network of 20 layers for CIFAR-10", {}}, buildResnet20},
        {{"resnet32", "residual network of 32 layers for CIFAR-10", {}}, buildResnet32},
        {{"resnet44", "residual network of 44 layers for CIFAR-10", {}}, buildResnet44},
        {{"resnet56", "residual network of 56 layers for CIFAR-10", {}}, buildResnet56},
        {{"vit",
          "a small vision transformer",
          {"heads", "layers", "width", "hidden", "image", "patch", "channels", "classes"}},
         buildVit},
    };
    return kEntries;
}

/// "did you mean" when there is something near, else the list.
std::string choose(const std::string& word, const std::vector<std::string>& known) {
    const std::string near = text::nearest(word, known);
    return near.empty() ? "choose one of " + text::join(known, ", ") : "did you mean " + near + "?";
}

}  // namespace

const std::vector<Architecture>& architectures() {
    static const std::vector<Architecture> kArchitectures = [] {
        std::vector<Architecture> all;
        for (const Entry& entry : entries()) {
            all.push_back(entry.architecture);
        }
        return all;
    }();
    return kArchitectures;
}

Result<std::int64_t> parameterOr(const ArchitectureParameters& parameters, const std::string& name,
                                 std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const auto given = parameters.find(name);
    if (given == parameters.end()) {
        return otherwise;
    }
    const std::optional<std::int64_t> value = text::parseInteger(given->second);
    if (!value || *value < least || *value > most) {
        return Error{"this is not a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most),
                     name + "=" + given->second,
                     "write for instance " + name + "=" + std::to_string(otherwise)};
    }
    return *value;
}

Result<Graph> buildArchitecture(const std::string& name, const ArchitectureParameters& parameters,
                                const NamedTensors* tensors) {
    const auto found = std::find_if(entries().begin(), entries().end(), [&](const Entry& entry) {
        return entry.architecture.name == name;
    });
    if (found == entries().end()) {
        std::vector<std::string> names;
        for (const Entry& entry : entries()) {
            names.push_back(entry.architecture.name);
        }
        return Error{"there is no architecture of that name", "architecture:" + name,
                     choose(name, names)};
    }
    const std::vector<std::string>& known = found->architecture.parameters;
    for (const auto& [key, value] : parameters) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            return Error{"the architecture has no parameter " + key, "architecture:" + name,
                         known.empty() ? "leave it out" : choose(key, known)};
        }
    }
    return found->build(parameters, tensors);
}

}  // namespace bitloupe::network
