// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/importers/stored_tensor.h"

namespace bitloupe::importers {

/// What calling an allowed name in a pickle makes. None of them is a function of ours or of anyone
/// else: the reader builds plain data in their place.
enum class PickleGlobal {
    OrderedDictionary,  ///< collections.OrderedDict
    RebuildTensor,      ///< torch._utils._rebuild_tensor(_v2): storage, offset, sizes, strides ...
    RebuildParameter,   ///< torch._utils._rebuild_parameter, torch.nn.parameter.Parameter
    Size,               ///< torch.Size: a tuple
    Storage,            ///< torch.FloatStorage and its kin, also under torch.cuda
    Opaque              ///< numbers and types that checkpoints keep beside the weights
};

/// What "module name" is; nothing when it is not on the list.
[[nodiscard]] std::optional<PickleGlobal> pickleGlobal(const std::string& qualifiedName);

/// The element type of a storage class, "torch FloatStorage".
[[nodiscard]] std::optional<StoredType> storageType(const std::string& qualifiedName);

}  // namespace bitloupe::importers
