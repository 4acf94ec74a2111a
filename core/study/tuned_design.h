// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/exploration/fine_tuning.h"
#include "core/study/session.h"

namespace bitloupe::study {

/// Trained weights as a safetensors file: Float32 tensors with the names of the network's
/// initializers, and `scales/LAYER/weights`, `/input` and `/second` of rounded layers.
[[nodiscard]] Result<void> saveTrainedTensors(const std::string& path,
                                              const network::Network& network,
                                              const execution::TrainedTensors& trained);
[[nodiscard]] Result<execution::TrainedTensors> loadTrainedTensors(const std::string& path,
                                                                   const network::Network& network);

/// A design with the weights it is measured with: the network's, or those of a file that
/// saveTrainedTensors() wrote.
[[nodiscard]] Result<exploration::TunedDesign> designOf(const Session& session,
                                                        const exploration::Assignment& assignment,
                                                        const std::string& weightsFile);

/// The file of an evaluation's own weights; "" when it has none. `results`: the file that the
/// evaluation is kept in.
[[nodiscard]] std::string weightsFileOf(const std::string& results,
                                        const exploration::Evaluation& evaluation);

}  // namespace bitloupe::study
