// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::data {

/// Room for the samples of a split: filled once, then an Array. In memory, or in a file without a
/// name that is mapped, so that a set larger than the memory takes only the pages in use.
class SampleStore {
public:
    /// Errors: the file cannot be made, or there is no room for it.
    [[nodiscard]] static Result<SampleStore> make(ElementType type, Shape shape, bool onDisk);

    [[nodiscard]] const Shape& shape() const { return m_shape; }
    [[nodiscard]] ElementType type() const { return m_type; }
    /// The elements, to be written before array() is called.
    [[nodiscard]] std::span<std::byte> bytes() { return m_bytes; }
    [[nodiscard]] std::span<float> floats();
    /// Shares the elements, which stay as they are from now on.
    [[nodiscard]] Array array() const;

private:
    ElementType m_type = ElementType::Float32;
    Shape m_shape;
    std::shared_ptr<void> m_owner;
    std::span<std::byte> m_bytes;
};

/// Where large sample stores lie: $TMPDIR, else /var/tmp, which is on a disk where /tmp may not be.
[[nodiscard]] std::string sampleStoreFolder();

}  // namespace bitloupe::data
