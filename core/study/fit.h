// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/network/graph.h"

namespace bitloupe::study {

/// The data set as `graph` takes it: one array for each input, under its name, in its shape and its
/// element type. An input takes the array of its name, else the only one that fits; arrays that no
/// input takes are left out.
///
/// Samples are reshaped when the elements stay in order: a flat network takes images, a network of
/// one channel takes it first or last; images are turned channels-last for a network that wants
/// them so. Errors: an input without data, samples of another size (both shapes named), fractions
/// for an input of whole numbers, labels beyond the network's outputs where their number is known,
/// another number of targets than outputs.
[[nodiscard]] Result<data::DataSet> fitToNetwork(const data::DataSet& data,
                                                 const network::Graph& graph);

}  // namespace bitloupe::study
