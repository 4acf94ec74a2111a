// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtTest/QTest>
#include <algorithm>

#include "core/data/idx.h"
#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using testing::reason;

/// The TFC networks of the QONNX model zoo (Quant and BipolarQuant, three hidden layers of 64) on
/// the test set of MNIST, pixels divided by 255, against the published counts of correct answers.
class TstQonnxNetworks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scoresAsPublished_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("correct");
        QTest::newRow("1 bit") << "TFC_1W1A.onnx" << 9296;
        QTest::newRow("1 bit weights, 2 bit activations") << "TFC_1W2A.onnx" << 9474;
        QTest::newRow("2 bits") << "TFC_2W2A.onnx" << 9660;
    }
    void scoresAsPublished() {
        QFETCH(QString, file);
        QFETCH(int, correct);
        BITLOUPE_REAL_FILE(path, "models/onnx/qonnx_zoo/" + file.toStdString());
        BITLOUPE_REAL_FILE(mnist, "data/mnist/t10k-");
        if (!QFile::exists(QString::fromStdString(path))) {
            QSKIP("not run: this network is not among the real files here");
        }
        const auto graph = importers::importNetwork({path, ""});
        QVERIFY2(graph.hasValue(), reason(graph));
        const auto executor = execution::Executor::prepare(graph.value());
        QVERIFY2(executor.hasValue(), reason(executor));
        const auto images = data::readIdx(mnist + "images-idx3-ubyte.gz");
        const auto labels = data::readIdx(mnist + "labels-idx1-ubyte.gz");
        QVERIFY2(images.hasValue() && labels.hasValue(), reason(images));

        std::vector<float> pixels;
        std::ranges::transform(images.value().as<std::uint8_t>(), std::back_inserter(pixels),
                               [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
        const auto outputs =
            executor.value().run({{"", Array::of<float>({10000, 1, 28, 28}, pixels)}});
        QVERIFY2(outputs.hasValue(), reason(outputs));
        QVERIFY(outputs.value().at(0).shape() == (Shape{10000, 10}));
        const auto scores = outputs.value().at(0).as<float>();
        int right = 0;
        for (std::size_t i = 0; i < 10000; ++i) {
            const auto row = scores.subspan(10 * i, 10);
            const auto best = std::ranges::max_element(row) - row.begin();
            right += best == labels.value().as<std::uint8_t>()[i] ? 1 : 0;
        }
        QCOMPARE(right, correct);
    }
};

QTEST_APPLESS_MAIN(TstQonnxNetworks)
#include "tst_qonnx_networks.moc"
