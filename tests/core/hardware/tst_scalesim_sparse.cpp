// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QTemporaryDir>

#include "core/base/file.h"
#include "core/hardware/scalesim/reports.h"
#include "tests/support/python.h"

using namespace bitloupe;
using namespace bitloupe::hardware;
using namespace bitloupe::hardware::scalesim;

namespace {

constexpr const char* kGemms =
    "Layer, M, N, K, Sparsity,\nL1, 20, 30, 41, 2:4,\nL2, 5, 7, 16, 1:4,\nL3, 33, 9, 70, 3:7,\n"
    "L4, 12, 12, 12,\nL5, 1, 40, 64, 4:8,\n";
constexpr const char* kConvolutions =
    "Layer, IH, IW, FH, FW, C, N, S, Sparsity,\nC1, 12, 12, 3, 3, 4, 10, 1, 2:4,\n"
    "C2, 11, 9, 3, 2, 3, 6, 2, 1:3,\nC3, 8, 8, 1, 1, 16, 12, 1,\nC4, 7, 7, 5, 5, 2, 9, 3, 5:8,\n";

std::string textOf(const QString& path) {
    const auto text = readFile(path.toStdString());
    return text.hasValue() ? text.value() : std::string();
}

}  // namespace

/// Sparse layers against SCALE-Sim v3 itself, byte for byte.
class TstScalesimSparse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyReportIsEqual() {
        BITLOUPE_NEEDS_PYTHON();
        QTemporaryDir root;
        QStringList folders;
        for (const char* kind : {"gemm", "conv"}) {
            for (const Dataflow dataflow : kAllDataflows) {
                for (const SparseForm form :
                     {SparseForm::Csr, SparseForm::Csc, SparseForm::EllpackBlock}) {
                    // The smallest buffers that SCALE-Sim takes make the reads more than the words.
                    const bool user = form == SparseForm::Csc;
                    Configuration configuration;
                    configuration.array.rows = 8;
                    configuration.array.columns = 6;
                    configuration.array.dataflow = dataflow;
                    configuration.ifmapKb = configuration.filterKb = configuration.ofmapKb = 1;
                    configuration.mode = user ? InterfaceMode::User : InterfaceMode::Calc;
                    configuration.bandwidth = 5;
                    configuration.sparsity = true;
                    configuration.sparseForm = form;
                    const QString folder = root.filePath(QStringLiteral("%1-%2-%3")
                                                             .arg(QLatin1String(kind))
                                                             .arg(int(dataflow))
                                                             .arg(int(form)));
                    const bool gemm = *kind == 'g';
                    QVERIFY(writeFileAtomically((folder + "/config.cfg").toStdString(),
                                                configurationText(configuration))
                                .hasValue());
                    QVERIFY(writeFileAtomically((folder + "/topology.csv").toStdString(),
                                                gemm ? kGemms : kConvolutions)
                                .hasValue());
                    folders << folder;
                }
            }
        }
        const auto run =
            testing::runPython(QStringLiteral("core/hardware/run_scalesim.py"), folders);
        QVERIFY2(run.status == 0, run.errors.constData());
        for (const QString& folder : folders) {
            const auto configuration = readConfiguration((folder + "/config.cfg").toStdString());
            const auto layers =
                readTopology((folder + "/topology.csv").toStdString(),
                             folder.contains(QLatin1String("/gemm")) ? TopologyKind::Gemm
                                                                     : TopologyKind::Convolution);
            QVERIFY(configuration.hasValue() && layers.hasValue());
            QVERIFY(configuration.value().sparsity);
            const auto reports =
                simulateLayers(layers.value(), configuration.value(), Version::V3, 1);
            const QString out = folder + "/out/run/";
            QVERIFY2(!textOf(out + "SPARSE_REPORT.csv").empty(), qPrintable(out));
            QCOMPARE(sparseReport(reports), textOf(out + "SPARSE_REPORT.csv"));
            QCOMPARE(computeReport(reports, Version::V3), textOf(out + "COMPUTE_REPORT.csv"));
            QCOMPARE(bandwidthReport(reports), textOf(out + "BANDWIDTH_REPORT.csv"));
            QCOMPARE(accessReport(reports), textOf(out + "DETAILED_ACCESS_REPORT.csv"));
        }
    }

    void withoutTheSwitchTheRatioIsPassedOver() {
        const auto layers = parseTopology(kGemms, TopologyKind::Gemm, "t.csv").value();
        std::vector<Layer> dense = layers;
        for (Layer& layer : dense) {
            layer.keptOfBlock = layer.blockSize = 1;
        }
        for (const Version version : {Version::V2, Version::V3}) {
            const auto with = simulateLayers(layers, {}, version, 1);
            QCOMPARE(accessReport(with), accessReport(simulateLayers(dense, {}, version, 1)));
            QVERIFY(sparseReport(with).empty());
        }
    }
};

QTEST_APPLESS_MAIN(TstScalesimSparse)
#include "tst_scalesim_sparse.moc"
