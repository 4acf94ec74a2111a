// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::execution {

/// The arrays for the inputs of `graph`, in the order of Graph::inputs. The name "" stands for the
/// only input. Errors: an input without an array, an array without an input, another element type
/// (named), a shape that contradicts a fixed dimension other than the first.
[[nodiscard]] Result<std::vector<Array>> bindInputs(const network::Graph& graph,
                                                    const std::map<std::string, Array>& arrays);

/// Shape of an input for one sample: symbolic dimensions are 1 unless `given` says otherwise.
[[nodiscard]] Shape sampleShape(const network::ValueInfo& input,
                                const std::map<std::string, Shape>& given);

}  // namespace bitloupe::execution
