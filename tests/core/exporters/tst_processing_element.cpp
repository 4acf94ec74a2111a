// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <cmath>
#include <set>

#include "core/base/file.h"
#include "core/exporters/embedded_verilog.h"
#include "core/exporters/processing_element.h"
#include "core/exporters/wide_integer.h"
#include "core/hardware/presets.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// Processing elements in the hands of two simulators and a synthesizer.
class TstProcessingElement : public QObject {
    Q_OBJECT

    static QString program(const char* name) {
        return QStandardPaths::findExecutable(QString::fromLatin1(name));
    }

    static QByteArray run(const QString& folder, const QString& program,
                          const QStringList& arguments) {
        QProcess process;
        process.setWorkingDirectory(folder);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program, arguments);
        constexpr int kMilliseconds = 100000;
        process.waitForFinished(kMilliseconds);
        return process.readAll();
    }

    struct Pair {
        const char* a;
        const char* b;
        int bounded;
    };

    static std::vector<Pair> pairs() {
        return {{"int8", "int8", 0},
                {"uint4", "int8", 0},
                {"int8", "int8", 16},
                {"fixed<6,2>", "ufixed<5,1>", 0},
                {"fp8e4m3", "fp8e4m3", 0},
                {"fp8e5m2", "fp8e4m3fnuz", 0},
                {"fp8e4m3", "fp8e4m3", 24},
                {"fp6e3m2", "fp4e2m1", 0},
                {"posit<8,1>", "posit<8,1>", 0},
                {"posit<8,0>", "posit<8,0>", 0},
                {"posit<6,2>", "posit<6,2>", 0},
                {"posit<8,2>", "posit<8,2>", 32},
                {"posit<8,1>", "int4", 0},
                {"pow2<4>", "int8", 0},
                {"posit<16,1>", "posit<16,1>", 0},
                {"int16", "int16", 0},
                {"fp16", "fp16", 0}};
    }

    static exporters::ProcessingElement element(const Pair& pair, int random) {
        const auto format = [](const char* name) {
            return numerics::NumberFormat::parse(name).value();
        };
        exporters::ElementOptions options;
        options.boundedBits = pair.bounded;
        return exporters::processingElement(format(pair.a), format(pair.b), options, random)
            .value();
    }

    static void write(const QString& folder, const exporters::ProcessingElement& element) {
        const std::string base = folder.toStdString() + '/';
        QVERIFY(writeFileAtomically(base + "processing_element.sv", exporters::kProcessingElement)
                    .hasValue());
        QVERIFY(writeFileAtomically(base + element.name + ".sv", element.module).hasValue());
        QVERIFY(
            writeFileAtomically(base + "tb_" + element.name + ".sv", element.testBench).hasValue());
        QVERIFY(writeFileAtomically(base + element.name + ".vectors", element.vectors).hasValue());
    }

    static QStringList sources(const exporters::ProcessingElement& element) {
        const QString name = QString::fromStdString(element.name);
        return {QStringLiteral("processing_element.sv"), name + QStringLiteral(".sv"),
                QStringLiteral("tb_") + name + QStringLiteral(".sv")};
    }

