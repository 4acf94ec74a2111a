// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/quantization/quantizer.h"

using namespace bitloupe::quantization;

class TstQuantizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textIsTheIdentity_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("canonical");
        for (const auto& [text, canonical] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"int8", "int8"},
                 {"int8@tensor/mse", "int8"},
                 {"int4@channel", "int4@channel"},
                 {"int4@group32/minmax", "int4@group32/minmax"},
                 {"posit<8,1>/percentile99.99", "posit<8,1>/percentile99.99"},
                 {"int8/percentile100", "int8/percentile100"},
                 {"fp8e4m3@channel/entropy", "fp8e4m3@channel/entropy"}}) {
            QTest::newRow(text) << QString(text) << QString(canonical);
        }
    }
    void textIsTheIdentity() {
        QFETCH(const QString, text);
        QFETCH(const QString, canonical);
        const auto parsed = Quantizer::parse(text.toStdString());
        QVERIFY2(parsed.hasValue(), parsed.hasError() ? parsed.error().sentence().c_str() : "");
        QCOMPARE(QString::fromStdString(parsed.value().name()), canonical);
        QVERIFY(Quantizer::parse(parsed.value().name()).value() == parsed.value());
    }

    void whatItSays() {
        const Quantizer quantizer = Quantizer::parse("int4@group32/percentile99.9").value();
        QCOMPARE(quantizer.format.bitsPerValue(), 4.0);
        QVERIFY(quantizer.granularity == Granularity::Group);
        QCOMPARE(quantizer.groupSize, 32);
        QVERIFY(quantizer.range == RangeRule::Percentile);
        QCOMPARE(quantizer.percentile, 99.9);
    }

    void whatIsNotAQuantizerSaysWhatToDo_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"", "int8@", "int8/", "int8@row", "int8@group", "int8@group0",
                                 "int8@group-4", "int8@group9999999", "int8/max", "int8/percentile",
                                 "int8/percentile50", "int8/percentile101", "int8/percentilenan",
                                 "int8/mse@channel", "int8@channel@tensor", "@channel", "/mse"}) {
            QTest::newRow(text) << QString(text);
        }
    }
    void whatIsNotAQuantizerSaysWhatToDo() {
        QFETCH(const QString, text);
        const auto parsed = Quantizer::parse(text.toStdString());
        QVERIFY(parsed.hasError());
        QVERIFY(!parsed.error().what.empty());
        QVERIFY(!parsed.error().remedy.empty());
    }
};

QTEST_APPLESS_MAIN(TstQuantizer)
#include "tst_quantizer.moc"
