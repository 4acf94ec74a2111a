// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/examples.h"

#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>

#include "core/base/file.h"
#include "core/data/data_description.h"
#include "core/exporters/onnx_writer.h"
#include "core/study/session.h"
#include "core/study/training.h"
#include "resources/generator/digit_renderer.h"
#include "resources/generator/files.h"
#include "resources/generator/jet_table.h"

namespace bitloupe::generator {

namespace fs = std::filesystem;

namespace {

template <typename T>
T require(Result<T> result) {
    if (result.hasError()) {
        throw std::runtime_error(result.error().sentence());
    }
    return std::move(result).value();
}

void writeDigits(const fs::path& folder, const std::string& prefix, int count, std::uint64_t seed) {
    Random random(seed);
    std::vector<std::uint8_t> images;
    std::vector<std::uint8_t> labels;
    for (int i = 0; i < count; ++i) {
        const int digit = static_cast<int>(random.below(10));
        const std::vector<std::uint8_t> image = renderDigit(digit, random);
        images.insert(images.end(), image.begin(), image.end());
        labels.push_back(static_cast<std::uint8_t>(digit));
    }
    const auto size = static_cast<std::uint32_t>(count);
    writeGzip((folder / (prefix + "-images.idx.gz")).string(),
              idxBytes({size, kDigitSide, kDigitSide}, images));
    writeGzip((folder / (prefix + "-labels.idx.gz")).string(), idxBytes({size}, labels));
}

void writeJets(const fs::path& file, int count, std::uint64_t seed) {
    Random random(seed);
    std::string text;
    for (const char* name : kJetFeatureNames) {
        text += std::string(name) + ",";
    }
    text += "jet\n";
    for (int i = 0; i < count; ++i) {
        const int jetClass = static_cast<int>(random.below(kJetClasses.size()));
        for (const double value : makeJet(jetClass, random)) {
            std::array<char, 32> cell{};
            std::snprintf(cell.data(), cell.size(), "%.4g,", value);
            text += cell.data();
        }
        text += std::string(kJetClasses.at(static_cast<std::size_t>(jetClass))) + "\n";
    }
    writeGzip(file.string(), text);
}

void printEpoch(const execution::TrainingProgress& progress) {
    static std::size_t told = 0;
    if (progress.finished.size() != told && !progress.finished.empty()) {
        std::fprintf(stderr, "  epoch %zu: loss %.4f, %.4f on search\n", progress.finished.size(),
                     progress.finished.back().loss, progress.finished.back().metric);
    }
    told = progress.finished.size();
}

/// Trains `architecture` on `training` (a source of the same form as the study's own) as the
/// program trains networks, writes the network that the study names and prints how good it is.
void makeNetwork(const fs::path& studyFile, const std::string& architecture,
                 const data::DataSource& training, const fs::path& checkpoint,
                 const execution::TrainingSettings& settings) {
    const study::StudyDescription shipped = require(study::readStudy(studyFile.string()));
    study::StudyDescription study = shipped;
    study.network = {"architecture:" + architecture, ""};
    study.data.sources["training"] = training;
    study.data.splits[data::Role::Training] = {"training", 0, std::nullopt};
    study.training = settings;
    execution::TrainingControl control;
    control.pulse = [] {};
    control.progress = printEpoch;
    // On one thread: the same network on every machine.
    const study::Trained trained =
        require(study::trainNetwork(study, checkpoint.string(), 1, control));
    const std::string bytes = require(exporters::serializeOnnx(
        {*trained.graph, {}}, {{"note", "trained on synthetic data by bitloupe-make-examples"}}));
    const Result<void> written = writeFileAtomically(study::networkOf(shipped).model, bytes);
    if (written.hasError()) {
        throw std::runtime_error(written.error().sentence());
    }
    const study::Session session = require(study::openSession(shipped, 1));
    const std::vector<exploration::Assignment> floatNetwork = {
        exploration::Assignment(session.network->layers.size())};
    const auto onTest =
        require(study::openEvaluator(session, session.data->splits.at(data::Role::Test)));
    std::printf("%s: float accuracy %.4f on search, %.4f on test\n", shipped.name.c_str(),
                session.evaluator->evaluate(floatNetwork, {}, {}).measurements.at(0).metric,
                onTest->evaluate(floatNetwork, {}, {}).measurements.at(0).metric);
}

/// A folder for what does not ship: checkpoints, and training samples beyond those that do.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::string& name)
        : m_path(fs::temp_directory_path() / ("bitloupe-make-" + name)) {
        fs::create_directories(m_path);
    }
    ~TemporaryFolder() {
        std::error_code code;
        fs::remove_all(m_path, code);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

}  // namespace

void makeDigits(const fs::path& folder) {
    // The study ships the first of the samples that the network was trained on, to fine-tune with.
    constexpr int kTraining = 12'000;
    constexpr int kShippedTraining = 4'000;
    constexpr std::uint64_t kTrainingSeed = 1;
    const TemporaryFolder temporary("digits");
    writeDigits(folder, "digits", 4512, 2026);
    writeDigits(folder, "training", kShippedTraining, kTrainingSeed);
    writeDigits(temporary.path(), "training", kTraining, kTrainingSeed);
    data::DataSource training;
    training.files = {{"images", (temporary.path() / "training-images.idx.gz").string()},
                      {"labels", (temporary.path() / "training-labels.idx.gz").string()}};
    execution::TrainingSettings settings;
    settings.epochs = 8;
    settings.optimizer = execution::OptimizerKind::Adam;
    settings.learningRate = 2e-3;
    settings.weightDecay = 1e-4;
    makeNetwork(folder / "digits.yaml", "lenet5", training, temporary.path() / "checkpoint",
                settings);
}

void makeJets(const fs::path& folder) {
    const TemporaryFolder temporary("jets");
    writeJets(folder / "jets.csv.gz", 8512, 2026);
    writeJets(temporary.path() / "training.csv.gz", 60'000, 1);
    data::DataSource training;
    training.files = {{"table", (temporary.path() / "training.csv.gz").string()}};
    execution::TrainingSettings settings;
    settings.epochs = 12;
    settings.batchSize = 128;
    settings.optimizer = execution::OptimizerKind::Adam;
    settings.learningRate = 2e-3;
    settings.weightDecay = 1e-4;
    makeNetwork(folder / "jets.yaml", "jet_tagger", training, temporary.path() / "checkpoint",
                settings);
}

}  // namespace bitloupe::generator
