// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>
#include <queue>
#include <unordered_map>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/text/tokenizer.h"
#include "core/data/text/utf8.h"
#include "core/data/text/word_split.h"

namespace bitloupe::data {

namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{64} << 20U;
constexpr std::int64_t kMostTokens = 10'000'000;
constexpr std::size_t kCachedPieces = 200'000;

/// What two neighbours become, and how early.
struct Merge {
    std::int32_t rank = 0;
    std::int32_t product = 0;
};

std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U |
           static_cast<std::uint32_t>(right);
}

/// GPT-2's files write bytes as characters that can be seen: those of Latin-1 that can as
/// themselves, the others from U+0100 on in ascending order.
std::unordered_map<std::uint32_t, char> visibleBytes() {
    std::unordered_map<std::uint32_t, char> bytes;
    std::uint32_t next = 0x100;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        const bool visible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) ||
                             (byte >= 0xae && byte <= 0xff);
        bytes.emplace(visible ? byte : next++, static_cast<char>(byte));
    }
    return bytes;
}

/// The bytes that a token of the files stands for; special tokens stand for themselves.
std::string rawBytes(const std::string& token) {
    static const std::unordered_map<std::uint32_t, char> kBytes = visibleBytes();
    std::string raw;
    for (std::size_t place = 0; place < token.size();) {
        const Character character = characterAt(token, place);
        const auto found = kBytes.find(character.codePoint);
        if (character.bytes == 0 || found == kBytes.end()) {
            return token;
        }
        raw += found->second;
        place += character.bytes;
    }
    return raw;
}

class Gpt2Tokenizer : public Tokenizer {
public:
    Result<void> readEncoder(const std::string& path) {
        const Result<std::string> text = readFile(path, kMostFileBytes);
        if (text.hasError()) {
            return text.error();
        }
        const auto wrong = [&](const std::string& what) {
            return Error{what, path, "give GPT-2's encoder.json"};
        };
        const auto json = nlohmann::json::parse(text.value(), nullptr, false);
        if (!json.is_object() || json.empty()) {
            return wrong("this is no JSON object of tokens and their numbers");
        }
        m_tokens.resize(json.size());
        for (const auto& [token, number] : json.items()) {
            if (!number.is_number_integer() || number.get<std::int64_t>() < 0 ||
                number.get<std::int64_t>() >= static_cast<std::int64_t>(json.size()) ||
                json.size() > static_cast<std::size_t>(kMostTokens)) {
                return wrong("the numbers of the tokens do not run from 0 to their count");
            }
            const auto id = static_cast<std::int32_t>(number.get<std::int64_t>());
            const std::string raw = rawBytes(token);
            m_tokens[static_cast<std::size_t>(id)] = raw;
            m_numbers.emplace(raw, id);
        }
        for (int byte = 0; byte < 256; ++byte) {
            const auto found = m_numbers.find(std::string(1, static_cast<char>(byte)));
            m_bytes[static_cast<std::size_t>(byte)] = found == m_numbers.end() ? -1 : found->second;
        }
        return {};
    }

    Result<void> readMerges(const std::string& path) {
        const Result<std::string> text = readFile(path, kMostFileBytes);
        if (text.hasError()) {
            return text.error();
        }
        std::int32_t line = 0;
        for (const std::string& row : text::split(text.value(), '\n')) {
            ++line;
            const std::string pair = text::trim(row);
            if (pair.empty() || pair.starts_with("#version")) {
                continue;
            }
            const std::size_t blank = pair.find(' ');
            const std::string left = rawBytes(pair.substr(0, blank));
            const std::string right =
                blank == std::string::npos ? "" : rawBytes(pair.substr(blank + 1));
            const auto a = m_numbers.find(left);
            const auto b = m_numbers.find(right);
            const auto product = m_numbers.find(left + right);
            if (right.empty() || a == m_numbers.end() || b == m_numbers.end() ||
                product == m_numbers.end()) {
                return Error{"this is no pair of tokens whose join is a token",
                             path + ", line " + std::to_string(line),
                             "give the vocab.bpe that belongs to this encoder.json"};
            }
            m_merges.try_emplace(pairKey(a->second, b->second), Merge{line, product->second});
        }
        return {};
    }

