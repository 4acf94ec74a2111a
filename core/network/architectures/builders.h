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

/// The residual networks for CIFAR of He et al. (2016), with 20 to 56 layers. The shortcuts pad
/// with zeros ("option A") unless the tensors hold convolutions for them.
[[nodiscard]] Result<Graph> buildResnet20(const ArchitectureParameters& parameters,
                                          const NamedTensors* tensors);
[[nodiscard]] Result<Graph> buildResnet32(const ArchitectureParameters& parameters,
                                          const NamedTensors* tensors);
[[nodiscard]] Result<Graph> buildResnet44(const ArchitectureParameters& parameters,
                                          const NamedTensors* tensors);
[[nodiscard]] Result<Graph> buildResnet56(const ArchitectureParameters& parameters,
                                          const NamedTensors* tensors);

/// ParticleNet (Qu and Gouskos 2020) as its authors publish it: 16 neighbours, edge convolutions of
/// 64, 128 and 256 channels. Inputs pf_points, pf_features, pf_mask. Parameters: `particles` (128),
/// and without tensors `features` (7) and `classes` (10).
[[nodiscard]] Result<Graph> buildParticleNet(const ArchitectureParameters& parameters,
                                             const NamedTensors* tensors);

/// The Particle Transformer (Qu, Li and Qian 2022) as its authors publish it: 8 particle blocks
/// with pair features in their attention, 2 class blocks, 8 heads, width 128. Inputs pf_features,
/// pf_vectors (px, py, pz, energy) and pf_mask. Parameters: `particles` (128), and without tensors
/// `features` (17; kin has 7, kinpid 13) and `classes` (10).
[[nodiscard]] Result<Graph> buildParticleTransformer(const ArchitectureParameters& parameters,
                                                     const NamedTensors* tensors);

}  // namespace bitloupe::network
