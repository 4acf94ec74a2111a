// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <map>
#include <numeric>

#include "core/base/file.h"
#include "core/exporters/design_file.h"
#include "core/exporters/encodings.h"
#include "core/exporters/qkeras.h"
#include "core/exporters/qonnx.h"
#include "core/exporters/raise_opset.h"
#include "core/exporters/safetensors_file.h"
#include "core/exporters/scalesim_files.h"
#include "core/hardware/scalesim/configuration.h"
#include "core/hardware/scalesim/topology.h"
#include "core/importers/safetensors.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/python.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// Exports that are files of numbers: read back and compared with the design.
class TstFileExports : public QObject {
    Q_OBJECT

    static QJsonObject json(const std::string& text) {
        return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
    }

    static std::string writeDesign(const QTemporaryDir& folder, const std::string& text) {
        const std::string path = folder.filePath(QStringLiteral("design.yaml")).toStdString();
        return writeFileAtomically(path, text).hasValue() ? path : std::string();
    }

private Q_SLOTS:
    void designFilesReadBackEqual() {
        const network::Network network = testing::smallNetwork();
        exporters::DesignFile design;
        design.network = "a: tricky, [name].onnx";
        design.networkHash = "00ff";
        design.accelerator = {32, 8, hardware::Dataflow::WeightStationary};
        design.layers = {network.layers[1].name, network.layers[0].name};
        design.assignment = {{quantization::Quantizer::parse("int4@channel/minmax").value(), {}},
                             {{}, quantization::Quantizer::parse("posit<8,1>").value()}};
        const QTemporaryDir folder;
        const auto back =
            exporters::readDesignFile(writeDesign(folder, exporters::writeDesignFile(design)));
        QVERIFY2(back.hasValue(), testing::reason(back).constData());
        QCOMPARE(back.value().network, design.network);
        QCOMPARE(back.value().networkHash, design.networkHash);
        QVERIFY(back.value().accelerator == design.accelerator);
        QVERIFY(back.value().assignment == design.assignment);
        const auto assignment = exporters::assignmentFor(back.value(), network);
        QVERIFY(assignment.hasValue());
        QVERIFY(assignment.value()[0] == design.assignment[1]);
    }

