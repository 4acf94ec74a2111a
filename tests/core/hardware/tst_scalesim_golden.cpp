// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QElapsedTimer>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/hardware/scalesim/reports.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using namespace bitloupe::hardware;
using namespace bitloupe::hardware::scalesim;

namespace {

struct Outcome {
    std::int64_t fields = 0;
    std::int64_t equal = 0;
    std::string firstDifference;
};

void compareReport(const std::string& folder, const std::string& name, const std::string& ours,
                   Outcome& outcome) {
    const Result<std::string> theirs = readFile(folder + "/" + name);
    if (theirs.hasError()) {
        outcome.firstDifference = theirs.error().sentence();
        ++outcome.fields;
        return;
    }
    const std::vector<std::string> expected = text::split(theirs.value(), ',');
    const std::vector<std::string> actual = text::split(ours, ',');
    outcome.fields += static_cast<std::int64_t>(std::max(expected.size(), actual.size()));
    for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
        if (expected[i] == actual[i]) {
            ++outcome.equal;
        } else if (outcome.firstDifference.empty()) {
            outcome.firstDifference = folder + ", " + name + ", field " + std::to_string(i) +
                                      ": SCALE-Sim" + expected[i] + ", here" + actual[i];
        }
    }
}

Outcome compareRun(const std::string& folder) {
    Outcome outcome;
    const Result<Configuration> configuration = readConfiguration(folder + "/config.cfg");
    const std::string meta = readFile(folder + "/meta.json").value();
    const bool gemm = meta.find("\"kind\": \"gemm\"") != std::string::npos;
    const Version version =
        meta.find("\"tool\": \"v3\"") != std::string::npos ? Version::V3 : Version::V2;
    const auto layers = readTopology(folder + "/topology.csv",
                                     gemm ? TopologyKind::Gemm : TopologyKind::Convolution);
    if (configuration.hasError() || layers.hasError()) {
        outcome.fields = 1;
        outcome.firstDifference =
            configuration.hasError() ? configuration.error().sentence() : layers.error().sentence();
        return outcome;
    }
    const auto reports = simulateLayers(layers.value(), configuration.value(), version, 1);
    compareReport(folder, "COMPUTE_REPORT.csv", computeReport(reports, version), outcome);
    compareReport(folder, "BANDWIDTH_REPORT.csv", bandwidthReport(reports), outcome);
    compareReport(folder, "DETAILED_ACCESS_REPORT.csv", accessReport(reports), outcome);
    return outcome;
}

}  // namespace

class TstScalesimGolden : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Every byte of the three reports of every recorded run, both versions, both modes.
    void everyRecordedRun() {
        BITLOUPE_REAL_FILE(root, "scalesim");
        std::vector<std::string> folders;
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            folders.push_back(entry.path().string());
        }
        std::sort(folders.begin(), folders.end());
        std::vector<Outcome> outcomes(folders.size());
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t i = next++; i < folders.size(); i = next++) {
                outcomes[i] = compareRun(folders[i]);
            }
        };
        QElapsedTimer timer;
        timer.start();
        std::thread helper(work);
        work();
        helper.join();
        std::int64_t fields = 0;
        std::int64_t equal = 0;
        for (const Outcome& outcome : outcomes) {
            fields += outcome.fields;
            equal += outcome.equal;
            if (!outcome.firstDifference.empty()) {
                qWarning("%s", outcome.firstDifference.c_str());
            }
        }
        qInfo("%lld of %lld fields of %zu runs equal, in %lld ms", static_cast<long long>(equal),
              static_cast<long long>(fields), folders.size(),
              static_cast<long long>(timer.elapsed()));
        QVERIFY(folders.size() >= 278);
        QCOMPARE(equal, fields);
    }
};

QTEST_APPLESS_MAIN(TstScalesimGolden)
#include "tst_scalesim_golden.moc"
