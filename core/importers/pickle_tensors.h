// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/importers/pickle.h"
#include "core/importers/stored_tensor.h"
#include "core/network/architectures/named_tensors.h"

namespace bitloupe::importers {

/// A block of elements that tensors share.
struct Storage {
    StoredType type = StoredType::Float32;
    std::int64_t elements = 0;
    friend bool operator==(const Storage&, const Storage&) = default;
};

/// A strided view of a storage.
struct TensorView {
    std::string name;
    std::string storage;
    std::int64_t offset = 0;  ///< in elements
    Shape shape;
    std::vector<std::int64_t> strides;  ///< in elements
};

/// What a state dict describes, before its storages are read.
struct StateDict {
    std::map<std::string, Storage> storages;
    std::vector<TensorView> tensors;
};

/// Finds the state dict in a pickle: the dictionary itself or, in a checkpoint, the one under
/// "state_dict", "model" and the like. Refuses views that reach past their storage.
[[nodiscard]] Result<StateDict> stateDictOf(const Pickle& pickle);

/// The bytes of a storage by its key; exactly as many as its type and elements need.
using ReadStorage = std::function<Result<std::string>(const std::string& key, std::uint64_t bytes)>;

/// Copies every tensor out of its storage. Views may overlap, so all tensors together may take
/// `maxBytes` at most.
[[nodiscard]] Result<network::NamedTensors> tensorsOf(const StateDict& dict,
                                                      const ReadStorage& readStorage,
                                                      std::uint64_t maxBytes);

}  // namespace bitloupe::importers
