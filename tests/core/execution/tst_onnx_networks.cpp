// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "core/importers/tensor_file.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using testing::reason;

namespace {

/// Networks that nobody can run without a program of their authors, by the operator they need.
const QMap<QString, QString>& needOthers() {
    static const QMap<QString, QString> kNetworks = {
        {"pt_super_resolution_with_pre_post_processing_opset16.onnx", "DecodeImage"},
        {"supres.onnx", "SuperResolutionPreProcess"}};
    return kNetworks;
}

/// Its normalizations have 64 statistics for one channel: ONNX Runtime refuses it, too.
const QString kContradictory = QStringLiteral("three_layer_bn_keras.onnx");
/// Opset 1, which no reference knows any more: compared with the same network in a later opset.
const QString kOldest = QStringLiteral("mnist_cntk_model.onnx");

QStringList networksBelow(const QString& folder) {
    QStringList found;
    QDirIterator files(folder, {QStringLiteral("*.onnx")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        found << files.next();
    }
    found.sort();
    return found;
}

template <typename T>
double largestDifference(const Array& got, const Array& expected) {
    double low = 0;
    double high = 0;
    double largest = 0;
    for (std::size_t i = 0; i < expected.as<T>().size(); ++i) {
        const auto wanted = static_cast<double>(expected.as<T>()[i]);
        const auto ours = static_cast<double>(got.as<T>()[i]);
        if (wanted == ours || (std::isnan(wanted) && std::isnan(ours))) {
            continue;
        }
        largest = std::max(largest, std::fabs(wanted - ours));
        if (std::isnan(wanted - ours)) {
            return HUGE_VAL;
        }
    }
    for (const T value : expected.as<T>()) {
        low = std::min(low, static_cast<double>(value));
        high = std::max(high, static_cast<double>(value));
    }
    return largest == 0 ? 0 : largest / std::max(high - low, 1e-30);
}

/// Difference in parts of the output's range; whole numbers must be the same.
double difference(const Array& got, const Array& expected) {
    if (expected.type() == ElementType::Float32) {
        return largestDifference<float>(got, expected);
    }
    return std::ranges::equal(got.bytes(), expected.bytes()) ? 0 : HUGE_VAL;
}

}  // namespace

/// Every real network opens, and gives what ONNX Runtime (or a reference) gives for the same
/// inputs.
class TstOnnxNetworks : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QStringList m_networks;
    QList<QByteArray> m_runners;

    [[nodiscard]] QString folderOf(const QString& network) const {
        return m_folder.filePath(QString::number(m_networks.indexOf(network)));
    }

    std::map<std::string, Array> inputsOf(const QString& network) const {
        QFile names(folderOf(network) + "/names.txt");
        std::map<std::string, Array> inputs;
        int number = 0;
        for (const QByteArray& name :
             names.open(QIODevice::ReadOnly) ? names.readAll().split('\n') : QList<QByteArray>()) {
            const auto array = importers::readTensorFile(
                QString("%1/in_%2.npy").arg(folderOf(network)).arg(number++).toStdString());
            if (array.hasValue()) {
                inputs[name.toStdString()] = array.value();
            }
        }
        return inputs;
    }

private Q_SLOTS:
    void initTestCase() {
        if (testing::testDataFolder().empty() || testing::testPython().empty()) {
            return;  // each test says why it is skipped
        }
        m_networks =
            networksBelow(QString::fromStdString(testing::testDataFolder()) + "/models/onnx");
        const testing::PythonRun run = testing::runPython(
            "core/execution/run_reference.py", QStringList{m_folder.path()} + m_networks);
        QVERIFY2(run.status == 0, run.errors);
        m_runners = run.output.split('\n');
    }

    void equalsTheReference_data() {
        QTest::addColumn<QString>("network");
        for (const QString& network : m_networks) {
            QTest::newRow(qPrintable(network.section('/', -2))) << network;
        }
        if (m_networks.isEmpty()) {
            QTest::newRow("none") << QString();
        }
    }
    void equalsTheReference() {
        QFETCH(QString, network);
        BITLOUPE_NEEDS_PYTHON();
        BITLOUPE_REAL_FILE(folder, "models/onnx");
        QVERIFY2(m_networks.size() > 40, folder.c_str());
        const QString file = network.section('/', -1);
        const auto graph = importers::importNetwork({network.toStdString(), ""});
        QVERIFY2(graph.hasValue(), reason(graph));
        const auto executor = execution::Executor::prepare(graph.value());
        if (needOthers().contains(file)) {
            QVERIFY(executor.hasError());
            QVERIFY2(executor.error().sentence().find(needOthers()[file].toStdString()) !=
                         std::string::npos,
                     reason(executor));
            return;
        }
        QVERIFY2(executor.hasValue(), reason(executor));
        const QByteArray runner = m_runners.value(m_networks.indexOf(network));
        if (file == kContradictory) {
            QVERIFY(runner.startsWith("nobody"));
            const auto refused =
                executor.value().run({{graph.value()->inputs[0].name,
                                       Array::of<float>({1, 16}, std::vector<float>(16))}});
            QVERIFY(refused.hasError());
            QVERIFY2(refused.error().where.find("BatchNormalization") != std::string::npos,
                     reason(refused));
            return;
        }
        const QString twin =
            file == kOldest ? QString(network).replace(kOldest, "mnist-8.onnx") : network;
        QVERIFY2(file == kOldest || runner.startsWith("by_"), runner);
        const auto outputs = executor.value().run(inputsOf(twin));
        QVERIFY2(outputs.hasValue(), reason(outputs));
        double worst = 0;
        for (std::size_t i = 0; i < outputs.value().size(); ++i) {
            const auto expected = importers::readTensorFile(
                QString("%1/out_%2.npy").arg(folderOf(twin)).arg(i).toStdString());
            QVERIFY2(expected.hasValue(), reason(expected));
            QVERIFY(outputs.value()[i].type() == expected.value().type());
            QVERIFY(outputs.value()[i].shape() == expected.value().shape());
            worst = std::max(worst, difference(outputs.value()[i], expected.value()));
        }
        qInfo("%s: off by %.2g of the output's range (%s)", qPrintable(file), worst,
              runner.constData());
        QVERIFY(worst <= 1e-4);
    }
};

QTEST_GUILESS_MAIN(TstOnnxNetworks)
#include "tst_onnx_networks.moc"
