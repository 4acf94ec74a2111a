// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/data/source.h"
#include "core/data/text/tokenizer.h"

namespace bitloupe::data {
namespace {

constexpr std::uint64_t kMostTextBytes = std::uint64_t{256} << 20U;

/// Windows over one text; each token's label is the one after it.
class TextReader : public SampleReader {
public:
    TextReader(std::vector<std::int32_t> tokens, std::int64_t window, std::int64_t stride)
        : m_tokens(std::move(tokens)), m_window(window), m_stride(stride) {
        const auto size = static_cast<std::int64_t>(m_tokens.size());
        m_head.count = (size - 1 - window) / stride + 1;
        m_head.inputs.push_back({"", ElementType::Int64, {window}, {}});
        m_head.labels = window;
    }

    const SampleHead& head() const override { return m_head; }

    Result<SampleBlock> read(std::int64_t first, std::int64_t count) override {
        std::vector<std::int64_t> tokens;
        SampleBlock block;
        for (std::int64_t sample = first; sample < first + count; ++sample) {
            for (std::int64_t i = 0; i < m_window; ++i) {
                const auto place = static_cast<std::size_t>(sample * m_stride + i);
                tokens.push_back(m_tokens[place]);
                // What the window before has scored is context here and not scored again.
                const bool scored = sample == 0 || i >= m_window - m_stride;
                block.labels.push_back(scored ? m_tokens[place + 1] : kIgnoredLabel);
            }
        }
        block.inputs.push_back(Array::of<std::int64_t>({count, m_window}, tokens));
        return block;
    }

private:
    std::vector<std::int32_t> m_tokens;
    std::int64_t m_window;
    std::int64_t m_stride;
    SampleHead m_head;
};

struct Texts {
    std::vector<std::string> names;  ///< of the sources
    std::vector<std::string> paths;
    std::vector<std::string> contents;
};

Result<Texts> readTexts(const DataDescription& description) {
    Texts texts;
    for (const std::string& name : usedSources(description)) {
        const Result<std::string> path = partPath(description, name, "text");
        if (path.hasError()) {
            return path.error();
        }
        Result<std::string> content = readFile(path.value(), kMostTextBytes);
        if (content.hasError()) {
            return content.error();
        }
        texts.names.push_back(name);
        texts.paths.push_back(path.value());
        texts.contents.push_back(std::move(content).value());
    }
    return texts;
}

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const DataDescription& description,
                                                 const Texts& texts) {
    const std::string& kind = description.text.tokens;
    if (kind == "bytes") {
        return makeByteTokenizer();
    }
    if (kind == "printable") {
        return makePrintableTokenizer();
    }
    if (kind == "characters") {
        return makeCharacterTokenizer({texts.contents.begin(), texts.contents.end()}, texts.paths);
    }
    if (kind != "gpt2") {
        return Error{"unknown tokens `" + kind + "`", "data.tokens",
                     "give characters, bytes, printable or gpt2"};
    }
    const Result<std::string> encoder = partPath(description, texts.names.front(), "encoder");
    if (encoder.hasError()) {
        return encoder.error();
    }
    const Result<std::string> merges = partPath(description, texts.names.front(), "merges");
    return merges.hasError() ? Result<std::unique_ptr<Tokenizer>>(merges.error())
                             : makeGpt2Tokenizer(encoder.value(), merges.value());
}

}  // namespace

Result<Sources> openTextSources(const DataDescription& description) {
    const Result<Texts> texts = readTexts(description);
    if (texts.hasError()) {
        return texts.error();
    }
    const Result<std::unique_ptr<Tokenizer>> tokenizer = makeTokenizer(description, texts.value());
    if (tokenizer.hasError()) {
        return tokenizer.error();
    }
    const std::int64_t window = description.text.window;
    const std::int64_t stride = description.text.stride > 0 ? description.text.stride : window;
    if (window < 1 || stride > window) {
        return Error{"the stride is larger than the window", "data.stride",
                     "give at most the window, or tokens would be left out"};
    }
    Sources sources;
    sources.task = Task::Classification;
    sources.classNames = tokenizer.value()->tokens();
    for (std::size_t i = 0; i < texts.value().names.size(); ++i) {
        const std::string& path = texts.value().paths[i];
        Result<std::vector<std::int32_t>> tokens =
            tokenizer.value()->encode(texts.value().contents[i], path);
        if (tokens.hasError()) {
            return tokens.error();
        }
        if (static_cast<std::int64_t>(tokens.value().size()) <= window) {
            return Error{"the text has " + std::to_string(tokens.value().size()) +
                             " tokens, and a window takes " + std::to_string(window) +
                             " and the one after them",
                         path, "give a smaller `window` or a longer text"};
        }
        sources.byName.emplace(
            texts.value().names[i],
            std::make_unique<TextReader>(std::move(tokens).value(), window, stride));
    }
    return sources;
}

}  // namespace bitloupe::data
