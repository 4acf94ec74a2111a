// SPDX-License-Identifier: Apache-2.0
// How near strategies come to the true front, and how soon: small dense networks (four layers, five
// widths in each of eight slots: 390,625 designs) that this program trains, with every design
// measured once; the jet tagger's 3,125 designs; and the 1,224-design SLAM table for Sherlock.
// Needs BITLOUPE_TEST_DATA. The truth is kept in the folder given, so that later runs take seconds.
//
//   bench_search FOLDER [seeds]
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/exploration/fine_tuning.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/sherlock_search.h"
#include "core/study/session.h"
#include "core/study/training.h"
#include "core/study/untrained.h"
#include "tests/core/exploration/slam_table.h"

using namespace bitloupe;
using namespace bitloupe::exploration;

namespace {

constexpr std::array<std::size_t, 4> kBudgets = {50, 100, 200, 400};
constexpr std::size_t kChunk = 5 * 5 * 5 * 5 * 5;
/// The front counts down to this much below the float network's accuracy.
constexpr double kOfInterest = 0.10;

template <typename T>
T need(Result<T> result) {
    if (result.hasError()) {
        throw std::runtime_error(result.error().sentence());
    }
    return std::move(result).value();
}

void need(const Result<void>& result) {
    if (result.hasError()) {
        throw std::runtime_error(result.error().sentence());
    }
}

struct Setting {
    std::string name;
    std::string layers;
    std::string table;   ///< under the folder of real data, or made by this program
    std::string target;  ///< its column
    int seed = 1;        ///< of the training
};

/// Four classes of invented points: Gaussian clouds around points of a space, two a class.
std::string cloudTable(std::uint64_t seed) {
    Random random(seed);
    std::array<std::array<double, 12>, 8> centers{};
    for (auto& center : centers) {
        std::generate(center.begin(), center.end(), [&random] { return 1.3 * random.normal(); });
    }
    std::string table;
    for (std::size_t row = 0; row < 12000; ++row) {
        const std::size_t cloud = random.below(centers.size());
        for (const double middle : centers[cloud]) {
            table += text::number(std::round(1e4 * (middle + 1.4 * random.normal())) / 1e4) + ",";
        }
        table += std::to_string(cloud % 4) + "\n";
    }
    return table;
}

std::string studyText(const Setting& setting) {
    return "name: " + setting.name +
           "\nnetwork: {model: \"architecture:mlp,layers=" + setting.layers +
           "\", weights: " + setting.name + ".safetensors}\n" +
           "data:\n  kind: csv\n  name: " + setting.name +
           "\n  sources: {all: {table: " + setting.table +
           "}}\n  splits:\n    training: {source: all, first: 0, count: 8000}\n" +
           "    calibration: {source: all, first: 0, count: 512}\n" +
           "    search: {source: all, first: 8000, count: 2000}\n  target: " + setting.target +
           "\n  header: false\n  task: classification\n  shuffle: 7\n  scaling: standardize\n" +
           "weights: [int2, int3, int4, int6, int8]\nactivations: [int2, int3, int4, int6, "
           "int8]\n" +
           "accelerator: {rows: [8], columns: [8], dataflow: [os]}\nobjectives: [accuracy, "
           "bops]\n" +
           "training: {epochs: 30, batch: 64, learning_rate: 0.003, seed: " +
           std::to_string(setting.seed) + "}\n";
}

/// Trains once; a later call finds the weights.
study::Session openTrained(const Setting& setting, const std::filesystem::path& folder) {
    const std::string path = (folder / (setting.name + ".yaml")).string();
    const study::StudyDescription study = need(study::parseStudy(studyText(setting), path));
    if (study::isUntrained(study)) {
        const study::Trained trained =
            need(study::trainNetwork(study, path + ".checkpoint", 1, execution::TrainingControl{}));
        need(study::saveWeights(*trained.graph, study::trainedWeightsPath(study)));
        std::filesystem::remove(path + ".checkpoint");
    }
    return need(study::openSession(study, 1));
}

/// Right answers of every design, in lexicographic order.
std::vector<std::uint16_t> truthOf(const study::Session& session,
                                   const std::filesystem::path& file) {
    const auto count = static_cast<std::size_t>(session.space.size());
    std::vector<std::uint16_t> correct(count);
    if (std::filesystem::exists(file)) {
        const std::string kept = need(readFile(file.string()));
        if (kept.size() == count * sizeof(std::uint16_t)) {
            std::memcpy(correct.data(), kept.data(), kept.size());
            return correct;
        }
    }
    const auto walk =
        need(makeStrategy({.name = "exhaustive"}, session.space, session.description.objectives));
    std::size_t done = 0;
    for (auto designs = walk->ask(kChunk); !designs.empty(); designs = walk->ask(kChunk)) {
        std::vector<Assignment> population;
        for (const Design& design : designs) {
            population.push_back(session.space.assignment(design));
        }
        const Evaluator::Answer answer = session.evaluator->evaluate(population, {}, [](double) {});
        for (const Measurement& measured : answer.measurements) {
            correct[done++] = static_cast<std::uint16_t>(measured.correct);
        }
    }
    if (done != count) {
        throw std::runtime_error("not every design was measured");
    }
    need(writeFileAtomically(file.string(),
                             {reinterpret_cast<const char*>(correct.data()), count * 2}));
    return correct;
}

/// A space with every accuracy known, as strategies see it.
class KnownSpace {
public:
    KnownSpace(const study::Session& session, std::vector<std::uint16_t> correct)
        : m_session(session), m_correct(std::move(correct)) {
        m_float = session.evaluator
                      ->evaluate(std::vector<Assignment>(1, Assignment(4)), {}, [](double) {})
                      .measurements.front()
                      .metric;
        m_knowledge.layers = session.network->layers;
        for (const Slot& slot : session.space.layerSlots()) {
            for (const quantization::Quantizer& choice : session.space.choices(slot)) {
                m_knowledge.rounding.push_back(
                    {.layer = slot.layer,
                     .side = slot.side,
                     .quantizer = choice,
                     .error = session.evaluator->roundingError(slot.layer, slot.side, choice)});
            }
        }
        m_knowledge.fisher = exploration::fisherTraces(
            session.network, session.data->splits.at(data::Role::Calibration));
        findFront();
    }

