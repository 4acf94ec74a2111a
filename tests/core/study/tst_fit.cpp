// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/study/design_space.h"
#include "core/study/fit.h"
#include "tests/core/data/files.h"
#include "tests/core/study/journal_samples.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

using Sizes = std::vector<std::optional<std::int64_t>>;

network::Graph graphOf(const Sizes& input, const Sizes& output) {
    const auto value = [](const std::string& name, const Sizes& sizes) {
        network::ValueInfo info{.name = name, .type = ElementType::Float32, .shape = {}};
        for (const auto& size : sizes) {
            info.shape.push_back({size, ""});
        }
        return info;
    };
    network::Graph graph;
    graph.name = "net";
    graph.inputs = {value("x", input)};
    graph.outputs = {value("y", output)};
    return graph;
}

data::DataSet dataOf(const Shape& shape, std::vector<std::int64_t> labels) {
    data::DataSet set;
    set.name = "d";
    std::vector<float> values;
    for (std::int64_t i = 0; i < elementCount(shape); ++i) {
        values.push_back(static_cast<float>(i));
    }
    set.splits[data::Role::Search] = {.inputs = {{"", Array::of<float>(shape, values)}},
                                      .labels = std::move(labels),
                                      .targets = {}};
    return set;
}

Result<Shape> fittedShape(const Sizes& input, const Shape& samples) {
    const Result<data::DataSet> fitted =
        study::fitToNetwork(dataOf(samples, {}), graphOf(input, {{}, 10}));
    if (fitted.hasError()) {
        return fitted.error();
    }
    return fitted.value().splits.at(data::Role::Search).inputs.at("x").shape();
}

}  // namespace

