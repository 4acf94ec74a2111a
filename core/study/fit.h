// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/network/graph.h"

namespace bitloupe::study {

/// The data set as `graph` takes it: samples named after its only input and given its shape.
///
/// Samples are reshaped when the elements stay in order: a flat network takes images, a network of
/// one channel takes it first or last. Errors: several inputs, an input that is not float32,
/// samples of another size (both shapes named), labels beyond the network's outputs where their
/// number is known, targets for a network with several outputs.
[[nodiscard]] Result<data::DataSet> fitToNetwork(const data::DataSet& data,
                                                 const network::Graph& graph);

}  // namespace bitloupe::study