    void badDesignFilesAreRefused_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("named");
        const QString head = QStringLiteral("bitloupe_design: 1\nlayers:\n");
        QTest::newRow("version") << QStringLiteral("bitloupe_design: 7\nlayers: []\n")
                                 << QStringLiteral("bitloupe_design");
        QTest::newRow("format") << head + QStringLiteral("  - {name: c1, weights: int33}\n")
                                << QStringLiteral("int33");
        QTest::newRow("twice") << head + QStringLiteral("  - {name: c1}\n  - {name: c1}\n")
                               << QStringLiteral("c1");
        QTest::newRow("key") << head + QStringLiteral("  - {name: c1, wieghts: int8}\n")
                             << QStringLiteral("wieghts");
        QTest::newRow("array") << QStringLiteral(
                                      "bitloupe_design: 1\naccelerator: {rows: 0, columns: 1, "
                                      "dataflow: os}\nlayers: []\n")
                               << QStringLiteral("rows");
    }

    void badDesignFilesAreRefused() {
        QFETCH(QString, text);
        QFETCH(QString, named);
        const QTemporaryDir folder;
        const auto design = exporters::readDesignFile(writeDesign(folder, text.toStdString()));
        QVERIFY(design.hasError());
        const QString sentence = QString::fromStdString(design.error().sentence());
        QVERIFY2(sentence.contains(named), qPrintable(sentence));
        QVERIFY2(sentence.contains(QStringLiteral("line")), qPrintable(sentence));
    }

    void unknownLayersAreNamed() {
        exporters::DesignFile design;
        design.layers = {"nowhere"};
        design.assignment.resize(1);
        const auto assignment = exporters::assignmentFor(design, testing::smallNetwork());
        QVERIFY(assignment.hasError());
        QVERIFY(assignment.error().sentence().find("nowhere") != std::string::npos);
    }

    void encodingsListEachQuantizerOnce() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "int4@channel", "int8");
        const QJsonObject v1 =
            json(exporters::encodingsJson(design, exporters::EncodingsVersion::V1));
        QCOMPARE(v1["version"].toString(), QStringLiteral("1.0.0"));
        const QJsonArray parameters = v1["param_encodings"].toArray();
        QCOMPARE(parameters.size(), 2);
        const QJsonObject first = parameters[0].toObject();
        QCOMPARE(first["name"].toString(), QStringLiteral("c1.weight"));
        QCOMPARE(first["enc_type"].toString(), QStringLiteral("PER_CHANNEL"));
        QCOMPARE(first["bw"].toInt(), 4);
        QCOMPARE(first["scale"].toArray().size(), 4);
        QCOMPARE(first["offset"].toArray()[0].toInt(), -8);
        const QJsonObject input = v1["activation_encodings"].toArray()[0].toObject();
        QCOMPARE(input["name"].toString(), QStringLiteral("image"));
        const double zero = double(design.activations[0]->options.scaling.zeroPoint);
        QCOMPARE(input["offset"].toArray()[0].toDouble(), -(zero + 128));

        const QJsonObject v2 =
            json(exporters::encodingsJson(design, exporters::EncodingsVersion::V2));
        const QJsonArray all = v2["encodings"].toArray();
        QCOMPARE(all.size(), 4);
        QCOMPARE(all[0].toObject()["output_dtype"].toString(), QStringLiteral("int8"));
        QCOMPARE(all[0].toObject()["y_zero_point"].toDouble(), zero);
        QCOMPARE(all[2].toObject()["axis"].toInt(), 0);
    }

    void qkerasStringsMeanTheFormatsTheyName_data() {
        QTest::addColumn<QString>("quantizer");
        QTest::addColumn<QString>("format");
        // The jet tagger of the QONNX model zoo: weights of 6 bits at scale 1/32,
        // quantized_bits(6,0), activations of 6 unsigned bits at scale 1/64, quantized_relu(6,0).
        QTest::newRow("zoo weights") << "quantized_bits(6,0,alpha=1)"
                                     << "fixed<6,1>";
        QTest::newRow("zoo activations") << "quantized_relu(6,0)"
                                         << "ufixed<6,0>";
        QTest::newRow("16,6") << "quantized_bits(16,5,alpha=1)"
                              << "fixed<16,6>";
        QTest::newRow("unsigned") << "quantized_relu(8,3)"
                                  << "ufixed<8,3>";
        QTest::newRow("po2") << "quantized_po2(4,max_value=1)"
                             << "pow2<4>";
        QTest::newRow("binary") << "binary(alpha=1)"
                                << "binary";
        QTest::newRow("ternary") << "ternary(alpha=1,threshold=0.5)"
                                 << "ternary";
    }

    void qkerasStringsMeanTheFormatsTheyName() {
        QFETCH(QString, quantizer);
        QFETCH(QString, format);
        const auto parsed = numerics::NumberFormat::parse(format.toStdString()).value();
        QCOMPARE(QString::fromStdString(exporters::qkerasQuantizer(parsed, 1)), quantizer);
        const auto back = exporters::formatOfQkeras(quantizer.toStdString());
        QVERIFY2(back.hasValue(), testing::reason(back).constData());
        QCOMPARE(QString::fromStdString(back.value().name()), format);
    }

    void qkerasMapsHoldTheStepsOfTheQonnxFile() {
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "fixed<6,1>", "ufixed<6,0>");
        QVERIFY(exporters::qkerasObstacles(design.schemes()).empty());
        const QJsonObject map = json(exporters::qkerasMap(design));
        const auto model = exporters::buildQonnxGraph(design);
        QVERIFY(model.hasValue());
        const auto& stored = model.value().graph.initializers;
        for (const network::Layer& layer : network.layers) {
            const QString name = QString::fromStdString(layer.name);
            const QString kernel = map[name].toObject()["kernel_quantizer"].toString();
            const QString input =
                map["QActivation"].toObject()[name + QStringLiteral("_input")].toString();
            QCOMPARE(kernel, QStringLiteral("quantized_bits(6,0,alpha=1)"));
            QCOMPARE(input, QStringLiteral("quantized_relu(6,0)"));
            QCOMPARE(stored.at(layer.weight + "_scale").as<float>()[0], 1.0F / 32);
            QCOMPARE(stored.at(layer.name + "_in_scale").as<float>()[0], 1.0F / 64);
        }
        const auto free = testing::smallDesign(network, "int8", "ufixed<6,0>");
        QCOMPARE(exporters::qkerasObstacles(free.schemes()).size(), 2U);
    }

    void qkerasArgumentsThatCannotBeKeptAreRefused() {
        for (const char* text : {"quantized_bits(6,0,alpha='auto')", "quantized_bits(99,0)",
                                 "quantized_ulaw(6,0)", "quantized_bits(6,7,alpha=1)", "fixed(6"}) {
            QVERIFY2(exporters::formatOfQkeras(text).hasError(), text);
        }
    }

    void safetensorsReadBackInTheirOwnPackage() {
        BITLOUPE_NEEDS_PYTHON();
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, "int5@channel", "int8");
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("small.safetensors"));
        QVERIFY(writeFileAtomically(path.toStdString(),
                                    exporters::safetensorsBytes(design, "the design"))
                    .hasValue());
        const auto run =
            testing::runPython(QStringLiteral("core/exporters/read_safetensors.py"), {path});
        QVERIFY2(run.status == 0, run.errors.constData());
        const auto codes = design.weights[1]->codes.as<std::int32_t>();
        const double sum = std::accumulate(codes.begin(), codes.end(), 0.0);
        const QByteArray layer = QByteArray::fromStdString(network.layers[1].name);
        QVERIFY2(run.output.contains("metadata True"), run.output.constData());
        QVERIFY2(
            run.output.contains(layer + ".weight int8 5x144 " + QByteArray::number(sum, 'f', 1)),
            run.output.constData());
        QVERIFY(run.output.contains(layer + ".weight_scale float32 5x1 "));
        QVERIFY(run.output.contains(layer + ".bias float32 5 "));
    }

    void safetensorsFollowCompressedTensors_data() {
        QTest::addColumn<QString>("weights");
        QTest::newRow("packed") << "int4@channel";
        QTest::newRow("packed groups") << "int3@group10";
        QTest::newRow("bytes") << "int8";
        QTest::newRow("floats") << "fp8e4m3@channel";
        QTest::newRow("posits") << "posit<8,1>";
    }

    /// Read by this program's own reader, and unpacked as compressed-tensors unpacks.
    void safetensorsFollowCompressedTensors() {
        QFETCH(QString, weights);
        const network::Network network = testing::smallNetwork();
        const auto design = testing::smallDesign(network, weights.toStdString(), "int8");
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("s.safetensors")).toStdString();
        QVERIFY(writeFileAtomically(path, exporters::safetensorsBytes(design, "")).hasValue());
        const auto read = importers::readSafetensors(path);
        QVERIFY2(read.hasValue(), testing::reason(read).constData());
        const std::map<std::string, Array> tensors(read.value().begin(), read.value().end());
        const std::string name = network.layers[1].name;
        const auto scales = tensors.at(name + ".weight_scale").as<float>();
        const auto expected = design.weights[1]->values.as<float>();
        const auto packed = tensors.find(name + ".weight_packed");
        const std::size_t length = 144;
        std::vector<float> codes(expected.size());
        if (packed != tensors.end()) {
            const unsigned bits = weights.startsWith(QLatin1String("int4")) ? 4 : 3;
            const std::size_t perWord = 32 / bits;
            const std::size_t words = (length + perWord - 1) / perWord;
            const auto shape = tensors.at(name + ".weight_shape").as<std::int64_t>();
            QCOMPARE((Shape{shape.begin(), shape.end()}), (Shape{5, 144}));
            for (std::size_t i = 0; i < codes.size(); ++i) {
                const auto word = static_cast<std::uint32_t>(
                    packed->second.as<std::int32_t>()[i / length * words + i % length / perWord]);
                const unsigned code = word >> (i % length % perWord * bits) & ((1U << bits) - 1);
                codes[i] = static_cast<float>(static_cast<int>(code) - (1 << (bits - 1)));
            }
        } else if (const Array& stored = tensors.at(name + ".weight");
                   stored.type() == ElementType::Int8) {
            const auto bytes = stored.as<std::int8_t>();
            codes.assign(bytes.begin(), bytes.end());
        } else {
            codes.assign(stored.as<float>().begin(), stored.as<float>().end());
        }
        for (std::size_t i = 0; i < codes.size(); ++i) {
            const std::size_t groups = scales.size() > 5 ? scales.size() / 5 : 1;
            const std::size_t scale =
                scales.size() == 1 ? 0 : i / length * groups + (groups > 1 ? i % length / 10 : 0);
            QCOMPARE(codes[i] * scales[scale], expected[i]);
        }
        QVERIFY(tensors.size() >= 8);
    }

    void scalesimFilesSayTheGemms() {
        const network::Network network = testing::smallNetwork();
        auto design = testing::smallDesign(network, "int8", "int8");
        design.accelerator = {32, 8, hardware::Dataflow::InputStationary};
        const auto layers = hardware::scalesim::parseTopology(
            exporters::scalesimTopology(design), hardware::scalesim::TopologyKind::Gemm, "t.csv");
        QVERIFY2(layers.hasValue(), testing::reason(layers).constData());
        QCOMPARE(layers.value().size(), network.layers.size());
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            QVERIFY(layers.value()[i].gemm() == network.layers[i].gemm);
        }
        const auto configuration = hardware::scalesim::parseConfiguration(
            exporters::scalesimConfiguration(design), "scale.cfg");
        QVERIFY2(configuration.hasValue(), testing::reason(configuration).constData());
        QVERIFY(configuration.value().array == design.accelerator);
    }

    void aHundredMegabytesAreWrittenInSeconds_data() {
        QTest::addColumn<QString>("kind");
        QTest::newRow("QDQ") << "onnx-qdq";
        QTest::newRow("QONNX") << "qonnx";
        QTest::newRow("safetensors") << "safetensors";
        QTest::newRow("TorchScript") << "torchscript";
    }

    void aHundredMegabytesAreWrittenInSeconds() {
        QFETCH(QString, kind);
        static const network::Network kNetwork = testing::wideNetwork(26'000'000);
        static const auto kDesign = testing::coarseDesign(kNetwork);
        const QTemporaryDir folder;
        QElapsedTimer clock;
        clock.start();
        const auto written =
            exporters::exportDesign(testing::exportKind(kind.toStdString()), kDesign,
                                    folder.filePath("large").toStdString());
        const double seconds = static_cast<double>(clock.elapsed()) / 1000;
        QVERIFY2(written.hasValue(), testing::reason(written).constData());
        qInfo("%s: %.2f s", qPrintable(kind), seconds);
        QVERIFY2(seconds < 3, "the export of a 100 MB network takes under 3 s");
    }

    void formsBeyondOpset13AreRewritten() {
        network::Graph graph;
        graph.opset = 13;
        graph.nodes = {
            {"r", "ReduceMean", "", {"x"}, {"m"}, {{"axes", std::vector<std::int64_t>{2, 3}}}},
            {"s", "Split", "", {"x"}, {"a", "b"}, {}},
            {"g", "GridSample", "", {"x", "q"}, {"z"}, {}}};
        const auto raised = exporters::raiseOpset(graph, 21);
        QVERIFY(raised.hasValue());
        const auto& nodes = raised.value().nodes;
        QVERIFY(nodes[0].attributes.empty());
        const Array& axes = raised.value().initializers.at(nodes[0].inputs.at(1));
        QCOMPARE(axes.as<std::int64_t>()[1], 3);
        QCOMPARE(std::get<std::int64_t>(nodes[1].attributes.at("num_outputs")), 2);
        QCOMPARE(std::get<std::string>(nodes[2].attributes.at("mode")), std::string("linear"));
        graph.nodes = {{"n", "GroupNormalization", "", {"x"}, {"y"}, {}}};
        QVERIFY(exporters::raiseOpset(graph, 21).hasError());
    }

    void oldFormsAreRewritten() {
        network::Graph graph;
        graph.opset = 9;
        graph.nodes = {{"s", "Squeeze", "", {"x"}, {"y"}, {{"axes", std::vector<std::int64_t>{0}}}},
                       {"c", "Clip", "", {"y"}, {"z"}, {{"max", 6.0F}}},
                       {"m", "Softmax", "", {"z"}, {"p"}, {}}};
        const auto raised = exporters::raiseOpset(graph, 13);
        QVERIFY(raised.hasValue());
        QCOMPARE(raised.value().opset, 13);
        const auto& nodes = raised.value().nodes;
        QCOMPARE(nodes.size(), 6U);
        QCOMPARE(nodes[0].inputs.size(), 2U);
        QVERIFY(nodes[0].attributes.empty());
        QCOMPARE(nodes[1].inputs[1], std::string());
        QCOMPARE(raised.value().initializers.at(nodes[1].inputs[2]).as<float>()[0], 6.0F);
        QCOMPARE(nodes.back().operatorType, std::string("Reshape"));
        QCOMPARE(nodes.back().outputs[0], std::string("p"));

        graph.nodes = {{"u", "Upsample", "", {"x"}, {"y"}, {}}};
        const auto refused = exporters::raiseOpset(graph, 13);
        QVERIFY(refused.hasError());
        QVERIFY(refused.error().sentence().find("node u") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstFileExports)
#include "tst_file_exports.moc"
