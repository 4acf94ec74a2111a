// SPDX-License-Identifier: Apache-2.0
#include "core/base/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <unordered_map>

namespace bitloupe::yaml::detail {

std::string quoted(std::string_view text) {
    constexpr std::size_t kShown = 60;
    std::string shown(text.substr(0, kShown));
    return "`" + shown + (text.size() > kShown ? "...`" : "`");
}

std::string place(const std::string& file, int line) {
    return file + ", line " + std::to_string(line);
}

namespace {

/// Leaves the event-driven parser; caught in Document::parse and nowhere else.
struct Refusal {
    int line;
    std::string what;
    std::string remedy;
};

/// Builds our own tree: yaml-cpp's own keeps doubled keys and expands aliases.
class TreeBuilder : public YAML::EventHandler {
public:
    std::unique_ptr<TreeNode> takeRoot() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuseAnchor(mark, anchor);
        add(make(Kind::Null, mark));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        throw Refusal{lineOf(mark), "aliases (`*name`) are not allowed", "write the value out"};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuseAnchor(mark, anchor);
        if (tag != "?" && tag != "!" && !tag.empty()) {
            refuseTag(mark, tag);
        }
        auto node = make(tag == "?" ? Kind::Plain : Kind::Quoted, mark);
        const bool isNull =
            node->kind == Kind::Plain && (value.empty() || value == "~" || value == "null" ||
                                          value == "Null" || value == "NULL");
        node->kind = isNull ? Kind::Null : node->kind;
        node->text = value;
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(Kind::List, mark, tag, anchor);
    }
    void OnSequenceEnd() override { m_open.pop_back(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(Kind::Map, mark, tag, anchor);
    }
    void OnMapEnd() override { m_open.pop_back(); }

private:
    struct Open {
        TreeNode* node;
        std::unordered_map<std::string, int> keys;  // of a map, with their lines
        bool keyWaits = false;                      // the last entry has no value yet
    };

    static int lineOf(const YAML::Mark& mark) { return mark.line + 1; }

    static void refuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) {
            throw Refusal{lineOf(mark), "anchors (`&name`) are not allowed", "write the value out"};
        }
    }
    [[noreturn]] static void refuseTag(const YAML::Mark& mark, const std::string& tag) {
        throw Refusal{lineOf(mark), "the tag " + quoted(tag) + " is not allowed", "remove it"};
    }

    std::unique_ptr<TreeNode> make(Kind kind, const YAML::Mark& mark) {
        if (++m_nodes > kMaximumNodes) {
            throw Refusal{lineOf(mark), "more than 200,000 values", "split the file"};
        }
        auto node = std::make_unique<TreeNode>();
        node->kind = kind;
        node->line = lineOf(mark);
        return node;
    }

    void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuseAnchor(mark, anchor);
        if (!tag.empty() && tag != "?" && tag != "!") {
            refuseTag(mark, tag);
        }
        if (m_open.size() == kMaximumDepth) {
            throw Refusal{lineOf(mark), "more than 32 levels", "write it flatter"};
        }
        TreeNode* const node = add(make(kind, mark));
        m_open.push_back({node, {}, false});
    }

    TreeNode* add(std::unique_ptr<TreeNode> node) {
        TreeNode* const added = node.get();
        if (m_open.empty()) {
            m_root = std::move(node);
            return added;
        }
        Open& parent = m_open.back();
        if (parent.node->kind == Kind::List) {
            parent.node->items.push_back(std::move(node));
        } else if (parent.keyWaits) {
            parent.node->entries.back().value = std::move(node);
            parent.keyWaits = false;
        } else {
            takeKey(parent, *added);
        }
        return added;
    }

    static void takeKey(Open& parent, const TreeNode& key) {
        if (key.kind == Kind::List || key.kind == Kind::Map || key.text.empty()) {
            throw Refusal{key.line, "a key must be text", "write `key: value`"};
        }
        const auto [first, isNew] = parent.keys.emplace(key.text, key.line);
        if (!isNew) {
            throw Refusal{key.line,
                          "the key " + quoted(key.text) + " is given twice (first in line " +
                              std::to_string(first->second) + ")",
                          "keep one of them"};
        }
        parent.node->entries.push_back({key.text, key.line, nullptr});
        parent.keyWaits = true;
    }

    std::unique_ptr<TreeNode> m_root;
    std::vector<Open> m_open;
    std::size_t m_nodes = 0;
};

std::optional<Error> checkCharacters(std::string_view text, const std::string& file) {
    int line = 1;
    for (const char c : text) {
        line += c == '\n' ? 1 : 0;
        const auto code = static_cast<unsigned char>(c);
        if ((code < 0x20 && c != '\n' && c != '\r' && c != '\t') || code == 0x7f) {
            return Error{"not a YAML text (it holds a control character)", place(file, line),
                         "give a YAML file"};
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<TreeNode>> buildTree(std::string_view text, const std::string& file) {
    if (text.size() > kMaximumBytes) {
        return Error{"the YAML text is larger than 4 MiB", file, "give a smaller file"};
    }
    if (std::optional<Error> error = checkCharacters(text, file)) {
        return *error;
    }
    std::istringstream stream{std::string(text)};
    try {
        YAML::Parser parser(stream);
        TreeBuilder builder;
        parser.HandleNextDocument(builder);
        std::unique_ptr<TreeNode> root = builder.takeRoot();
        if (root == nullptr || root->kind == Kind::Null) {
            return Error{"the file is empty", file, "write the keys it should have"};
        }
        TreeBuilder second;
        if (parser.HandleNextDocument(second)) {
            const std::unique_ptr<TreeNode> more = second.takeRoot();
            return Error{"a second document", place(file, more == nullptr ? 1 : more->line),
                         "keep one document in a file"};
        }
        return root;
    } catch (const Refusal& refusal) {
        return Error{refusal.what, place(file, refusal.line), refusal.remedy};
    } catch (const YAML::Exception& error) {
        return Error{"not valid YAML (" + error.msg + ")", place(file, error.mark.line + 1),
                     "mend this line or the one before it"};
    }
}

}  // namespace bitloupe::yaml::detail
