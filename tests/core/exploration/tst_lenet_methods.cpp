// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cstdio>

#include "core/exploration/integer_evaluation.h"
#include "core/importers/weights_file.h"
#include "tests/core/exploration/lenet_on_mnist.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// Post-training methods and integer arithmetic on the trained LeNet-5 and the MNIST test images.
class TstLenetMethods : public QObject {
    Q_OBJECT

    std::string m_folder;
    testing::LenetOnMnist m_lenet;
    std::unique_ptr<exploration::PopulationEvaluator> m_evaluator;

    exploration::Measurement measure(const std::string& weights, const std::string& activations) {
        const auto assignment =
            testing::uniformAssignment(m_lenet.network->layers.size(), weights, activations);
        const auto answer = m_evaluator->evaluate({&assignment, 1}, {}, {});
        if (answer.measurements.size() != 1) {
            QTest::qFail(answer.error.sentence().c_str(), __FILE__, __LINE__);
            return {};
        }
        std::printf("%-34s %-6s %lld  KL %.3g\n", weights.c_str(), activations.c_str(),
                    static_cast<long long>(answer.measurements.front().correct),
                    answer.measurements.front().kl);
        return answer.measurements.front();
    }

private Q_SLOTS:
    void initTestCase() {
        BITLOUPE_REAL_FILE(folder, "");
        m_folder = folder;
        m_lenet = testing::LenetOnMnist::load(folder, 2048);
        m_evaluator = m_lenet.evaluator(0);
    }

    void fourBitsKeepTheirAccuracyWithoutTraining() {
        const exploration::Measurement nearest = measure("int4", "int4");
        for (const char* weights : {"int4+gptqordered+biascorr", "int4@channel+gptq+biascorr"}) {
            const exploration::Measurement better = measure(weights, "int4");
            QVERIFY(better.correct >= 9860);
            QVERIFY(better.kl < 0.6 * nearest.kl);
        }
    }

    void pruningIsMadeUpFor() {
        const exploration::Measurement plain = measure("int8@channel~2:4", "");
        const exploration::Measurement repaired = measure("int8@channel+gptqordered~2:4", "");
        QVERIFY(repaired.kl < 0.5 * plain.kl);
    }

    void anIntegerDesignIsWhatWasSimulated() {
        const auto design =
            testing::uniformAssignment(m_lenet.network->layers.size(), "int8@channel", "int8");
        const auto result = exploration::evaluateIntegers(*m_lenet.network, *m_evaluator, design,
                                                          m_lenet.evaluation, {}, 0);
        QVERIFY2(result.hasValue(), result.hasError() ? result.error().sentence().c_str() : "");
        std::printf("int8 in integers: %lld correct, %lld agreeing\n",
                    static_cast<long long>(result.value().correct),
                    static_cast<long long>(result.value().agreeing));
        QVERIFY(result.value().agreeing >= 9995);
        QVERIFY(result.value().warnings.empty());
    }

    /// The pipeline of the LeNet project: 8-bit weights, multiplier and shift of at most 15.
    void byteWeightsScoreAndAddUpAsPublished() {
        const auto result = exploration::evaluateByteWeights(*m_lenet.network, *m_evaluator,
                                                             m_lenet.evaluation, {}, 0);
        QVERIFY2(result.hasValue(), result.hasError() ? result.error().sentence().c_str() : "");
        QCOMPARE(result.value().correct, std::int64_t{9882});
        const std::vector<std::pair<std::int64_t, std::int64_t>> published = {{-99490, 412401},
                                                                              {-2145566, 1281584},
                                                                              {-1537228, 1372234},
                                                                              {-1980408, 1929598},
                                                                              {-3675073, 3520059}};
        const std::vector<int> bits = {20, 23, 22, 22, 23};
        for (std::size_t i = 0; i < published.size(); ++i) {
            const quantization::IntegerRange& seen = result.value().layers[i].observed;
            std::printf("%s %lld..%lld\n", result.value().layers[i].layer.c_str(),
                        static_cast<long long>(seen.least), static_cast<long long>(seen.most));
            QCOMPARE(seen.least, published[i].first);
            QCOMPARE(seen.most, published[i].second);
            QCOMPARE(seen.bits(), bits[i]);
        }
    }

    void allWeightCodesAreThePublishedOnes() {
        BITLOUPE_REAL_FILE(file, "models/lenet5/quant_model.pth");
        const auto stored = importers::readWeights(file);
        QVERIFY2(stored.hasValue(), stored.hasError() ? stored.error().sentence().c_str() : "");
        std::int64_t compared = 0;
        for (const network::Layer& layer : m_lenet.network->layers) {
            const auto found = std::find_if(
                stored.value().begin(), stored.value().end(),
                [&](const auto& tensor) { return tensor.first == layer.name + ".weight"; });
            QVERIFY2(found != stored.value().end(), layer.name.c_str());
            const quantization::ByteWeights bytes = quantization::byteWeights(
                m_lenet.network->graph->initializers.at(layer.weight).as<float>());
            const std::span<const std::int32_t> codes = found->second.as<std::int32_t>();
            QCOMPARE(codes.size(), bytes.codes.size());
            for (std::size_t i = 0; i < codes.size(); ++i) {
                QCOMPARE(codes[i], bytes.codes[i]);
                ++compared;
            }
        }
        QCOMPARE(compared, std::int64_t{61470});
    }
};

QTEST_GUILESS_MAIN(TstLenetMethods)
#include "tst_lenet_methods.moc"