class TstFit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void samplesTakeTheNetworksShape() {
        const std::optional<std::int64_t> any;
        QCOMPARE(fittedShape({any, 1, 4, 4}, {2, 1, 4, 4}).value(), Shape({2, 1, 4, 4}));
        QCOMPARE(fittedShape({1, 1, 4, 4}, {2, 1, 4, 4}).value(), Shape({2, 1, 4, 4}));
        QCOMPARE(fittedShape({any, any, any, any}, {2, 3, 4, 5}).value(), Shape({2, 3, 4, 5}));
        QCOMPARE(fittedShape({any, 16}, {2, 1, 4, 4}).value(), Shape({2, 16}));
        QCOMPARE(fittedShape({any, 1, 4, 4}, {2, 16}).value(), Shape({2, 1, 4, 4}));
        QCOMPARE(fittedShape({any, 4, 4, 1}, {2, 1, 4, 4}).value(), Shape({2, 4, 4, 1}));
        QCOMPARE(fittedShape({}, {2, 5}).value(), Shape({2, 5}));
    }

    void channelsAreTurnedLastForANetworkThatWantsThemSo() {
        const std::optional<std::int64_t> any;
        const auto fitted =
            study::fitToNetwork(dataOf({2, 3, 2, 2}, {}), graphOf({any, 2, 2, 3}, {any, 2}));
        QVERIFY(fitted.hasValue());
        const Array& x = fitted.value().splits.at(data::Role::Search).inputs.at("x");
        QCOMPARE(x.shape(), Shape({2, 2, 2, 3}));
        // Sample 0 is 0..3, 4..7, 8..11 by channel; its pixel (0, 1) has 1, 5 and 9.
        QCOMPARE(x.as<float>()[3], 1.0F);
        QCOMPARE(x.as<float>()[4], 5.0F);
        QCOMPARE(x.as<float>()[5], 9.0F);
        QCOMPARE(x.as<float>()[12], 12.0F);
    }

    void inputsAreFoundByNameThenByShapeAndConverted() {
        const std::optional<std::int64_t> any;
        network::Graph graph = graphOf({any, 4}, {any, 2});
        graph.inputs.push_back(graph.inputs.front());
        graph.inputs.back().name = "mask";
        graph.inputs.back().shape[1].value = 2;
        graph.inputs.back().type = ElementType::Int64;
        data::DataSet set;
        data::Samples& samples = set.splits[data::Role::Search];
        samples.inputs = {{"features", Array::of<float>({1, 4}, std::vector<float>{1, 2, 3, 4})},
                          {"mask", Array::of<float>({1, 2}, std::vector<float>{1, 0})},
                          {"unused", Array::of<float>({1, 9}, std::vector<float>(9))}};
        const auto fitted = study::fitToNetwork(set, graph);
        QVERIFY2(fitted.hasValue(), fitted.hasError() ? fitted.error().sentence().c_str() : "");
        const auto& inputs = fitted.value().splits.at(data::Role::Search).inputs;
        QCOMPARE(inputs.size(), std::size_t(2));
        QCOMPARE(inputs.at("x").as<float>()[3], 4.0F);
        QCOMPARE(inputs.at("mask").as<std::int64_t>()[0], 1);
        samples.inputs["mask"] = Array::of<float>({1, 2}, std::vector<float>{0.5F, 0});
        VERIFY_FAILS(study::fitToNetwork(set, graph), "the data has fractions");
    }

    void otherSizesAreRefusedInOneSentence() {
        const std::optional<std::int64_t> any;
        VERIFY_FAILS(
            fittedShape({any, 1, 28, 28}, {2, 16}),
            "the network takes samples of 1x28x28, the data has 16: data `d`, network input "
            "`x`: give the data this network was trained for");
        // The same number of values, but colours come last: reshaping would mix them up.
        VERIFY_FAILS(fittedShape({any, 4, 8, 2}, {2, 8, 4, 2}), "bring the axes");
        network::Graph two = graphOf({any, 4}, {any, 2});
        two.inputs.push_back(two.inputs.front());
        two.inputs.back().name = "mask";
        two.inputs.back().shape[1].value = 9;
        VERIFY_FAILS(study::fitToNetwork(dataOf({2, 4}, {}), two), "input `mask` has no data");
        network::Graph bytes = graphOf({any, 4}, {any, 2});
        bytes.inputs.front().type = ElementType::Uint8;
        VERIFY_FAILS(study::fitToNetwork(dataOf({2, 4}, {}), bytes), "takes uint8 values");
    }

    void labelsBeyondTheOutputsAreNamed() {
        const std::optional<std::int64_t> any;
        QVERIFY(
            study::fitToNetwork(dataOf({3, 4}, {0, 4, 1}), graphOf({any, 4}, {any, 5})).hasValue());
        VERIFY_FAILS(study::fitToNetwork(dataOf({3, 4}, {0, 5, 1}), graphOf({any, 4}, {any, 5})),
                     "the label 5 is out of range: the network has 5 outputs: data `d`, search "
                     "split, sample 1");
        QVERIFY(
            study::fitToNetwork(dataOf({2, 4}, {0, 1}), graphOf({any, 4}, {any, 1})).hasValue());
        QVERIFY(
            study::fitToNetwork(dataOf({2, 4}, {0, 99}), graphOf({any, 4}, {any, any})).hasValue());
        data::DataSet targets = dataOf({2, 4}, {});
        targets.task = data::Task::Regression;
        VERIFY_FAILS(study::fitToNetwork(targets, graphOf({any, 4}, {any, 3})),
                     "the network has 3 outputs, the data one target");
    }

    void exceptionsReplaceTheListsOfTheirLayer() {
        study::StudyDescription study;
        study.weights = quantizers({"int4", "int8"});
        study.activations = quantizers({"int8"});
        study.accelerators = {{}};
        study.layers["a"] = {.weights = {"float"}, .activations = {}};
        study.layers["b"] = {.weights = {}, .activations = {"int2", "posit<8,1>"}};
        network::Network network;
        for (const char* name : {"a", "b", "qk"}) {
            network::Layer layer;
            layer.name = name;
            layer.weight = layer.name == "qk" ? "" : layer.name + ".weight";
            layer.input = "x";
            network.layers.push_back(layer);
        }
        TAKE_RESULT(space, study::makeDesignSpace(study, network));
        QVERIFY(space.layers()[0].weights.empty());
        QCOMPARE(space.layers()[0].activations.size(), 1U);
        QCOMPARE(space.layers()[1].weights.size(), 2U);
        QCOMPARE(space.layers()[1].activations[1].name(), std::string("posit<8,1>"));
        QVERIFY(space.layers()[2].weights.empty());  // a product of two computed matrices
        QCOMPARE(space.size(), 4.0);
        // One threshold over 8 weights of magnitudes 1..8: 4 fall, 3 of layer a and 1 of b.
        network::Graph graph;
        graph.initializers["a.weight"] = Array::of<float>({2, 2}, {1, -2, 3, 8});
        graph.initializers["b.weight"] = Array::of<float>({1, 4}, {4, 5, -6, 7});
        network.graph = std::make_shared<const network::Graph>(graph);
        study.globalPruning = 50;
        study.layers["a"] = {};
        TAKE_RESULT(pruned, study::makeDesignSpace(study, network));
        QCOMPARE(pruned.layers()[0].weights.size(), 4U);
        QCOMPARE(pruned.layers()[0].weights[2].name(), std::string("int4~75%"));
        QCOMPARE(pruned.layers()[1].weights[3].name(), std::string("int8~25%"));
        QVERIFY(pruned.layers()[2].weights.empty());
        study.layers["conv"] = {};
        VERIFY_FAILS(study::makeDesignSpace(study, network),
                     "the network has no layer `conv`: study, layers: give a, b, qk");
    }
};

QTEST_APPLESS_MAIN(TstFit)
#include "tst_fit.moc"
