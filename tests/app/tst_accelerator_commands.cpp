// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QTemporaryDir>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/quick_commands.h"
#include "core/base/file.h"
#include "tests/app/run_command.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;
using nlohmann::json;

namespace {

bool mentions(const Outcome& outcome, const std::string& part) {
    return outcome.err.find(part) != std::string::npos && outcome.err.back() == '\n' &&
           std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1;
}

const std::string kConfiguration =
    "[general]\nrun_name = small\n[architecture_presets]\nArrayHeight: 8\nArrayWidth: 8\n"
    "IfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nDataflow: os\nBandwidth: 10\n"
    "[run_presets]\nInterfaceBandwidth: CALC\n";

}  // namespace

class TstAcceleratorCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string path(const char* name) const {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }

    Outcome simulate(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments = {"simulate",   "--config",    path("c.cfg"),
                                              "--topology", path("t.csv"), "--output-dir",
                                              path("out")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }

private Q_SLOTS:
    void init() {
        QVERIFY(writeFileAtomically(path("c.cfg"), kConfiguration).hasValue());
        QVERIFY(writeFileAtomically(path("t.csv"), "Layer,M,N,K,\nA,25,384,1728,\n").hasValue());
    }

    /// SCALE-Sim says 334,463 for this product; the physical count is one more.
    void simulateWritesTheReports() {
        const Outcome compatible = simulate({"--gemm", "--compatible", "v2", "--json"});
        QCOMPARE(compatible.status, 0);
        QCOMPARE(json::parse(compatible.out)["cycles"].get<std::int64_t>(), std::int64_t{334463});
        const std::string report = readFile(path("out/COMPUTE_REPORT.csv")).value();
        QVERIFY(report.find("0, 334463, 0, ") != std::string::npos);
        const Outcome physical = simulate({"--gemm", "--json"});
        const json document = json::parse(physical.out);
        QCOMPARE(document["cycles"].get<std::int64_t>(), std::int64_t{334464});
        QCOMPARE(document["layers"][0]["macs"].get<std::int64_t>(), std::int64_t{16588800});
        QCOMPARE(document["layers"][0]["gemm"]["k"].get<std::int64_t>(), std::int64_t{1728});
        QVERIFY(readFile(path("out/PHYSICAL_REPORT.csv")).hasValue());
    }

    void simulateReproducesARecordedRun() {
        BITLOUPE_REAL_FILE(folder, "scalesim/v2__lenet5__12x14__os__user4__2_3_1");
        const Outcome outcome =
            run({"simulate", "--config", folder + "/config.cfg", "--topology",
                 folder + "/topology.csv", "--compatible", "v2", "--output-dir", path("golden")});
        QCOMPARE(outcome.status, 0);
        for (const char* report :
             {"COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv", "DETAILED_ACCESS_REPORT.csv"}) {
            QCOMPARE(readFile(path("golden") + "/" + report).value(),
                     readFile(folder + "/" + report).value());
        }
    }

    void simulateRefusesNonsense() {
        QVERIFY(writeFileAtomically(path("t.csv"), "Layer,M,N,K,\nA,25,384,1728\n").hasValue());
        const Outcome comma = simulate({"--gemm"});
        QCOMPARE(comma.status, 2);
        QVERIFY2(mentions(comma, "t.csv, line 2: end the row with a comma"), comma.err.c_str());
        QVERIFY(writeFileAtomically(path("c.cfg"), "[general]\nArrayHeight: 0\n").hasValue());
        QCOMPARE(simulate({"--gemm"}).status, 2);
        QCOMPARE(simulate({"--compatible", "v9"}).status, 2);
    }

    /// bitloupe-cli must not load LibTorch for these, and must for all others.
    void quickCommandsAreToldApart() {
        QVERIFY(cli::isQuickCommand({"simulate", "--config", "accelerate"}));
        QVERIFY(cli::isQuickCommand({"--json", "--threads", "2", "formats"}));
        QVERIFY(cli::isQuickCommand({"--seed", "7", "round"}));
        QVERIFY(!cli::isQuickCommand({"accelerate", "simulate"}));
        QVERIFY(!cli::isQuickCommand({"--help"}));
        QVERIFY(!cli::isQuickCommand({}));
        std::istringstream in;
        std::ostringstream out;
        std::ostringstream err;
        QCOMPARE(cli::runQuickCommand({"formats", "--json"}, in, out, err), 0);
        QCOMPARE(out.str(), run({"formats", "--json"}).out);
        QCOMPARE(cli::runQuickCommand({"inspect", "x.onnx"}, in, out, err), 2);
    }

    /// The class project's search: 21 arrays of 64 elements, 8x8 output stationary wins.
    void accelerateFindsTheArrayForLenet() {
        BITLOUPE_REAL_FILE(weights, "models/lenet5/best_model.pth");
        const Outcome outcome = run({"accelerate", "architecture:lenet5", "--weights-file", weights,
                                     "--pe", "64", "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json document = json::parse(outcome.out);
        QCOMPARE(document["designs"].size(), 21U);
        const json& best = document["best"];
        QCOMPARE(best["rows"].get<std::int64_t>(), std::int64_t{8});
        QCOMPARE(best["columns"].get<std::int64_t>(), std::int64_t{8});
        QCOMPARE(best["dataflow"].get<std::string>(), std::string("os"));
        QCOMPARE(best["cycles"].get<std::int64_t>(), std::int64_t{15966});
        QCOMPARE(best["stalls"].get<std::int64_t>(), std::int64_t{0});
        QVERIFY(best["energy_pj"].get<double>() > 0);
        QCOMPARE(best["area_um2"].get<double>(), 64 * 419.0);
        QCOMPARE(document["layers"].size(), 5U);
        std::int64_t macs = 0;
        for (const json& layer : document["layers"]) {
            macs += layer["macs"].get<std::int64_t>();
        }
        QCOMPARE(macs, 416520);
        const Outcome narrow = run({"accelerate", "architecture:lenet5", "--weights-file", weights,
                                    "--rows", "8", "--columns", "8", "--dataflow", "os",
                                    "--weights", "int4", "--activations", "int4", "--json"});
        const json small = json::parse(narrow.out)["best"];
        QCOMPARE(small["cycles"].get<std::int64_t>(), std::int64_t{15966});
        QVERIFY(small["energy_pj"].get<double>() < best["energy_pj"].get<double>());
    }

    void accelerateRefusesNonsense() {
        BITLOUPE_REAL_FILE(weights, "models/lenet5/best_model.pth");
        const auto with = [&](const std::vector<std::string>& more) {
            std::vector<std::string> arguments = {"accelerate", "architecture:lenet5",
                                                  "--weights-file", weights};
            arguments.insert(arguments.end(), more.begin(), more.end());
            return run(arguments);
        };
        QVERIFY(mentions(with({"--rows", "0"}), "1 to 65536"));
        QVERIFY(mentions(with({"--dataflow", "os,rs"}), "--dataflow"));
        QVERIFY(mentions(with({"--objective", "beauty"}), "cycles, energy or edp"));
        QVERIFY(mentions(with({"--weights", "int99"}), "--weights"));
        QVERIFY(mentions(with({"--accelerator", "abacus"}), "teaching-64"));
        QVERIFY(mentions(with({"--objective", "energy", "--weights", "pow2<4>"}),
                         "no published energy"));
        QCOMPARE(with({"--pe", "0"}).status, 2);
    }
};

QTEST_APPLESS_MAIN(TstAcceleratorCommands)
#include "tst_accelerator_commands.moc"
