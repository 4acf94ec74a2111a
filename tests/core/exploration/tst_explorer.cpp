// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QElapsedTimer>
#include <set>
#include <stdexcept>

#include "core/base/random.h"
#include "core/exploration/pace.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

constexpr int kPatienceMilliseconds = 200;

ExplorationPlan smallPlan(const std::string& strategy, std::int64_t evaluations) {
    ExplorationPlan plan;
    plan.layers = denseLayers(3);
    plan.space = uniformSpace(plan.layers, {"int8", "int6", "int4", "int3"}, {"int8", "int4"},
                              {{.rows = 8, .columns = 8}, {.rows = 16, .columns = 4}});
    plan.objectives = {QuantityId::Accuracy, QuantityId::Bops};
    plan.strategy = {.name = strategy, .seed = 5};
    plan.maxEvaluations = evaluations;
    return plan;
}

/// Cells of the sensitivity map of smallPlan(): 3 layers x (4 weight + 2 activation formats).
constexpr std::size_t kCells = 18;

struct Exploration {
    explicit Exploration(ExplorationPlan plan, KnownResults known = {}) {
        store.kept = known;
        explorer.emplace(std::move(plan), std::move(known), evaluator, store, sink);
    }
    void runToEnd() {
        explorer->start();
        explorer->wait();
    }

    FakeEvaluator evaluator;
    MemoryStore store;
    RecordingSink sink{store};
    std::optional<Explorer> explorer;
};

std::vector<Design> designsOf(const std::vector<Evaluation>& evaluations) {
    std::vector<Design> designs;
    for (const Evaluation& evaluation : evaluations) {
        designs.push_back(evaluation.design);
    }
    return designs;
}

class ThrowingEvaluator : public FakeEvaluator {
public:
    Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                    const std::function<void(double)>& progress) override {
        if (population.size() > 1) {
            throw std::runtime_error("the ninth gear broke");
        }
        return FakeEvaluator::evaluate(population, stop, progress);
    }
};

}  // namespace

