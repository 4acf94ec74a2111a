// SPDX-License-Identifier: Apache-2.0
#include "core/base/yaml_document.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/yaml_tree.h"

namespace bitloupe::yaml {

namespace detail {

struct State {
    std::string file;
    std::unique_ptr<TreeNode> root;
    std::optional<Error> error;
};

}  // namespace detail

namespace {

using detail::Kind;
using detail::quoted;

bool looksOctal(std::string_view text) {
    const std::string_view digits =
        text.substr(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
    return digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
}

}  // namespace

Value::Value(detail::State* state, const detail::TreeNode* node, std::string path, int line)
    : m_state(state),
      m_node(node),
      m_path(std::move(path)),
      m_line(node == nullptr ? line : node->line) {}

bool Value::exists() const {
    return m_node != nullptr && m_node->kind != Kind::Null;
}
bool Value::isText() const {
    return exists() && (m_node->kind == Kind::Plain || m_node->kind == Kind::Quoted);
}
bool Value::isMap() const {
    return exists() && m_node->kind == Kind::Map;
}
int Value::line() const {
    return m_line;
}

std::string Value::where() const {
    return detail::place(m_state->file, m_line) + (m_path.empty() ? "" : ", " + m_path);
}

void Value::fail(std::string what, std::string remedy) const {
    if (!m_state->error.has_value()) {
        m_state->error = Error{std::move(what), where(), std::move(remedy)};
    }
}

void Value::failMissing(std::string_view expected) const {
    fail(m_path.empty() ? "nothing is here" : "the key " + quoted(m_path) + " is missing",
         "give " + std::string(expected));
}

const Value& Value::allow(std::initializer_list<std::string_view> keys) const {
    const std::vector<std::string> allowed(keys.begin(), keys.end());
    for (const auto& [key, value] : entries()) {
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
            const std::string near = text::nearest(key, allowed);
            value.fail("unknown key " + quoted(key),
                       near.empty() ? "the keys here are " + text::join(allowed, ", ")
                                    : "did you mean " + quoted(near) + "?");
        }
    }
    return *this;
}

Value Value::operator[](std::string_view key) const {
    const std::string path = (m_path.empty() ? "" : m_path + ".") + std::string(key);
    if (m_node != nullptr && m_node->kind == Kind::Map) {
        for (const detail::Entry& entry : m_node->entries) {
            if (entry.key == key) {
                return {m_state, entry.value.get(), path, entry.line};
            }
        }
    }
    return {m_state, nullptr, path, m_line};
}

std::vector<std::pair<std::string, Value>> Value::entries() const {
    std::vector<std::pair<std::string, Value>> entries;
    if (!exists()) {
        failMissing("keys with values");
    } else if (m_node->kind != Kind::Map) {
        fail("keys with values are expected here", "write `key: value` lines");
    } else {
        for (const detail::Entry& entry : m_node->entries) {
            const std::string path = (m_path.empty() ? "" : m_path + ".") + entry.key;
            entries.emplace_back(entry.key, Value(m_state, entry.value.get(), path, entry.line));
        }
    }
    return entries;
}

std::vector<Value> Value::items() const {
    std::vector<Value> items;
    if (!exists()) {
        failMissing("a list");
    } else if (m_node->kind != Kind::List) {
        fail("a list is expected here", "write `[a, b]`");
    } else {
        for (std::size_t i = 0; i < m_node->items.size(); ++i) {
            const std::string path = m_path + "[" + std::to_string(i + 1) + "]";
            items.push_back(Value(m_state, m_node->items[i].get(), path, m_line));
        }
    }
    return items;
}

std::string Value::text() const {
    if (!exists()) {
        failMissing("a text");
    } else if (!isText()) {
        fail("a single text is expected here", "write `key: text`");
    } else {
        return m_node->text;
    }
    return {};
}

const std::string* Value::plainScalar(std::string_view expected) const {
    if (!exists()) {
        failMissing(expected);
    } else if (m_node->kind != Kind::Plain) {
        fail(std::string(expected) + " is expected here" +
                 (m_node->kind == Kind::Quoted ? ", not the text " + quoted(m_node->text) : ""),
             m_node->kind == Kind::Quoted ? "remove the quotes" : "write one value");
    } else {
        return &m_node->text;
    }
    return nullptr;
}

std::int64_t Value::integer(std::int64_t lowest, std::int64_t highest) const {
    const std::string* const scalar = plainScalar("a whole number");
    if (scalar == nullptr) {
        return 0;
    }
    if (looksOctal(*scalar)) {
        fail(quoted(*scalar) + " starts with a zero, which some programs read as an octal number",
             "write it without the leading zero");
        return 0;
    }
    const std::optional<std::int64_t> value = text::parseInteger(*scalar);
    if (!value.has_value()) {
        fail(quoted(*scalar) + " is not a whole number", "write digits only");
    } else if (*value < lowest || *value > highest) {
        const bool bounded = highest != std::numeric_limits<std::int64_t>::max();
        fail(*scalar + " is out of range",
             "give a whole number " +
                 (bounded ? "from " + std::to_string(lowest) + " to " + std::to_string(highest)
                          : "of at least " + std::to_string(lowest)));
    } else {
        return *value;
    }
    return 0;
}

double Value::number() const {
    const std::string* const scalar = plainScalar("a number");
    if (scalar == nullptr) {
        return 0;
    }
    const std::optional<double> value = text::parseNumber(*scalar);
    if (!value.has_value() || !std::isfinite(*value) || looksOctal(*scalar)) {
        fail(quoted(*scalar) + " is not a finite decimal number", "write it like 255 or 0.5");
        return 0;
    }
    return *value;
}

bool Value::boolean() const {
    const std::string* const scalar = plainScalar("true or false");
    if (scalar != nullptr && *scalar != "true" && *scalar != "false") {
        fail(quoted(*scalar) + " is neither true nor false", "write true or false");
    }
    return scalar != nullptr && *scalar == "true";
}

Document::Document(std::unique_ptr<detail::State> state) : m_state(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, std::string file) {
    Result<std::unique_ptr<detail::TreeNode>> root = detail::buildTree(text, file);
    if (root.hasError()) {
        return root.error();
    }
    auto state = std::make_unique<detail::State>();
    state->file = std::move(file);
    state->root = std::move(root).value();
    return Document(std::move(state));
}

Result<Document> Document::read(const std::string& path) {
    const Result<std::string> text = readFile(path, detail::kMaximumBytes);
    if (text.hasError()) {
        return text.error();
    }
    return parse(text.value(), path);
}

Value Document::root() const {
    return {m_state.get(), m_state->root.get(), "", 1};
}

Result<void> Document::result() const {
    return m_state->error.has_value() ? Result<void>(*m_state->error) : Result<void>();
}

}  // namespace bitloupe::yaml
