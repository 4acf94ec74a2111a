// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "core/base/text.h"
#include "core/base/yaml_document.h"

namespace bitloupe::yaml {

std::string scalar(std::string_view text) {
    const auto isSafe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./@<>+() ").find(c) != std::string_view::npos;
    };
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    static const std::vector<std::string> kWords = {"true", "false", "null", "yes", "no",  "on",
                                                    "off",  "y",     "n",    "nan", "inf", ""};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (std::find(kWords.begin(), kWords.end(), lower) == kWords.end() && isLetter(text.front()) &&
        text.back() != ' ' && std::all_of(text.begin(), text.end(), isSafe)) {
        return std::string(text);
    }
    std::string escaped = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            escaped += '\\';
        }
        escaped += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : std::string(1, c);
    }
    return escaped + "\"";
}

std::string flowList(const std::vector<std::string>& texts) {
    std::vector<std::string> scalars;
    std::transform(texts.begin(), texts.end(), std::back_inserter(scalars),
                   [](const std::string& text) { return scalar(text); });
    return "[" + text::join(scalars, ", ") + "]";
}

}  // namespace bitloupe::yaml
