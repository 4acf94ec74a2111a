// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/npz.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Trained networks against the outputs that their authors' framework gave for the same inputs.
class TstRealNetworks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void givesTheOutputsOfItsAuthors_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("opset");
        for (const char* name :
             {"lenet5_mnist", "resnet20_cifar10", "edge_churn_dnn", "edge_telescope_dnn",
              "char_rnn_baseline", "particlenet_kin_jetclass"}) {
            for (const char* opset : {"opset11", "opset13"}) {
                QTest::addRow("%s %s", name, opset) << QString(name) << QString(opset);
            }
        }
    }
    void givesTheOutputsOfItsAuthors() {
        QFETCH(QString, name);
        QFETCH(QString, opset);
        BITLOUPE_REAL_FILE(folder, "models/derived/" + name.toStdString() + "/");
        const auto graph = importers::importNetwork(
            {folder + name.toStdString() + "_" + opset.toStdString() + ".onnx", ""});
        QVERIFY2(graph.hasValue(), graph.hasError() ? graph.error().sentence().c_str() : "");
        const auto executor = execution::Executor::prepare(graph.value());
        QVERIFY2(executor.hasValue(),
                 executor.hasError() ? executor.error().sentence().c_str() : "");

        std::map<std::string, Array> inputs;
        std::vector<Array> expected;
        for (const auto& [key, array] : testing::readNpz(folder + name.toStdString() + "_io.npz")) {
            if (key.starts_with("in_")) {
                inputs[key.substr(3)] = array;
            } else {
                expected.push_back(array);
            }
        }
        const auto outputs = executor.value().run(inputs);
        QVERIFY2(outputs.hasValue(), outputs.hasError() ? outputs.error().sentence().c_str() : "");
        QVERIFY(!expected.empty());
        QVERIFY(outputs.value().at(0).shape() == expected.at(0).shape());
        const auto got = outputs.value().at(0).as<float>();
        const auto wanted = expected.at(0).as<float>();
        float largest = 1;
        for (const float value : wanted) {
            largest = std::max(largest, std::fabs(value));
        }
        float difference = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            difference = std::max(difference, std::fabs(got[i] - wanted[i]));
        }
        QVERIFY2(
            difference <= 1e-4F * largest,
            qPrintable(QString("off by %1 of %2").arg(double(difference)).arg(double(largest))));
    }
};

QTEST_GUILESS_MAIN(TstRealNetworks)
#include "tst_real_networks.moc"