private Q_SLOTS:
    void wideIntegersAddShiftAndSaturate() {
        exporters::WideInteger value;
        value.add(-3, 70);
        value.add(1, 0);
        QVERIFY(value.negative());
        QCOMPARE(value.hex(80), std::string("ff400000000000000001"));
        value.shiftRight(1);
        QCOMPARE(value.hex(80), std::string("ffa00000000000000000"));
        value.saturate(8);
        QCOMPARE(value.hex(16), std::string("ff80"));
        exporters::WideInteger large;
        large.add(1, 300);
        large.saturate(12);
        QCOMPARE(large.hex(16), std::string("07ff"));
    }

    void icarusAgreesInEveryStep_data() {
        QTest::addColumn<int>("index");
        const auto all = pairs();
        for (std::size_t i = 0; i < all.size(); ++i) {
            QTest::addRow("%s %s %d", all[i].a, all[i].b, all[i].bounded) << static_cast<int>(i);
        }
    }

    void icarusAgreesInEveryStep() {
        QFETCH(int, index);
        if (program("iverilog").isEmpty()) {
            QSKIP("not run: there is no iverilog");
        }
        const auto made = element(pairs()[static_cast<std::size_t>(index)], 3000);
        const QTemporaryDir folder;
        write(folder.path(), made);
        const QByteArray compiled =
            run(folder.path(), program("iverilog"),
                QStringList{QStringLiteral("-g2012"), QStringLiteral("-o"), QStringLiteral("tb")} +
                    sources(made));
        const QByteArray said = run(folder.path(), program("vvp"), {QStringLiteral("tb")});
        QVERIFY2(said.contains("PASS " + QByteArray::number(qlonglong(made.steps))),
                 (compiled + said).constData());
    }

    void aWrongSumIsNoticed() {
        if (program("iverilog").isEmpty()) {
            QSKIP("not run: there is no iverilog");
        }
        auto made = element({"int4", "int4", 0}, 10);
        const std::size_t line = made.vectors.find('\n') - 1;
        made.vectors[line] = made.vectors[line] == '0' ? '2' : '0';
        made.vectors[line - 1] = made.vectors[line - 1] == 'f' ? '0' : 'f';
        const QTemporaryDir folder;
        write(folder.path(), made);
        run(folder.path(), program("iverilog"),
            QStringList{QStringLiteral("-g2012"), QStringLiteral("-o"), QStringLiteral("tb")} +
                sources(made));
        QVERIFY(run(folder.path(), program("vvp"), {QStringLiteral("tb")}).contains("FAIL 1 of"));
    }

    void verilatorAgreesInEveryStep() {
        if (program("verilator").isEmpty()) {
            QSKIP("not run: there is no verilator");
        }
        // One program for all: compiling each would take minutes.
        const QTemporaryDir folder;
        QStringList files = {QStringLiteral("processing_element.sv")};
        QByteArray top = "module tb_all;\n";
        QList<QByteArray> expected;
        std::set<std::string> names;
        for (const Pair& pair : pairs()) {
            const auto made = element(pair, 500);
            QVERIFY2(names.insert(made.name).second, made.name.c_str());
            write(folder.path(), made);
            files += sources(made).mid(1);
            top += "    tb_" + QByteArray::fromStdString(made.name) + " t" +
                   QByteArray::number(expected.size()) + " ();\n";
            expected << "PASS " + QByteArray::number(qlonglong(made.steps));
        }
        top += "endmodule\n";
        top.replace("$finish", "");
        QVERIFY(writeFileAtomically(folder.filePath("tb_all.sv").toStdString(), top.toStdString())
                    .hasValue());
        for (const QString& file : files) {  // the first to finish must not end the others
            const auto text = readFile(folder.filePath(file).toStdString());
            QByteArray content = QByteArray::fromStdString(text.value());
            content.replace("$finish;", "");
            QVERIFY(writeFileAtomically(folder.filePath(file).toStdString(), content.toStdString())
                        .hasValue());
        }
        const QByteArray built = run(
            folder.path(), program("verilator"),
            QStringList{QStringLiteral("--binary"), QStringLiteral("-Wno-fatal"),
                        QStringLiteral("-Wno-lint"), QStringLiteral("-Wno-style"),
                        QStringLiteral("-O1"), QStringLiteral("-CFLAGS"), QStringLiteral("-O0"),
                        QStringLiteral("--top-module"), QStringLiteral("tb_all"),
                        QStringLiteral("-o"), QStringLiteral("all"), QStringLiteral("tb_all.sv")} +
                files);
        const QByteArray said = run(folder.path(), folder.filePath("obj_dir/all"), {});
        QVERIFY2(!said.contains("FAIL"), said.constData());
        QCOMPARE(said.count("PASS "), expected.size());
        for (const QByteArray& line : expected) {
            QVERIFY2(said.contains(line), (line + '\n' + built.right(2000) + said).constData());
        }
    }

    /// Transistors of the element of a format by itself, with 16 bits to sum in.
    static double transistors(const char* a, const char* b) {
        const auto format = [](const char* name) {
            return numerics::NumberFormat::parse(name).value();
        };
        exporters::ElementOptions options;
        options.carryBits = 16;
        const auto made = exporters::processingElement(format(a), format(b), options, 1).value();
        const QTemporaryDir folder;
        write(folder.path(), made);
        const QByteArray said = run(
            folder.path(), program("yosys"),
            {QStringLiteral("-p"),
             QStringLiteral("read_verilog -sv processing_element.sv %1.sv; synth -flatten -top %1; "
                            "abc -g cmos2; stat -tech cmos")
                 .arg(QString::fromStdString(made.name))});
        static const QRegularExpression kTransistors(
            QStringLiteral("Estimated number of transistors:\\s+(\\d+)"));
        const auto found = kTransistors.match(QString::fromUtf8(said));
        return found.hasMatch() ? found.captured(1).toDouble() : 0;
    }

    /// The table's areas of formats that nobody published follow from these counts.
    void yosysCellCountsFeedTheAreaTable_data() {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<int>("arithmetic");
        QTest::newRow("fp8") << "fp8e4m3"
                             << "fp8e4m3" << int(hardware::Arithmetic::Float);
        QTest::newRow("posit") << "posit<8,1>"
                               << "posit<8,1>" << int(hardware::Arithmetic::Posit);
        QTest::newRow("pow2") << "pow2<4>"
                              << "int8" << int(hardware::Arithmetic::PowerOfTwo);
    }

    void yosysCellCountsFeedTheAreaTable() {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(int, arithmetic);
        if (program("yosys").isEmpty()) {
            QSKIP("not run: there is no yosys");
        }
        static const double kInteger = transistors("int8", "int8");
        QVERIFY(kInteger > 2000);
        const double count = transistors(qPrintable(a), qPrintable(b));
        const auto table = hardware::energyTable("horowitz-45nm").value();
        const double base = table.macArea(hardware::Arithmetic::Integer, 8, 8, 32)->value;
        const auto area = table.macArea(static_cast<hardware::Arithmetic>(arithmetic), 8, 8, 32);
        qInfo("%s: %.0f transistors, int8 %.0f: %.0f um2", qPrintable(a), count, kInteger,
              base * count / kInteger);
        QVERIFY(area.has_value());
        QVERIFY(area->source.find("Yosys") != std::string::npos);
        const double expected = base * count / kInteger;
        QVERIFY(std::abs(area->value - expected) < 0.1 * expected);  // other versions map otherwise
        QVERIFY(area->low < expected && expected < area->high);
    }

    void exportsOneElementForEachPairOfFormats() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "posit<6,1>", "int4");
        const auto files = exporters::verilogFiles(design);
        QCOMPARE(files.size(), 4U);
        QVERIFY(files.contains("pe_posit_6_1__int4.sv"));
        const auto blocks = testing::smallDesign(network, "mxfp4", "int4");
        QCOMPARE(exporters::verilogObstacles(blocks.schemes()).size(), 2U);
    }
};

QTEST_GUILESS_MAIN(TstProcessingElement)
#include "tst_processing_element.moc"