class TstExplorer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsItsPhasesInOrderAndKeepsBeforeItShows() {
        Exploration run(smallPlan("random", 100));
        run.runToEnd();
        QCOMPARE(run.sink.outcomes, std::vector{JobOutcome::Finished});
        QVERIFY(!run.sink.shownBeforeKept);
        QVERIFY(!run.sink.calledAfterEnd);
        QCOMPARE(run.sink.references.size(), std::size_t(1));
        QCOMPARE(run.sink.references[0].metric, 0.9);
        QCOMPARE(run.sink.cells.size(), kCells);
        QCOMPARE(run.store.kept.sensitivity.size(), kCells);
        QCOMPARE(run.sink.evaluations.size(), std::size_t(100));
        for (std::size_t i = 0; i < 100; ++i) {
            const Evaluation& shown = run.sink.evaluations[i];
            QCOMPARE(shown.id, static_cast<std::int64_t>(i) + 1);
            const Evaluation expected =
                fakeEvaluation(shown.design, smallPlan("random", 1).space, denseLayers(3));
            QCOMPARE(shown.measured.metric, expected.measured.metric);
            QCOMPARE(shown.costs.bops, expected.costs.bops);
            QCOMPARE(shown.costs.cycles, expected.costs.cycles);
        }
    }

    void asksForTheFloatNetworkFirst() {
        Exploration run(smallPlan("random", 1));
        run.runToEnd();
        QVERIFY(run.evaluator.asked.front() == Assignment(3));
    }

    void aSensitivityCellRoundsOneSideOfOneLayer() {
        Exploration run(smallPlan("random", 1));
        run.runToEnd();
        for (const SensitivityCell& cell : run.sink.cells) {
            Assignment alone(3);
            (cell.side == Side::Weights ? alone[cell.layer].weights
                                        : alone[cell.layer].activations) = cell.quantizer;
            QCOMPARE(cell.measured.metric, fakeMeasurement(alone).metric);
            FakeEvaluator evaluator;
            QCOMPARE(cell.sqnrDb,
                     evaluator.roundingError(cell.layer, cell.side, cell.quantizer).sqnrDb);
        }
    }

    void theReverseMapLeavesOneLayerInFloat() {
        ExplorationPlan plan = smallPlan("random", 0);
        plan.leaveOneInFloat = true;
        // Layer 1 may not use int3: it is float in every row of that format.
        std::vector<LayerChoices> layers = plan.space.layers();
        layers[1].weights = quantizers({"int8", "int6", "int4"});
        plan.space = DesignSpace(layers, plan.space.accelerators());
        Exploration run(plan);
        run.runToEnd();
        QVERIFY(!run.sink.shownBeforeKept);
        // Yardsticks of 4 + 2 formats, and the 17 cells of the map itself.
        QCOMPARE(run.sink.leaveOneInFloat.size(), std::size_t{6 + 17});
        for (const LeaveOneInFloatCell& cell : run.sink.leaveOneInFloat) {
            Assignment expected(3);
            for (std::size_t layer = 0; layer < 3; ++layer) {
                const bool isThree = cell.quantizer == quantizer("int3");
                if (cell.layer != layer && !(isThree && layer == 1)) {
                    (cell.side == Side::Weights ? expected[layer].weights
                                                : expected[layer].activations) = cell.quantizer;
                }
            }
            QCOMPARE(cell.measured.metric, fakeMeasurement(expected).metric);
        }
        QVERIFY(run.sink.evaluations.empty());

        // What is known is not measured again.
        KnownResults known = run.store.kept;
        known.leaveOneInFloat.resize(10);
        Exploration again(plan, known);
        again.runToEnd();
        QCOMPARE(again.sink.leaveOneInFloat.size(), std::size_t{13});
    }

    void channelsOfAChosenLayerAreMeasuredInGroups() {
        ExplorationPlan plan = smallPlan("random", 0);
        plan.sensitivityFirst = false;
        plan.channelMaps = {{.layer = 1, .group = 24}};
        Exploration run(plan);
        run.runToEnd();
        QVERIFY(!run.sink.shownBeforeKept);
        QVERIFY(run.sink.cells.empty());
        // 64 -> 32: two groups of output channels in 4 formats, three of input channels in 2.
        QCOMPARE(run.sink.channels.size(), std::size_t{2 * 4 + 3 * 2});
        std::int64_t covered = 0;
        for (const ChannelCell& cell : run.sink.channels) {
            QCOMPARE(cell.probe.channels.layer, std::size_t{1});
            covered += cell.probe.channels.count;
        }
        QCOMPARE(covered, std::int64_t{4 * 32 + 2 * 64});
        QCOMPARE(run.evaluator.askedChannels.size(), run.sink.channels.size());
        for (std::size_t i = 0; i < run.sink.channels.size(); ++i) {
            QVERIFY(run.evaluator.askedChannels[i] == run.sink.channels[i].probe);
        }

        KnownResults known = run.store.kept;
        known.channels.resize(5);
        Exploration again(plan, known);
        again.runToEnd();
        QCOMPARE(again.sink.channels.size(), std::size_t{9});
        QVERIFY(again.sink.channels.front().probe == run.sink.channels[5].probe);
    }

    void measuresEachAssignmentOnce() {
        Exploration run(smallPlan("exhaustive", 100000));
        run.runToEnd();
        const double size = smallPlan("exhaustive", 1).space.size();
        QCOMPARE(static_cast<double>(run.sink.evaluations.size()), size);
        // Half as many assignments as designs: there are two arrays.
        QCOMPARE(run.evaluator.asked.size(), 1 + kCells + static_cast<std::size_t>(size) / 2);
    }

    void theOrderIsTheStrategysWhateverThePace() {
        const ExplorationPlan plan = smallPlan("random", 600);
        auto strategy = makeStrategy(plan.strategy, plan.space, plan.objectives);
        const std::vector<Design> expected = strategy.value()->ask(600);
        Exploration run(plan);
        run.runToEnd();
        QCOMPARE(designsOf(run.sink.evaluations), expected);
        QVERIFY(run.evaluator.populationSizes.back() > 1);  // the pace did adapt
    }

    void aRunThatWasStoppedOftenEndsLikeOneThatWasNot_data() {
        QTest::addColumn<QString>("strategy");
        for (const std::string& name : strategyNames()) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }
    void aRunThatWasStoppedOftenEndsLikeOneThatWasNot() {
        QFETCH(const QString, strategy);
        const ExplorationPlan plan = smallPlan(strategy.toStdString(), 120);
        Exploration whole(plan);
        whole.runToEnd();
        QVERIFY(!whole.sink.evaluations.empty());

        Random random(99);
        KnownResults kept = whole.store.kept;
        kept.evaluations.clear();
        int runs = 0;
        for (bool finished = false; !finished; ++runs) {
            QVERIFY(runs < 1000);
            Exploration part(plan, kept);
            std::uint64_t batches = 1 + random.below(2);
            part.sink.afterBatch = [&] {
                if (--batches == 0) {
                    part.explorer->requestStop();
                }
            };
            part.runToEnd();
            finished = part.sink.outcomes == std::vector{JobOutcome::Finished};
            kept = part.store.kept;
        }
        QCOMPARE(designsOf(kept.evaluations), designsOf(whole.sink.evaluations));
        QCOMPARE(kept.sensitivity.size(), kCells);
        QVERIFY(runs > 3);
    }

    void whatIsKnownIsNotMeasuredAgain() {
        Exploration first(smallPlan("random", 40));
        first.runToEnd();
        Exploration second(smallPlan("random", 60), first.store.kept);
        second.runToEnd();
        QCOMPARE(second.sink.evaluations.size(), std::size_t(20));
        QVERIFY(second.sink.references.empty());
        QVERIFY(second.sink.cells.empty());
        QVERIFY(second.evaluator.asked.size() <= 20);
        QCOMPARE(second.sink.progress.front().done, std::int64_t(40));
        QCOMPARE(second.sink.progress.back().done, std::int64_t(60));
        Exploration third(smallPlan("random", 60), second.store.kept);
        third.runToEnd();
        QVERIFY(third.evaluator.asked.empty());
        QCOMPARE(third.sink.outcomes, std::vector{JobOutcome::Finished});
    }

    void anotherStrategyGoesOnWithoutRepeating() {
        Exploration first(smallPlan("random", 60));
        first.runToEnd();
        Exploration second(smallPlan("exhaustive", 100000), first.store.kept);
        second.runToEnd();
        const std::vector<Design> all = designsOf(second.store.kept.evaluations);
        QCOMPARE(static_cast<double>(std::set<Design>(all.begin(), all.end()).size()),
                 static_cast<double>(all.size()));
        QCOMPARE(static_cast<double>(all.size()), smallPlan("random", 1).space.size());
    }

    void stopsAtOnceAndKeepsWhatIsFinished() {
        GatedEvaluator evaluator;
        MemoryStore store;
        RecordingSink sink(store);
        ExplorationPlan plan = smallPlan("random", 100);
        plan.sensitivityFirst = false;
        std::binary_semaphore oneBatch{0};
        sink.afterBatch = [&] { oneBatch.release(); };
        Explorer explorer(plan, {}, evaluator, store, sink);
        explorer.start();
        evaluator.permits.release(2);  // the float network and one design
        oneBatch.acquire();
        QElapsedTimer timer;
        timer.start();
        explorer.requestStop();
        explorer.wait();
        QVERIFY(timer.elapsed() < kPatienceMilliseconds);
        QCOMPARE(sink.outcomes, std::vector{JobOutcome::Cancelled});
        QVERIFY(sink.error.what.empty());
        QVERIFY(!store.kept.evaluations.empty());
        QCOMPARE(sink.evaluations.size(), store.kept.evaluations.size());
    }

    void aPauseHoldsThePopulationInWork() {
        GatedEvaluator evaluator;
        MemoryStore store;
        RecordingSink sink(store);
        ExplorationPlan plan = smallPlan("random", 3);
        plan.sensitivityFirst = false;
        Explorer explorer(plan, {}, evaluator, store, sink);
        explorer.start();
        evaluator.entered.acquire();  // the float network is in work
        explorer.pause();
        QVERIFY(explorer.isPaused());
        evaluator.permits.release(100);
        QVERIFY(!evaluator.entered.try_acquire_for(std::chrono::milliseconds(30)));
        QVERIFY(!store.kept.reference.has_value());
        explorer.resume();
        explorer.wait();
        QCOMPARE(sink.outcomes, std::vector{JobOutcome::Finished});
        QCOMPARE(evaluator.asked.size(), std::size_t(4));  // nothing was measured twice
    }

    void aPausedExplorationCanBeStopped() {
        Exploration run(smallPlan("random", 100));
        std::binary_semaphore paused{0};
        run.sink.afterBatch = [&] {
            run.explorer->pause();
            paused.release();
        };
        run.explorer->start();
        paused.acquire();
        QElapsedTimer timer;
        timer.start();
        run.explorer->requestStop();
        run.explorer->wait();
        QVERIFY(timer.elapsed() < kPatienceMilliseconds);
        QCOMPARE(run.sink.outcomes, std::vector{JobOutcome::Cancelled});
        QVERIFY(run.store.kept.evaluations.size() < 100);
    }

    void aPauseBeforeTheStartHolds() {
        Exploration run(smallPlan("random", 10));
        run.explorer->pause();
        run.explorer->start();
        run.explorer->resume();
        run.explorer->wait();
        QCOMPARE(run.sink.evaluations.size(), std::size_t(10));
    }

    void leavingStopsAndJoins() {
        GatedEvaluator evaluator;
        MemoryStore store;
        RecordingSink sink(store);
        {
            Explorer explorer(smallPlan("random", 100), {}, evaluator, store, sink);
            explorer.start();
            evaluator.entered.acquire();
            explorer.pause();
        }
        QCOMPARE(sink.outcomes, std::vector{JobOutcome::Cancelled});
    }

    void anExceptionEndsWithItsText() {
        ThrowingEvaluator evaluator;
        MemoryStore store;
        RecordingSink sink(store);
        Explorer explorer(smallPlan("random", 100), {}, evaluator, store, sink);
        explorer.start();
        explorer.wait();
        QCOMPARE(sink.outcomes, std::vector{JobOutcome::Failed});
        QVERIFY(sink.error.sentence().find("the ninth gear broke") != std::string::npos);
    }

    void whatCannotBeKeptIsNotShown() {
        Exploration run(smallPlan("random", 100));
        run.store.fails = true;
        run.runToEnd();
        QCOMPARE(run.sink.outcomes, std::vector{JobOutcome::Failed});
        QCOMPARE(run.sink.error.what, std::string("the disk is full"));
        QVERIFY(run.sink.evaluations.empty());
    }

    void anUnknownStrategyIsNamed() {
        Exploration run(smallPlan("randon", 100));
        run.runToEnd();
        QCOMPARE(run.sink.outcomes, std::vector{JobOutcome::Failed});
        QVERIFY(run.sink.error.remedy.find("random") != std::string::npos);
    }

    void progressNeverFalls() {
        Exploration run(smallPlan("random", 200));
        run.runToEnd();
        Phase phase = Phase::Reference;
        std::int64_t done = 0;
        for (const Progress& progress : run.sink.progress) {
            QVERIFY(progress.phase >= phase);
            done = progress.phase == phase ? done : 0;
            QVERIFY(progress.done >= done);
            QVERIFY(progress.done <= progress.total);
            phase = progress.phase;
            done = progress.done;
        }
        QVERIFY(phase == Phase::Search);
        QCOMPARE(done, std::int64_t(200));
        QCOMPARE(run.sink.progress.back().secondsLeft, 0.0);
    }

    void rateAndRemainingTime() {
        ProgressMeter meter(Phase::Search, 100, 1100, 50);
        QVERIFY(meter.update(100, 51).secondsLeft < 0);
        Progress progress = meter.update(140, 52);  // 40 in 2 s
        QCOMPARE(progress.perSecond, 20.0);
        QCOMPARE(progress.secondsLeft, 48.0);
        QCOMPARE(meter.update(130, 53).done, std::int64_t(140));
        for (int second = 54; second < 80; ++second) {  // 5 a second from now on
            progress = meter.update(140 + 5 * (second - 53), second);
        }
        QCOMPARE(progress.perSecond, 5.0);  // what was long ago does not count
    }

    void populationsLastAShortWhile() {
        BatchSizer sizer;
        QCOMPARE(sizer.size(), std::size_t(1));
        for (int i = 0; i < 20; ++i) {
            sizer.learn(sizer.size(), 0.01 * static_cast<double>(sizer.size()));
        }
        QCOMPARE(sizer.size(), std::size_t(40));  // 0.4 s
        sizer.learn(40, 40);
        QCOMPARE(sizer.size(), std::size_t(4));  // 4 s, for the sake of sharing
        sizer.learn(4, 40);
        QCOMPARE(sizer.size(), std::size_t(1));
    }
};

QTEST_APPLESS_MAIN(TstExplorer)
#include "tst_explorer.moc"
