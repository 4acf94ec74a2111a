// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QDirIterator>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>

#include "core/execution/executor.h"
#include "core/execution/torchscript_file.h"
#include "core/study/network_file.h"
#include "tests/support/graph_builder.h"
#include "tests/support/npz.h"
#include "tests/support/result_text.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Every TorchScript file among the real networks: it gives what LibTorch's interpreter gives, or
/// is refused for a good reason.
class TstTorchscriptFiles : public QObject {
    Q_OBJECT

    static std::vector<Array> inputsOf(const std::string& npz,
                                       std::map<std::string, Shape>& shapes) {
        const std::map<std::string, Array> io = testing::readNpz(npz);
        std::vector<Array> inputs;
        // In the order of forward's arguments, which is not that of the names.
        for (const char* name : {"tokens", "input", "pf_points", "pf_features", "pf_mask"}) {
            const auto found = io.find(std::string("in_") + name);
            if (found != io.end()) {
                inputs.push_back(found->second);
                const std::string argument = name;
                shapes[argument.starts_with("pf_") ? argument.substr(3) : ""] =
                    found->second.shape();
            }
        }
        return inputs;
    }

    static std::vector<Array> interpreted(const std::string& path,
                                          const std::vector<Array>& inputs) {
        const auto outputs = execution::runTorchScript(path, inputs);
        return outputs.hasValue() ? outputs.value() : std::vector<Array>();
    }

