// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/population_evaluator.h"
#include "core/exporters/obstacles.h"
#include "core/network/network.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::exporters {

/// A design with everything a next tool needs to compute what was simulated.
struct ResolvedDesign {
    const network::Network* network = nullptr;  ///< not owned, or `corrected`
    exploration::Assignment assignment;
    hardware::Accelerator accelerator;
    std::vector<std::optional<quantization::QuantizedWeights>> weights;        ///< per layer
    std::vector<std::optional<quantization::ActivationRounding>> activations;  ///< per layer
    /// Per layer: the other operand of attention's products.
    std::vector<std::optional<quantization::ActivationRounding>> secondActivations = {};

    /// The network with the biases that bias correction found; nothing without it.
    std::shared_ptr<const network::Network> corrected = {};

    [[nodiscard]] Schemes schemes() const { return {*network, assignment}; }
};

/// Resolves a design with the very weights and ranges that `evaluator` measured it with. `network`
/// must outlive the result.
[[nodiscard]] Result<ResolvedDesign> resolveDesign(const network::Network& network,
                                                   exploration::PopulationEvaluator& evaluator,
                                                   const exploration::Assignment& assignment,
                                                   const hardware::Accelerator& accelerator);

/// The same for a design with weights of its own, whose network must outlive the result.
[[nodiscard]] ResolvedDesign resolveDesign(const exploration::TunedDesign& design,
                                           const exploration::Assignment& assignment,
                                           const hardware::Accelerator& accelerator);

/// A form a design can be handed on in.
struct ExportKind {
    std::string key;        ///< on the command line: "yaml", "onnx-qdq"
    std::string label;      ///< on screen
    std::string consumer;   ///< the tool that reads it
    std::string extension;  ///< of the file: ".yaml"; "" when it writes a folder
    std::string command;    ///< what to do with it next, with PATH for the file or folder
};
/// All kinds, in the order they are offered.
[[nodiscard]] const std::vector<ExportKind>& exportKinds();

/// Whether files of this kind hold a network that can be run here: checkAgreement() does.
[[nodiscard]] bool canCheckAgreement(const ExportKind& kind);

/// Why a design cannot be exported this way, one sentence a layer; empty when it fits.
[[nodiscard]] std::vector<std::string> obstacles(const ExportKind& kind, const Schemes& schemes);

/// Writes atomically (a failed export leaves no file). Errors: the first obstacle; a file that
/// cannot be written.
[[nodiscard]] Result<void> exportDesign(const ExportKind& kind, const ResolvedDesign& design,
                                        const std::string& path);

}  // namespace bitloupe::exporters
