// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <functional>

#include "core/base/yaml_document.h"

using namespace bitloupe;

namespace {

yaml::Document parsed(const std::string& text) {
    Result<yaml::Document> document = yaml::Document::parse(text, "f.yaml");
    if (document.hasError()) {
        qFatal("%s", document.error().sentence().c_str());
    }
    return std::move(document).value();
}

std::string refusal(const std::string& text) {
    const Result<yaml::Document> document = yaml::Document::parse(text, "f.yaml");
    return document.hasError() ? document.error().sentence() : "accepted";
}

std::string readingError(const std::string& text, const std::function<void(yaml::Value)>& read) {
    const yaml::Document document = parsed(text);
    read(document.root());
    return document.result().hasError() ? document.result().error().sentence() : "accepted";
}

#define VERIFY_CONTAINS(text, part) \
    QVERIFY2(QString::fromStdString(text).contains(part), std::string(text).c_str())

}  // namespace

class TstYamlDocument : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsEveryType() {
        const yaml::Document document =
            parsed("name: a b\ncount: -12\nshare: 2.5e-1\non: true\nnested: {list: [x, '012']}\n");
        const yaml::Value root = document.root();
        QCOMPARE(root["name"].text(), std::string("a b"));
        QCOMPARE(root["count"].integer(), -12);
        QCOMPARE(root["share"].number(), 0.25);
        QVERIFY(root["on"].boolean());
        QCOMPARE(root["nested"]["list"].items().at(1).text(), std::string("012"));
        QCOMPARE(root["nested"]["list"].line(), 5);
        QVERIFY(!root["absent"].exists());
        QVERIFY(document.result().hasValue());
    }

    void doubledKeysNameBothLines() {
        const std::string sentence = refusal("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n");
        VERIFY_CONTAINS(sentence, "`c` is given twice (first in line 3)");
        VERIFY_CONTAINS(sentence, "f.yaml, line 5");
        QCOMPARE(refusal("a: {c: 1}\nb: {c: 1}\n"), std::string("accepted"));
    }

    void unknownKeysSuggestTheNearest() {
        const std::string sentence = readingError("weights: 1\nwieghts: 2\n", [](yaml::Value root) {
            root.allow({"weights", "name"});
        });
        QCOMPARE(sentence, std::string("unknown key `wieghts`: f.yaml, line 2, wieghts: did you "
                                       "mean `weights`?"));
    }

    void integersAreStrict_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("octal") << "k: 012"
                               << "`012` starts with a zero";
        QTest::newRow("negative octal") << "k: -012"
                                        << "starts with a zero";
        QTest::newRow("text") << "k: ten"
                              << "`ten` is not a whole number";
        QTest::newRow("fraction") << "k: 1.5"
                                  << "`1.5` is not a whole number";
        QTest::newRow("hex") << "k: 0x10"
                             << "not a whole number";
        QTest::newRow("huge") << "k: 99999999999999999999"
                              << "not a whole number";
        QTest::newRow("quoted") << "k: '12'"
                                << "not the text `12`";
        QTest::newRow("list") << "k: [1]"
                              << "a whole number is expected";
        QTest::newRow("range") << "k: 101"
                               << "101 is out of range: f.yaml, line 1, k: give a whole "
                                  "number from 0 to 100";
        QTest::newRow("missing") << "other: 1"
                                 << "the key `k` is missing";
        QTest::newRow("null") << "k:"
                              << "the key `k` is missing";
        QTest::newRow("zero") << "k: 0"
                              << "accepted";
        QTest::newRow("limit") << "k: 100"
                               << "accepted";
    }
    void integersAreStrict() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        VERIFY_CONTAINS(readingError(text.toStdString(),
                                     [](yaml::Value root) { (void)root["k"].integer(0, 100); }),
                        expected);
    }

    void otherTypesAreStrict() {
        const auto number = [](yaml::Value root) { (void)root["k"].number(); };
        VERIFY_CONTAINS(readingError("k: .inf", number), "not a finite decimal number");
        VERIFY_CONTAINS(readingError("k: nan", number), "not a finite decimal number");
        const auto boolean = [](yaml::Value root) { (void)root["k"].boolean(); };
        VERIFY_CONTAINS(readingError("k: yes", boolean), "neither true nor false");
        const auto text = [](yaml::Value root) { (void)root["k"].text(); };
        VERIFY_CONTAINS(readingError("k: {a: 1}", text), "a single text is expected");
        const auto list = [](yaml::Value root) { (void)root["k"].items(); };
        VERIFY_CONTAINS(readingError("k: a", list), "a list is expected");
        const auto map = [](yaml::Value root) { (void)root["k"].entries(); };
        VERIFY_CONTAINS(readingError("k: a", map), "keys with values are expected");
    }

    void theFirstErrorIsKept() {
        VERIFY_CONTAINS(readingError("a: x\nb: y\n",
                                     [](yaml::Value root) {
                                         (void)root["a"].integer();
                                         (void)root["b"].integer();
                                     }),
                        "line 1, a");
    }

    void hostileDocumentsAreRefused() {
        QCOMPARE(refusal(""),
                 std::string("the file is empty: f.yaml: write the keys it should have"));
        VERIFY_CONTAINS(refusal("# only a comment\n"), "the file is empty");
        VERIFY_CONTAINS(refusal("a: &x [1]\nb: *x\n"), "anchors (`&name`) are not allowed");
        VERIFY_CONTAINS(refusal("a: !!binary aGk=\n"), "the tag");
        VERIFY_CONTAINS(refusal("a: 1\n---\nb: 2\n"), "a second document: f.yaml, line 3");
        VERIFY_CONTAINS(refusal("a: [1, 2\nb: 3\n"), "not valid YAML");
        VERIFY_CONTAINS(refusal("a: 1\n b: 2\n"), "not valid YAML");
        VERIFY_CONTAINS(refusal("? [a]\n: 1\n"), "a key must be text");
        VERIFY_CONTAINS(refusal(std::string("a: \0b\n", 6)), "control character");
        VERIFY_CONTAINS(refusal("a: " + std::string(40, '[') + std::string(40, ']')),
                        "more than 32 levels");
        QVERIFY(refusal("a: " + std::string(100'000, '[')) != "accepted");
        VERIFY_CONTAINS(refusal(std::string(5 << 20, 'a')), "larger than 4 MiB");
        std::string many = "a: [0";
        for (int i = 0; i < 200'000; ++i) {
            many += ",0";
        }
        VERIFY_CONTAINS(refusal(many + "]"), "more than 200,000 values");
    }

    void everyPrefixEndsInAnAnswer() {
        const std::string whole = "name: \"a\\tb\"\nlist: [1, {a: 2}]\nmap:\n  - x: |\n      t\n";
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            (void)refusal(whole.substr(0, length));  // no crash, no exception
        }
        QCOMPARE(refusal(whole), std::string("accepted"));
    }

    void scalarsReadBack() {
        for (const std::string text : {"plain", "posit<8,1>", "int4@channel/mse", "yes", "null",
                                       "012", "1.5", "", " lead", "a: b", "quote\"s", "back\\slash",
                                       "line\nbreak", "#x", "- x", "tail ", "ä", "true"}) {
            const yaml::Document document =
                parsed("k: " + yaml::scalar(text) + "\nl: " + yaml::flowList({text, "b"}) + "\n");
            QCOMPARE(document.root()["k"].text(), text);
            QCOMPARE(document.root()["l"].items().at(0).text(), text);
            QVERIFY2(document.result().hasValue(), text.c_str());
        }
        QCOMPARE(yaml::scalar("plain"), std::string("plain"));
    }
};

QTEST_APPLESS_MAIN(TstYamlDocument)
#include "tst_yaml_document.moc"
