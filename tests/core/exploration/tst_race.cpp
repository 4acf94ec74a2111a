// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <cstring>
#include <set>

#include "core/exploration/front.h"
#include "core/exploration/intervals.h"
#include "core/exploration/population_evaluator.h"
#include "core/exploration/race_samples.h"
#include "tests/core/exploration/dense_study.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

constexpr double kConfidence = 0.99;

std::unique_ptr<PopulationEvaluator> evaluatorOf(const data::Samples& samples, int threads) {
    return std::move(
        makePopulationEvaluator(denseNetwork(), sortedSamples(64), mixedSamples(samples), threads)
            .value());
}

ExplorationPlan enumerablePlan(std::optional<double> confidence) {
    ExplorationPlan plan;
    plan.layers = denseNetwork()->layers;
    plan.space =
        uniformSpace(plan.layers, {"int8", "int5", "int4", "int3", "int2"}, {"int8", "int4"});
    plan.objectives = {QuantityId::Accuracy, QuantityId::Bops};
    plan.strategy = {.name = "exhaustive", .seed = 1};
    plan.sensitivityFirst = false;
    plan.maxEvaluations = 10'000;
    plan.earlyStopping = confidence;
    return plan;
}

struct Run {
    MemoryStore store;
    RecordingSink sink{store};

    void run(const ExplorationPlan& plan, Evaluator& evaluator, KnownResults known = {}) {
        store.kept = known;
        Explorer explorer(plan, std::move(known), evaluator, store, sink);
        explorer.start();
        explorer.wait();
    }
    [[nodiscard]] std::vector<Evaluation> front(const ExplorationPlan& plan) const {
        std::vector<Evaluation> front;
        for (const std::size_t i : paretoFront(store.kept.evaluations, plan.objectives)) {
            front.push_back(store.kept.evaluations[i]);
        }
        return front;
    }
};

bool sameBits(double a, double b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

bool same(const Evaluation& a, const Evaluation& b) {
    return a.design == b.design && a.measured.correct == b.measured.correct &&
           a.measured.samples == b.measured.samples &&
           a.measured.stoppedEarly == b.measured.stoppedEarly &&
           sameBits(a.measured.metric, b.measured.metric) &&
           sameBits(a.measured.interval.low, b.measured.interval.low) &&
           sameBits(a.measured.interval.high, b.measured.interval.high) &&
           sameBits(a.measured.kl, b.measured.kl);
}

void compareRuns(const std::vector<Evaluation>& actual, const std::vector<Evaluation>& expected) {
    QCOMPARE(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        QVERIFY2(same(actual[i], expected[i]), std::to_string(i).c_str());
    }
}

}  // namespace

