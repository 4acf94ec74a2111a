// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bitloupe::data {

/// The binary forms of A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images"
/// (2009): records of the label (for CIFAR-100 coarse and fine) and the 32x32 pixels of red, green
/// and blue.
enum class CifarForm { Ten, Hundred };

[[nodiscard]] std::int64_t recordBytes(CifarForm form);
/// Classes of a label byte: 0 the first (CIFAR-100: coarse), 1 the second.
[[nodiscard]] std::int64_t classCount(CifarForm form, std::int64_t labelByte);
/// Which form a file has, by its size and its labels; nothing when it has none.
[[nodiscard]] std::optional<CifarForm> cifarFormOf(const std::string& path);

}  // namespace bitloupe::data
