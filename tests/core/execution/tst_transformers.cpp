// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/npz.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// The built-in transformers against their second writing in NumPy, and their published sizes.
class TstTransformers : public QObject {
    Q_OBJECT

    static network::Network networkOf(const std::string& model) {
        const auto graph = importers::importNetwork({model, ""});
        const auto network = execution::makeNetwork(graph.value(), model);
        return network.value();
    }

private Q_SLOTS:
    void outputsEqualTheReference_data() {
        QTest::addColumn<QString>("model");
        QTest::newRow("gpt2") << "gpt2,heads=3,length=9";
        QTest::newRow("gpt2-bare") << "gpt2,heads=3,length=9";
        QTest::newRow("nanogpt") << "nanogpt,heads=3,length=9";
        QTest::newRow("llama") << "llama,heads=4,length=7";
        QTest::newRow("albert") << "albert,heads=3,length=6,layers=3,inputs=masked";
        QTest::newRow("vit") << "vit,heads=3";
    }
    void outputsEqualTheReference() {
        BITLOUPE_NEEDS_PYTHON();
        QFETCH(QString, model);
        const QTemporaryDir folder;
        const testing::PythonRun run =
            testing::runPython("core/execution/transformer_reference.py",
                               {QString(QTest::currentDataTag()), folder.path()});
        QVERIFY2(run.status == 0, run.errors.constData());
        const std::string place = folder.path().toStdString();
        const auto graph = importers::importNetwork(
            {"architecture:" + model.toStdString(), place + "/weights.safetensors"});
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        const auto executor = execution::Executor::prepare(graph.value());
        QVERIFY(executor.hasValue());
        std::map<std::string, Array> inputs;
        const std::map<std::string, Array> io = testing::readNpz(place + "/io.npz");
        for (const auto& [name, array] : io) {
            if (name.starts_with("in_")) {
                inputs[name.substr(3)] = array;
            }
        }
        const auto outputs = executor.value().run(inputs);
        QVERIFY2(outputs.hasValue(), testing::reason(outputs).constData());
        const Array& expected = io.at("output");
        QCOMPARE(outputs.value()[0].shape(), expected.shape());
        const auto found = outputs.value()[0].as<float>();
        const auto wanted = expected.as<float>();
        const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
        float worst = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            worst = std::max(worst, std::abs(found[i] - wanted[i]));
        }
        QVERIFY2(worst <= 1e-4F * (*most - *least), qPrintable(QString::number(double(worst))));
    }

    void sizesAreThePublishedOnes_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<qint64>("parameters");
        QTest::newRow("GPT-2 small") << "gpt2,length=1" << qint64{124439808};
        QTest::newRow("nanoGPT for characters")  // 10.65 million and its 256 places
            << "nanogpt,length=1" << qint64{10646784 + 256 * 384};
        QTest::newRow("stories15M") << "llama,length=1" << qint64{15191712};
        QTest::newRow("ALBERT base v2") << "albert,length=1" << qint64{11683584};
        QTest::newRow("ViT-Ti/16") << "vit" << qint64{5717416};
    }
    void sizesAreThePublishedOnes() {
        QFETCH(QString, model);
        QFETCH(qint64, parameters);
        const auto graph = importers::importNetwork({"architecture:" + model.toStdString(), ""});
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        QCOMPARE(network::countParameters(*graph.value()), parameters);
    }

    /// Multiplications by hand: those of the weights, and 2 * places^2 * width of each attention.
    void macsAreTheDerivedOnes() {
        const std::int64_t vitBlock = 197 * (12 * 192 * 192) + 2 * 197 * 197 * 192;
        QCOMPARE(networkOf("architecture:vit").macs(),
                 196 * 768 * 192 + 12 * vitBlock + 192 * 1000);
        const std::int64_t gptBlock = 16 * (12 * 64 * 64) + 2 * 16 * 16 * 64;
        QCOMPARE(networkOf("architecture:nanogpt,layers=2,width=64,heads=2,length=16").macs(),
                 2 * gptBlock + 16 * 64 * 65);
    }

    void sizesThatDoNotFitAreRefused() {
        const auto sentence = [](const std::string& model) {
            return testing::reason(importers::importNetwork({"architecture:" + model, ""}))
                .toStdString();
        };
        QVERIFY(sentence("gpt2,heads=7").find("width and heads") != std::string::npos);
        QVERIFY(sentence("llama,key_heads=4").find("heads and key_heads") != std::string::npos);
        QVERIFY(sentence("vit,image=30").find("image and patch") != std::string::npos);
        QVERIFY(sentence("gpt2,vocabulary=1000000,width=65536").find("2^30") != std::string::npos);
        QVERIFY(sentence("albert,inputs=all").find("choose one of") != std::string::npos);
        QVERIFY(sentence("llama,theta=0").find("positive") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstTransformers)
#include "tst_transformers.moc"
