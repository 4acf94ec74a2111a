// SPDX-License-Identifier: Apache-2.0
#include "core/study/network_file.h"

#include <utility>

#include "core/execution/torchscript/torchscript_file.h"
#include "core/importers/weight_check.h"
#include "core/network/simplify.h"

namespace bitloupe::study {

Result<std::shared_ptr<const network::Graph>> openNetwork(
    const importers::NetworkSource& source, const std::map<std::string, Shape>& inputShapes,
    importers::Purpose purpose) {
    if (!source.weightsFile.empty() || source.model.starts_with("architecture:") ||
        !execution::isTorchScript(source.model)) {
        return importers::importNetwork(source, purpose);
    }
    Result<network::Graph> graph = execution::importTorchScript(source.model, inputShapes);
    if (graph.hasError()) {
        return graph.error();
    }
    if (const Result<void> finite = importers::checkWeightsAreFinite(graph.value());
        finite.hasError()) {
        return finite.error().within(source.model);
    }
    network::Graph whole = std::move(graph).value();
    return std::make_shared<const network::Graph>(purpose == importers::Purpose::Inference
                                                      ? network::simplified(std::move(whole))
                                                      : std::move(whole));
}

}  // namespace bitloupe::study
