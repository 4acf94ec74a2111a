// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <set>

#include "core/base/random.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/allocation.h"
#include "core/exploration/strategies/assignment_strategy.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

using Groups = std::vector<std::vector<AllocationOption>>;

/// Cost and score of every combination.
std::vector<Losses> enumerate(const Groups& groups) {
    std::vector<Losses> all = {{0, 0}};
    for (const std::vector<AllocationOption>& group : groups) {
        std::vector<Losses> longer;
        for (const Losses& begun : all) {
            for (const AllocationOption& option : group) {
                longer.push_back({begun[0] + option.cost, begun[1] + option.score});
            }
        }
        all = std::move(longer);
    }
    return all;
}

Groups randomGroups(Random& random, std::size_t most) {
    Groups groups(1 + random.below(most));
    for (std::vector<AllocationOption>& group : groups) {
        group.resize(1 + random.below(5));  // a group of one is a lock
        for (AllocationOption& option : group) {
            option = {.cost = static_cast<double>(random.below(30)),
                      .score = static_cast<double>(random.below(20))};
        }
    }
    return groups;
}

std::vector<Design> askedInTurn(Strategy& strategy, const DesignSpace& space,
                                const std::vector<network::Layer>& layers, std::size_t most,
                                std::vector<Evaluation>& told) {
    std::vector<Design> all;
    while (all.size() < most) {
        const std::vector<Design> asked = strategy.ask(most - all.size());
        if (asked.empty()) {
            break;
        }
        std::vector<Evaluation> answers;
        for (const Design& design : asked) {
            answers.push_back(fakeEvaluation(design, space, layers));
        }
        strategy.tell(answers);
        told.insert(told.end(), answers.begin(), answers.end());
        all.insert(all.end(), asked.begin(), asked.end());
    }
    return all;
}

}  // namespace

class TstAllocation : public QObject {
    Q_OBJECT

    std::vector<network::Layer> m_layers = denseLayers(3);
    DesignSpace m_space = uniformSpace(m_layers, {"int8", "int5", "int3"}, {"int4", "int8", "int6"},
                                       {{.rows = 8, .columns = 8}, {.rows = 4, .columns = 16}});
    const std::vector<QuantityId> m_objectives = {QuantityId::Accuracy, QuantityId::Bops};

    PriorKnowledge knowledge() const {
        PriorKnowledge known{.layers = m_layers};
        FakeEvaluator evaluator;
        for (const Slot& slot : m_space.layerSlots()) {
            for (const quantization::Quantizer& choice : m_space.choices(slot)) {
                known.rounding.push_back(
                    {.layer = slot.layer,
                     .side = slot.side,
                     .quantizer = choice,
                     .error = evaluator.roundingError(slot.layer, slot.side, choice)});
            }
        }
        return known;
    }

    std::vector<Evaluation> everyEvaluation() const {
        std::vector<Evaluation> all;
        const auto walk = makeStrategy({.name = "exhaustive"}, m_space, m_objectives);
        for (const Design& design : walk.value()->ask(100000)) {
            all.push_back(fakeEvaluation(design, m_space, m_layers));
        }
        return all;
    }

private Q_SLOTS:
    void theWholeFrontOfTheKnapsack() {
        Random random(23);
        for (int round = 0; round < 150; ++round) {
            const Groups groups = randomGroups(random, 6);
            const std::vector<Losses> all = enumerate(groups);
            std::set<Losses> expected;
            for (const std::size_t index : paretoFront(all)) {
                expected.insert(all[index]);
            }
            const std::vector<AllocationPoint> front = allocate(groups);
            QCOMPARE(front.size(), expected.size());
            auto wanted = expected.begin();
            for (const AllocationPoint& point : front) {  // both ascend by cost
                QCOMPARE((Losses{point.cost, point.score}), *wanted++);
                double cost = 0;
                double score = 0;
                for (std::size_t g = 0; g < groups.size(); ++g) {
                    cost += groups[g].at(point.options[g]).cost;
                    score += groups[g].at(point.options[g]).score;
                }
                QCOMPARE((Losses{cost, score}), (Losses{point.cost, point.score}));
            }
        }
    }

    void aThinnedFrontStaysNearTheExactOne() {
        Random random(29);
        Groups groups(12, std::vector<AllocationOption>(5));
        for (std::vector<AllocationOption>& group : groups) {
            double bits = 2;
            for (AllocationOption& option : group) {  // like formats: each bit quarters the error
                bits += 1 + random.uniform();
                option = {.cost = bits, .score = std::exp2(-2 * bits) * (1 + random.uniform())};
            }
        }
        const std::vector<AllocationPoint> exact = allocate(groups);
        const std::vector<AllocationPoint> thinned = allocate(groups, 64);
        QVERIFY(thinned.size() <= 66);
        QVERIFY(exact.size() > 2 * thinned.size());
        const auto points = [](const std::vector<AllocationPoint>& front) {
            std::vector<Losses> all;
            for (const AllocationPoint& point : front) {
                all.push_back({point.cost, point.score});
            }
            return all;
        };
        QCOMPARE(thinned.front().cost, exact.front().cost);
        QVERIFY(averageDistance(points(thinned), points(exact)) < 0.02);
    }

    void costsOfAModelAreThoseOfTheDesign() {
        const CostModel model(m_space, m_layers, {QuantityId::WeightBits, QuantityId::Bops});
        for (const Evaluation& evaluation : everyEvaluation()) {
            LayerGenes genes = evaluation.design.genes;
            genes.pop_back();
            QCOMPARE(model.cost(genes, 0), evaluation.costs.weightBits);
            QVERIFY(std::abs(model.cost(genes, 1) - evaluation.costs.bops) < 1e-6);
        }
    }

