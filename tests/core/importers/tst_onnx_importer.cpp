// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <cmath>
#include <limits>

#include "core/importers/importer.h"
#include "core/network/network.h"
#include "tests/core/importers/onnx_models.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::testing;

class TstOnnxImporter : public QObject {
    Q_OBJECT

    static bool contains(const std::string& text, const std::string& part) {
        if (text.find(part) == std::string::npos) {
            qWarning("\"%s\" is not in \"%s\"", part.c_str(), text.c_str());
            return false;
        }
        return true;
    }

    static void write(const QString& path, const std::string& content) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content.data(), static_cast<qint64>(content.size()));
    }

private Q_SLOTS:
    void readsAGraph() {
        onnx::ModelProto model = smallModel();
        onnx::AttributeProto& attribute = *model.mutable_graph()->mutable_node(0)->add_attribute();
        attribute.set_name("transB");
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(1);
        const Result<network::Graph> graph = import(model);
        QCOMPARE(sentence(graph), std::string());
        QCOMPARE(graph.value().opset, 13);
        QCOMPARE(graph.value().inputs.size(), 1U);
        QCOMPARE(graph.value().inputs[0].shape[1].value.value_or(0), 2);
        QCOMPARE(graph.value().nodes[0].name, std::string("fc"));
        QCOMPARE(std::get<std::int64_t>(graph.value().nodes[0].attributes.at("transB")), 1);
        const auto weights = graph.value().initializers.at("fc.weight").as<float>();
        QVERIFY(std::equal(weights.begin(), weights.end(), std::vector<float>{1, 2, 3, 4}.begin()));
    }

    void symbolicDimensionsKeepTheirNames() {
        onnx::ModelProto model = smallModel();
        auto* shape = model.mutable_graph()
                          ->mutable_input(0)
                          ->mutable_type()
                          ->mutable_tensor_type()
                          ->mutable_shape();
        shape->mutable_dim(0)->set_dim_param("batch");
        const Result<network::Graph> graph = import(model);
        QVERIFY(!graph.value().inputs[0].shape[0].value.has_value());
        QCOMPARE(graph.value().inputs[0].shape[0].name, std::string("batch"));
    }

    void initializersThatAreAlsoInputsAreNoInputs() {
        onnx::ModelProto model = smallModel();
        addFloatInput(*model.mutable_graph(), "fc.weight", {2, 2});
        QCOMPARE(import(model).value().inputs.size(), 1U);
    }

    void constantsBecomeInitializers() {
        onnx::ModelProto model = smallModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        onnx::NodeProto& node = addNode(graph, "Constant", {}, {"k"});
        onnx::AttributeProto& attribute = *node.add_attribute();
        attribute.set_name("value_floats");
        attribute.set_type(onnx::AttributeProto::FLOATS);
        attribute.add_floats(0.5F);
        attribute.add_floats(-2);
        addNode(graph, "Add", {"y", "k"}, {"z"});
        addOutput(graph, "z");
        const Result<network::Graph> read = import(model);
        QCOMPARE(sentence(read), std::string());
        QCOMPARE(read.value().nodes.size(), 2U);
        QCOMPARE(read.value().initializers.at("k").shape(), Shape({2}));
        QCOMPARE(read.value().initializers.at("k").as<float>()[1], -2.0F);
    }

    void nodesAreSortedAndNamed() {
        onnx::ModelProto model = emptyModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        addFloatInput(graph, "x", {1});
        addNode(graph, "Relu", {"b"}, {"c"}, "same");
        addNode(graph, "Neg", {"a"}, {"b"}, "same");
        addNode(graph, "Abs", {"x"}, {"a"});
        addOutput(graph, "c");
        const Result<network::Graph> read = import(model);
        QCOMPARE(sentence(read), std::string());
        const std::vector<network::Node>& nodes = read.value().nodes;
        QCOMPARE(nodes[0].operatorType, std::string("Abs"));
        QCOMPARE(nodes[1].operatorType, std::string("Neg"));
        QCOMPARE(nodes[2].operatorType, std::string("Relu"));
        QVERIFY(nodes[0].name != "" && nodes[1].name != nodes[2].name);
    }

    void qonnxDomainsBecomeOne() {
        for (const char* domain :
             {"onnx.brevitas", "finn.custom_op.general", "qonnx", "qonnx.custom_op.general"}) {
            onnx::ModelProto model = smallModel();
            onnx::GraphProto& graph = *model.mutable_graph();
            addNode(graph, "BipolarQuant", {"y", "y"}, {"z"}).set_domain(domain);
            addOutput(graph, "z");
            QCOMPARE(import(model).value().nodes[1].domain, std::string(network::kQonnxDomain));
        }
        onnx::ModelProto model = smallModel();
        model.mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
        QCOMPARE(import(model).value().nodes[0].domain, std::string());
    }

    void bodiesMayReadFromOutside() {
        onnx::ModelProto model = smallModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        addFloatInput(graph, "condition", {});
        onnx::NodeProto& node = addNode(graph, "If", {"condition"}, {"z"});
        for (const char* branch : {"then_branch", "else_branch"}) {
            onnx::AttributeProto& attribute = *node.add_attribute();
            attribute.set_name(branch);
            attribute.set_type(onnx::AttributeProto::GRAPH);
            addNode(*attribute.mutable_g(), "Relu", {"inner"}, {branch});
            addNode(*attribute.mutable_g(), "Neg", {"y"}, {"inner"});
            addOutput(*attribute.mutable_g(), branch);
        }
        graph.mutable_node()->SwapElements(0, 1);  // the If comes before what its bodies read
        addOutput(graph, "z");
        const Result<network::Graph> read = import(model);
        QCOMPARE(sentence(read), std::string());
        QCOMPARE(read.value().nodes[1].operatorType, std::string("If"));
        const auto body = std::get<std::shared_ptr<const network::Graph>>(
            read.value().nodes[1].attributes.at("then_branch"));
        QCOMPARE(body->nodes[0].operatorType, std::string("Neg"));
    }

    void functionsAreInlined() {
        // Leaky(x) = LeakyRelu<alpha = @slope>(x); Twice(x) = Leaky(Leaky(x)) with slope 0.5.
        onnx::ModelProto model = smallModel();
        model.add_opset_import()->set_domain("mine");
        onnx::FunctionProto& leaky = *model.add_functions();
        leaky.set_domain("mine");
        leaky.set_name("Leaky");
        leaky.add_input("x");
        leaky.add_output("r");
        leaky.add_attribute("slope");
        onnx::NodeProto& inner = *leaky.add_node();
        inner.set_op_type("LeakyRelu");
        inner.add_input("x");
        inner.add_output("r");
        onnx::AttributeProto& reference = *inner.add_attribute();
        reference.set_name("alpha");
        reference.set_type(onnx::AttributeProto::FLOAT);
        reference.set_ref_attr_name("slope");
        onnx::FunctionProto& twice = *model.add_functions();
        twice.set_domain("mine");
        twice.set_name("Twice");
        twice.add_input("x");
        twice.add_output("b");
        for (const auto& [from, to] : {std::pair{"x", "a"}, {"a", "b"}}) {
            onnx::NodeProto& call = *twice.add_node();
            call.set_op_type("Leaky");
            call.set_domain("mine");
            call.add_input(from);
            call.add_output(to);
            onnx::AttributeProto& slope = *call.add_attribute();
            slope.set_name("slope");
            slope.set_type(onnx::AttributeProto::FLOAT);
            slope.set_f(0.5F);
        }
        onnx::GraphProto& graph = *model.mutable_graph();
        addNode(graph, "Twice", {"y"}, {"z"}, "block").set_domain("mine");
        addOutput(graph, "z");
        const Result<network::Graph> read = import(model);
        QCOMPARE(sentence(read), std::string());
        const std::vector<network::Node>& nodes = read.value().nodes;
        QCOMPARE(nodes.size(), 3U);
        QCOMPARE(nodes[1].operatorType, std::string("LeakyRelu"));
        QCOMPARE(nodes[1].inputs[0], std::string("y"));
        QCOMPARE(nodes[2].inputs[0], nodes[1].outputs[0]);
        QCOMPARE(nodes[2].outputs[0], std::string("z"));
        QCOMPARE(std::get<float>(nodes[2].attributes.at("alpha")), 0.5F);

        model.mutable_functions(0)->mutable_node(0)->set_op_type("Twice");
        model.mutable_functions(0)->mutable_node(0)->set_domain("mine");
        QVERIFY(contains(sentence(import(model)), "calls itself"));
    }

    void refusesBrokenStructure_data() {
        QTest::addColumn<int>("fault");
        QTest::addColumn<QString>("part");
        QTest::newRow("cycle") << 0 << "the graph has a cycle";
        QTest::newRow("made twice") << 1 << "the edge y is made twice";
        QTest::newRow("made nowhere") << 2 << "nothing makes the edge ghost";
        QTest::newRow("output made nowhere") << 3 << "output ghost";
        QTest::newRow("attribute twice") << 4 << "the attribute transB twice";
        QTest::newRow("attribute of the wrong type") << 5 << "the attribute transB has type FLOAT";
        QTest::newRow("attribute of no type") << 6 << "attribute transB has type 77";
        QTest::newRow("stored twice") << 7 << "it is stored twice: tensor fc.weight";
        QTest::newRow("no outputs") << 8 << "the file holds no network";
        QTest::newRow("no operator set") << 9 << "names no operator set";
        QTest::newRow("input twice") << 10 << "two inputs have the same name";
    }
    void refusesBrokenStructure() {
        QFETCH(int, fault);
        QFETCH(QString, part);
        onnx::ModelProto model = smallModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        onnx::AttributeProto attribute;
        attribute.set_name("transB");
        attribute.set_type(onnx::AttributeProto::INT);
        switch (fault) {
            case 0:
                graph.mutable_node(0)->set_input(0, "b");
                addNode(graph, "Relu", {"y"}, {"b"});
                break;
            case 1:
                addNode(graph, "Relu", {"x"}, {"y"});
                break;
            case 2:
                addNode(graph, "Relu", {"ghost"}, {"z"}, "haunted");
                break;
            case 3:
                addOutput(graph, "ghost");
                break;
            case 4:
                *graph.mutable_node(0)->add_attribute() = attribute;
                *graph.mutable_node(0)->add_attribute() = attribute;
                break;
            case 5:
                attribute.set_type(onnx::AttributeProto::FLOAT);
                *graph.mutable_node(0)->add_attribute() = attribute;
                break;
            case 6: {
                // Field 20 (type) with a number that the library does not know.
                attribute.clear_type();
                std::string bytes = attribute.SerializeAsString() + std::string("\xa0\x01\x4d", 3);
                QVERIFY(graph.mutable_node(0)->add_attribute()->ParseFromString(bytes));
                part = "the attribute transB has type";
                break;
            }
            case 7:
                addFloats(graph, "fc.weight", {1}, {1});
                break;
            case 8:
                graph.clear_output();
                break;
            case 9:
                model.clear_opset_import();
                break;
            case 10:
                addFloatInput(graph, "x", {1});
                break;
        }
        const std::string error = sentence(import(model));
        QVERIFY2(error.find(part.toStdString()) != std::string::npos, error.c_str());
    }

    void refusesBrokenTensors_data() {
        QTest::addColumn<QVector<qint64>>("shape");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<QString>("part");
        const qint64 huge = std::numeric_limits<qint64>::max();
        QTest::newRow("negative") << QVector<qint64>{-1, 4} << 16 << "negative dimension";
        QTest::newRow("absurd") << QVector<qint64>{huge, huge} << 16 << "more elements than";
        QTest::newRow("wraps to small")
            << QVector<qint64>{qint64{1} << 62, 8} << 0 << "more elements";
        QTest::newRow("too short") << QVector<qint64>{2, 2} << 15 << "needs 16 bytes but 15";
        QTest::newRow("too long") << QVector<qint64>{2, 2} << 20 << "needs 16 bytes but 20";
    }
    void refusesBrokenTensors() {
        QFETCH(QVector<qint64>, shape);
        QFETCH(int, bytes);
        QFETCH(QString, part);
        onnx::ModelProto model = smallModel();
        onnx::TensorProto& tensor = *model.mutable_graph()->mutable_initializer(0);
        tensor.clear_dims();
        tensor.clear_float_data();
        for (const qint64 dimension : shape) {
            tensor.add_dims(dimension);
        }
        tensor.set_raw_data(std::string(static_cast<std::size_t>(bytes), '\0'));
        const std::string error = sentence(import(model));
        QVERIFY(contains(error, part.toStdString()));
        QVERIFY(contains(error, "tensor fc.weight"));
    }

    void refusesWeightsThatAreNotNumbers() {
        for (const float bad :
             {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
            onnx::ModelProto model = smallModel();
            model.mutable_graph()->mutable_initializer(0)->set_float_data(2, bad);
            QVERIFY(contains(sentence(import(model)), "tensor fc.weight"));
        }
        // A mask may hold infinities: nothing multiplies by it.
        onnx::ModelProto model = smallModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        addFloats(graph, "mask", {1}, {-std::numeric_limits<float>::infinity()});
        addNode(graph, "Add", {"y", "mask"}, {"z"});
        QCOMPARE(sentence(import(model)), std::string());
    }

    void everyCutFileIsRefused() {
        const std::string whole = smallModel().SerializeAsString();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const std::string cut = whole.substr(0, size);
            QVERIFY(importers::importOnnxBytes(std::as_bytes(std::span(cut)), "").hasError());
        }
    }

    void otherFilesAreRefusedByName() {
        QTemporaryDir folder;
        const auto refused = [&](const char* name, const std::string& content) {
            const QString path = folder.filePath(QString::fromLatin1(name));
            write(path, content);
            const auto graph = importers::importNetwork({path.toStdString(), ""});
            return graph.hasError() && contains(graph.error().sentence(), path.toStdString())
                       ? graph.error().what
                       : std::string("not refused");
        };
        QCOMPARE(refused("empty.onnx", ""), std::string("the file is empty"));
        QVERIFY(contains(refused("text.onnx", "sepal,petal\n1,2\n"), "ONNX"));
        QVERIFY(contains(refused("zip.onnx", std::string("PK\x03\x04\0\0", 6)), "ONNX"));
        QVERIFY(contains(refused("weights.pth", "PK"), "weights without a network"));
        const auto missing = importers::importNetwork({"/nowhere/net.onnx", ""});
        QVERIFY(contains(sentence(missing), "/nowhere/net.onnx"));
        const auto directory = importers::importNetwork({folder.path().toStdString(), ""});
        QVERIFY(contains(sentence(directory), "folder"));
    }

    void textTensorsAreRefusedByOperator() {
        onnx::ModelProto model = emptyModel();
        onnx::GraphProto& graph = *model.mutable_graph();
        addFloatInput(graph, "words", {2});
        graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
            onnx::TensorProto::STRING);
        addNode(graph, "StringNormalizer", {"words"}, {"clean"});
        addOutput(graph, "clean");
        const std::string error = sentence(import(model));
        QVERIFY(contains(error, "string"));
        QVERIFY(contains(error, "StringNormalizer"));
    }

    void externalDataStaysInTheFolder() {
        QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("inside")));
        const std::vector<float> values = {0, 1, 2, 3, 4};
        const std::string bytes(reinterpret_cast<const char*>(values.data()), 20);
        write(folder.filePath(QStringLiteral("inside/w.bin")), bytes);
        write(folder.filePath(QStringLiteral("secret.bin")), bytes);
        QFile::link(folder.filePath(QStringLiteral("secret.bin")),
                    folder.filePath(QStringLiteral("inside/link.bin")));
        const auto load = [&](const std::string& location, const std::string& offset) {
            onnx::ModelProto model = smallModel();
            onnx::TensorProto& tensor = *model.mutable_graph()->mutable_initializer(0);
            tensor.clear_float_data();
            tensor.set_data_location(onnx::TensorProto::EXTERNAL);
            for (const auto& [key, value] :
                 {std::pair<std::string, std::string>{"location", location}, {"offset", offset}}) {
                auto* entry = tensor.add_external_data();
                entry->set_key(key);
                entry->set_value(value);
            }
            return import(model, folder.filePath(QStringLiteral("inside")).toStdString());
        };
        const Result<network::Graph> good = load("w.bin", "4");
        QCOMPARE(sentence(good), std::string());
        QCOMPARE(good.value().initializers.at("fc.weight").as<float>()[3], 4.0F);
        QVERIFY(contains(sentence(load("w.bin", "8")), "needs 16 bytes at byte 8"));
        QVERIFY(contains(sentence(load("w.bin", "-1")), "offset"));
        QVERIFY(contains(sentence(load("w.bin", "99999999999999999999")), "offset"));
        QVERIFY(contains(sentence(load("../secret.bin", "0")), "not beside the network"));
        QVERIFY(contains(sentence(load("link.bin", "0")), "not beside the network"));
        QVERIFY(contains(sentence(load("/etc/hostname", "0")), "not beside the network"));
        QVERIFY(contains(sentence(load("gone.bin", "0")), "missing"));
        QVERIFY(contains(sentence(load("", "0")), "names no file"));
    }

    void realLenetOpens() {
        for (const char* name : {"models/derived/lenet5_mnist/lenet5_mnist_opset11.onnx",
                                 "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx"}) {
            BITLOUPE_REAL_FILE(path, name);
            const auto graph = importers::importNetwork({path, ""});
            QCOMPARE(sentence(graph), std::string());
            const network::Network network{"", path, "", graph.value(),
                                           network::findLayers(*graph.value(), {})};
            std::vector<std::string> names;
            for (const network::Layer& layer : network.layers) {
                names.push_back(layer.name);
            }
            QCOMPARE(names, (std::vector<std::string>{"c1", "c3", "c5", "f6", "output"}));
            QCOMPARE(network.parameters(), 61706);  // 156 + 2416 + 48120 + 10164 + 850
        }
    }
};

QTEST_APPLESS_MAIN(TstOnnxImporter)
#include "tst_onnx_importer.moc"
