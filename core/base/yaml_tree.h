// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

/// The tree behind yaml_document.h. Used by it alone.
namespace bitloupe::yaml::detail {

inline constexpr std::size_t kMaximumBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaximumDepth = 32;
inline constexpr std::size_t kMaximumNodes = 200'000;

enum class Kind { Null, Plain, Quoted, List, Map };

struct TreeNode;

struct Entry {
    std::string key;
    int line = 1;
    std::unique_ptr<TreeNode> value;
};

struct TreeNode {
    Kind kind = Kind::Null;
    int line = 1;
    std::string text;                              ///< Plain, Quoted
    std::vector<std::unique_ptr<TreeNode>> items;  ///< List
    std::vector<Entry> entries;                    ///< Map, keys unique
};

/// Refuses what yaml_document.h lists.
[[nodiscard]] Result<std::unique_ptr<TreeNode>> buildTree(std::string_view text,
                                                          const std::string& file);

/// `file, line 4`
[[nodiscard]] std::string place(const std::string& file, int line);
/// In back quotes, cut after 60 bytes.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace bitloupe::yaml::detail