    void theFrontOfAnAdditiveScoreIsExact() {
        const CostModel model(m_space, m_layers, m_objectives);
        Random random(31);
        SlotTable scores = model.bits();
        for (std::vector<double>& row : scores) {
            for (double& score : row) {
                score = static_cast<double>(random.below(1000));
            }
        }
        std::vector<Losses> all;
        for (const Evaluation& evaluation : everyEvaluation()) {
            double score = 0;
            for (std::size_t slot = 0; slot < scores.size(); ++slot) {
                score += scores[slot][evaluation.design.genes[slot]];
            }
            all.push_back(
                {model.cost({evaluation.design.genes.begin(), evaluation.design.genes.end() - 1},
                            0),
                 score});
        }
        const std::vector<LayerGenes> front = model.exactFront(scores, 0);
        QCOMPARE(front.size(), paretoFront(all).size());
    }

    void onlyTheBestArraysAreAskedFor() {
        const CostModel none(m_space, m_layers, m_objectives);
        QCOMPARE(none.accelerators(), std::vector<std::uint16_t>{0});
        const CostModel cycles(m_space, m_layers, {QuantityId::Accuracy, QuantityId::Cycles});
        QCOMPARE(cycles.accelerators().size(), std::size_t(1));
        const auto best = cycles.accelerators().front();
        for (const hardware::Accelerator& array : m_space.accelerators()) {
            QVERIFY(computeCosts(m_layers, {}, m_space.accelerators()[best]).cycles <=
                    computeCosts(m_layers, {}, array).cycles);
        }
    }

    void priorsAreMonotone() {
        SlotTable scores = {{1, 3, 2}};  // 8, 5 and 3 bits: fewer bits cannot be better
        const DesignSpace space = uniformSpace(denseLayers(1), {"int8", "int5", "int3"}, {});
        makeMonotone(scores, space);
        QCOMPARE(scores, (SlotTable{{1, 3, 3}}));
        SlotTable families = {{1, 0.5}};
        makeMonotone(families, uniformSpace(denseLayers(1), {"int8", "posit<5,1>"}, {}));
        QCOMPARE(families, (SlotTable{{1, 0.5}}));
    }

    void incompletePriorsAreLeftOut() {
        PriorKnowledge known = knowledge();
        QCOMPARE(gatherPriors(m_space, known).size(), std::size_t(2));
        known.rounding.pop_back();
        const std::vector<Prior> priors = gatherPriors(m_space, known);
        QCOMPARE(priors.size(), std::size_t(1));
        QCOMPARE(priors[0].name, std::string("bits"));
    }

    void bisectionOrderStartsWithTheEnds() {
        QCOMPARE(bisectionOrder({0, 1, 2, 3, 4}), (std::vector<std::size_t>{0, 4, 2, 1, 3}));
        QCOMPARE(bisectionOrder({0, 7, 8, 9, 10}), (std::vector<std::size_t>{0, 4, 1, 3, 2}));
        QCOMPARE(bisectionOrder({5}), std::vector<std::size_t>{0});
        QVERIFY(bisectionOrder({}).empty());
    }

    /// The fake network is nearly additive in what the prior says: a few designs find its front.
    void allocationFindsTheFrontAtOnce() {
        std::vector<Evaluation> told;
        const auto strategy =
            makeStrategy({.name = "allocation"}, m_space, m_objectives, knowledge());
        askedInTurn(*strategy.value(), m_space, m_layers, 40, told);
        QVERIFY(told.size() >= 10);
        const std::vector<Evaluation> all = everyEvaluation();
        std::vector<Losses> truth;
        for (const std::size_t index : paretoFront(all, m_objectives)) {
            truth.push_back({1 - all[index].measured.metric, all[index].costs.bops});
        }
        std::vector<Losses> found;
        for (const Evaluation& evaluation : told) {
            found.push_back({1 - evaluation.measured.metric, evaluation.costs.bops});
        }
        QVERIFY(averageDistance(found, truth) < 0.03);
    }

    void greedyStepsDownOneSlotAtATime() {
        std::vector<Evaluation> told;
        const auto strategy = makeStrategy({.name = "greedy"}, m_space, m_objectives, knowledge());
        const std::vector<Design> asked =
            askedInTurn(*strategy.value(), m_space, m_layers, 1000, told);
        // Choices of the activations are not listed in order of bits: int8 is the second.
        QCOMPARE(asked.front().genes, (std::vector<std::uint16_t>{0, 1, 0, 1, 0, 1, 0}));
        QCOMPARE(asked.back().genes, (std::vector<std::uint16_t>{2, 0, 2, 0, 2, 0, 0}));
        // 12 steps down; each measures at most the six next formats.
        QVERIFY(asked.size() > 12 && asked.size() <= 1 + 12 * 6);
    }

    void bisectionFindsTheCheapestDesignThatIsGoodEnough() {
        for (const double target : {0.899, 0.89, 0.87, 0.8}) {
            std::vector<Evaluation> told;
            const auto strategy = makeStrategy({.name = "bisection", .target = target}, m_space,
                                               m_objectives, knowledge());
            askedInTurn(*strategy.value(), m_space, m_layers, 1000, told);
            const auto cheapest = [&](const std::vector<Evaluation>& evaluations) {
                double cost = std::numeric_limits<double>::infinity();
                for (const Evaluation& evaluation : evaluations) {
                    if (evaluation.measured.metric >= target) {
                        cost = std::min(cost, evaluation.costs.bops);
                    }
                }
                return cost;
            };
            QVERIFY(told.size() < 200);  // of 729
            QVERIFY(cheapest(told) <= 1.001 * cheapest(everyEvaluation()));
        }
    }
};

QTEST_APPLESS_MAIN(TstAllocation)
#include "tst_allocation.moc"
