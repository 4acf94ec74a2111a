// SPDX-License-Identifier: Apache-2.0
// What a study spends on an evaluation beside measuring it: the front, its hypervolume and the
// journal, over 10,000 evaluations; and beside them an insertion into a plain sorted set and a
// plain file, as peers. Arguments: a folder on the disk that is meant (default: /var/tmp).
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "core/base/random.h"
#include "core/exploration/live_front.h"
#include "core/study/journal.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;

namespace {

constexpr std::size_t kEvaluations = 10'000;
using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::vector<Evaluation> someEvaluations(const DesignSpace& space,
                                        const std::vector<network::Layer>& layers) {
    Random random(1);
    std::vector<Evaluation> evaluations;
    while (evaluations.size() < kEvaluations) {
        Design design;
        for (const std::uint16_t size : space.slotSizes()) {
            design.genes.push_back(static_cast<std::uint16_t>(random.below(size)));
        }
        Evaluation evaluation = exploration::testing::fakeEvaluation(design, space, layers);
        evaluation.measured.metric -= 0.01 * random.uniform();  // no two alike
        evaluation.origin = "portfolio#1";
        evaluations.push_back(std::move(evaluation));
    }
    return evaluations;
}

double frontMilliseconds(const std::vector<Evaluation>& evaluations,
                         const std::vector<QuantityId>& objectives,
                         const std::vector<double>& reference, std::size_t& members) {
    const Clock::time_point start = Clock::now();
    LiveFront front(losses(reference, objectives));
    for (const Evaluation& evaluation : evaluations) {
        front.add(evaluation.id, losses(evaluation, objectives));
    }
    members = front.members().size();
    return millisecondsSince(start);
}

double journalMilliseconds(const std::string& folder, const DesignSpace& space,
                           std::vector<Evaluation> evaluations, std::size_t batch) {
    const std::string path = folder + "/upkeep.bitloupe";
    double spent = 0;
    {
        auto journal = study::Journal::open(
            path, {.studyYaml = "", .networkHash = "n", .dataHash = "d", .programVersion = ""});
        if (journal.hasError() || journal.value()->load(space).hasError()) {
            std::printf("no journal in %s\n", folder.c_str());
            std::exit(1);
        }
        const Clock::time_point start = Clock::now();
        for (std::size_t first = 0; first < evaluations.size(); first += batch) {
            const auto begin = evaluations.begin() + static_cast<std::ptrdiff_t>(first);
            std::vector<Evaluation> part(begin, begin + static_cast<std::ptrdiff_t>(std::min(
                                                            batch, evaluations.size() - first)));
            if (journal.value()->append(part).hasError()) {
                std::exit(1);
            }
        }
        spent = millisecondsSince(start);
    }
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove(path + suffix);
    }
    return spent;
}

/// The peer: as many bytes as a row has, appended and synced as often.
double fileMilliseconds(const std::string& folder, std::size_t batch) {
    const std::string path = folder + "/upkeep.txt";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const std::string rows(300 * batch, 'x');
    const Clock::time_point start = Clock::now();
    for (std::size_t first = 0; first < kEvaluations; first += batch) {
        if (::write(file, rows.data(), rows.size()) < 0 || ::fsync(file) != 0) {
            std::exit(1);
        }
    }
    const double spent = millisecondsSince(start);
    ::close(file);
    std::filesystem::remove(path);
    return spent;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : "/var/tmp";
    const std::vector<network::Layer> layers = exploration::testing::denseLayers(4);
    const DesignSpace space = exploration::testing::uniformSpace(
        layers, {"int8", "int7", "int6", "int5", "int4", "int3", "int2"}, {"int8", "int6", "int4"},
        {{.rows = 8, .columns = 8}, {.rows = 16, .columns = 4}, {.rows = 4, .columns = 16}});
    const std::vector<Evaluation> evaluations = someEvaluations(space, layers);
    constexpr double kEach = 1.0 / kEvaluations;
    double slowestFront = 0;
    const std::vector<std::vector<QuantityId>> studies = {
        {QuantityId::Accuracy, QuantityId::Bops},
        {QuantityId::Accuracy, QuantityId::Bops, QuantityId::Cycles},
        {QuantityId::Accuracy, QuantityId::Bops, QuantityId::Cycles, QuantityId::WeightBits}};
    for (const auto& objectives : studies) {
        const std::vector<double> reference =
            referencePoint(objectives, std::nullopt, layers, space.accelerators());
        std::size_t members = 0;
        const double spent = frontMilliseconds(evaluations, objectives, reference, members);
        slowestFront = std::max(slowestFront, spent);
        std::printf("front and hypervolume, %zu objectives   %8.4f ms each, %zu on the front\n",
                    objectives.size(), kEach * spent, members);
    }
    for (const std::size_t batch : {1U, 4U, 16U, 64U, 512U}) {
        const double spent = journalMilliseconds(folder, space, evaluations, batch);
        const double peer = fileMilliseconds(folder, batch);
        std::printf(
            "journal, %3zu a transaction             %8.4f ms each (a synced file %.4f); with the "
            "slowest front %.4f\n",
            batch, kEach * spent, kEach * peer, kEach * (spent + slowestFront));
    }
}
