// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/network/architectures/architecture.h"

/// One function per built-in architecture; architecture.cpp lists them.
namespace bitloupe::network {

/// LeNet-5 of the MNIST kind: 28x28, average pooling, no activation behind the last convolution and
/// the first dense layer. Tensors c1, c3, c5, f6, output.
[[nodiscard]] Result<Graph> buildLenet5(const ArchitectureParameters& parameters,
                                        const NamedTensors* tensors);

/// Dense layers with an activation between them. Parameters: `layers` (16x64x5; taken from the
/// tensors when left out) and `activation` (relu, tanh, sigmoid; relu when left out).
[[nodiscard]] Result<Graph> buildMlp(const ArchitectureParameters& parameters,
                                     const NamedTensors* tensors);

/// The jet tagger of the LHC benchmark: dense 16-64-32-32-5 with ReLU between the layers.
[[nodiscard]] Result<Graph> buildJetTagger(const ArchitectureParameters& parameters,
                                           const NamedTensors* tensors);

}  // namespace bitloupe::network
