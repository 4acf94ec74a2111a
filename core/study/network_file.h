// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/importers/importer.h"
#include "core/network/graph.h"

namespace bitloupe::study {

/// The one door for networks: an ONNX file, a TorchScript archive (known by its content, whatever
/// it is called), or an architecture with its weights; for inference simplified as
/// importers::importNetwork does.
///
/// `inputShapes` by input name, or "" for the only input: TorchScript does not store them, and they
/// are needed where they do not follow from the weights.
[[nodiscard]] Result<std::shared_ptr<const network::Graph>> openNetwork(
    const importers::NetworkSource& source, const std::map<std::string, Shape>& inputShapes = {},
    importers::Purpose purpose = importers::Purpose::Inference);

}  // namespace bitloupe::study
