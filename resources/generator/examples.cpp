// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/examples.h"

#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>

#include "core/base/file.h"
#include "core/data/data_description.h"
#include "core/exporters/onnx_writer.h"
#include "core/network/architectures/architecture.h"
#include "core/study/study_description.h"
#include "resources/generator/digit_renderer.h"
#include "resources/generator/files.h"
#include "resources/generator/jet_table.h"
#include "resources/generator/training.h"

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

/// Trains on `training` (a source of the same form as the study's own), writes the network that the
/// study names and prints how good it is.
void makeNetwork(const fs::path& studyFile, const std::string& architecture,
                 const data::DataSource& training, const TrainingSettings& settings) {
    const study::StudyDescription study = require(study::readStudy(studyFile.string()));
    data::DataDescription description = study.data;
    description.sources["training"] = training;
    description.splits[data::Role::Test] = {"training", 0, std::nullopt};
    const data::DataSet forTraining = require(data::loadDataSet(description));
    network::Graph graph = require(network::buildArchitecture(architecture, {}, nullptr));
    graph = train(std::move(graph), forTraining.splits.at(data::Role::Test), settings);

    const data::DataSet shipped = require(data::loadDataSet(study.data));
    std::printf("%s: float accuracy %.4f on search, %.4f on test, %.4f on training\n",
                study.name.c_str(), accuracy(graph, shipped.splits.at(data::Role::Search)),
                accuracy(graph, shipped.splits.at(data::Role::Test)),
                accuracy(graph, forTraining.splits.at(data::Role::Test)));
    const std::string bytes = require(exporters::serializeOnnx(
        graph, {.metadata = {{"note", "trained on synthetic data by bitloupe-make-examples"}}}));
    const Result<void> written = writeFileAtomically(study::networkOf(study).model, bytes);
    if (written.hasError()) {
        throw std::runtime_error(written.error().sentence());
    }
}

/// A folder for training samples, which do not ship.
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
    const TemporaryFolder temporary("digits");
    writeDigits(folder, "digits", 4512, 2026);
    writeDigits(temporary.path(), "training", 12'000, 1);
    data::DataSource training;
    training.files = {{"images", (temporary.path() / "training-images.idx.gz").string()},
                      {"labels", (temporary.path() / "training-labels.idx.gz").string()}};
    makeNetwork(folder / "digits.yaml", "lenet5", training, {.epochs = 8});
}

void makeJets(const fs::path& folder) {
    const TemporaryFolder temporary("jets");
    writeJets(folder / "jets.csv.gz", 8512, 2026);
    writeJets(temporary.path() / "training.csv.gz", 60'000, 1);
    data::DataSource training;
    training.files = {{"table", (temporary.path() / "training.csv.gz").string()}};
    makeNetwork(folder / "jets.yaml", "jet_tagger", training, {.epochs = 12, .batchSize = 128});
}

}  // namespace bitloupe::generator
