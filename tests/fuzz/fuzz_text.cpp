// SPDX-License-Identifier: Apache-2.0
#include "core/data/text/tokenizer.h"
#include "tests/fuzz/data_target.h"

using namespace bitloupe;

namespace {

/// The bytes as the JSON of a vocabulary, as its merges and as the text it encodes.
std::string readAsVocabulary(const std::string& bytes) {
    const std::string good = R"({"a":0,"b":1,"ab":2,"\u0120":3,"c":4})";
    return fuzz::throughFile(bytes, ".json", [&](const std::string& path) {
        return fuzz::throughFile("#version: 0.2\na b\n", ".bpe", [&](const std::string& merges) {
            const auto tokenizer = data::makeGpt2Tokenizer(path, merges);
            if (tokenizer.hasError()) {
                return tokenizer.error().sentence();
            }
            const auto tokens = tokenizer.value()->encode("ab c ab" + bytes, "text");
            return tokens.hasError() && bytes != good ? tokens.error().sentence() : std::string();
        });
    });
}

std::string readAsMerges(const std::string& bytes) {
    return fuzz::throughFile(
        R"({"a":0,"b":1,"ab":2,"c":3,"abc":4})", ".json", [&](const std::string& encoder) {
            return fuzz::throughFile(bytes, ".bpe", [&](const std::string& path) {
                const auto tokenizer = data::makeGpt2Tokenizer(encoder, path);
                return tokenizer.hasError() ? tokenizer.error().sentence() : std::string();
            });
        });
}

}  // namespace

int main(int argc, char** argv) {
    const std::string prose =
        "To be, or not to be:\nthat's the question \xc3\xa9\xe2\x82\xac. 42\n";
    const int text =
        fuzz::run("text", argc, argv, {prose + prose, std::string(300, 'a')}, 3000,
                  [](const std::string& bytes) { return fuzz::readAsData(bytes, ".txt"); });
    const int encoder =
        fuzz::run("text-encoder", argc, argv, {R"({"a":0,"b":1,"ab":2,"\u0120":3,"c":4})"}, 2000,
                  readAsVocabulary);
    const int merges =
        fuzz::run("text-merges", argc, argv, {"#version: 0.2\na b\nab c\n"}, 2000, readAsMerges);
    return text + encoder + merges == 0 ? 0 : 1;
}
