// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/importers/importer.h"
#include "core/network/network.h"

namespace bitloupe::study {

/// A network and samples that fit each other.
struct FittedNetwork {
    std::shared_ptr<const network::Network> network;
    data::DataSet
        data;  ///< samples named and shaped as the network's input; what to know in `warnings`
};

/// Imports the network for its purpose and fits the data to it; free dimensions get the samples'
/// sizes. Unless the data has numbers to predict, a network that ends in an ArgMax over the classes
/// is taken with their scores as its output, and a warning says so. Errors: as openNetwork and
/// fitToNetwork, an unsupported operator, a network without layers.
[[nodiscard]] Result<FittedNetwork> loadFittedNetwork(
    const importers::NetworkSource& source, const data::DataSet& data,
    importers::Purpose purpose = importers::Purpose::Inference);

}  // namespace bitloupe::study
