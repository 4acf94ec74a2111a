// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exporters/onnx_writer.h"

namespace bitloupe::exporters {

/// The same model in fewer bytes, for small networks of which names and attributes are a good part:
///  - scalars that were added to the network are stored once for all that are equal;
///  - tensors that were added have short names (`q7` for what ended in `_q`); those of `network`,
///    which other files may refer to, keep theirs;
///  - attributes that say what ONNX assumes without them are left out.
[[nodiscard]] OnnxModel compactOnnx(OnnxModel model, const network::Graph& network);

}  // namespace bitloupe::exporters
