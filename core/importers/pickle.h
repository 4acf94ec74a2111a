// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::importers {

/// One object of a pickle. Objects name each other by their position in Pickle::objects, so an
/// object may hold itself without harm.
struct PickleObject {
    enum class Kind {
        None,
        Boolean,  ///< integer is 0 or 1
        Integer,  ///< integer; text holds the bytes of one wider than 64 bits
        Real,
        Text,
        List,        ///< items
        Tuple,       ///< items
        Dictionary,  ///< items: key, value, key, value ... in the file's order
        Global,      ///< text is "module name"
        Persistent,  ///< items[0] is the tuple that the file wrote for a storage
        Tensor,      ///< items: storage (Persistent), offset, sizes, strides
        Opaque       ///< an object of an allowed class that weights do not need
    };
    Kind kind = Kind::None;
    std::int64_t integer = 0;
    double real = 0;
    std::string text = {};
    std::vector<std::uint32_t> items = {};
};

struct Pickle {
    std::vector<PickleObject> objects;
    std::uint32_t root = 0;
    std::size_t end = 0;  ///< bytes read

    [[nodiscard]] const PickleObject& at(std::uint32_t position) const { return objects[position]; }
};

/// Reads one pickle (Python's protocols 2 to 5) as data. Nothing in it is ever run: a short list of
/// instructions and of classes (ordered dictionaries, PyTorch's storages, tensors, parameters and
/// types) is understood, and everything else is refused by name with its byte. At most a million
/// objects.
[[nodiscard]] Result<Pickle> readPickle(std::span<const std::byte> bytes);

}  // namespace bitloupe::importers
