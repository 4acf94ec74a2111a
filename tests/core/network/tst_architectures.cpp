// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/network/architectures/architecture.h"
#include "core/network/network.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using namespace bitloupe::testing;

class TstArchitectures : public QObject {
    Q_OBJECT

    static std::string sentence(const Result<Graph>& graph) {
        return graph.hasError() ? graph.error().sentence() : std::string();
    }

    static bool contains(const std::string& text, const std::string& part) {
        if (text.find(part) == std::string::npos) {
            qWarning("\"%s\" is not in \"%s\"", part.c_str(), text.c_str());
            return false;
        }
        return true;
    }

    static std::int64_t parameters(const Result<Graph>& graph) {
        const Network network{"", "", "", std::make_shared<Graph>(graph.value()), {}};
        return network.parameters();
    }

    static NamedTensors lenetTensors() {
        return {{"c1.weight", varied({6, 1, 5, 5}, 1)},    {"c1.bias", varied({6}, 2)},
                {"c3.weight", varied({16, 6, 5, 5}, 3)},   {"c3.bias", varied({16}, 4)},
                {"c5.weight", varied({120, 16, 5, 5}, 5)}, {"c5.bias", varied({120}, 6)},
                {"f6.weight", varied({84, 120}, 7)},       {"f6.bias", varied({84}, 8)},
                {"output.weight", varied({10, 84}, 9)},    {"output.bias", varied({10}, 10)}};
    }

private Q_SLOTS:
    void parameterCountsAreTheKnownOnes() {
        QCOMPARE(parameters(buildArchitecture("lenet5", {}, nullptr)), 61706);
        QCOMPARE(parameters(buildArchitecture("jet_tagger", {}, nullptr)), 4389);
        QCOMPARE(parameters(buildArchitecture("mlp", {{"layers", "3x2"}}, nullptr)), 8);
    }

    void untrainedWeightsAreTheSameEveryTime() {
        const auto first = buildArchitecture("lenet5", {}, nullptr);
        const auto second = buildArchitecture("lenet5", {}, nullptr);
        const auto a = first.value().initializers.at("c3.weight").as<float>();
        const auto b = second.value().initializers.at("c3.weight").as<float>();
        QVERIFY(std::equal(a.begin(), a.end(), b.begin()));
        const float bound = 1 / std::sqrt(150.0F);
        QVERIFY(*std::max_element(a.begin(), a.end()) <= bound);
        QVERIFY(*std::max_element(a.begin(), a.end()) > 0.9F * bound);
        QVERIFY(*std::min_element(a.begin(), a.end()) < -0.9F * bound);
    }

    void misfitsAreNamedWithTheirShapes() {
        NamedTensors tensors = lenetTensors();
        QCOMPARE(sentence(buildArchitecture("lenet5", {}, &tensors)), std::string());
        tensors[2].second = varied({16, 6, 3, 3}, 3);
        const std::string shape = sentence(buildArchitecture("lenet5", {}, &tensors));
        QVERIFY(contains(shape, "shape 16x6x3x3 where lenet5 needs 16x6x5x5"));
        QVERIFY(contains(shape, "tensor c3.weight"));
        tensors = lenetTensors();
        tensors[7].first = "f6.offset";
        const std::string missing = sentence(buildArchitecture("lenet5", {}, &tensors));
        QVERIFY(contains(missing, "lack a tensor of shape 84 that lenet5 needs: tensor f6.bias"));
        tensors = lenetTensors();
        tensors.emplace_back("extra.weight", varied({2}, 1));
        QVERIFY(
            contains(sentence(buildArchitecture("lenet5", {}, &tensors)), "tensor extra.weight"));
        tensors = lenetTensors();
        tensors[1].second = Array::of<std::int32_t>({6}, std::vector<std::int32_t>(6));
        QVERIFY(contains(sentence(buildArchitecture("lenet5", {}, &tensors)), "int32"));
    }

    void denseLayersAreFoundInOrder() {
        // safetensors sorts names as text: net.12 comes before net.3.
        NamedTensors tensors = {
            {"net.0.bias", varied({4}, 1)},  {"net.0.weight", varied({4, 3}, 2)},
            {"net.12.bias", varied({2}, 3)}, {"net.12.weight", varied({2, 4}, 4)},
            {"net.3.bias", varied({4}, 5)},  {"net.3.weight", varied({4, 4}, 6)}};
        const auto graph = buildArchitecture("mlp", {}, &tensors);
        QCOMPARE(sentence(graph), std::string());
        std::vector<std::string> weights;
        for (const Node& made : graph.value().nodes) {
            if (made.operatorType == "Gemm") {
                weights.push_back(made.inputs[1]);
            }
        }
        QCOMPARE(weights,
                 (std::vector<std::string>{"net.0.weight", "net.3.weight", "net.12.weight"}));
        QVERIFY(
            contains(sentence(buildArchitecture("jet_tagger", {}, &tensors)), "3 dense layers"));
        tensors[5].second = varied({5, 5}, 6);
        QVERIFY(contains(sentence(buildArchitecture("mlp", {}, &tensors)), "do not follow"));
    }

    void parametersAreChecked() {
        const auto error = [](const std::string& name, const ArchitectureParameters& given) {
            return sentence(buildArchitecture(name, given, nullptr));
        };
        QVERIFY(contains(error("lenet", {}), "did you mean lenet5?"));
        QVERIFY(contains(error("xyzzy", {}), "choose one of"));
        QVERIFY(contains(error("mlp", {{"layer", "3x2"}}), "did you mean layers?"));
        QVERIFY(contains(error("mlp", {}), "sizes of the layers are not given"));
        QVERIFY(contains(error("mlp", {{"layers", "3x0"}}), "layers=3x0"));
        QVERIFY(contains(error("mlp", {{"layers", "3"}}), "layers=3"));
        QVERIFY(contains(error("mlp", {{"layers", "3x99999999999"}}), "layers="));
        QVERIFY(contains(error("mlp", {{"layers", "3x2"}, {"activation", "sine"}}), "sine"));
    }
};

QTEST_APPLESS_MAIN(TstArchitectures)
#include "tst_architectures.moc"