class TstRace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTestIsMcNemarsExactOne() {
        // Binomial tails by hand: P(X >= b), X of Bin(n, 1/2).
        QCOMPARE(mcnemarProbability(1, 0), 0.5);
        QCOMPARE(mcnemarProbability(5, 0), 1.0 / 32);
        QCOMPARE(mcnemarProbability(3, 1), 5.0 / 16);
        QCOMPARE(mcnemarProbability(8, 2), 56.0 / 1024);
        QCOMPARE(mcnemarProbability(0, 0), 1.0);
        QCOMPARE(mcnemarProbability(0, 7), 1.0);
        QVERIFY(std::fabs(mcnemarProbability(1, 3) - 15.0 / 16) < 1e-12);
        QVERIFY(std::fabs(mcnemarProbability(500, 500) - 0.5 * (1 + 0.02522501817836062)) <
                1e-9);  // half and half the middle term
        QVERIFY(mcnemarProbability(3000, 100) < 1e-300);
        for (std::int64_t b = 1; b < 60; ++b) {  // both tails and the overlap make one
            const double both =
                mcnemarProbability(b, 60 - b) + mcnemarProbability(60 - b + 1, b - 1);
            QVERIFY(std::fabs(both - 1) < 1e-12);
        }
    }

    void aRaceSeesEveryBatchOnceAndSpendsItsErrorOnce() {
        for (const std::size_t batches : {1U, 2U, 3U, 31U, 157U, 6250U}) {
            const RacePlan plan(batches, kConfidence);
            std::multiset<std::size_t> seen;
            for (const auto& stage : plan.stages()) {
                QVERIFY(!stage.empty());
                seen.insert(stage.begin(), stage.end());
            }
            QCOMPARE(seen.size(), batches);
            QCOMPARE(std::set<std::size_t>(seen.begin(), seen.end()).size(), batches);
            // The last stage has no look behind it.
            const double ofLook =
                0.01 / std::max(1.0, static_cast<double>(plan.stages().size()) - 1);
            std::int64_t needed = 1;
            while (mcnemarProbability(needed, 0) > ofLook) {
                ++needed;
            }
            QVERIFY(plan.isWorse(needed, 0) && !plan.isWorse(needed - 1, 0));
            QVERIFY(!plan.isWorse(0, 1000));
        }
    }

    void mixedSamplesAreTheSameOnesInAnotherOrder() {
        const data::Samples sorted = sortedSamples(500);
        const data::Samples mixed = mixedSamples(sorted);
        QVERIFY(mixed.labels != sorted.labels);
        QVERIFY(mixedSamples(sorted).labels == mixed.labels);
        using Row = std::pair<std::int64_t, std::vector<float>>;
        std::multiset<Row> before;
        std::multiset<Row> after;
        for (std::size_t i = 0; i < 500; ++i) {
            const auto a = sorted.inputs.at("x").as<float>().subspan(12 * i, 12);
            const auto b = mixed.inputs.at("x").as<float>().subspan(12 * i, 12);
            before.insert({sorted.labels[i], {a.begin(), a.end()}});
            after.insert({mixed.labels[i], {b.begin(), b.end()}});
        }
        QVERIFY(before == after);
        // Each fifth of the samples holds every label: no part is of one class any more.
        for (std::size_t part = 0; part < 5; ++part) {
            const auto first = mixed.labels.begin() + static_cast<std::ptrdiff_t>(100 * part);
            QCOMPARE(std::set<std::int64_t>(first, first + 100).size(),
                     std::set<std::int64_t>(sorted.labels.begin(), sorted.labels.end()).size());
        }
    }

    void aStoppedDesignStandsBehindItsRival() {
        Measurement rival;
        rival.metric = 0.95;
        rival.interval = {.low = 0.94, .high = 0.96};
        Measurement seen;
        seen.metric = 0.97;  // the first samples are easy ones
        seen.samples = 1000;
        seen.correct = 970;
        const Measurement stopped = stoppedMeasurement(seen, rival, 25, 5);
        QVERIFY(stopped.stoppedEarly);
        QCOMPARE(stopped.samples, std::int64_t{1000});
        QCOMPARE(stopped.correct, std::int64_t{970});
        QVERIFY(std::fabs(stopped.metric - 0.93) < 1e-12);
        // sd of the difference: sqrt(30 - 1000 * 0.02^2) / 1000 = 0.00544.
        const double half = std::hypot(1.959963984540054 * std::sqrt(29.6) / 1000, 0.01);
        QVERIFY(std::fabs(stopped.interval.low - (0.93 - half)) < 1e-12);
        QVERIFY(std::fabs(stopped.interval.high - (0.93 + half)) < 1e-12);
    }

    void theFrontIsTheSameAndSamplesAreSaved() {
        const data::Samples samples = sortedSamples(4000);
        const auto evaluator = evaluatorOf(samples, 2);
        QVERIFY(evaluator->canRace());
        Run whole;
        whole.run(enumerablePlan({}), *evaluator);
        Run raced;
        const ExplorationPlan plan = enumerablePlan(kConfidence);
        raced.run(plan, *evaluator);
        QCOMPARE(raced.sink.outcomes, std::vector{JobOutcome::Finished});
        QCOMPARE(whole.store.kept.evaluations.size(), std::size_t{1000});
        QCOMPARE(raced.store.kept.evaluations.size(), std::size_t{1000});

        compareRuns(raced.front(plan), whole.front(plan));
        std::int64_t seen = 0;
        std::size_t stopped = 0;
        for (std::size_t i = 0; i < 1000; ++i) {
            const Evaluation& one = raced.store.kept.evaluations[i];
            const Evaluation& truth = whole.store.kept.evaluations[i];
            seen += one.measured.samples;
            stopped += one.measured.stoppedEarly ? 1 : 0;
            QVERIFY(one.design == truth.design);
            if (one.measured.stoppedEarly) {
                QVERIFY(one.measured.samples < 4000);
                // An estimate of what the whole split says, within a generous interval.
                QVERIFY(std::fabs(one.measured.metric - truth.measured.metric) < 0.15);
            } else {
                QVERIFY(same(one, truth));
                QVERIFY(one.measured.hits != nullptr);
            }
        }
        qInfo("%zu of 1000 designs stopped early, %.1f %% of the samples run", stopped,
              static_cast<double>(seen) / 4e4);
        QVERIFY(stopped > 300);
        QVERIFY(seen < 4'000 * 700);
    }

    void threadsPopulationsAndInterruptsChangeNothing() {
        const data::Samples samples = sortedSamples(1500);
        ExplorationPlan plan = enumerablePlan(kConfidence);
        plan.strategy = {.name = "nsga2", .seed = 3};
        plan.maxEvaluations = 400;
        Run expected;
        expected.run(plan, *evaluatorOf(samples, 1));
        for (const int threads : {2, 8}) {
            Run again;
            again.run(plan, *evaluatorOf(samples, threads));
            compareRuns(again.store.kept.evaluations, expected.store.kept.evaluations);
        }
        // Stopped after every batch and taken up again: populations of other sizes.
        KnownResults known;
        for (int round = 0; round < 500 && known.evaluations.size() < 400; ++round) {
            Run part;
            part.store.kept = known;
            const auto evaluator = evaluatorOf(samples, 2);
            Explorer explorer(plan, known, *evaluator, part.store, part.sink);
            const std::size_t before = known.evaluations.size();
            part.sink.afterBatch = [&] {
                if (part.store.kept.evaluations.size() > before + static_cast<std::size_t>(round)) {
                    explorer.requestStop();
                }
            };
            explorer.start();
            explorer.wait();
            known = part.store.kept;
        }
        compareRuns(known.evaluations, expected.store.kept.evaluations);
    }

    void withoutHitsOrWithMeasuredCostsNobodyIsStopped() {
        FakeEvaluator evaluator;  // cannot race
        ExplorationPlan plan = enumerablePlan(kConfidence);
        plan.maxEvaluations = 200;
        Run run;
        run.run(plan, evaluator);
        QCOMPARE(run.store.kept.evaluations.size(), std::size_t{200});
        for (const Evaluation& evaluation : run.store.kept.evaluations) {
            QVERIFY(!evaluation.measured.stoppedEarly);
        }
        const auto real = evaluatorOf(sortedSamples(600), 1);
        plan.objectives = {QuantityId::Accuracy, QuantityId::Kl};
        Run other;
        other.run(plan, *real);
        for (const Evaluation& evaluation : other.store.kept.evaluations) {
            QVERIFY(!evaluation.measured.stoppedEarly);
            QCOMPARE(evaluation.measured.samples, std::int64_t{600});
        }
    }
};

QTEST_GUILESS_MAIN(TstRace)
#include "tst_race.moc"
