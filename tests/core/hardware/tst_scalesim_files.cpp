// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>

#include "core/hardware/presets.h"
#include "core/hardware/scalesim/physical.h"
#include "core/hardware/scalesim/reports.h"

using namespace bitloupe;
using namespace bitloupe::hardware;
using namespace bitloupe::hardware::scalesim;

namespace {

const std::string kConfiguration =
    "[general]\nrun_name = small\n[architecture_presets]\nArrayHeight: 4\nArrayWidth = 8\n"
    "IfmapSramSzkB: 2\nFilterSramSzkB: 3\nOfmapSramSzkB: 1\nDataflow : ws\nBandwidth : 10, 20\n"
    "[run_presets]\nInterfaceBandwidth: USER\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

std::string topologyError(const std::string& rows, TopologyKind kind = TopologyKind::Convolution) {
    const auto layers = parseTopology("heading,\n" + rows, kind, "t.csv");
    return layers.hasError() ? layers.error().sentence() : std::string();
}

bool mentions(const std::string& sentence, const std::string& part) {
    return sentence.find(part) != std::string::npos;
}

}  // namespace

class TstScalesimFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAConfiguration() {
        const Configuration c = parseConfiguration(kConfiguration, "c.cfg").value();
        QCOMPARE(c.runName, std::string("small"));
        QVERIFY((c.array ==
                 Accelerator{.rows = 4, .columns = 8, .dataflow = Dataflow::WeightStationary}));
        QCOMPARE(c.ifmapKb, 2);
        QCOMPARE(c.filterKb, 3);
        QCOMPARE(c.ofmapKb, 1);
        QCOMPARE(c.bandwidth, 10);
        QVERIFY(c.mode == InterfaceMode::User);
    }

    void writesWhatItReads() {
        Configuration c = parseConfiguration(kConfiguration, "c.cfg").value();
        c.ifmapBankBandwidth = 12;
        c.filterBankBandwidth = 14;
        QVERIFY(parseConfiguration(configurationText(c), "again").value() == c);
    }

    void acceleratorsBecomeConfigurationsAndBack() {
        for (const std::string& name : presetNames()) {
            Accelerator preset = presetOrFile(name).value().accelerator;
            preset.bandwidth = std::round(preset.bandwidth);  // words a cycle are whole
            const auto again =
                parseConfiguration(configurationText(configurationOf(preset, name)), name);
            QVERIFY(again.hasValue());
            QVERIFY(physicalAccelerator(again.value()) == preset);
            QCOMPARE(again.value().runName, name);
        }
    }

    void readsTheFirstVersionsKeys() {
        const auto c = parseConfiguration(
            "[general]\nrun_name = \"v1\"\n[architecture_presets]\nArrayHeight: 32\n"
            "ArrayWidth: 16\nIfmapSramSz: 512\nFilterSramSz: 256\nOfmapSramSz: 128\n"
            "Dataflow: is\n[network_presets]\nTopologyCsvLoc = \"x.csv\"\n",
            "v1.cfg");
        QVERIFY(c.hasValue());
        QCOMPARE(c.value().ifmapKb, 512);
        QVERIFY(c.value().mode == InterfaceMode::Calc);
    }

    void refusesNonsenseInAConfiguration_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("expected");
        QTest::newRow("no rows") << "ArrayHeight: 4"
                                 << "ArrayHeight: 0"
                                 << "c.cfg, line 4: give a whole number from 1 to 65536";
        QTest::newRow("no buffer") << "IfmapSramSzkB: 2"
                                   << "IfmapSramSzkB: 0"
                                   << "c.cfg, line 6: give a whole number from 1 to 1048576";
        QTest::newRow("word") << "ArrayWidth = 8"
                              << "ArrayWidth = wide"
                              << "line 5";
        QTest::newRow("dataflow") << "Dataflow : ws"
                                  << "Dataflow : rs"
                                  << "use os, ws or is";
        QTest::newRow("mode") << "USER"
                              << "user"
                              << "write CALC or USER";
        QTest::newRow("bandwidth") << "Bandwidth : 10, 20"
                                   << "Bandwidth : -1"
                                   << "line 10";
        QTest::newRow("no bandwidth") << "Bandwidth : 10, 20\n"
                                      << ""
                                      << "bandwidth is missing";
        QTest::newRow("no size") << "FilterSramSzkB: 3\n"
                                 << ""
                                 << "filtersramszkb is missing";
        QTest::newRow("junk") << "[run_presets]"
                              << "what is this"
                              << "line 11";
        QTest::newRow("sparsity") << "[run_presets]"
                                  << "SparsitySupport: true\nOptimizedMapping: true"
                                  << "not modelled";
        QTest::newRow("sparse form") << "[run_presets]"
                                     << "SparsitySupport: true\nSparseRep: coo"
                                     << "csr, csc or ellpack_block";
        QTest::newRow("overflow") << "ArrayHeight: 4"
                                  << "ArrayHeight: 99999999999999999999"
                                  << "line 4";
    }
    void refusesNonsenseInAConfiguration() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, expected);
        const auto c = parseConfiguration(
            replaced(kConfiguration, from.toStdString(), to.toStdString()), "c.cfg");
        QVERIFY(c.hasError());
        const std::string sentence = c.error().sentence();
        QVERIFY2(mentions(sentence, expected.toStdString()), sentence.c_str());
    }

    void readsConvolutions() {
        const auto layers = parseTopology(
            "Layer name, IFMAP Height, ...\r\n\r\nConv1 , 224,224 ,7, 7,3,64, 2,\r\n,,,,,\n"
            "# a comment,\nFC6,1,1,1,1,2048,1000,1,,,,,\nC2,14,15,3,4,8,16,1,2,\n"
            "C3,14,14,1,1,8,16,1,,,110,110,12100\nC4,14,14,1,1,8,16,1,B,\nDP5,9,9,3,3,4,1,1,",
            TopologyKind::Convolution, "t.csv");
        QVERIFY2(layers.hasValue(), layers.hasError() ? layers.error().sentence().c_str() : "");
        QCOMPARE(layers.value().size(), 9U);
        const Layer& first = layers.value()[0];
        QCOMPARE(first.name, std::string("Conv1"));
        QCOMPARE(first.ofmapHeight(), 110);  // (224 - 7 + 2) / 2 = 109.5, and SCALE-Sim rounds up
        QVERIFY((first.gemm() == Gemm{.m = 110 * 110, .k = 147, .n = 64}));
        QCOMPARE(layers.value()[2].strideHeight, 1);
        QCOMPARE(layers.value()[2].strideWidth, 2);
        QCOMPARE(layers.value()[2].ofmapWidth(), 7);  // (15 - 4 + 2) / 2 = 6.5
        QCOMPARE(layers.value()[8].name, std::string("DP5Channel_3"));
        QVERIFY((layers.value()[8].gemm() == Gemm{.m = 49, .k = 9, .n = 1}));
    }

    void readsGemms() {
        const auto layers =
            parseTopology("Layer,M,N,K,\nFF,128,512,2048,\n", TopologyKind::Gemm, "t.csv");
        QVERIFY(layers.hasValue());
        QVERIFY((layers.value()[0].gemm() == Gemm{.m = 128, .k = 2048, .n = 512}));
    }

    void refusesNonsenseInATopology() {
        QVERIFY(mentions(topologyError("C,8,8,9,3,1,1,1,"), "t.csv, line 2"));
        QVERIFY(mentions(topologyError("C,8,8,9,3,1,1,1,"), "filter 9x3 is larger"));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,0,1,"), "from 1 to 2147483647"));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,-1,"), "stride is \"-1\""));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,1"), "does not end with a comma"));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,1,2"), "end the row with a comma"));
        QVERIFY(mentions(topologyError("C,8,8,3,"), "filter width is \"\""));
        QVERIFY(mentions(topologyError("C,60000,60000,3,3,64,1,1,"), "2147483647 elements"));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,2:4,"), "\"2:4\""));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,1,5:4,"), "1 <= N <= M"));
        QVERIFY(mentions(topologyError("C,8,8,3,3,1,1,1,2:4:8,"), "N:M"));
        QVERIFY(mentions(topologyError("DP,1,1,1,1,2147483647,1,1,"), "too many layers"));
        QVERIFY(mentions(topologyError("FF,1,2,3", TopologyKind::Gemm), "comma"));
        QVERIFY(mentions(topologyError(""), "no layers"));
        QVERIFY(mentions(readTopology("/nowhere.csv", TopologyKind::Gemm).error().sentence(),
                         "nowhere.csv"));
    }

    void writesNumbersAsPythonDoes() {
        QCOMPARE(pythonNumber(20), std::string("20.0"));
        QCOMPARE(pythonNumber(-1), std::string("-1.0"));
        QCOMPARE(pythonNumber(100000), std::string("100000.0"));
        QCOMPARE(pythonNumber(1.0 / 3), std::string("0.3333333333333333"));
        QCOMPARE(pythonNumber(0.0001), std::string("0.0001"));
        QCOMPARE(pythonNumber(0.00001), std::string("1e-05"));
        QCOMPARE(pythonNumber(1e15), std::string("1000000000000000.0"));
        QCOMPARE(pythonNumber(1e16), std::string("1e+16"));
        QCOMPARE(pythonNumber(1.9000703729767770), std::string("1.900070372976777"));
    }

    /// One processing element, one product: the smallest layer there is.
    void simulatesTheSmallestLayer() {
        Configuration c;
        c.array = {.rows = 1, .columns = 1};
        const LayerReport report = simulateLayer({.name = "one"}, c, Version::V2);
        QCOMPARE(report.stallCycles, 0);
        QCOMPARE(report.sramIfmap.count, 1);
        QCOMPARE(report.dramFilter.count, 1);
        QCOMPARE(report.dramOfmap.count, 1);
    }

    /// Threads change nothing.
    void threadsAgree() {
        const auto layers =
            parseTopology("x,\nA,12,12,3,3,4,9,1,\nDP,14,14,3,3,8,1,1,\nB,9,9,2,2,3,5,2,\n",
                          TopologyKind::Convolution, "t.csv");
        const Configuration c = parseConfiguration(kConfiguration, "c.cfg").value();
        const auto one = simulateLayers(layers.value(), c, Version::V3, 1);
        const auto four = simulateLayers(layers.value(), c, Version::V3, 4);
        QCOMPARE(computeReport(four, Version::V3), computeReport(one, Version::V3));
        QCOMPARE(accessReport(four), accessReport(one));
    }
};

QTEST_APPLESS_MAIN(TstScalesimFiles)
#include "tst_scalesim_files.moc"