    Result<std::vector<std::int32_t>> encode(std::string_view text,
                                             const std::string& path) const override {
        std::vector<std::int32_t> numbers;
        std::unordered_map<std::string_view, std::vector<std::int32_t>> known;
        for (std::size_t place = 0; place < text.size();) {
            const std::size_t length = pieceAt(text, place);
            if (length == 0) {
                return Error{"this is no character of UTF-8",
                             path + ", byte " + std::to_string(place),
                             "choose `tokens: bytes`, which take any text"};
            }
            const std::string_view piece = text.substr(place, length);
            auto found = known.find(piece);
            if (found == known.end()) {
                Result<std::vector<std::int32_t>> encoded = encodePiece(piece, path, place);
                if (encoded.hasError()) {
                    return encoded.error();
                }
                if (known.size() >= kCachedPieces) {
                    known.clear();
                }
                found = known.emplace(piece, std::move(encoded).value()).first;
            }
            numbers.insert(numbers.end(), found->second.begin(), found->second.end());
            place += length;
        }
        return numbers;
    }

    const std::vector<std::string>& tokens() const override { return m_tokens; }

private:
    /// A token of a piece in a list of neighbours.
    struct Link {
        std::int32_t token = 0;
        std::size_t before = 0;
        std::size_t after = 0;
        bool gone = false;
    };
    struct Candidate {
        std::int32_t rank = 0;
        std::size_t place = 0;  ///< of the left token
        std::int32_t left = 0;
        std::int32_t right = 0;
        // The queue gives its largest element first.
        bool operator<(const Candidate& other) const {
            return rank != other.rank ? rank > other.rank : place > other.place;
        }
    };

    /// Joins the pair of the lowest rank, the leftmost first, as long as there is one.
    Result<std::vector<std::int32_t>> encodePiece(std::string_view piece, const std::string& path,
                                                  std::size_t place) const {
        std::vector<Link> links(piece.size() + 1);  // the last one ends the list
        for (std::size_t i = 0; i < piece.size(); ++i) {
            const std::int32_t token = m_bytes[static_cast<unsigned char>(piece[i])];
            if (token < 0) {
                return Error{"the vocabulary has no token for this byte",
                             path + ", byte " + std::to_string(place + i),
                             "give GPT-2's encoder.json"};
            }
            links[i] = {token, i - 1, i + 1};
        }
        std::priority_queue<Candidate> queue;
        const auto offer = [&](std::size_t left) {
            const std::size_t right = left >= piece.size() ? piece.size() : links[left].after;
            if (right >= piece.size()) {
                return;
            }
            const auto found = m_merges.find(pairKey(links[left].token, links[right].token));
            if (found != m_merges.end()) {
                queue.push({found->second.rank, left, links[left].token, links[right].token});
            }
        };
        for (std::size_t i = 0; i < piece.size(); ++i) {
            offer(i);
        }
        while (!queue.empty()) {
            const Candidate best = queue.top();
            queue.pop();
            Link& left = links[best.place];
            if (left.gone || left.token != best.left || left.after >= piece.size() ||
                links[left.after].token != best.right) {
                continue;  // one of the two was joined with another since
            }
            Link& right = links[left.after];
            left.token = m_merges.at(pairKey(best.left, best.right)).product;
            left.after = right.after;
            links[right.after].before = best.place;
            right.gone = true;
            offer(best.place);
            offer(left.before);  // piece.size() or beyond at the front: no offer
        }
        std::vector<std::int32_t> tokens;
        for (std::size_t i = 0; i < piece.size(); i = links[i].after) {
            tokens.push_back(links[i].token);
        }
        return tokens;
    }

    std::vector<std::string> m_tokens;
    std::unordered_map<std::string, std::int32_t> m_numbers;
    std::array<std::int32_t, 256> m_bytes{};
    std::unordered_map<std::uint64_t, Merge> m_merges;
};

}  // namespace

Result<std::unique_ptr<Tokenizer>> makeGpt2Tokenizer(const std::string& encoderPath,
                                                     const std::string& mergesPath) {
    auto tokenizer = std::make_unique<Gpt2Tokenizer>();
    Result<void> read = tokenizer->readEncoder(encoderPath);
    if (read.hasValue()) {
        read = tokenizer->readMerges(mergesPath);
    }
    return read.hasError() ? Result<std::unique_ptr<Tokenizer>>(read.error())
                           : Result<std::unique_ptr<Tokenizer>>(std::move(tokenizer));
}

}  // namespace bitloupe::data
