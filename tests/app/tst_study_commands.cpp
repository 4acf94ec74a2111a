// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <QProcess>
#include <QTemporaryDir>
#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/cli/interrupt.h"
#include "app/cli/progress_line.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/study/study_description.h"
#include "tests/app/run_command.h"
#include "tests/core/study/journal_samples.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;
using nlohmann::json;

namespace {

/// Results of sampleEvaluations(1, 12): accuracy 1 / (number + 3), BOPs all 3.
std::string writeResults(const QString& folder) {
    study::StudyDescription study;
    study.name = "sample";
    study.network.model = "net.onnx";
    study.data.kind = "idx";
    study.data.sources["all"].files["images"] = "images.idx";
    study.data.splits[data::Role::Calibration] = {"all", 0, {}};
    study.data.splits[data::Role::Search] = {"all", 0, {}};
    study.weights = testing::quantizers({"int8"});
    study.activations = testing::quantizers({"int8"});
    study.accelerators = {hardware::Accelerator{}};
    study.objectives = {exploration::QuantityId::Accuracy, exploration::QuantityId::Macs};
    study.folder = folder.toStdString();
    study::JournalHeader header = testing::sampleHeader();
    header.studyYaml = study::writeStudy(study);
    std::string path = (folder + "/results.bitloupe").toStdString();
    auto journal = study::Journal::open(path, header);
    (void)journal.value()->load(testing::sampleSpace());
    std::vector<exploration::Evaluation> evaluations = testing::sampleEvaluations(1, 12);
    evaluations[4].costs.macs = 7;  // the fifth design is the cheapest one
    (void)journal.value()->append(evaluations);
    return path;
}

/// MNIST's test images: 64 to calibrate, the next `count` to search on.
std::string mnistDescription(int count) {
    const std::string folder = testing::testDataFolder() + "/data/mnist/";
    return "kind: idx\nscaling: divide\ndivisor: 255\nsources:\n  test:\n    images: " + folder +
           "t10k-images-idx3-ubyte.gz\n    labels: " + folder +
           "t10k-labels-idx1-ubyte.gz\nsplits:\n"
           "  calibration: {source: test, first: 0, count: 64}\n"
           "  search: {source: test, first: 64, count: " +
           std::to_string(count) + "}\n";
}

std::string indented(const std::string& lines) {
    std::string text;
    for (const std::string& line : text::split(lines, '\n')) {
        text += line.empty() ? "" : "  " + line + "\n";
    }
    return text;
}

}  // namespace

class TstStudyCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// Bit by bit in the inputs, LeNet-5's five products on each of four arrays: the fewest cycles
    /// for the widths of each design, counted here from the published formulas.
    void everyDesignOfTheFrontGetsItsArray(const std::string& results, const json& front) {
        const auto outcome =
            run({"accelerate", results, "--rows", "4,8", "--columns", "4,8", "--dataflow", "os",
                 "--accelerator", (m_folder.path() + "/serial.yaml").toStdString(), "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json answer = json::parse(outcome.out).at("front");
        QCOMPARE(answer.size(), front.size());
        constexpr std::array<std::array<int, 3>, 5> kProducts = {
            {{784, 25, 6}, {100, 150, 16}, {1, 400, 120}, {1, 120, 84}, {1, 84, 10}}};
        for (std::size_t design = 0; design < answer.size(); ++design) {
            QVERIFY(answer[design].at("id") == front[design].at("id"));
            std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
            for (const int rows : {4, 8}) {
                for (const int columns : {4, 8}) {
                    std::int64_t cycles = 0;
                    for (std::size_t layer = 0; layer < kProducts.size(); ++layer) {
                        const auto [m, k, n] = kProducts[layer];
                        const std::string format =
                            front[design].at("design").at("layers")[layer].at("activations");
                        const int steps = format == "int4" ? (k + 3) / 4 : (k + 1) / 2;
                        cycles += std::int64_t{(m + rows - 1) / rows} *
                                  ((n + columns - 1) / columns) * (steps + rows + columns - 2);
                    }
                    fewest = std::min(fewest, cycles);
                }
            }
            QCOMPARE(answer[design].at("best").at("cycles").get<std::int64_t>(), fewest);
        }
    }

private Q_SLOTS:
    void frontHasTheDesignsThatNoOtherBeats() {
        const std::string path = writeResults(m_folder.path());
        const Outcome outcome = run({"front", path, "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json front = json::parse(outcome.out);
        // The first has the best accuracy; the fifth costs least; all others are beaten by the
        // first in both.
        QCOMPARE(front.size(), 2U);
        QCOMPARE(front[0].at("id").get<int>(), 5);
        QCOMPARE(front[1].at("id").get<int>(), 1);
        QCOMPARE(front[0].at("objectives").at("macs").get<double>(), 7.0);
        QCOMPARE(front[1].at("objectives").at("accuracy").get<double>(), 0.25);
        QCOMPARE(front[1].at("interval").at("accuracy")[0].get<double>(), 0.1);
        const json& design = front[1].at("design");
        QCOMPARE(design.at("layers")[0].at("weights").get<std::string>(),
                 std::string("int4@channel/minmax"));
        QCOMPARE(design.at("layers")[0].at("activations").get<std::string>(), std::string("float"));
        QCOMPARE(design.at("accelerator").at("rows").get<int>(), 8);
    }

    void frontAsTableAndAsCsv() {
        const std::string path = writeResults(m_folder.path() + "/csv");
        QVERIFY(run({"front", path}).out.find("int4@channel/minmax/float") != std::string::npos);
        const std::string csv = run({"front", path, "--csv"}).out;
        QVERIFY(
            csv.starts_with("id,accuracy,macs,accuracy_low,accuracy_high,array,conv1 weights,"
                            "conv1 activations,\"fc, last weights\""));
        QVERIFY(csv.find("\n1,0.25,") != std::string::npos);
    }

    void showTellsEveryLayer() {
        const std::string path = writeResults(m_folder.path() + "/show");
        const json shown = json::parse(run({"show", path, "5", "--json"}).out);
        QCOMPARE(shown.at("id").get<int>(), 5);
        QCOMPARE(shown.at("layers").size(), 2U);
        QCOMPARE(shown.at("layers")[1].at("name").get<std::string>(), std::string("fc, last"));
        QCOMPARE(shown.at("layers")[1].at("weights").get<std::string>(), std::string("int3"));
        QCOMPARE(shown.at("quantities").at("weight_bits").get<double>(), 17.25);
        QVERIFY(run({"show", path, "5"}).out.find("fc, last") != std::string::npos);
        const Outcome missing = run({"show", path, "99"});
        QCOMPARE(missing.status, 2);
        QVERIFY(missing.err.find("1 to 12") != std::string::npos);
    }

    void whatIsNotThereIsNamed() {
        QCOMPARE(run({"front", "nowhere.bitloupe"}).status, 2);
        const Outcome study = run({"explore", "nowhere.yaml"});
        QCOMPARE(study.status, 2);
        QVERIFY(study.err.find("nowhere.yaml") != std::string::npos);
        QCOMPARE(study.err.find('\n'), study.err.size() - 1);
        QCOMPARE(run({"explore", "nowhere.yaml", "--strategy", "magic"}).status, 2);
        QCOMPARE(run({"sensitivity", "no.onnx", "--data", "no", "--formats", "int99"}).status, 2);
        QCOMPARE(run({"sensitivity", "no.onnx", "--data", "no", "--formats", "int8"}).status, 2);
    }

    void progressTellsCountRateAndRemainingTime() {
        QCOMPARE(cli::progressText({.phase = exploration::Phase::Search,
                                    .done = 120,
                                    .total = 1000,
                                    .perSecond = 35.2,
                                    .secondsLeft = 24.2}),
                 std::string("search 120 of 1000, 35.2 a second, about 25 s left"));
        QCOMPARE(cli::progressText({.total = 1}), std::string("float network 0 of 1"));
        QVERIFY(cli::progressText({.secondsLeft = 3600 * 5}).find("5 h left") != std::string::npos);
    }

    void theFirstInterruptAsksForAStop() {
        std::atomic<int> calls = 0;
        {
            const cli::InterruptGuard guard([&calls] {
                ++calls;
                calls.notify_all();
            });
            QVERIFY(!cli::InterruptGuard::wasInterrupted());
            std::raise(SIGINT);
            calls.wait(0);
        }
        QCOMPARE(calls.load(), 1);
        QVERIFY(cli::InterruptGuard::wasInterrupted());
    }

    void withoutAGuardAnInterruptEndsTheProgramWithItsStatus() {
        for (const int number : {SIGINT, SIGTERM}) {
            std::array<int, 2> err = {-1, -1};
            QCOMPARE(::pipe(err.data()), 0);
            const pid_t child = ::fork();
            if (child == 0) {
                ::dup2(err[1], STDERR_FILENO);
                cli::endOnInterrupt();
                std::raise(number);
                ::_exit(0);
            }
            ::close(err[1]);
            int status = 0;
            QCOMPARE(::waitpid(child, &status, 0), child);
            QVERIFY(WIFEXITED(status));
            QCOMPARE(WEXITSTATUS(status), 130);
            std::array<char, 100> line{};
            const ssize_t length = ::read(err[0], line.data(), line.size());
            ::close(err[0]);
            QCOMPARE(std::string(line.data(), static_cast<std::size_t>(length)),
                     std::string("bitloupe-cli: interrupted\n"));
        }
    }

    void sensitivityOfLayersAndChannels() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string data = (m_folder.path() + "/mnist.yaml").toStdString();
        QVERIFY(writeFileAtomically(data, mnistDescription(256)).hasValue());
        const std::vector<std::string> base = {"sensitivity", model,       "--data",    data,
                                               "--formats",   "int8,int2", "--threads", "1",
                                               "--json",      "--quiet"};
        const auto measure = [&base](const std::vector<std::string>& more) {
            std::vector<std::string> arguments = base;
            arguments.insert(arguments.end(), more.begin(), more.end());
            return json::parse(run(arguments).out);
        };
        const json alone = measure({"--on", "weights"});
        QCOMPARE(alone.at("layers").size(), 5U);
        QCOMPARE(alone.at("kl")[1].size(), 2U);
        const double all = alone.at("float").get<double>();
        QCOMPARE(alone.at("metric_drop")[1][1].get<double>(),
                 all - alone.at("metric")[1][1].get<double>());

        // One group of all channels is the layer itself; single ones are each another number.
        const json whole = measure({"--channels", "c3", "--channel-group", "16"});
        QVERIFY(whole.at("kl")[0] == alone.at("kl")[1]);
        QVERIFY(whole.at("sqnr_db")[0] == alone.at("sqnr_db")[1]);
        const json single = measure({"--channels", "c3"});
        QCOMPARE(single.at("metric").size(), 16U);
        QVERIFY(single.at("channels")[15] == json({15, 1}));
        // Less memory takes longer and shows the same; so says evaluate below.
        QVERIFY(measure({"--on", "weights", "--memory", "1MiB"}) == alone);
        const json inputs = measure({"--channels", "c3", "--on", "activations"});
        QCOMPARE(inputs.at("kl").size(), 6U);

        // Everything rounded but nothing, and but one layer.
        const json left = measure({"--leave-one-in-float", "--on", "weights"});
        QCOMPARE(left.at("layers").size(), 6U);
        QVERIFY(left.at("layers")[0] == "(none)");
        const Outcome evaluated = run({"evaluate", model, "--data", data, "--weights", "int2",
                                       "--split", "search", "--json"});
        QVERIFY(left.at("kl")[0][1] == json::parse(evaluated.out).at("kl"));
        const Outcome narrow = run({"evaluate", model, "--data", data, "--weights", "int2",
                                    "--split", "search", "--json", "--memory", "1MiB"});
        QCOMPARE(narrow.out, evaluated.out);
        for (const std::string command : {"evaluate", "sensitivity"}) {
            std::vector<std::string> wrong = {command, model, "--data", data, "--memory", "much"};
            if (command == "sensitivity") {
                wrong.insert(wrong.end(), {"--formats", "int8"});
            }
            const Outcome refused = run(wrong);
            QCOMPARE(refused.status, 2);
            QVERIFY(refused.err.find("--memory") != std::string::npos);
        }
        QVERIFY(left.at("kl")[3][1] != left.at("kl")[0][1]);

        const Outcome csv = run({"sensitivity", model, "--data", data, "--formats", "int2",
                                 "--channels", "f6", "--channel-group", "40", "--csv", "--quiet"});
        QVERIFY(csv.out.starts_with("layer,first_channel,channels,on,format,accuracy,drop,low,"));
        QCOMPARE(std::count(csv.out.begin(), csv.out.end(), '\n'), 4);
        QVERIFY(csv.out.find("\nf6,80,4,weights,int2,") != std::string::npos);
        QVERIFY(run({"sensitivity", model, "--data", data, "--formats", "int2", "--channels", "c9"})
                    .err.find("give c1, c3, c5, f6, output") != std::string::npos);
    }

    void earlyStoppingAndTheTestSplit() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string folder = m_folder.path().toStdString();
        std::string data = mnistDescription(3000);
        data += "  test: {source: test, first: 6000, count: 700}\n";
        QVERIFY(writeFileAtomically(folder + "/three.yaml", data).hasValue());
        const std::string path = folder + "/race.yaml";
        QVERIFY(writeFileAtomically(
                    path, "name: race\nnetwork: " + model + "\ndata:\n" + indented(data) +
                              "weights: [int8, int3, int2]\nactivations: [int8, int2]\n"
                              "accelerator: {rows: [8], columns: [8], dataflow: [os]}\n"
                              "objectives: [accuracy, bops]\nstrategy: {name: random, seed: 3}\n"
                              "sensitivity: false\nevaluations: 130\n")
                    .hasValue());
        const Outcome raced = run({"explore", path, "--json", "--quiet", "--threads", "2",
                                   "--early-stopping", "99%", "--memory", "1%"});
        QVERIFY2(raced.status == 0, raced.err.c_str());
        const json document = json::parse(raced.out);
        QVERIFY(document.at("stopped_early").get<int>() > 10);
        for (const json& design : document.at("front")) {
            QCOMPARE(design.at("samples").get<int>(), 3000);
            QVERIFY(!design.at("stopped_early").get<bool>());
            QCOMPARE(design.at("test").at("samples").get<int>(), 700);
            const double metric = design.at("test").at("accuracy").get<double>();
            QVERIFY(design.at("test").at("interval")[0].get<double>() <= metric);
        }
        const std::string results = folder + "/race.bitloupe";
        QVERIFY(json::parse(run({"front", results, "--json"}).out) == document.at("front"));
        QVERIFY(run({"front", results}).out.find("on the test split (95 %)") != std::string::npos);
        QVERIFY(run({"front", results, "--csv"}).out.find(",test,test_low,test_high,") !=
                std::string::npos);

        const auto journal = study::Journal::openReadOnly(results);
        const auto space = journal.value()->spaceOfDesigns();
        const auto known = journal.value()->load(space.value());
        std::int64_t samples = 0;
        for (const exploration::Evaluation& evaluation : known.value().evaluations) {
            samples += evaluation.measured.samples;
            QVERIFY(evaluation.measured.stoppedEarly == (evaluation.measured.samples < 3000));
        }
        qInfo("LeNet-5, %d of 130 designs stopped early, %.1f %% of the samples run",
              document.at("stopped_early").get<int>(), static_cast<double>(samples) / 3900);
        QVERIFY(samples < 130 * 3000);

        // The last word is what evaluate says of the same design on the same split.
        const json best = document.at("front").back();
        const std::string file = folder + "/best.yaml";
        const Outcome exported = run({"export", results, std::to_string(best.at("id").get<int>()),
                                      "--to", "yaml", "--output", file});
        QVERIFY2(exported.status == 0, exported.err.c_str());
        const Outcome evaluated = run({"evaluate", model, "--data", folder + "/three.yaml",
                                       "--design", file, "--split", "test", "--json"});
        QVERIFY2(evaluated.status == 0, evaluated.err.c_str());
        QVERIFY(json::parse(evaluated.out).at("value") == best.at("test").at("accuracy"));

        for (const std::string bad : {"40%", "certainly"}) {
            QCOMPARE(run({"explore", path, "--early-stopping", bad}).status, 2);
        }
        QCOMPARE(run({"explore", path, "--memory", "much"}).status, 2);
    }

    void anInterruptedMapShowsWhatWasMeasured() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string data = (m_folder.path() + "/much.yaml").toStdString();
        QVERIFY(writeFileAtomically(data, mnistDescription(9000)).hasValue());
        QProcess command;
        command.setReadChannel(QProcess::StandardError);
        command.start(QString::fromLatin1(BITLOUPE_CLI),
                      {"sensitivity", QString::fromStdString(model), "--data",
                       QString::fromStdString(data), "--formats", "int2,int3,int4,int5,int6",
                       "--channels", "c5", "--json", "--threads", "1"});
        // The line that says how far it is comes when some of the 600 cells are there.
        QByteArray progress;
        while (!progress.contains("sensitivity ") || progress.contains("sensitivity 0 ")) {
            QVERIFY2(command.waitForReadyRead(60'000), progress);
            progress = command.readAllStandardError();
        }
        ::kill(static_cast<pid_t>(command.processId()), SIGINT);
        QVERIFY(command.waitForFinished());
        QCOMPARE(command.exitStatus(), QProcess::NormalExit);
        QCOMPARE(command.exitCode(), 130);
        const json map = json::parse(command.readAllStandardOutput().toStdString());
        QCOMPARE(map.at("kl").size(), 120U);
        QVERIFY(map.at("kl")[0][0].is_number());
        QVERIFY(map.at("kl")[119][4].is_null());
    }

    /// Less is better: measured from ten times the float network's perplexity, however often the
    /// study is gone on with. And what front lists keeps to the study's limits, as explore's does.
    void anErrorHasAVolumeThatOnlyGrows() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string folder = m_folder.path().toStdString();
        const std::string path = folder + "/errors.yaml";
        const auto write = [&](const std::string& limits) {
            const std::string yaml =
                "name: errors\nnetwork: " + model + "\ndata:\n" + indented(mnistDescription(256)) +
                "weights: [int8, int2]\nactivations: [int8, int4]\n"
                "accelerator: {rows: [8], columns: [8], dataflow: [os]}\n"
                "objectives: [perplexity, bops]\nstrategy: {name: random, seed: 3}\n" +
                limits + "sensitivity: false\nevaluations: 16\n";
            QVERIFY(writeFileAtomically(path, yaml).hasValue());
        };
        const auto explore = [&](const std::string& results, int evaluations) {
            const Outcome outcome =
                run({"explore", path, "--results", folder + results, "--json", "--quiet",
                     "--threads", "1", "--evaluations", std::to_string(evaluations)});
            return outcome.status == 0 ? json::parse(outcome.out) : json();
        };
        write("");
        json document = explore("/errors.bitloupe", 2);
        const json reference = document.at("reference_point");
        QVERIFY(reference[0].get<double>() >= 10);  // no perplexity is below 1
        double before = document.at("hypervolume").get<double>();
        QVERIFY(before > 0);
        for (const int evaluations : {8, 16}) {
            document = explore("/errors.bitloupe", evaluations);
            QCOMPARE(document.at("evaluations").get<int>(), evaluations);
            QVERIFY(document.at("reference_point") == reference);
            QVERIFY(document.at("hypervolume").get<double>() >= before);
            before = document.at("hypervolume").get<double>();
        }
        const json whole = explore("/whole.bitloupe", 16);
        QVERIFY(whole.at("reference_point") == reference);
        QVERIFY(whole.at("hypervolume") == document.at("hypervolume"));

        const json& best = whole.at("front").back().at("objectives").at("perplexity");
        write("constraints: [{metric: perplexity, at_most: " + best.dump() + "}]\n");
        const json limited = explore("/limited.bitloupe", 16).at("front");
        QVERIFY(limited.size() < whole.at("front").size());
        const Outcome listed = run({"front", folder + "/limited.bitloupe", "--json"});
        QVERIFY(json::parse(listed.out) == limited);
    }

    void exploresARealNetworkAndGoesOn() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string path = (m_folder.path() + "/lenet.yaml").toStdString();
        const std::string yaml = "name: lenet\nnetwork: " + model + "\ndata:\n" +
                                 indented(mnistDescription(256)) +
                                 "weights: [int8, int2]\nactivations: [int8, int4]\n"
                                 "accelerator: {rows: [8], columns: [8], dataflow: [os]}\n"
                                 "objectives: [accuracy, bops]\nstrategy: {name: random, seed: 3}\n"
                                 "sensitivity: false\nevaluations: 4\n";
        QVERIFY(writeFileAtomically(path, yaml).hasValue());
        const Outcome first = run({"explore", path, "--json", "--threads", "1"});
        QVERIFY2(first.status == 0, first.err.c_str());
        QCOMPARE(json::parse(first.out).at("evaluations").get<int>(), 4);
        QVERIFY(first.err.find("search") != std::string::npos);
        const Outcome second =
            run({"explore", path, "--json", "--quiet", "--threads", "1", "--evaluations", "6"});
        const json document = json::parse(second.out);
        QCOMPARE(document.at("evaluations").get<int>(), 6);
        QVERIFY(document.at("hypervolume").get<double>() > 0);
        QVERIFY(second.err.find("search") == std::string::npos);
        // Beside the study, and what it says is what explore said.
        const std::string results = (m_folder.path() + "/lenet.bitloupe").toStdString();
        QVERIFY(writeFileAtomically((m_folder.path() + "/serial.yaml").toStdString(),
                                    "rows: 4\ncolumns: 4\ndataflow: os\nelement: serial-inputs\n")
                    .hasValue());
        const json front = json::parse(run({"front", results, "--json"}).out);
        QVERIFY(front == document.at("front"));
        everyDesignOfTheFrontGetsItsArray(results, front);
    }
};

QTEST_APPLESS_MAIN(TstStudyCommands)
#include "tst_study_commands.moc"