    [[nodiscard]] double floatAccuracy() const { return m_float; }
    [[nodiscard]] std::size_t frontSize() const { return m_front.size(); }

    /// ADRS in percent at every budget, and the share of the true hypervolume at the last one.
    [[nodiscard]] std::vector<double> run(const std::string& strategyName,
                                          std::uint64_t seed) const {
        const auto strategy =
            need(makeStrategy({.name = strategyName, .seed = seed}, m_session.space,
                              m_session.description.objectives, m_knowledge));
        std::vector<Losses> found;
        std::vector<double> row;
        for (const std::size_t budget : kBudgets) {
            while (found.size() < budget) {
                const std::vector<Design> asked = strategy->ask(budget - found.size());
                if (asked.empty()) {
                    break;
                }
                std::vector<Evaluation> told;
                for (const Design& design : asked) {
                    told.push_back(evaluationOf(design));
                    found.push_back(lossesOf(told.back()));
                }
                strategy->tell(told);
            }
            row.push_back(100 * averageDistance(found, m_front));
        }
        row.push_back(hypervolume(found, m_corner) / hypervolume(m_front, m_corner));
        return row;
    }

private:
    [[nodiscard]] Evaluation evaluationOf(const Design& design) const {
        std::size_t index = 0;
        for (std::size_t slot = 0; slot + 1 < design.genes.size(); ++slot) {
            index = index * m_session.space.slotSizes()[slot] + design.genes[slot];
        }
        Evaluation evaluation;
        evaluation.design = design;
        evaluation.measured.correct = m_correct[index];
        evaluation.measured.samples = 2000;
        evaluation.measured.metric = m_correct[index] / 2000.0;
        evaluation.costs =
            computeCosts(m_session.network->layers, m_session.space.assignment(design),
                         m_session.space.accelerators().front());
        return evaluation;
    }

