// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/support/fake_backend.h"

#include <QFileInfo>
#include <cmath>
#include <thread>

#include "core/network/architectures/architecture.h"
#include "core/study/design_space.h"

namespace bitloupe::ui::testing {

namespace {

using exploration::testing::fakeMeasurement;

constexpr int kSide = 12;
constexpr int kSamples = 200;

bool isNamed(const std::string& path, const char* name) {
    return QFileInfo(QString::fromStdString(path)).fileName() == QLatin1String(name);
}

Error refusal(const std::string& path) {
    return {"the file is not one this program reads", path, "open another one"};
}

network::Layer layer(const char* name, const char* type, hardware::Gemm gemm, Shape input,
                     Shape output) {
    network::Layer made;
    made.name = name;
    made.operatorType = type;
    made.gemm = gemm;
    made.inputShape = std::move(input);
    made.outputShape = std::move(output);
    made.parameters = gemm.k * gemm.n + gemm.n;
    made.weight = std::string(name) + ".weight";
    return made;
}

/// Keeps nothing but numbers the evaluations, as a journal does.
class CountingStore final : public exploration::EvaluationStore {
public:
    explicit CountingStore(std::shared_ptr<FakeWorld> world) : m_world(std::move(world)) {}
    Result<void> append(std::vector<exploration::Evaluation>& evaluations) override {
        for (exploration::Evaluation& evaluation : evaluations) {
            evaluation.id = ++m_world->lastId;
        }
        return {};
    }
    Result<void> appendSensitivity(std::span<const exploration::SensitivityCell>) override {
        return {};
    }
    Result<void> appendLeaveOneInFloat(std::span<const exploration::LeaveOneInFloatCell>) override {
        return {};
    }
    Result<void> appendChannels(std::span<const exploration::ChannelCell>) override { return {}; }
    Result<void> setReference(const exploration::Measurement&) override { return {}; }

private:
    std::shared_ptr<FakeWorld> m_world;
};

/// Steps as they are let, and what is told of them.
JobOutcome fakeSteps(FakeWorld& world, const execution::TrainingSettings& settings,
                     const execution::TrainingControl& control) {
    execution::TrainingProgress progress;
    progress.epochs = settings.epochs;
    progress.steps = kTrainingSteps;
    for (progress.step = 0; progress.step < kTrainingSteps;) {
        control.pulse();
        while (!world.trainingSteps.try_acquire_for(std::chrono::milliseconds(2))) {
            if (control.stop.stop_requested()) {
                return JobOutcome::Cancelled;
            }
        }
        progress.loss = 1.0 / static_cast<double>(++progress.step);
        progress.epoch = progress.step * settings.epochs / (kTrainingSteps + 1);
        if (progress.step % (kTrainingSteps / settings.epochs) == 0) {
            progress.finished.push_back({progress.loss, 0.9, progress.loss * 1.1});
        }
        control.progress(progress);
    }
    return JobOutcome::Finished;
}

Result<study::FineTuned> fakeFineTuning(FakeWorld& world, const exploration::Evaluation& parent,
                                        const execution::TrainingSettings& settings,
                                        const execution::TrainingControl& control) {
    study::FineTuned tuned;
    tuned.outcome = fakeSteps(world, settings, control);
    if (tuned.outcome != JobOutcome::Finished) {
        return tuned;
    }
    tuned.evaluation = parent;
    tuned.evaluation->id = 100000;
    tuned.evaluation->parent = parent.id;
    tuned.evaluation->weights = "tuned.safetensors";
    tuned.evaluation->origin = "finetune";
    tuned.evaluation->measured.metric += 0.001;
    return tuned;
}

}  // namespace

bool FakePopulationEvaluator::waitForPermit(const std::stop_token& stop) {
    while (gated && !permits.try_acquire_for(std::chrono::milliseconds(5))) {
        if (stop.stop_requested()) {
            return false;
        }
    }
    return true;
}

FakePopulationEvaluator::Answer FakePopulationEvaluator::evaluateChannels(
    std::span<const exploration::ChannelProbe> probes, const std::stop_token& stop,
    const std::function<void(double)>& progress) {
    for (std::size_t i = 0; i < probes.size(); ++i) {
        if (!waitForPermit(stop)) {
            return {JobOutcome::Cancelled, {}, {}};
        }
    }
    return m_formula.evaluateChannels(probes, stop, progress);
}

FakePopulationEvaluator::Answer FakePopulationEvaluator::evaluate(
    std::span<const exploration::Assignment> population, const std::stop_token& stop,
    const std::function<void(double)>& progress) {
    Answer answer;
    for (const exploration::Assignment& assignment : population) {
        if (!waitForPermit(stop)) {
            return {JobOutcome::Cancelled, {}, {}};
        }
        if (progress) {
            progress(0.5);
        }
        answer.measurements.push_back(fakeMeasurement(assignment));
    }
    return answer;
}

const quantization::ValueStatistics* FakePopulationEvaluator::inputStatistics(
    std::size_t /*layer*/) const {
    static const quantization::ValueStatistics statistics = [] {
        quantization::ValueStatistics made;
        made.maximum = 2;
        for (int i = 0; i < 1000; ++i) {
            made.sample.push_back(static_cast<float>(i) / 500);
        }
        made.movingMaximum = 2;
        return made;
    }();
    return &statistics;
}

Result<exploration::ResolvedLayers> FakePopulationEvaluator::resolve(
    const exploration::Assignment& assignment) {
    return exploration::ResolvedLayers{
        std::vector<std::optional<quantization::QuantizedWeights>>(assignment.size()),
        std::vector<std::optional<quantization::ActivationRounding>>(assignment.size())};
}

std::shared_ptr<const network::Network> smallNetwork() {
    auto network = std::make_shared<network::Network>();
    network->name = "LeNet-5";
    network->hash = "0123";
    auto graph = network::buildArchitecture("lenet5", {}, nullptr).value();
    network->layers = {layer("c1", "Conv", {784, 25, 6, 1}, {1, 1, 32, 32}, {1, 6, 28, 28}),
                       layer("c3", "Conv", {100, 150, 16, 1}, {1, 6, 14, 14}, {1, 16, 10, 10}),
                       layer("c5", "Gemm", {1, 400, 120, 1}, {1, 400}, {1, 120}),
                       layer("f6", "Gemm", {1, 120, 84, 1}, {1, 120}, {1, 84}),
                       layer("output", "Gemm", {1, 84, 10, 1}, {1, 84}, {1, 10})};
    std::size_t next = 0;
    for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
        const std::string& type = graph.nodes[node].operatorType;
        if (type == "Conv" || type == "Gemm") {
            network::Layer& layer = network->layers.at(next++);
            layer.node = node;
            layer.input = graph.nodes[node].inputs.at(0);
            layer.weight = graph.nodes[node].inputs.at(1);
            layer.weightShape = graph.initializers.at(layer.weight).shape();
        }
    }
    network->graph = std::make_shared<const network::Graph>(std::move(graph));
    return network;
}

