// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/numerics/format_catalogue.h"
#include "core/numerics/number_format.h"

using namespace bitloupe;
using namespace bitloupe::numerics;

class TstNumberFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesAreParsedAndCanonical_data() {
        QTest::addColumn<QString>("written");
        QTest::addColumn<QString>("canonical");
        QTest::addColumn<double>("bits");
        QTest::newRow("int8") << "int8"
                              << "int8" << 8.0;
        QTest::newRow("uint16") << "uint16"
                                << "uint16" << 16.0;
        QTest::newRow("fp32") << "fp32"
                              << "fp32" << 32.0;
        QTest::newRow("fixed") << "fixed<8, 3>"
                               << "fixed<8,3>" << 8.0;
        QTest::newRow("fixed defaults") << "fixed<8,3,rnd_conv,sat>"
                                        << "fixed<8,3>" << 8.0;
        QTest::newRow("ap_fixed") << "fixed<16,6,trn,wrap>"
                                  << "fixed<16,6,trn,wrap>" << 16.0;
        QTest::newRow("overflow alone") << "ufixed<7,2,wrap>"
                                        << "ufixed<7,2,wrap>" << 7.0;
        QTest::newRow("float") << "float<4,3>"
                               << "float<4,3>" << 8.0;
        QTest::newRow("float flags") << "float<4,3,fn,nosub>"
                                     << "float<4,3,fn,nosub>" << 8.0;
        QTest::newRow("float default flag") << "float<5,10,ieee>"
                                            << "float<5,10>" << 16.0;
        QTest::newRow("posit") << "posit<8,1>"
                               << "posit<8,1>" << 8.0;
        QTest::newRow("pow2") << "pow2<4>"
                              << "pow2<4>" << 4.0;
        QTest::newRow("mxfp4") << "mxfp4"
                               << "mxfp4" << 4.25;
        QTest::newRow("mxfp4 of 16") << "mxfp4<16>"
                                     << "mxfp4<16>" << 4.5;
        QTest::newRow("mxfp4 of 32") << "mxfp4<32>"
                                     << "mxfp4" << 4.25;
        QTest::newRow("nvfp4") << "nvfp4"
                               << "nvfp4" << 4.5;
        QTest::newRow("mxint8") << "mxint8"
                                << "mxint8" << 8.25;
        QTest::newRow("codebook") << "codebook<kmeans,4>"
                                  << "codebook<kmeans,4>" << 4.0;
        QTest::newRow("multipoint") << "multipoint<int4,2>"
                                    << "multipoint<int4,2>" << 8.0;
        QTest::newRow("multipoint of posits") << "multipoint<posit<6,1>,3>"
                                              << "multipoint<posit<6,1>,3>" << 18.0;
    }
    void namesAreParsedAndCanonical() {
        QFETCH(QString, written);
        QFETCH(QString, canonical);
        QFETCH(double, bits);
        const Result<NumberFormat> format = NumberFormat::parse(written.toStdString());
        QVERIFY(format.hasValue());
        QCOMPARE(QString::fromStdString(format.value().name()), canonical);
        QCOMPARE(format.value().bitsPerValue(), bits);
        QVERIFY(NumberFormat::parse(canonical.toStdString()).value() == format.value());
        QCOMPARE(format.value().isIdentity(), canonical == "fp32");
    }

    void badNamesSayWhatIsAllowed_data() {
        QTest::addColumn<QString>("allowed");
        QTest::newRow("posit<1,9>") << "posit<N,ES> with N from 2 to 16";
        QTest::newRow("posit<16,4>") << "(N-2)*2^ES at most 126";
        QTest::newRow("int33") << "N from 2 to 16";
        QTest::newRow("int1") << "N from 2 to 16";
        QTest::newRow("int08") << "N from 2 to 16";
        QTest::newRow("fixed<4,9>") << "I (integer bits, the sign counted) from 0 to W";
        QTest::newRow("fixed<8,3,sat,rnd>") << "fixed<W,I[,rounding][,overflow]>";
        QTest::newRow("float<8,7,fn>") << "(8 with ieee, the default)";
        QTest::newRow("float<5,11>") << "1+E+M at most 16";
        QTest::newRow("codebook<kmeans,17>") << "N from 1 to 16";
        QTest::newRow("multipoint<mxfp4,2>") << "multipoint<F,K>";
        QTest::newRow("multipoint<multipoint<int4,2>,2>") << "multipoint<F,K>";
        QTest::newRow("mxfp4<1>") << "block size B from 2";
        QTest::newRow("pist<8,1>") << "did you mean posit<8,1>?";
        QTest::newRow("posit<8,1") << "did you mean posit<8,1>?";
        QTest::newRow("") << "write a name such as";
        QTest::newRow("<>") << "write a name such as";
        QTest::newRow("posit<8,1>>") << "did you mean posit<8,1>?";
        QTest::newRow("int99999999999999999999") << "write a name such as";
    }
    void badNamesSayWhatIsAllowed() {
        QFETCH(QString, allowed);
        const std::string name = QTest::currentDataTag();
        const Result<NumberFormat> format = NumberFormat::parse(name);
        QVERIFY(format.hasError());
        const QString sentence = QString::fromStdString(format.error().sentence());
        QVERIFY2(sentence.contains(allowed), qPrintable(sentence));
        QVERIFY2(sentence.contains(QString::fromStdString(name)), qPrintable(sentence));
        QVERIFY(!sentence.contains('\n'));
    }

    void rangesAreThoseOfTheStandards_data() {
        QTest::addColumn<double>("largest");
        QTest::addColumn<double>("smallest");
        QTest::newRow("fp4e2m1") << 6.0 << 0.5;
        QTest::newRow("fp6e2m3") << 7.5 << 0.125;
        QTest::newRow("fp6e3m2") << 28.0 << 0.0625;
        QTest::newRow("fp8e4m3") << 448.0 << 0x1p-9;
        QTest::newRow("fp8e5m2") << 57344.0 << 0x1p-16;
        QTest::newRow("fp8e4m3fnuz") << 240.0 << 0x1p-10;
        QTest::newRow("fp8e5m2fnuz") << 57344.0 << 0x1p-17;
        QTest::newRow("float<4,3>") << 240.0 << 0x1p-9;
        QTest::newRow("float<3,4,fn>") << 30.0 << 0x1p-6;
        QTest::newRow("fp16") << 65504.0 << 0x1p-24;
        QTest::newRow("bf16") << 0x1.fep127 << 0x1p-133;
        QTest::newRow("posit<8,0>") << 64.0 << 0x1p-6;
        QTest::newRow("posit<8,1>") << 4096.0 << 0x1p-12;
        QTest::newRow("posit<8,2>") << 0x1p24 << 0x1p-24;
        QTest::newRow("posit<6,0>") << 16.0 << 0x1p-4;
        QTest::newRow("posit<6,1>") << 256.0 << 0x1p-8;
        QTest::newRow("posit<5,1>") << 64.0 << 0x1p-6;
        QTest::newRow("posit<4,0>") << 4.0 << 0.25;
        QTest::newRow("posit<4,1>") << 16.0 << 0.0625;
        QTest::newRow("mxint8") << 127.0 / 64 << 1.0 / 64;
        QTest::newRow("mxfp4") << 6.0 << 0.5;
        QTest::newRow("fixed<6,1>") << 31.0 / 32 << 1.0 / 32;
        QTest::newRow("int8") << 127.0 << 1.0;
        QTest::newRow("uint4") << 15.0 << 1.0;
    }
    void rangesAreThoseOfTheStandards() {
        QFETCH(double, largest);
        QFETCH(double, smallest);
        const NumberFormat format = NumberFormat::parse(QTest::currentDataTag()).value();
        QCOMPARE(format.maxValue(), largest);
        QCOMPARE(format.minPositive(), smallest);
    }

    void valueCountsAreThoseOfTheStandards() {
        QCOMPARE(NumberFormat::parse("fp8e4m3").value().values().size(), 253U);
        QCOMPARE(NumberFormat::parse("mxint8").value().values().size(), 255U);
        QVERIFY(NumberFormat::parse("fp32").value().values().empty());
        const std::vector<float> positives = {0.0625F, 0.25F, 0.5F, 1, 2, 4, 16};
        const std::vector<float> values = NumberFormat::parse("posit<4,1>").value().values();
        QVERIFY(std::equal(positives.begin(), positives.end(), values.end() - 7, values.end()));
    }

    void everyListedFormatParses() {
        for (const FamilyInfo& family : families()) {
            const Result<NumberFormat> example = NumberFormat::parse(family.example);
            QVERIFY(example.hasValue());
            QVERIFY(example.value().family() == family.family);
            for (const std::string& name : commonFormats(family.family)) {
                const Result<NumberFormat> format = NumberFormat::parse(name);
                QVERIFY2(format.hasValue(), name.c_str());
                QCOMPARE(format.value().name(), name);
                QVERIFY(format.value().family() == family.family);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TstNumberFormat)
#include "tst_number_format.moc"
