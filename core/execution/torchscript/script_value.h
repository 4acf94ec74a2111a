// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bitloupe::execution::torchscript {

/// Something in the script that cannot be translated. Becomes an Error at the door of this folder.
class TranslationError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The script is followed on two samples whose batches differ.
inline constexpr std::size_t kSamples = 2;
using OnSamples = std::array<c10::IValue, kSamples>;

struct ScriptValue;
using ValueRef = std::shared_ptr<ScriptValue>;

/// What a value of the script is on the samples, and in the graph.
///
/// A value is `fixed` when it follows from the weights, from constants, and from sizes that are the
/// same on both samples: it can be written down. Everything else has an edge. Values are shared:
/// what is changed in place is changed for all who hold it.
struct ScriptValue {
    OnSamples on;
    bool fixed = false;
    std::string edge;         ///< of a tensor or a number; "" until somebody asks for it
    std::string path;         ///< of what a module holds: "features.0.weight"
    bool isSequence = false;  ///< a list or a tuple, whose items count and not `on`
    std::vector<ValueRef> items;
    c10::TypePtr type;  ///< of a sequence
    /// A list that a loop filled has no items but the rows of its `edge`, one for each turn.
    std::array<std::vector<c10::IValue>, kSamples> rows;
    /// For the length of a dimension: whose, and which.
    std::string sizeOfEdge;
    std::int64_t sizeOfAxis = 0;

    [[nodiscard]] const c10::IValue& sample() const { return on[0]; }
    [[nodiscard]] bool isTensor() const { return !isSequence && on[0].isTensor(); }
    [[nodiscard]] bool isNone() const { return !isSequence && on[0].isNone(); }

    /// What the interpreter knows of it on a sample; sequences are put together from their items.
    [[nodiscard]] c10::IValue interpreted(std::size_t sample) const;
    /// Whether it, and everything in it, is fixed.
    [[nodiscard]] bool isFixed() const;
    [[nodiscard]] bool hasRows() const { return !rows[0].empty(); }
};

/// A fixed value.
[[nodiscard]] ValueRef fixedValue(const c10::IValue& value, const c10::TypePtr& type = nullptr);

/// A value that the interpreter made: a list or a tuple is taken apart.
[[nodiscard]] ValueRef madeValue(const OnSamples& on, bool fixed, const c10::TypePtr& type);

/// A list or a tuple of values.
[[nodiscard]] ValueRef sequenceOf(std::vector<ValueRef> items, const c10::TypePtr& type);

}  // namespace bitloupe::execution::torchscript