std::shared_ptr<const data::DataSet> smallPictures() {
    auto set = std::make_shared<data::DataSet>();
    set->name = "Digits";
    set->hash = "4567";
    for (int i = 0; i < 10; ++i) {
        set->classNames.push_back(std::to_string(i));
    }
    data::Samples samples;
    std::vector<float> pixels;
    for (int sample = 0; sample < kSamples; ++sample) {
        const int label = sample * 7 % 10;
        samples.labels.push_back(label);
        for (int pixel = 0; pixel < kSide * kSide; ++pixel) {
            const double x = pixel % kSide - kSide / 2.0;
            const double y = static_cast<double>(pixel) / kSide - kSide / 2.0;
            pixels.push_back(static_cast<float>(std::cos(x * (label + 1) / 4.0) *
                                                std::exp(-(x * x + y * y) / (20.0 + label))));
        }
    }
    samples.inputs[""] = Array::of<float>({kSamples, 1, kSide, kSide}, pixels);
    for (const data::Role role : {data::Role::Calibration, data::Role::Search, data::Role::Test}) {
        set->splits[role] = samples;
    }
    return set;
}

study::StudyDescription smallStudy() {
    study::StudyDescription study;
    study.name = "LeNet-5 on digits";
    study.network.model = "/nowhere/net.onnx";
    study.weights = exploration::testing::quantizers({"int3", "int4", "int6", "int8"});
    study.activations = exploration::testing::quantizers({"int4", "int6", "int8"});
    for (const std::int64_t side : {8, 16, 32}) {
        study.accelerators.push_back({side, side, hardware::Dataflow::OutputStationary});
    }
    study.objectives = {exploration::QuantityId::Accuracy, exploration::QuantityId::Bops};
    study.strategy = {"random", 7};
    study.evaluations = 300;
    return study;
}

