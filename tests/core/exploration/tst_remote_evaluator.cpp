// SPDX-License-Identifier: Apache-2.0
// An evaluator behind a pipe: another process gets designs as text and answers with measurements as
// text. Nothing else passes between the two, so another machine could be there.
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest/QTest>

#include <array>
#include <cstdio>
#include <iomanip>
#include <memory>
#include <sstream>

#include "core/exploration/population_evaluator.h"
#include "core/exploration/race_samples.h"
#include "tests/core/exploration/dense_study.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

/// Numbers with all their bits, words without spaces.
class Writer {
public:
    Writer& add(double value) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), " %a", value);
        m_line += text.data();
        return *this;
    }
    Writer& add(std::int64_t value) {
        m_line += ' ' + std::to_string(value);
        return *this;
    }
    Writer& add(std::size_t value) { return add(static_cast<std::int64_t>(value)); }
    Writer& add(const std::optional<quantization::Quantizer>& quantizer) {
        m_line += ' ' + (quantizer ? quantizer->name() : std::string("-"));
        return *this;
    }
    Writer& add(const Assignment& assignment) {
        add(assignment.size());
        for (const quantization::LayerScheme& scheme : assignment) {
            add(scheme.weights).add(scheme.activations);
        }
        return *this;
    }
    Writer& add(const Measurement& measured) {
        add(measured.metric).add(measured.interval.low).add(measured.interval.high);
        add(measured.correct).add(measured.samples).add(measured.kl).add(measured.outputMse);
        add(std::int64_t{measured.stoppedEarly});
        add(measured.hits == nullptr ? std::int64_t{-1}
                                     : static_cast<std::int64_t>(measured.hits->bytes().size()));
        for (const std::uint8_t byte :
             measured.hits == nullptr ? std::vector<std::uint8_t>() : measured.hits->bytes()) {
            add(std::int64_t{byte});
        }
        return *this;
    }
    Writer& add(const ChannelProbe& probe) {
        add(probe.channels.layer).add(std::int64_t{probe.channels.side == Side::Weights});
        add(probe.channels.first).add(probe.channels.count);
        return add(std::optional(probe.quantizer));
    }
    [[nodiscard]] std::string line(const std::string& word) const { return word + m_line + "\n"; }

private:
    std::string m_line;
};

class Reader {
public:
    explicit Reader(const std::string& line) : m_words(line) {}
    std::string word() {
        std::string word;
        m_words >> word;
        return word;
    }
    std::int64_t integer() { return std::stoll(word()); }
    std::size_t count() { return static_cast<std::size_t>(integer()); }
    double number() { return std::strtod(word().c_str(), nullptr); }
    std::optional<quantization::Quantizer> quantizer() {
        const std::string name = word();
        return name == "-" ? std::nullopt
                           : std::optional(quantization::Quantizer::parse(name).value());
    }
    Assignment assignment() {
        Assignment assignment(count());
        for (quantization::LayerScheme& scheme : assignment) {
            scheme.weights = quantizer();
            scheme.activations = quantizer();
        }
        return assignment;
    }
    Measurement measurement() {
        Measurement measured;
        measured.metric = number();
        measured.interval.low = number();
        measured.interval.high = number();
        measured.correct = integer();
        measured.samples = integer();
        measured.kl = number();
        measured.outputMse = number();
        measured.stoppedEarly = integer() != 0;
        if (const std::int64_t size = integer(); size >= 0) {
            std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
            for (std::uint8_t& byte : bytes) {
                byte = static_cast<std::uint8_t>(integer());
            }
            measured.hits = std::make_shared<const SampleHits>(std::move(bytes));
        }
        return measured;
    }
    ChannelProbe probe() {
        ChannelProbe probe;
        probe.channels.layer = count();
        probe.channels.side = integer() != 0 ? Side::Weights : Side::Activations;
        probe.channels.first = integer();
        probe.channels.count = integer();
        probe.quantizer = *quantizer();
        return probe;
    }

private:
    std::istringstream m_words;
};

/// One end of the two pipes.
struct Line {
    std::FILE* in = nullptr;
    std::FILE* out = nullptr;

    void send(const std::string& text) const {
        std::fputs(text.c_str(), out);
        std::fflush(out);
    }
    [[nodiscard]] std::string receive() const {
        std::string text;
        for (int c = std::fgetc(in); c != EOF && c != '\n'; c = std::fgetc(in)) {
            text += static_cast<char>(c);
        }
        return text;
    }
};

