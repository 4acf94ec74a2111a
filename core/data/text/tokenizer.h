// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::data {

/// Turns text into numbers.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    /// Errors name `path` and the byte.
    [[nodiscard]] virtual Result<std::vector<std::int32_t>> encode(
        std::string_view text, const std::string& path) const = 0;
    /// What each number stands for.
    [[nodiscard]] virtual const std::vector<std::string>& tokens() const = 0;
};

/// The characters that occur in `texts`, numbered in ascending order of their code points.
/// Errors: bytes that are no UTF-8; `paths` name the texts.
[[nodiscard]] Result<std::unique_ptr<Tokenizer>> makeCharacterTokenizer(
    const std::vector<std::string_view>& texts, const std::vector<std::string>& paths);

/// The 256 bytes.
[[nodiscard]] std::unique_ptr<Tokenizer> makeByteTokenizer();

/// Digits, small and capital letters, punctuation and white space of ASCII in the order of Python's
/// string.printable.
[[nodiscard]] std::unique_ptr<Tokenizer> makePrintableTokenizer();

/// Byte pair encoding as GPT-2 does it (Radford et al., "Language Models are Unsupervised Multitask
/// Learners", 2019): `encoderPath` is the JSON of tokens and their numbers, `mergesPath` the pairs
/// in the order in which they are joined. Errors: files of another form, a byte without a token.
[[nodiscard]] Result<std::unique_ptr<Tokenizer>> makeGpt2Tokenizer(const std::string& encoderPath,
                                                                   const std::string& mergesPath);

}  // namespace bitloupe::data
