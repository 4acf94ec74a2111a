// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/execution/executor.h"
#include "core/exploration/population_evaluator.h"
#include "core/importers/importer.h"
#include "tests/core/exploration/cifar_images.h"
#include "tests/support/npz.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20U;

/// A published network and samples of what it was trained for.
struct Subject {
    std::shared_ptr<const network::Network> net;
    std::unique_ptr<exploration::PopulationEvaluator> evaluator;

    Subject(const std::string& model, const data::Samples& calibration,
            const data::Samples& samples) {
        std::map<std::string, Shape> shapes;
        for (const auto& [name, array] : samples.inputs) {
            shapes[name] = array.shape();
            shapes[name].front() = 1;
        }
        net = std::make_shared<const network::Network>(
            execution::makeNetwork(importers::importNetwork({model, ""}).value(), model, shapes)
                .value());
        evaluator = exploration::makePopulationEvaluator(net, calibration, samples, 0).value();
    }

    exploration::Measurement measure(const std::string& weights, const std::string& activations) {
        exploration::Assignment assignment(net->layers.size());
        for (std::size_t i = 0; i < assignment.size(); ++i) {
            if (!weights.empty() && !net->layers[i].weight.empty()) {
                assignment[i].weights = quantization::Quantizer::parse(weights).value();
            }
            // Products of two computed matrices stay in float: ParticleNet's find neighbours, with
            // coordinates of 1e9 for places without a particle.
            if (!activations.empty() && !net->layers[i].weight.empty()) {
                assignment[i].activations = quantization::Quantizer::parse(activations).value();
            }
        }
        const auto answer = evaluator->evaluate({&assignment, 1}, {}, {});
        if (answer.measurements.size() != 1) {
            QTest::qFail(answer.error.sentence().c_str(), __FILE__, __LINE__);
            return {};
        }
        const exploration::Measurement& measured = answer.measurements.front();
        std::printf("%-36s %-8s %.4f (%.4f to %.4f)  KL %.3g\n", weights.c_str(),
                    activations.c_str(), measured.metric, measured.interval.low,
                    measured.interval.high, measured.kl);
        return measured;
    }
};

std::vector<std::int64_t> toLabels(const Array& array) {
    const std::span<const std::int64_t> values = array.as<std::int64_t>();
    return {values.begin(), values.end()};
}

/// Rows of ten numbers and a letter, each column brought to mean 0 and deviation 1.
data::Samples telescopeEvents(const std::string& file) {
    constexpr std::size_t kColumns = 10;
    std::vector<double> values;
    data::Samples samples;
    for (const std::string& line : text::split(readFile(file, kLargestFile).value(), '\n')) {
        const std::vector<std::string> cells = text::split(line, ',');
        if (cells.size() != kColumns + 1) {
            continue;
        }
        for (std::size_t c = 0; c < kColumns; ++c) {
            values.push_back(text::parseNumber(cells[c]).value());
        }
        samples.labels.push_back(text::trim(cells.back()) == "g" ? 0 : 1);
    }
    const std::size_t rows = samples.labels.size();
    std::vector<float> scaled(values.size());
    for (std::size_t c = 0; c < kColumns; ++c) {
        double sum = 0;
        double squares = 0;
        for (std::size_t r = 0; r < rows; ++r) {
            sum += values[r * kColumns + c];
        }
        const double mean = sum / static_cast<double>(rows);
        for (std::size_t r = 0; r < rows; ++r) {
            squares += std::pow(values[r * kColumns + c] - mean, 2);
        }
        const double deviation = std::sqrt(squares / static_cast<double>(rows));
        for (std::size_t r = 0; r < rows; ++r) {
            scaled[r * kColumns + c] =
                static_cast<float>((values[r * kColumns + c] - mean) / deviation);
        }
    }
    samples.inputs["input"] = Array::of<float>({static_cast<std::int64_t>(rows), 10}, scaled);
    return samples;
}

}  // namespace

