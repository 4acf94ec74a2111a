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

/// GPT-2 (Radford et al. 2019): learned positions, normalization before each part, the output
/// shares the table of the embedding. Input tokens [batch, length]; logits [batch, length,
/// vocabulary]. Weights with the names of Hugging Face (dense weights [inputs, outputs]) or of
/// nanoGPT ([outputs, inputs]), with or without biases. Parameters: `heads` (width / 64), `length`
/// (the context), `gelu` (tanh, erf), and without tensors `layers`, `width`, `context`,
/// `vocabulary`, `bias`: those of GPT-2 small, 124,439,808 weights.
[[nodiscard]] Result<Graph> buildGpt2(const ArchitectureParameters& parameters,
                                      const NamedTensors* tensors);

/// The same as nanoGPT trains it on characters: 6 layers of width 384 without biases, context 256,
/// 65 characters.
[[nodiscard]] Result<Graph> buildNanoGpt(const ArchitectureParameters& parameters,
                                         const NamedTensors* tensors);

/// A decoder like Llama (Touvron et al. 2023): RMS normalization, rotary positions, SwiGLU, several
/// query heads for each key head. Names of Hugging Face. Input tokens [batch, length]. Parameters:
/// `heads`, `length` (256), `theta` (10000), `epsilon` (1e-5), and without tensors `layers`,
/// `key_heads`, `width`, `hidden`, `vocabulary`, `tied`.
[[nodiscard]] Result<Graph> buildLlama(const ArchitectureParameters& parameters,
                                       const NamedTensors* tensors);

/// An encoder like ALBERT (Lan et al. 2020): a narrow embedding, and one layer's weights used by
/// all. Names of Hugging Face. Inputs tokens and, when `inputs` is `segments` or `masked`, segments
/// and mask, all [batch, length]. The output is that of the head the weights hold (answer spans,
/// classes, words), else the pooled first place, else the last layer. Parameters: `layers` (12),
/// `heads` (width / 64), `length` (the context), `inputs`, and without tensors `width`,
/// `embedding`, `hidden`, `context`, `vocabulary`: those of ALBERT base v2, 11,683,584 weights.
[[nodiscard]] Result<Graph> buildAlbert(const ArchitectureParameters& parameters,
                                        const NamedTensors* tensors);

/// A vision transformer (Dosovitskiy et al. 2021) with a class token. Names of timm. Input
/// [batch, channels, image, image]. Parameters: `heads` (width / 64), and without tensors `layers`,
/// `width`, `hidden`, `image`, `patch`, `channels`, `classes`: those of ViT-Ti/16, 5,717,416
/// weights.
[[nodiscard]] Result<Graph> buildVit(const ArchitectureParameters& parameters,
                                     const NamedTensors* tensors);

}  // namespace bitloupe::network
