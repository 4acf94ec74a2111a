// SPDX-License-Identifier: Apache-2.0
#include "core/data/text/tokenizer.h"

#include <map>
#include <set>

#include "core/data/text/utf8.h"

namespace bitloupe::data {

namespace {

/// One number for each character of a fixed set.
class CharacterTokenizer : public Tokenizer {
public:
    CharacterTokenizer(const std::vector<std::uint32_t>& characters, std::string kind)
        : m_kind(std::move(kind)) {
        for (const std::uint32_t character : characters) {
            m_numbers.emplace(character, static_cast<std::int32_t>(m_tokens.size()));
            m_tokens.push_back(utf8(character));
        }
    }

    Result<std::vector<std::int32_t>> encode(std::string_view text,
                                             const std::string& path) const override {
        std::vector<std::int32_t> numbers;
        numbers.reserve(text.size());
        for (std::size_t place = 0; place < text.size();) {
            const Character character = characterAt(text, place);
            const auto found = m_numbers.find(character.codePoint);
            if (character.bytes == 0 || found == m_numbers.end()) {
                return Error{"this is no " + m_kind, path + ", byte " + std::to_string(place),
                             "choose `tokens: bytes`, which take any text"};
            }
            numbers.push_back(found->second);
            place += character.bytes;
        }
        return numbers;
    }

    const std::vector<std::string>& tokens() const override { return m_tokens; }

private:
    std::string m_kind;
    std::map<std::uint32_t, std::int32_t> m_numbers;
    std::vector<std::string> m_tokens;
};

class ByteTokenizer : public Tokenizer {
public:
    ByteTokenizer() {
        for (int byte = 0; byte < 256; ++byte) {
            m_tokens.emplace_back(1, static_cast<char>(byte));
        }
    }

    Result<std::vector<std::int32_t>> encode(std::string_view text,
                                             const std::string& /*path*/) const override {
        std::vector<std::int32_t> numbers;
        numbers.reserve(text.size());
        for (const char c : text) {
            numbers.push_back(static_cast<unsigned char>(c));
        }
        return numbers;
    }

    const std::vector<std::string>& tokens() const override { return m_tokens; }

private:
    std::vector<std::string> m_tokens;
};

}  // namespace

Result<std::unique_ptr<Tokenizer>> makeCharacterTokenizer(
    const std::vector<std::string_view>& texts, const std::vector<std::string>& paths) {
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (std::size_t place = 0; place < texts[i].size();) {
            const Character character = characterAt(texts[i], place);
            if (character.bytes == 0) {
                return Error{"this is no character of UTF-8",
                             paths.at(i) + ", byte " + std::to_string(place),
                             "choose `tokens: bytes`, which take any text"};
            }
            seen.insert(character.codePoint);
            place += character.bytes;
        }
    }
    return std::unique_ptr<Tokenizer>(std::make_unique<CharacterTokenizer>(
        std::vector<std::uint32_t>(seen.begin(), seen.end()), "character of the vocabulary"));
}

std::unique_ptr<Tokenizer> makeByteTokenizer() {
    return std::make_unique<ByteTokenizer>();
}

std::unique_ptr<Tokenizer> makePrintableTokenizer() {
    constexpr std::string_view kPrintable =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\v\f";
    return std::make_unique<CharacterTokenizer>(
        std::vector<std::uint32_t>(kPrintable.begin(), kPrintable.end()),
        "printable character of ASCII");
}

}  // namespace bitloupe::data