/// What earlier projects published about formats, on their own networks: the order must hold and
/// the losses must be theirs, within the noise of the samples.
class TstPublishedNetworks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Edge's bank churn network: weights only, seven series of landmarks, multipoint, pruning.
    void churn() {
        BITLOUPE_REAL_FILE(folder, "models/derived/edge_churn_dnn/");
        const auto arrays = testing::readNpz(folder + "preprocessed_all_rows.npz");
        data::Samples all;
        all.inputs["input"] = arrays.at("x");
        all.labels = toLabels(arrays.at("y"));
        Subject churn(folder + "edge_churn_dnn_opset13.onnx", all.slice(0, 1000), all);
        const exploration::Measurement floating = churn.measure("", "");
        QCOMPARE(floating.correct, std::int64_t{8644});
        const double noise = 0.005;  // of 10,000 rows: 1.5 standard errors
        // Uniform and histogram landmarks, mid-rise, both roundings: 6 bits and more cost nothing.
        for (const char* series :
             {"codebook<uniform,%1>", "codebook<uniform,%1>+stochastic", "codebook<histogram,%1>",
              "codebook<histogram,%1>+stochastic", "midrise<%1>"}) {
            for (const int bits : {8, 6}) {
                const std::string format = QString::fromUtf8(series).arg(bits).toStdString();
                QVERIFY(churn.measure(format, "").metric > floating.metric - noise);
            }
        }
        // At 4 bits the landmarks at normal quantiles are the worst, as everywhere in that project.
        const exploration::Measurement uniform = churn.measure("codebook<uniform,4>", "");
        const exploration::Measurement normal = churn.measure("codebook<normal,4>", "");
        churn.measure("codebook<normal,4>+stochastic", "");
        QVERIFY(uniform.metric > floating.metric - 2 * noise);
        QVERIFY(normal.kl > uniform.kl);
        // A sum of vectors fitted to each channel beats one fitted to the whole tensor.
        const exploration::Measurement tensor = churn.measure("multipoint<int3,2>", "");
        const exploration::Measurement channel = churn.measure("multipoint<int3,2>@channel", "");
        QVERIFY(channel.kl < tensor.kl);
        QVERIFY(channel.metric > floating.metric - noise);
        // Half of the weights can go; with nine tenths the answer is the majority's.
        QVERIFY(churn.measure("float~25%", "").metric > floating.metric - noise);
        const exploration::Measurement half = churn.measure("float~50%", "");
        const exploration::Measurement most = churn.measure("float~90%", "");
        QVERIFY(half.kl < most.kl);
        QVERIFY(most.metric < floating.metric - 4 * noise);
    }

    /// Edge's telescope network, the same way: published are 0.858 of 0.858 down to 6 bits for
    /// uniform landmarks, 0.852 at 4.
    void telescope() {
        BITLOUPE_REAL_FILE(folder, "");
        const data::Samples all = telescopeEvents(folder + "/data/tabular/edge/telescope.dat");
        QCOMPARE(all.count(), std::int64_t{19020});
        Subject telescope(
            folder + "/models/derived/edge_telescope_dnn/edge_telescope_dnn_opset13.onnx",
            all.slice(0, 1000), all);
        const exploration::Measurement floating = telescope.measure("", "");
        QCOMPARE(floating.correct, std::int64_t{16505});
        const double noise = 0.0037;  // of 19,020 rows: 1.5 standard errors
        for (const char* series :
             {"codebook<uniform,%1>", "codebook<uniform,%1>+stochastic", "codebook<histogram,%1>",
              "codebook<histogram,%1>+stochastic", "midrise<%1>"}) {
            for (const int bits : {16, 12, 10, 8, 6}) {
                const std::string format = QString::fromUtf8(series).arg(bits).toStdString();
                QVERIFY(telescope.measure(format, "").metric > floating.metric - noise);
            }
        }
        // The quantiles leave wide gaps towards the two ends: they need more bits.
        for (const char* series : {"codebook<normal,%1>", "codebook<normal,%1>+stochastic"}) {
            for (const int bits : {16, 12, 10}) {
                const std::string format = QString::fromUtf8(series).arg(bits).toStdString();
                QVERIFY(telescope.measure(format, "").metric > floating.metric - noise);
            }
        }
        const exploration::Measurement uniform = telescope.measure("codebook<uniform,4>", "");
        QVERIFY(uniform.metric > floating.metric - 0.006 - noise);
        QVERIFY(telescope.measure("codebook<normal,4>", "").kl > uniform.kl);
        for (const char* multipoint : {"multipoint<int2,2>", "multipoint<int3,2>"}) {
            const exploration::Measurement tensor = telescope.measure(multipoint, "");
            const exploration::Measurement channel =
                telescope.measure(std::string(multipoint) + "@channel", "");
            QVERIFY(channel.kl < tensor.kl);
            QVERIFY(channel.metric >= tensor.metric);
        }
        QVERIFY(telescope.measure("float~25%", "").metric > floating.metric - noise);
        QVERIFY(telescope.measure("float~50%", "").kl < telescope.measure("float~80%", "").kl);
    }

    /// A residual network with batch normalization, which is folded before anything is rounded.
    void residualNetwork() {
        BITLOUPE_REAL_FILE(folder, "");
        const std::string model =
            folder + "/models/derived/resnet20_cifar10/resnet20_cifar10_opset13.onnx";
        Subject resnet(
            model,
            testing::cifarImages(folder + "/data/cifar10/data_batch_1_first4000.bin", 0, 256)
                .value(),
            testing::cifarImages(folder + "/data/cifar10/test_eran_first100.bin", 0, 100).value());
        const exploration::Measurement floating = resnet.measure("", "");
        QVERIFY(floating.metric >= 0.88);
        // Rounded with its batch normalization this kind of network fell to chance at 8 bits.
        QVERIFY(resnet.measure("int8@channel", "int8").metric >= floating.metric - 0.02);
        QVERIFY(resnet.measure("int6@channel", "int6").metric >= floating.metric - 0.05);
        const exploration::Measurement four = resnet.measure("int4@channel", "int4");
        const exploration::Measurement better =
            resnet.measure("int4@channel+gptqordered+biascorr", "int4");
        QVERIFY(better.metric > 0.5);
        QVERIFY(better.kl < four.kl);
    }

    /// ParticleNet on jets: 500 of them, so that a point is an interval of eight percent.
    void particleNet() {
        BITLOUPE_REAL_FILE(folder, "models/derived/particlenet_kin_jetclass/");
        const auto arrays = testing::readNpz(folder + "jetclass_500_kin.npz");
        data::Samples jets;
        for (const char* name : {"pf_points", "pf_features", "pf_mask"}) {
            jets.inputs[name] = arrays.at(name);
        }
        jets.labels = toLabels(arrays.at("label"));
        Subject particleNet(folder + "particlenet_kin_jetclass_opset13.onnx", jets.slice(0, 64),
                            jets.slice(0, 500));
        const exploration::Measurement floating = particleNet.measure("", "");
        QCOMPARE(floating.correct, std::int64_t{359});  // 71.8 %
    }
};

QTEST_GUILESS_MAIN(TstPublishedNetworks)
#include "tst_published_networks.moc"
