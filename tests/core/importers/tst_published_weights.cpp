// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>

#include "core/base/npy.h"
#include "core/base/zip_archive.h"
#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Built-in architectures with weights that their authors published, run on inputs whose outputs
/// PyTorch computed.
class TstPublishedWeights : public QObject {
    Q_OBJECT

    static Array entry(const std::string& npz, const std::string& name) {
        const Result<ZipArchive> archive = ZipArchive::open(npz);
        return parseNpy(archive.value().read(name + ".npy", 100'000'000).value(), name).value();
    }

private Q_SLOTS:
    void outputsEqualPyTorchs_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("truth");
        QTest::addColumn<QStringList>("inputs");
        QTest::newRow("lenet5, saved on a GPU")
            << "architecture:lenet5"
            << "lenet5/best_model.pth"
            << "derived/lenet5_mnist/lenet5_mnist_io.npz" << QStringList{"input"};
        QTest::newRow("mlp") << "architecture:mlp"
                             << "derived/edge_churn_dnn/edge_churn_dnn.safetensors"
                             << "derived/edge_churn_dnn/edge_churn_dnn_io.npz"
                             << QStringList{"input"};
        QTest::newRow("resnet20, from before 1.6")
            << "architecture:resnet20"
            << "state_dicts/resnet_cifar10/resnet20-12fca82f.th"
            << "derived/resnet20_cifar10/resnet20_cifar10_io.npz" << QStringList{"input"};
        QTest::newRow("particlenet")
            << "architecture:particlenet"
            << "state_dicts/particlenet/ParticleNet_kin.pt"
            << "derived/particlenet_kin_jetclass/particlenet_kin_jetclass_io.npz"
            << QStringList{"pf_points", "pf_features", "pf_mask"};
    }
    void outputsEqualPyTorchs() {
        QFETCH(QString, model);
        QFETCH(QString, weights);
        QFETCH(QString, truth);
        QFETCH(QStringList, inputs);
        BITLOUPE_REAL_FILE(file, "models/" + weights.toStdString());
        BITLOUPE_REAL_FILE(npz, "models/" + truth.toStdString());
        const auto graph = importers::importNetwork({model.toStdString(), file});
        QVERIFY2(graph.hasValue(), graph.hasError() ? graph.error().sentence().c_str() : "");
        const Result<execution::Executor> executor = execution::Executor::prepare(graph.value());
        QVERIFY2(executor.hasValue(),
                 executor.hasError() ? executor.error().sentence().c_str() : "");
        std::map<std::string, Array> given;
        for (const QString& input : inputs) {
            given[input.toStdString()] = entry(npz, "in_" + input.toStdString());
        }
        const auto outputs = executor.value().run(given);
        QVERIFY2(outputs.hasValue(), outputs.hasError() ? outputs.error().sentence().c_str() : "");
        const Array expected = entry(npz, "out_logits");
        QCOMPARE(outputs.value()[0].shape(), expected.shape());
        const auto found = outputs.value()[0].as<float>();
        const auto wanted = expected.as<float>();
        const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            QVERIFY(std::abs(found[i] - wanted[i]) <= 1e-5F * (*most - *least));
        }
    }
};

QTEST_APPLESS_MAIN(TstPublishedWeights)
#include "tst_published_weights.moc"
