// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

/// A strict reading of YAML 1.2 for files that people write by hand. On top of what YAML forbids,
/// these are errors: a key given twice, anchors, aliases, tags, a second document, control
/// characters, more than 32 levels, 4 MiB or 200,000 values. Every error names file, line and key.
namespace bitloupe::yaml {

namespace detail {
struct TreeNode;
struct State;
}  // namespace detail

/// A place in a document: a value, or the lack of one under a key.
///
/// Reading something that is not there or has another type keeps the document's first error (see
/// Document::result) and returns the fallback, so that a reader reads everything and asks once.
class Value {
public:
    /// False for a key that is not given and for `key:` without a value.
    [[nodiscard]] bool exists() const;
    [[nodiscard]] bool isText() const;
    [[nodiscard]] bool isMap() const;

    /// Refuses keys of this map other than these. Call it before reading the keys.
    const Value& allow(std::initializer_list<std::string_view> keys) const;
    /// The value under `key` of this map.
    [[nodiscard]] Value operator[](std::string_view key) const;
    /// Keys and values in the order of the file; for maps whose keys are names.
    [[nodiscard]] std::vector<std::pair<std::string, Value>> entries() const;
    /// The values of a list.
    [[nodiscard]] std::vector<Value> items() const;

    [[nodiscard]] std::string text() const;
    /// `012` (ten to YAML 1.1, twelve to people), `0x10` and `1_000` are refused.
    [[nodiscard]] std::int64_t integer(
        std::int64_t lowest = std::numeric_limits<std::int64_t>::min(),
        std::int64_t highest = std::numeric_limits<std::int64_t>::max()) const;
    /// A finite number.
    [[nodiscard]] double number() const;
    /// `true` or `false` and nothing else (`yes`, `on` and the like are refused).
    [[nodiscard]] bool boolean() const;

    /// Line in the file, from 1.
    [[nodiscard]] int line() const;
    /// `study.yaml, line 4, strategy.seed`
    [[nodiscard]] std::string where() const;
    /// Keeps an error at this place, if it is the first.
    void fail(std::string what, std::string remedy) const;
    /// The same for an error found elsewhere; its own place is dropped.
    void fail(const Error& error) const { fail(error.what, error.remedy); }

private:
    friend class Document;
    Value(detail::State* state, const detail::TreeNode* node, std::string path, int line);
    [[nodiscard]] const std::string* plainScalar(std::string_view expected) const;
    void failMissing(std::string_view expected) const;

    detail::State* m_state;
    const detail::TreeNode* m_node;  ///< null where a key is not given
    std::string m_path;
    int m_line;
};

/// One YAML document in memory.
class Document {
public:
    /// `file` is what errors call it.
    [[nodiscard]] static Result<Document> parse(std::string_view text, std::string file);
    [[nodiscard]] static Result<Document> read(const std::string& path);
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    [[nodiscard]] Value root() const;
    /// The first error of everything read so far.
    [[nodiscard]] Result<void> result() const;

private:
    explicit Document(std::unique_ptr<detail::State> state);
    std::unique_ptr<detail::State> m_state;
};

/// `text` as a YAML scalar that this reader and every YAML 1.1 or 1.2 reader takes for that text:
/// plain where possible, else in double quotes.
[[nodiscard]] std::string scalar(std::string_view text);
/// `[a, b, c]`
[[nodiscard]] std::string flowList(const std::vector<std::string>& texts);

}  // namespace bitloupe::yaml