std::string answerLine(const Evaluator::Answer& answer) {
    Writer writer;
    writer.add(answer.measurements.size());
    for (const Measurement& measured : answer.measurements) {
        writer.add(measured);
    }
    return writer.line(answer.outcome == JobOutcome::Finished ? "finished" : "failed");
}

std::string errorLine(const RoundingError& error) {
    return Writer().add(error.meanSquare).add(error.sqnrDb).line("error");
}

std::string serveRequest(Evaluator& evaluator, const std::string& request) {
    Reader reader(request);
    const std::string what = reader.word();
    if (what == "evaluate") {
        std::vector<Assignment> population(reader.count());
        for (Assignment& assignment : population) {
            assignment = reader.assignment();
        }
        return answerLine(evaluator.evaluate(population, {}, {}));
    }
    if (what == "race") {
        const double confidence = reader.number();
        std::vector<Racer> population(reader.count());
        for (Racer& racer : population) {
            racer.assignment = reader.assignment();
            racer.rival = reader.measurement();
        }
        return answerLine(evaluator.race(population, confidence, {}, {}));
    }
    if (what == "channels" || what == "channelerrors") {
        std::vector<ChannelProbe> probes(reader.count());
        for (ChannelProbe& probe : probes) {
            probe = reader.probe();
        }
        if (what == "channels") {
            return answerLine(evaluator.evaluateChannels(probes, {}, {}));
        }
        Writer writer;
        for (const RoundingError& error : evaluator.channelRoundingErrors(probes)) {
            writer.add(error.meanSquare).add(error.sqnrDb);
        }
        return writer.line("errors");
    }
    const std::size_t layer = reader.count();
    const Side side = reader.integer() != 0 ? Side::Weights : Side::Activations;
    return errorLine(evaluator.roundingError(layer, side, *reader.quantizer()));
}

std::unique_ptr<PopulationEvaluator> localEvaluator() {
    return std::move(makePopulationEvaluator(denseNetwork(), sortedSamples(64),
                                             mixedSamples(sortedSamples(700)), 2)
                         .value());
}

/// The half that an exploration sees.
class RemoteEvaluator : public Evaluator {
public:
    RemoteEvaluator() {
        std::array<int, 2> there = {-1, -1};
        std::array<int, 2> back = {-1, -1};
        if (::pipe(there.data()) != 0 || ::pipe(back.data()) != 0) {
            qFatal("no pipes");
        }
        m_process = ::fork();
        if (m_process == 0) {
            ::close(there[1]);
            ::close(back[0]);
            const Line line{::fdopen(there[0], "r"), ::fdopen(back[1], "w")};
            const auto evaluator = localEvaluator();
            for (std::string request = line.receive(); !request.empty(); request = line.receive()) {
                line.send(serveRequest(*evaluator, request));
            }
            ::_exit(0);
        }
        ::close(there[0]);
        ::close(back[1]);
        m_line = {::fdopen(back[0], "r"), ::fdopen(there[1], "w")};
    }
    ~RemoteEvaluator() override {
        std::fclose(m_line.out);
        std::fclose(m_line.in);
        ::waitpid(m_process, nullptr, 0);
    }
    RemoteEvaluator(const RemoteEvaluator&) = delete;
    RemoteEvaluator& operator=(const RemoteEvaluator&) = delete;

    Answer evaluate(std::span<const Assignment> population, const std::stop_token& /*stop*/,
                    const std::function<void(double)>& /*progress*/) override {
        Writer writer;
        writer.add(population.size());
        for (const Assignment& assignment : population) {
            writer.add(assignment);
        }
        return ask(writer.line("evaluate"));
    }
    Answer race(std::span<const Racer> population, double confidence,
                const std::stop_token& /*stop*/,
                const std::function<void(double)>& /*progress*/) override {
        Writer writer;
        writer.add(confidence).add(population.size());
        for (const Racer& racer : population) {
            writer.add(racer.assignment).add(racer.rival);
        }
        return ask(writer.line("race"));
    }
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer) override {
        Writer writer;
        writer.add(layer).add(std::int64_t{side == Side::Weights}).add(std::optional(quantizer));
        m_line.send(writer.line("rounding"));
        Reader reader(m_line.receive());
        reader.word();
        const double meanSquare = reader.number();
        return {meanSquare, reader.number()};
    }
    Answer evaluateChannels(std::span<const ChannelProbe> probes, const std::stop_token& /*stop*/,
                            const std::function<void(double)>& /*progress*/) override {
        return ask(probesLine(probes, "channels"));
    }
    std::vector<RoundingError> channelRoundingErrors(
        std::span<const ChannelProbe> probes) override {
        m_line.send(probesLine(probes, "channelerrors"));
        Reader reader(m_line.receive());
        reader.word();
        std::vector<RoundingError> errors(probes.size());
        for (RoundingError& error : errors) {
            error.meanSquare = reader.number();
            error.sqnrDb = reader.number();
        }
        return errors;
    }