    /// Error and bit operations.
    static Losses lossesOf(const Evaluation& evaluation) {
        return {1 - evaluation.measured.metric, evaluation.costs.bops};
    }

    void findFront() {
        const auto walk = need(makeStrategy({.name = "exhaustive"}, m_session.space,
                                            m_session.description.objectives));
        std::vector<Losses> all;
        for (auto designs = walk->ask(kChunk); !designs.empty(); designs = walk->ask(kChunk)) {
            for (const Design& design : designs) {
                all.push_back(lossesOf(evaluationOf(design)));
            }
        }
        m_corner = {1 - m_float + kOfInterest, 0};
        for (const std::size_t index : paretoFront(all)) {
            if (all[index][0] <= 1 - m_float + kOfInterest) {
                m_front.push_back(all[index]);
                m_corner[1] = std::max(m_corner[1], all[index][1] * 1.1);
            }
        }
    }

    const study::Session& m_session;
    std::vector<std::uint16_t> m_correct;
    PriorKnowledge m_knowledge;
    std::vector<Losses> m_front;
    Losses m_corner;
    double m_float = 0;
};

/// What to run: all of it where a list is empty.
struct Selection {
    std::uint64_t seeds = 20;
    std::vector<std::string> problems;
    std::vector<std::string> strategies;
    [[nodiscard]] bool has(const std::string& problem) const {
        return problems.empty() ||
               std::find(problems.begin(), problems.end(), problem) != problems.end();
    }
};

void compareStrategies(const Setting& setting, const std::filesystem::path& folder,
                       const Selection& selection) {
    if (!selection.has(setting.name)) {
        return;
    }
    const study::Session session = openTrained(setting, folder);
    const KnownSpace known(session, truthOf(session, folder / (setting.name + ".truth")));
    std::printf("\n%s: float %.2f %%, %zu designs on the true front\n\n", setting.name.c_str(),
                100 * known.floatAccuracy(), known.frontSize());
    std::printf(
        "| strategy | 50 | 100 | 200 | 400 | hypervolume at 400 |\n|---|---|---|---|---|---|\n");
    const std::vector<std::string> all = {"random", "nsga2", "sherlock", "allocation", "portfolio"};
    for (const std::string& name : selection.strategies.empty() ? all : selection.strategies) {
        std::vector<double> sums(kBudgets.size() + 1, 0);
        for (std::uint64_t seed = 1; seed <= selection.seeds; ++seed) {
            const std::vector<double> row = known.run(name, seed);
            for (std::size_t i = 0; i < sums.size(); ++i) {
                sums[i] += row[i] / static_cast<double>(selection.seeds);
            }
        }
        std::printf("| %s | %.2f | %.2f | %.2f | %.2f | %.3f |\n", name.c_str(), sums[0], sums[1],
                    sums[2], sums[3], sums[4]);
        std::fflush(stdout);
    }
}

/// The published space of a jet tagger 16-64-32-32-5: five widths for the weights of each of four
/// layers and for all inputs together, 3,125 designs, every one measured.
void runJets(const std::filesystem::path& folder) {
    const std::string path = (folder / "jets.yaml").string();
    const std::string text =
        "name: jets\nnetwork: {model: jet_tagger.onnx}\ndata:\n  kind: csv\n  name: jets\n"
        "  sources: {all: {table: jets.csv.gz}}\n  splits:\n"
        "    calibration: {source: all, first: 0, count: 512}\n"
        "    search: {source: all, first: 512, count: 4000}\n  target: jet\n"
        "  task: classification\n  scaling: standardize\n"
        "weights: [int4, int6, int8, int12, fp32]\nactivations: [int4, int6, int8, int12, fp32]\n"
        "accelerator: {rows: [8], columns: [8], dataflow: [os]}\nobjectives: [accuracy, bops]\n"
        "strategy: {name: exhaustive}\n";
    for (const char* file : {"jet_tagger.onnx", "jets.csv.gz"}) {
        std::filesystem::copy_file(
            std::filesystem::path(BITLOUPE_SOURCE_DIR "/resources/examples/jets") / file,
            folder / file, std::filesystem::copy_options::overwrite_existing);
    }
    const auto start = std::chrono::steady_clock::now();
    study::Session session = need(study::openSession(need(study::parseStudy(text, path)), 0));
    TieGroup inputs{.layers = {}, .weights = false};
    for (const network::Layer& layer : session.network->layers) {
        inputs.layers.push_back(layer.name);
    }
    const auto walk =
        need(makeStrategy({.name = "exhaustive", .rules = {.constraints = {}, .ties = {inputs}}},
                          session.space, session.description.objectives));
    std::vector<Evaluation> all;
    for (auto designs = walk->ask(kChunk); !designs.empty(); designs = walk->ask(kChunk)) {
        std::vector<Assignment> population;
        for (const Design& design : designs) {
            population.push_back(session.space.assignment(design));
        }
        const Evaluator::Answer answer = session.evaluator->evaluate(population, {}, [](double) {});
        for (std::size_t i = 0; i < designs.size(); ++i) {
            Evaluation evaluation;
            evaluation.design = designs[i];
            evaluation.measured = answer.measurements.at(i);
            evaluation.costs = computeCosts(session.network->layers, population[i],
                                            session.space.accelerators().front());
            all.push_back(std::move(evaluation));
        }
    }
    const std::vector<std::size_t> front = paretoFront(all, session.description.objectives);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    std::printf(
        "\njets: %zu designs on 4,000 samples, exact front of %zu designs, %.1f s (all cores, "
        "loading included)\n",
        all.size(), front.size(), spent.count());
}

/// Samples that Sherlock takes to come within 1 % of the front of the SLAM table.
void runSlam(const std::string& path, std::uint64_t seeds) {
    const testing::SlamTable table = need(testing::readSlamTable(path));
    std::printf("\nSherlock on %zu SLAM designs, samples to an ADRS of 1 %%:",
                table.designs.size());
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        std::printf(" %zu", testing::walkSlamTable(table, seed, table.designs.size()).samples);
        std::fflush(stdout);
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const char* data = std::getenv("BITLOUPE_TEST_DATA");
    if (argc < 2 || data == nullptr) {
        std::printf(
            "usage: BITLOUPE_TEST_DATA=... bench_search FOLDER [seeds [PROBLEM,... "
            "[STRATEGY,...]]]\n");
        return 2;
    }
    try {
        const std::filesystem::path folder = std::filesystem::absolute(argv[1]);
        std::filesystem::create_directories(folder);
        const Selection selection{
            .seeds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20,
            .problems = argc > 3 ? text::split(argv[3], ',') : std::vector<std::string>(),
            .strategies = argc > 4 ? text::split(argv[4], ',') : std::vector<std::string>()};
        const std::string shared = data;
        const auto telescope = [&](const std::string& name, int seed) {
            compareStrategies({.name = name,
                               .layers = "10x16x16x16x2",
                               .table = shared + "/data/tabular/edge/telescope.dat",
                               .target = "11",
                               .seed = seed},
                              folder, selection);
        };
        const auto clouds = [&](const std::string& name, std::uint64_t seed) {
            need(writeFileAtomically((folder / (name + ".csv")).string(), cloudTable(seed)));
            compareStrategies(
                {.name = name, .layers = "12x16x16x16x4", .table = name + ".csv", .target = "13"},
                folder, selection);
        };
        telescope("telescope", 1);
        clouds("clouds", 11);
        telescope("telescope2", 2);
        clouds("clouds2", 12);
        telescope("telescope3", 3);
        clouds("clouds3", 13);
        if (selection.has("jets")) {
            runJets(folder);
        }
        if (selection.has("slam")) {
            runSlam(shared + "/data/slam/slambench_orbslam2.csv",
                    std::min<std::uint64_t>(selection.seeds, 20));
        }
    } catch (const std::exception& error) {
        std::printf("bench_search: %s\n", error.what());
        return 1;
    }
    return 0;
}
