// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <numeric>

#include "core/base/file.h"
#include "core/data/data_description.h"
#include "core/data/text/tokenizer.h"
#include "core/data/text/word_split.h"
#include "tests/core/data/files.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;
using data::DataDescription;
using data::Role;

namespace {

DataDescription textDescription(const std::string& path, const std::string& tokens,
                                std::int64_t window) {
    DataDescription description;
    description.kind = "text";
    description.sources["all"].files["text"] = path;
    description.splits[Role::Search] = {"all", 0, {}};
    description.text.tokens = tokens;
    description.text.window = window;
    return description;
}

QStringList piecesOf(const std::string& text) {
    QStringList pieces;
    for (std::size_t place = 0; place < text.size();) {
        const std::size_t length = data::pieceAt(text, place);
        pieces << QString::fromStdString(text.substr(place, length));
        place += std::max<std::size_t>(length, 1);
    }
    return pieces;
}

}  // namespace

class TstText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void windowsHoldTheNextTokensAsLabels() {
        const Files files;
        TAKE_RESULT(
            set, loadDataSet(textDescription(files.write("a.txt", "badcab-abc"), "characters", 3)));
        // The characters are - a b c d, so the text is 2 1 4 3 1 2 0 1 2 3.
        const data::Samples& samples = set.splits.at(Role::Search);
        QCOMPARE(set.classNames, (std::vector<std::string>{"-", "a", "b", "c", "d"}));
        QCOMPARE(samples.inputs.at("").shape(), Shape({3, 3}));
        const auto tokens = samples.inputs.at("").as<std::int64_t>();
        QCOMPARE(std::vector<std::int64_t>(tokens.begin(), tokens.end()),
                 (std::vector<std::int64_t>{2, 1, 4, 3, 1, 2, 0, 1, 2}));
        QCOMPARE(samples.labels, (std::vector<std::int64_t>{1, 4, 3, 1, 2, 0, 1, 2, 3}));
        QCOMPARE(samples.labelsPerSample(), 3);
        QCOMPARE(samples.slice(1, 1).labels, (std::vector<std::int64_t>{1, 2, 0}));
    }

    void overlappingWindowsScoreEachTokenOnce() {
        const Files files;
        DataDescription description =
            textDescription(files.write("a.txt", "0123456789"), "printable", 4);
        description.text.stride = 2;
        TAKE_RESULT(set, loadDataSet(description));
        QCOMPARE(set.splits.at(Role::Search).labels,
                 (std::vector<std::int64_t>{1, 2, 3, 4, -1, -1, 5, 6, -1, -1, 7, 8}));
    }

    void bytesTakeAnyTextAndCharactersSayWhereTheyCannot() {
        const Files files;
        const std::string path = files.write("a.txt",
                                             "ab\xff"
                                             "cd");
        TAKE_RESULT(set, loadDataSet(textDescription(path, "bytes", 4)));
        QCOMPARE(set.splits.at(Role::Search).inputs.at("").as<std::int64_t>()[2], 255);
        VERIFY_FAILS(loadDataSet(textDescription(path, "characters", 2)), "a.txt, byte 2");
        VERIFY_FAILS(loadDataSet(textDescription(path, "printable", 2)), "byte 2");
        VERIFY_FAILS(loadDataSet(textDescription(path, "bytes", 5)), "the text has 5 tokens");
        for (const char* wrong : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
            VERIFY_FAILS(loadDataSet(textDescription(files.write("b", wrong), "characters", 1)),
                         "byte 0");
        }
    }

    void wordsAreSplitAsGpt2DoesIt() {
        QCOMPARE(piecesOf("I'm  here\n\n now, 42 it's\u00e9t\u00e9?! "),
                 QStringList({"I", "'m", " ", " here", "\n\n", " now", ",", " 42", " it", "'s",
                              QString::fromUtf8("\u00e9t\u00e9"), "?!", " "}));
    }

    void pairsAreJoinedByRankNotByPlace() {
        const Files files;
        // "bc" comes before "ab": a b c becomes a bc, never ab c.
        const std::string encoder =
            files.write("encoder.json", R"({"a":0,"b":1,"c":2,"bc":3,"ab":4,"abc":5})");
        TAKE_RESULT(tokenizer, data::makeGpt2Tokenizer(
                                   encoder, files.write("v.bpe", "#version: 0.2\nb c\na b\n")));
        QCOMPARE(tokenizer->encode("abc", "t").value(), (std::vector<std::int32_t>{0, 3}));
        QCOMPARE(tokenizer->encode("abbc", "t").value(), (std::vector<std::int32_t>{4, 3}));
        VERIFY_FAILS(tokenizer->encode("abx", "t"), "no token for this byte: t, byte 2");
        VERIFY_FAILS(data::makeGpt2Tokenizer(encoder, files.write("w.bpe", "a c\n")), "line 1");
        VERIFY_FAILS(data::makeGpt2Tokenizer(files.write("e", "[1]"), encoder), "no JSON object");
        VERIFY_FAILS(data::makeGpt2Tokenizer(files.write("e", R"({"a":7})"), encoder),
                     "do not run from 0");
    }

    /// A million equal letters are one piece: joining must not take the square of its length.
    void longPiecesTakeNoAge() {
        const Files files;
        TAKE_RESULT(tokenizer, data::makeGpt2Tokenizer(
                                   files.write("encoder.json", R"({"a":0,"aa":1,"aaaa":2})"),
                                   files.write("v.bpe", "a a\naa aa\n")));
        QCOMPARE(tokenizer->encode(std::string(1'000'002, 'a'), "t").value().size(),
                 std::size_t(250'001));
    }

    /// karpathy/nanoGPT says of tiny shakespeare: 65 characters, and as GPT-2's tokens 301,966 in
    /// the first nine tenths and 36,059 in the rest.
    void tinyShakespeareHasThePublishedCounts() {
        BITLOUPE_REAL_FILE(folder, "data/text");
        const std::string path = folder + "/tinyshakespeare/input.txt";
        TAKE_RESULT(set, loadDataSet(textDescription(path, "characters", 256)));
        QCOMPARE(set.classNames.size(), std::size_t(65));
        QCOMPARE(set.splits.at(Role::Search).count(), 1115393 / 256);
        // "First Citizen" in nanoGPT's own numbers.
        const std::vector<std::int64_t> first = {18, 47, 56, 57, 58, 1, 15, 47, 58, 47, 64, 43, 52};
        const auto tokens = set.splits.at(Role::Search).inputs.at("").as<std::int64_t>();
        QVERIFY(std::equal(first.begin(), first.end(), tokens.begin()));

        TAKE_RESULT(text, readFile(path));
        TAKE_RESULT(gpt2, data::makeGpt2Tokenizer(folder + "/gpt2_vocab/encoder.json",
                                                  folder + "/gpt2_vocab/vocab.bpe"));
        QCOMPARE(gpt2->tokens().size(), std::size_t(50257));
        const std::size_t cut = text.size() * 9 / 10;
        QCOMPARE(gpt2->encode(text.substr(0, cut), path).value().size(), std::size_t(301'966));
        QCOMPARE(gpt2->encode(text.substr(cut), path).value().size(), std::size_t(36'059));
        // OpenAI's own example of the encoder.
        QCOMPARE(gpt2->encode("Hello world", "t").value(), (std::vector<std::int32_t>{15496, 995}));
    }
};

QTEST_APPLESS_MAIN(TstText)
#include "tst_text.moc"