private:
    static std::string probesLine(std::span<const ChannelProbe> probes, const std::string& word) {
        Writer writer;
        writer.add(probes.size());
        for (const ChannelProbe& probe : probes) {
            writer.add(probe);
        }
        return writer.line(word);
    }
    [[nodiscard]] Answer ask(const std::string& request) const {
        m_line.send(request);
        Reader reader(m_line.receive());
        Answer answer;
        answer.outcome = reader.word() == "finished" ? JobOutcome::Finished : JobOutcome::Failed;
        answer.measurements.resize(reader.count());
        for (Measurement& measured : answer.measurements) {
            measured = reader.measurement();
        }
        return answer;
    }

    Line m_line;
    pid_t m_process = -1;
};

MemoryStore explored(Evaluator& evaluator) {
    ExplorationPlan plan;
    plan.layers = denseNetwork()->layers;
    plan.space =
        uniformSpace(plan.layers, {"int8", "int4@channel", "posit<6,1>", "int2"}, {"int8", "int4"});
    plan.objectives = {QuantityId::Accuracy, QuantityId::WeightBits};
    plan.strategy = {.name = "portfolio", .seed = 5};
    plan.leaveOneInFloat = true;
    plan.channelMaps = {{.layer = 1, .group = 5}};
    plan.maxEvaluations = 200;
    plan.earlyStopping = 0.95;
    MemoryStore store;
    RecordingSink sink(store);
    Explorer explorer(plan, {}, evaluator, store, sink);
    explorer.start();
    explorer.wait();
    if (sink.outcomes != std::vector{JobOutcome::Finished}) {
        QTest::qFail(sink.error.sentence().c_str(), __FILE__, __LINE__);
    }
    return store;
}

std::string textOf(const Measurement& measured) {
    return Writer().add(measured).line("");
}

}  // namespace

class TstRemoteEvaluator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anExplorationIsTheSameWithTheEvaluatorInAnotherProcess() {
        MemoryStore remote;
        {
            RemoteEvaluator evaluator;  // forks before anything here has a thread
            remote = explored(evaluator);
        }
        const auto evaluator = localEvaluator();
        const MemoryStore local = explored(*evaluator);
        QCOMPARE(remote.kept.evaluations.size(), local.kept.evaluations.size());
        QCOMPARE(local.kept.evaluations.size(), std::size_t{200});
        std::size_t stopped = 0;
        for (std::size_t i = 0; i < local.kept.evaluations.size(); ++i) {
            const Evaluation& expected = local.kept.evaluations[i];
            QVERIFY(remote.kept.evaluations[i].design == expected.design);
            QCOMPARE(textOf(remote.kept.evaluations[i].measured), textOf(expected.measured));
            stopped += expected.measured.stoppedEarly ? 1 : 0;
        }
        QVERIFY(stopped > 0);
        QCOMPARE(remote.kept.channels.size(), local.kept.channels.size());
        QVERIFY(!local.kept.channels.empty());
        for (std::size_t i = 0; i < local.kept.channels.size(); ++i) {
            QCOMPARE(textOf(remote.kept.channels[i].measured),
                     textOf(local.kept.channels[i].measured));
            QCOMPARE(remote.kept.channels[i].sqnrDb, local.kept.channels[i].sqnrDb);
        }
        QCOMPARE(remote.kept.leaveOneInFloat.size(), local.kept.leaveOneInFloat.size());
        QCOMPARE(remote.kept.sensitivity.size(), local.kept.sensitivity.size());
    }
};

QTEST_GUILESS_MAIN(TstRemoteEvaluator)
#include "tst_remote_evaluator.moc"
