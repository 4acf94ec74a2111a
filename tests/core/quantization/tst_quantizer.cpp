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
                 {"fp8e4m3@channel/entropy", "fp8e4m3@channel/entropy"},
                 {"int8/movingaverage", "int8/movingaverage"},
                 {"int4/percentile99.999/pow2scale", "int4/percentile99.999/pow2scale"},
                 {"int4/pow2scale/minmax", "int4/minmax/pow2scale"},
                 {"posit<8,1>", "posit<8,1>"},
                 {"posit<8,1>/energy", "posit<8,1>"},
                 {"posit<8,1>/mse", "posit<8,1>/mse"},
                 {"posit<6,0>@channel/histogram", "posit<6,0>@channel/histogram"},
                 {"posit<6,0>/sweep", "posit<6,0>/sweep"},
                 {"int4@channel+gptq", "int4@channel+gptq"},
                 {"int4@group32/minmax+gptqordered+biascorr",
                  "int4@group32/minmax+gptqordered+biascorr"},
                 {"int4+biascorr+adaround", "int4+adaround+biascorr"},
                 {"codebook<kmeans,3>+stochastic", "codebook<kmeans,3>+stochastic"},
                 {"int8~50%", "int8~50%"},
                 {"int8@channel+gptq~2:4", "int8@channel+gptq~2:4"},
                 {"multipoint<int4,3>/output0.5%", "multipoint<int4,3>/output0.5%"},
                 {"int8~12.5%channels", "int8~12.5%channels"},
                 {"float~50%", "float~50%"},
                 {"fp32~2:4", "float~2:4"},
                 {"float+biascorr~50%", "float+biascorr~50%"}}) {
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

    void whatItCosts_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("density");
        QTest::addColumn<double>("storedBits");
        QTest::newRow("dense") << "int8" << 1.0 << 8.0;
        QTest::newRow("bitmap") << "int8~75%" << 0.25 << 0.25 * 8 + 1;
        QTest::newRow("2:4") << "int8~2:4" << 0.5 << 0.5 * (8 + 2);
        QTest::newRow("1:16") << "int4~1:16" << 1.0 / 16 << (4 + 4.0) / 16;
        QTest::newRow("channels") << "int8~25%channels" << 0.75 << 6.0;
        QTest::newRow("float") << "float~50%" << 0.5 << 17.0;
    }
    void whatItCosts() {
        QFETCH(const QString, text);
        QFETCH(const double, density);
        QFETCH(const double, storedBits);
        const Quantizer quantizer = Quantizer::parse(text.toStdString()).value();
        QCOMPARE(quantizer.pruning.density(), density);
        QCOMPARE(quantizer.storedBits(), storedBits);
        QVERIFY(!quantizer.isIdentity());
    }

    void activationsBesideAMethodAreRoundedToNearest() {
        const Quantizer quantizer =
            Quantizer::parse("int4@channel/minmax+gptq+biascorr~2:4").value();
        QVERIFY(quantizer.hasWeightMethods());
        QCOMPARE(QString::fromStdString(quantizer.withoutWeightMethods().name()),
                 QStringLiteral("int4/minmax"));
        QVERIFY(!quantizer.withoutWeightMethods().hasWeightMethods());
    }

    void whatIsNotAQuantizerSaysWhatToDo_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"",
                                 "int8@",
                                 "int8/",
                                 "int8@row",
                                 "int8@group",
                                 "int8@group0",
                                 "int8@group-4",
                                 "int8@group9999999",
                                 "int8/max",
                                 "int8/percentile",
                                 "int8/percentile50",
                                 "int8/percentile101",
                                 "int8/percentilenan",
                                 "int8/mse@channel",
                                 "int8@channel@tensor",
                                 "@channel",
                                 "/mse",
                                 "float",
                                 "float/mse+gptq",
                                 "int8/mse/minmax",
                                 "int8/energy",
                                 "int8+",
                                 "int8+gptq+adaround",
                                 "int8+biascorr+biascorr",
                                 "mxfp4+gptq",
                                 "multipoint<int4,2>+adaround",
                                 "fp32+stochastic",
                                 "int8~",
                                 "int8~50",
                                 "int8~0%",
                                 "int8~100%",
                                 "int8~nan%",
                                 "int8~4:2",
                                 "int8/output1%",
                                 "multipoint<int4,3>/output1",
                                 "multipoint<int4,3>/output0%",
                                 "multipoint<int4,3>/output%",
                                 "int8~0:4",
                                 "int8~2:65",
                                 "int8~50%rows",
                                 "int8~50%~2:4",
                                 "int8~50%+gptq",
                                 "int8+gptq/mse",
                                 "int8/pow2scale/pow2scale"}) {
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
