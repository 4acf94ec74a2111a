// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/text_table.h"
#include "core/base/version.h"
#include "tests/app/run_command.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;

namespace {

std::string bytesOf(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> floatsOf(const std::string& bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

}  // namespace

class TstFormatCommands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theVersionNeedsNoCommand() {
        const Outcome outcome = run({"--version"});
        QCOMPARE(outcome.status, 0);
        QCOMPARE(outcome.out, "bitloupe-cli " + programVersion() + "\n");
    }

    void formatsListsFamiliesWithWorkingExamples() {
        const Outcome outcome = run({"formats", "--json"});
        QCOMPARE(outcome.status, 0);
        QVERIFY(outcome.err.empty());
        const nlohmann::json families = nlohmann::json::parse(outcome.out);
        QCOMPARE(families.size(), 11U);
        for (const nlohmann::json& family : families) {
            QVERIFY(!family.at("family").get<std::string>().empty());
            QVERIFY(!family.at("parameters").get<std::string>().empty());
            QCOMPARE(run({"format", family.at("example").get<std::string>()}).status, 0);
        }
        QVERIFY(run({"formats"}).out.find("posit<8,1>") != std::string::npos);
    }

    void formatTellsBitsRangeAndValues() {
        const Outcome outcome = run({"format", "posit<4,1>", "--values", "--json"});
        QCOMPARE(outcome.status, 0);
        const nlohmann::json format = nlohmann::json::parse(outcome.out);
        QCOMPARE(format.at("format").get<std::string>(), std::string("posit<4,1>"));
        QCOMPARE(format.at("bits").get<double>(), 4.0);
        QCOMPARE(format.at("max").get<double>(), 16.0);
        QCOMPARE(format.at("min_positive").get<double>(), 0.0625);
        const std::vector<double> expected = {-16,    -4,   -2,  -1, -0.5, -0.25, -0.0625, 0,
                                              0.0625, 0.25, 0.5, 1,  2,    4,     16};
        QVERIFY(format.at("values").get<std::vector<double>>() == expected);
        QVERIFY(!nlohmann::json::parse(run({"format", "int8", "--json"}).out).contains("values"));
        QCOMPARE(
            nlohmann::json::parse(run({"format", "mxfp4", "--json"}).out).at("bits").get<double>(),
            4.25);
    }

    void badNamesAreOneSentenceAndStatusTwo() {
        for (const char* name : {"posit<1,9>", "int33", "fixed<4,9>", "nonsense"}) {
            const Outcome outcome = run({"format", name, "--json"});
            QCOMPARE(outcome.status, 2);
            QVERIFY(outcome.out.empty());
            QVERIFY(outcome.err.starts_with("bitloupe-cli: '" + std::string(name) +
                                            "' is not a number format: "));
            QCOMPARE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
        }
        QCOMPARE(run({"format", "fp32", "--values"}).status, 2);
        QCOMPARE(run({"format", "codebook<kmeans,4>", "--values"}).status, 2);
        QCOMPARE(run({"format"}).status, 2);
    }

    void roundRoundsStdinToStdout() {
        const std::string input = bytesOf({0.3F, 2.5F, -10.0F, 7.5F, 0.0F, 1e9F});
        const Outcome posit = run({"round", "--format", "posit<4,1>"}, input);
        QCOMPARE(posit.status, 0);
        QVERIFY(floatsOf(posit.out) == std::vector<float>({0.25F, 2, -16, 4, 0, 16}));
        const Outcome affine =
            run({"round", "--format", "uint8", "--scale", "0.5", "--zero-point", "3"},
                bytesOf({0.25F, 0.75F, -9, 200}));
        QVERIFY(floatsOf(affine.out) == std::vector<float>({0, 1, -1.5F, 126}));
        const Outcome floor =
            run({"round", "--format", "int8", "--rounding", "floor"}, bytesOf({-0.1F, 0.9F}));
        QVERIFY(floatsOf(floor.out) == std::vector<float>({-1, 0}));
        QVERIFY(run({"round", "--format", "int8"}, "").out.empty());
    }

    void stochasticRoundingFollowsTheSeed() {
        const std::string input = bytesOf(std::vector<float>(1000, 0.5F));
        const auto roundedBy = [&input](const char* seed) {
            return run({"round", "--format", "int8", "--rounding", "stochastic", "--seed", seed},
                       input)
                .out;
        };
        QVERIFY(roundedBy("7") == roundedBy("7"));
        QVERIFY(roundedBy("7") != roundedBy("8"));
    }

    void columnsOfATableNeverTouch() {
        std::ostringstream out;
        cli::printTable({{"layer", "weights", "bits"},
                         {"\u00e4", "int4@channel+gptqordered+biascorr", "4"},
                         {"edge_convs.0/convs.0", "float"}},
                        out);
        QCOMPARE(out.str(),
                 std::string("layer                 weights                            bits\n"
                             "\u00e4                     int4@channel+gptqordered+biascorr  4\n"
                             "edge_convs.0/convs.0  float\n"));
    }

    void roundRefusesWhatItCannotDo() {
        QCOMPARE(run({"round", "--format", "int8"}, "abc").status, 2);
        QCOMPARE(run({"round", "--format", "int33"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "int8", "--scale", "0"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "int8", "--scale", "nan"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "int8", "--zero-point", "128"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "int8", "--zero-point", "0.5"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "posit<8,1>", "--zero-point", "1"}, "").status, 2);
        QCOMPARE(run({"round", "--format", "int8", "--rounding", "up"}, "").status, 2);
    }
};

QTEST_APPLESS_MAIN(TstFormatCommands)
#include "tst_format_commands.moc"