Backend fakeBackend(const std::shared_ptr<FakeWorld>& world) {
    Backend backend;
    backend.examples = [] {
        return std::vector<Example>{
            {"digits", "Digits", "A small convolutional network reads rendered digits."},
            {"jets", "Jets", "A small dense network tells five kinds of jets apart."}};
    };
    backend.writeExample = [](const std::string&,
                              const std::string& folder) -> Result<std::string> {
        return folder + "/good.yaml";
    };
    backend.readStudy = [world](const std::string& path) -> Result<study::StudyDescription> {
        if (isNamed(path, "untrained.yaml")) {
            study::StudyDescription study = smallStudy();
            study.training.epochs = 2;
            if (!world->trained) {
                study.network = {"architecture:lenet5", "/nowhere/weights.safetensors"};
            }
            return study;
        }
        return isNamed(path, "good.yaml") ? Result<study::StudyDescription>(smallStudy())
                                          : Result<study::StudyDescription>(refusal(path));
    };
    backend.readStudyOfResults = backend.readStudy;
    backend.writeStudy = study::writeStudy;
    backend.loadNetwork = [](const importers::NetworkSource& source)
        -> Result<std::shared_ptr<const network::Network>> {
        if (isNamed(source.model, "net.onnx")) {
            return smallNetwork();
        }
        return refusal(source.model);
    };
    backend.describeData = [](const std::string& path) -> Result<data::DataDescription> {
        if (!isNamed(path, "pictures.idx")) {
            return refusal(path);
        }
        data::DataDescription description;
        description.kind = "idx";
        return description;
    };
    backend.loadData =
        [](const data::DataDescription&) -> Result<std::shared_ptr<const data::DataSet>> {
        return smallPictures();
    };
    backend.makeSpace = study::makeDesignSpace;
    backend.fineTune = [world](const study::Session&, const std::string&,
                               const exploration::Evaluation& parent,
                               const execution::TrainingSettings& settings,
                               const execution::TrainingControl& control) {
        return fakeFineTuning(*world, parent, settings, control);
    };
    backend.train = [world](const study::StudyDescription& study,
                            const execution::TrainingControl& control) -> Result<std::string> {
        world->trainedBy = study.training;
        if (fakeSteps(*world, study.training, control) != JobOutcome::Finished) {
            return std::string();
        }
        world->trained = true;
        return std::string("/nowhere/weights.safetensors");
    };
    backend.openSession = [world](const study::StudyDescription& description,
                                  const Backend::Tell& tell) -> Result<study::Session> {
        tell("Reading the network …");
        study::Session session;
        session.description = description;
        session.network = smallNetwork();
        session.data = smallPictures();
        Result<exploration::DesignSpace> space =
            study::makeDesignSpace(description, *session.network);
        if (space.hasError()) {
            return space.error();
        }
        session.space = std::move(space).value();
        session.evaluator = world->evaluator;
        return session;
    };
    backend.openJournal = [world](const std::string&,
                                  const study::Session&) -> Result<OpenJournal> {
        if (!world->known.evaluations.empty()) {
            world->lastId = std::max(world->lastId.load(), world->known.evaluations.back().id);
        }
        return OpenJournal{std::make_shared<CountingStore>(world), world->known};
    };
    backend.prepareExport = prepareExport;
    backend.exportDesign = exporters::exportDesign;
    backend.checkAgreement = exporters::checkAgreement;
    backend.readJournal = [world](const std::string&,
                                  const study::Session&) -> Result<OpenJournal> {
        return OpenJournal{nullptr, world->known};
    };
    return backend;
}

}  // namespace bitloupe::ui::testing
