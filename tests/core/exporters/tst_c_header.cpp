// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QProcess>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <bit>

#include "core/base/file.h"
#include "core/exporters/c_header.h"
#include "core/exporters/coded_weights.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// The exported header in the hands of a C compiler.
class TstCHeader : public QObject {
    Q_OBJECT

    static QByteArray run(const QString& program, const QStringList& arguments) {
        QProcess process;
        process.start(program, arguments);
        constexpr int kMilliseconds = 60000;
        if (!process.waitForFinished(kMilliseconds) || process.exitCode() != 0) {
            qWarning("%s: %s", qPrintable(program), process.readAllStandardError().constData());
            return {};
        }
        return process.readAllStandardOutput();
    }

    static QByteArray bits(float value) {
        return QByteArray::number(std::bit_cast<std::uint32_t>(value), 16);
    }

private Q_SLOTS:
    void codesArePackedFromTheLowestBit() {
        const std::vector<std::uint32_t> codes = {0b101, 0b011, 0b110, 0b001};
        const auto packed = exporters::packCodes(codes, 3);
        QCOMPARE(packed.size(), 2U);
        QCOMPARE(packed[0], 0b10011101);
        QCOMPARE(packed[1], 0b0011);
        const auto wide = exporters::packCodes(std::vector<std::uint32_t>{0xABC, 0x123}, 12);
        QCOMPARE(wide, (std::vector<std::uint8_t>{0xBC, 0x3A, 0x12}));
    }

    void gccReadsEveryWeightAsItIs() {
        const QString gcc = QStandardPaths::findExecutable(QStringLiteral("gcc"));
        if (gcc.isEmpty()) {
            QSKIP("not run: there is no gcc");
        }
        const QList<QPair<const char*, const char*>> schemes = {
            {"int8", "int8"},
            {"int3@channel", "uint5"},
            {"uint5@group7", "int8"},
            {"int12@channel", "float"},
            {"posit<8,1>@channel", "posit<8,1>"},
            {"fp8e4m3@group9", "fp8e5m2"},
            {"codebook<kmeans,3>", "int8"},
            {"mxfp4", "mxfp4"},
            {"posit<12,1>", "int8"},
            {"multipoint<int3,2>", "int8"},
            {"binary@channel", "int8"},
            {"fixed<6,2>", "ufixed<8,1>"},
            {"float", "float"}};
        const QTemporaryDir folder;
        std::string program = "#include <stdio.h>\n#include <string.h>\n";
        std::string body;
        QByteArray expected;
        for (qsizetype d = 0; d < schemes.size(); ++d) {
            network::Network network = testing::smallNetwork();
            network.name = "net" + std::to_string(d);
            const auto design = testing::smallDesign(network, schemes[d].first, schemes[d].second);
            const std::string file = network.name + ".h";
            QVERIFY(writeFileAtomically(folder.path().toStdString() + '/' + file,
                                        exporters::cHeader(design))
                        .hasValue());
            program += "#include \"" + file + "\"\n";
            body += "show(" + network.name + "_layers, " + network.name + "_layer_count);\n";
            for (std::size_t i = 0; i < network.layers.size(); ++i) {
                const auto& initializers = network.graph->initializers;
                const Array& weights = design.weights[i]
                                           ? design.weights[i]->values
                                           : initializers.at(network.layers[i].weight);
                for (const float value : weights.as<float>()) {
                    expected += bits(value) + '\n';
                }
                for (const float value : initializers.at(network.layers[i].bias).as<float>()) {
                    expected += bits(value) + '\n';
                }
            }
        }
        program +=
            "static void put(float v) { uint32_t u; memcpy(&u, &v, 4); printf(\"%x\\n\", u); }\n"
            "static void show(const bitloupe_layer *l, int n) {\n"
            "  for (int i = 0; i < n; ++i) {\n"
            "    for (uint32_t e = 0; e < l[i].weight.elements; ++e)\n"
            "      put(bitloupe_value(&l[i].weight, e));\n"
            "    for (uint32_t b = 0; b < l[i].bias_count; ++b) put(l[i].bias[b]);\n  }\n}\n"
            "int main(void) {\n" +
            body + "return 0;\n}\n";
        const QString source = folder.filePath(QStringLiteral("main.c"));
        QVERIFY(writeFileAtomically(source.toStdString(), program).hasValue());
        const QString binary = folder.filePath(QStringLiteral("show"));
        run(gcc, {QStringLiteral("-std=c99"), QStringLiteral("-Wall"), QStringLiteral("-Wextra"),
                  QStringLiteral("-Werror"), QStringLiteral("-o"), binary, source});
        const QList<QByteArray> there = run(binary, {}).split('\n');
        const QList<QByteArray> here = expected.split('\n');
        QCOMPARE(there.size(), here.size());
        for (qsizetype i = 0; i < here.size(); ++i) {
            const bool zeros = here[i] == "80000000" && there[i] == "0";  // codes have one zero
            QVERIFY2(
                zeros || there[i] == here[i],
                qPrintable(QStringLiteral("value %1: %2, not %3")
                               .arg(i)
                               .arg(QString::fromLatin1(there[i]), QString::fromLatin1(here[i]))));
        }
    }

    void inputsSayHowTheyAreRounded() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "int8", "uint6");
        const auto zero = std::lround(design.activations[0]->options.scaling.zeroPoint);
        const std::string header = exporters::cHeader(design);
        QVERIFY(header.find("{\"uint6\", 1, ") != std::string::npos);
        QVERIFY(header.find(", " + std::to_string(zero) + ", 0, 63}") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstCHeader)
#include "tst_c_header.moc"
