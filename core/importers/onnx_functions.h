// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include "core/base/result.h"

namespace bitloupe::importers {

/// Puts the bodies of the model's own functions where they are called, in its graph and in the
/// bodies of its nodes, so that only operators are left. Refuses functions that call themselves and
/// calls that grow past a million nodes.
[[nodiscard]] Result<void> inlineFunctions(onnx::ModelProto& model);

}  // namespace bitloupe::importers