    static void compare(const std::vector<Array>& found, const std::vector<Array>& expected) {
        QCOMPARE(found.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QCOMPARE(found[i].shape(), expected[i].shape());
            const auto got = found[i].as<float>();
            const auto wanted = expected[i].as<float>();
            const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
            float worst = 0;
            for (std::size_t k = 0; k < wanted.size(); ++k) {
                worst = std::max(worst, std::abs(got[k] - wanted[k]));
            }
            QVERIFY2(worst <= 1e-4F * (*most - *least), qPrintable(QString::number(double(worst))));
        }
    }

private Q_SLOTS:
    void outputsEqualTheInterpreters_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("form");
        for (const char* name :
             {"lenet5_mnist", "resnet20_cifar10", "edge_churn_dnn", "edge_telescope_dnn",
              "char_rnn_baseline", "particlenet_kin_jetclass"}) {
            for (const char* form : {"scripted", "traced"}) {
                QTest::addRow("%s, %s", name, form) << QString(name) << QString(form);
            }
        }
    }
    void outputsEqualTheInterpreters() {
        QFETCH(QString, name);
        QFETCH(QString, form);
        const std::string folder =
            "models/derived/" + name.toStdString() + "/" + name.toStdString();
        if (form == "traced" && (name.startsWith("resnet") || name.startsWith("particlenet"))) {
            return;  // these are there scripted only
        }
        BITLOUPE_REAL_FILE(file, folder + "_" + form.toStdString() + ".pt");
        BITLOUPE_REAL_FILE(npz, folder + "_io.npz");
        std::map<std::string, Shape> shapes;
        const std::vector<Array> inputs = inputsOf(npz, shapes);
        const auto graph = study::openNetwork({file, ""}, shapes);
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        const auto executor = execution::Executor::prepare(graph.value());
        QVERIFY2(executor.hasValue(), testing::reason(executor).constData());
        std::map<std::string, Array> given;
        QCOMPARE(graph.value()->inputs.size(), inputs.size());
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            given[graph.value()->inputs[i].name] = inputs[i];
        }
        const auto outputs = executor.value().run(given);
        QVERIFY2(outputs.hasValue(), testing::reason(outputs).constData());
        compare(outputs.value(), interpreted(file, inputs));
    }

    /// What the program says of every other archive; each is opened with nothing but its name.
    void othersOpenOrAreRefusedRightly_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("refusal");
        QTest::newRow("two tensors and a weight") << "tch_rs/foo.pt"
                                                  << "";
        QTest::newRow("two tensors") << "tch_rs/foo1.pt"
                                     << "";
        QTest::newRow("takes numbers") << "tch_rs/foo4.pt"
                                       << "not a tensor";
        QTest::newRow("has no forward") << "tch_rs/foo7.pt"
                                        << "no method forward";
        QTest::newRow("a Fourier transform, dynamic quantization") << "silero/model_micro.jit"
                                                                   << "";
    }
    void othersOpenOrAreRefusedRightly() {
        QFETCH(QString, file);
        QFETCH(QString, refusal);
        BITLOUPE_REAL_FILE(path, "models/torchscript/" + file.toStdString());
        const auto graph = study::openNetwork({path, ""});
        const QByteArray said = testing::reason(graph);
        QVERIFY2(refusal.isEmpty() ? graph.hasValue() : said.contains(refusal.toUtf8()),
                 said.constData());
        if (graph.hasValue()) {
            const auto executor = execution::Executor::prepare(graph.value());
            std::vector<Array> inputs;
            std::map<std::string, Array> given;
            for (const network::ValueInfo& info : graph.value()->inputs) {
                Shape shape = {5};
                for (std::size_t i = 1; i < info.shape.size(); ++i) {
                    shape.push_back(*info.shape[i].value);
                }
                inputs.push_back(testing::someArray(shape, unsigned(inputs.size()) + 1));
                given[info.name] = inputs.back();
            }
            const auto outputs = executor.value().run(given);
            QVERIFY2(outputs.hasValue(), testing::reason(outputs).constData());
            compare(outputs.value(), interpreted(path, inputs));
        }
    }

    /// A speech detector that keeps what it heard, and asks for the samples a second: each chunk is
    /// the first one.
    void aFirstCallOfADetectorWithAState() {
        BITLOUPE_REAL_FILE(path, "models/torchscript/silero/silero_vad.jit");
        const auto graph = study::openNetwork({path, ""});
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        QCOMPARE(graph.value()->inputs.size(), std::size_t{1});
        constexpr std::int64_t kChunks = 24;
        std::vector<float> sound;
        for (std::int64_t chunk = 0; chunk < kChunks; ++chunk) {
            for (std::int64_t i = 0; i < 512; ++i) {  // voiced: harmonics of a low tone
                const double phase = 2 * M_PI * double(i) * double(90 + 7 * chunk) / 16000;
                double value = 0;
                for (int harmonic = 1; harmonic < 20; ++harmonic) {
                    value += std::sin(harmonic * phase) / harmonic;
                }
                sound.push_back(float(0.02 * double(1 + chunk % 6) * value));
            }
        }
        const Array x = Array::of<float>({kChunks, 512}, sound);
        const auto executor = execution::Executor::prepare(graph.value());
        const auto outputs = executor.value().run({{"", x}});
        QVERIFY2(outputs.hasValue(), testing::reason(outputs).constData());
        const Array rate = Array::of<std::int64_t>({}, std::vector<std::int64_t>{16000});
        const std::vector<Array> expected = interpreted(path, {x, rate});
        compare(outputs.value(), expected);
        const auto wanted = expected.front().as<float>();
        const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
        qInfo("speech in a first chunk: %g to %g", double(*least), double(*most));
        QVERIFY(*most - *least > 0.01F);
    }

    void layersAreNamedAfterModules() {
        BITLOUPE_REAL_FILE(file, "models/derived/resnet20_cifar10/resnet20_cifar10_scripted.pt");
        const auto graph = study::openNetwork({file, ""});
        QVERIFY2(graph.hasValue(), testing::reason(graph).constData());
        const auto network = execution::makeNetwork(graph.value(), file);
        QCOMPARE(network.value().layers.front().name, std::string("conv1"));
        QCOMPARE(network.value().layers[1].name, std::string("layer1.0.conv1"));
        QCOMPARE(network.value().layers.back().name, std::string("linear"));
        QVERIFY(network.value().layers[1].remark.find("layer1.0.bn1 folded") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstTorchscriptFiles)
#include "tst_torchscript_files.moc"
