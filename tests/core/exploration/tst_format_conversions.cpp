// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <set>

#include "core/base/random.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/cost_model.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

/// Layers one after the other; tensor i passes from layer i to the next one.
network::TensorFlow chain(const std::vector<std::int64_t>& elements) {
    network::TensorFlow flow;
    for (std::size_t i = 0; i <= elements.size(); ++i) {
        flow.points.push_back({.name = "dense" + std::to_string(i + 1), .layer = i});
        if (i > 0) {
            flow.tensors.push_back({.name = "t" + std::to_string(i),
                                    .elements = elements[i - 1],
                                    .writer = i - 1,
                                    .readers = {i}});
        }
    }
    return flow;
}

/// The first layer's result is read by the second and added to what that makes; the third reads
/// the sum.
network::TensorFlow residual() {
    network::TensorFlow flow;
    flow.points = {{.name = "dense1", .layer = 0},
                   {.name = "dense2", .layer = 1},
                   {.name = "sum", .layer = std::nullopt, .looksUp = false, .operands = {0, 1}},
                   {.name = "dense3", .layer = 2}};
    flow.tensors = {{.name = "a", .elements = 10, .writer = 0, .readers = {1, 2}},
                    {.name = "b", .elements = 20, .writer = 1, .readers = {2}},
                    {.name = "c", .elements = 40, .writer = 2, .readers = {3}}};
    return flow;
}

std::string activationsOf(const quantization::LayerScheme& scheme) {
    return scheme.activations ? scheme.activations->format.name() : "fp32";
}

/// The same as FormatConversions, counted by hand for the two networks above.
double countedOnAChain(const Assignment& design, const std::vector<std::int64_t>& elements) {
    double sum = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        sum += activationsOf(design[i]) != activationsOf(design[i + 1])
                   ? static_cast<double>(elements[i])
                   : 0;
    }
    return sum;
}

double countedOnAResidual(const Assignment& design) {
    const std::string a = activationsOf(design[0]);
    const std::string b = activationsOf(design[1]);
    const double aBits = quantization::bitsPerValue(design[0].activations);
    const double bBits = quantization::bitsPerValue(design[1].activations);
    const std::string& joined = bBits > aBits ? b : a;
    // The second layer and the sum may both want what the first one wrote, in one format or two.
    std::set<std::string> wanted = {b, joined};
    wanted.erase(a);
    return 10.0 * static_cast<double>(wanted.size()) + (joined != b ? 20 : 0) +
           (joined != activationsOf(design[2]) ? 40 : 0);
}

SlotTable randomScores(const CostModel& model, Random& random) {
    SlotTable scores = model.bits();
    for (std::vector<double>& row : scores) {
        for (double& score : row) {
            score = static_cast<double>(random.below(1000));
        }
    }
    return scores;
}

double scoreOf(const SlotTable& scores, const std::vector<std::uint16_t>& genes) {
    double sum = 0;
    for (std::size_t slot = 0; slot < scores.size(); ++slot) {
        sum += scores[slot][genes[slot]];
    }
    return sum;
}

}  // namespace

class TstFormatConversions : public QObject {
    Q_OBJECT

    std::vector<network::Layer> m_layers = denseLayers(3);
    DesignSpace m_space =
        uniformSpace(m_layers, {"int8", "int4"}, {"int8", "fp8e4m3", "int4", "int3"});

    std::vector<Design> everyDesign(const DesignSpace& space) const {
        const auto walk =
            makeStrategy({.name = "exhaustive"}, space, {QuantityId::Accuracy, QuantityId::Bops});
        return walk.value()->ask(100000);
    }

    struct Setting {
        QuantityId objective = QuantityId::Bops;
        SearchRules rules = {};
    };

    /// The exact front against every design of the space, for random scores.
    void compareWithAllDesigns(const FormatConversions& conversions, const Setting& setting) {
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, setting.objective};
        const DesignRules rules =
            DesignRules::make(setting.rules, m_space, m_layers, conversions).value();
        const CostModel model(m_space, m_layers, objectives, rules, conversions);
        Random random(41);
        for (int round = 0; round < 8; ++round) {
            const SlotTable scores = randomScores(model, random);
            std::vector<Losses> all;
            for (const Design& design : everyDesign(m_space)) {
                if (!rules.allows(design)) {
                    continue;
                }
                Evaluation evaluation;
                evaluation.costs = computeCosts(m_layers, m_space.assignment(design),
                                                m_space.accelerator(design), conversions);
                all.push_back({evaluation.value(setting.objective), scoreOf(scores, design.genes)});
            }
            std::vector<Losses> expected;
            for (const std::size_t index : paretoFront(all)) {
                expected.push_back(all[index]);
            }
            std::sort(expected.begin(), expected.end());
            const auto front = model.exactFront(scores, 0);
            QCOMPARE(front.size(), expected.size());
            for (std::size_t i = 0; i < front.size(); ++i) {
                QVERIFY(std::abs(model.cost(front[i], 0) - expected[i][0]) < 1e-6);
                QCOMPARE(scoreOf(scores, front[i]), expected[i][1]);
            }
        }
    }

private Q_SLOTS:
    void neighboursInOtherFormatsConvertOnce() {
        const std::vector<std::int64_t> sizes = {64, 32};
        const FormatConversions onAChain(chain(sizes), {.bops = 3, .cycles = 0.5});
        const FormatConversions onAResidual(residual(), {});
        for (const Design& design : everyDesign(m_space)) {
            const Assignment assignment = m_space.assignment(design);
            QCOMPARE(onAChain.elements(assignment), countedOnAChain(assignment, sizes));
            QCOMPARE(onAResidual.elements(assignment), countedOnAResidual(assignment));
        }
        QCOMPARE(onAChain.elements({}), 0.0);
        QCOMPARE(onAChain.mostElements(), 96.0);
        QCOMPARE(onAResidual.mostElements(), 80.0);
    }

    void aPriceIsAddedToCosts() {
        const FormatConversions priced(chain({64, 32}), {.bops = 3, .cycles = 0.5});
        const Assignment mixed = m_space.assignment({{0, 0, 0, 2, 0, 2, 0}});  // int8, int4, int4
        const Costs free = computeCosts(m_layers, mixed, {});
        const Costs paid = computeCosts(m_layers, mixed, {}, priced);
        QCOMPARE(free.conversions, 0.0);
        QCOMPARE(paid.conversions, 64.0);
        QCOMPARE(paid.bops, free.bops + 3 * 64);
        QCOMPARE(paid.cycles, free.cycles + 32);
        // Counted, and free of charge, where no price is given: published figures stay.
        const Costs counted = computeCosts(m_layers, mixed, {}, {chain({64, 32}), {}});
        QCOMPARE(counted.conversions, 64.0);
        QCOMPARE(counted.bops, free.bops);
        QCOMPARE(counted.cycles, free.cycles);
    }

    void conversionsAreListed() {
        const Assignment assignment = m_space.assignment({{0, 2, 0, 0, 0, 3, 0}});
        const std::vector<Conversion> all = FormatConversions(residual(), {}).list(assignment);
        QCOMPARE(all.size(), 2U);  // int4 to int8 for both readers of a; the sum in int8 to int3
        QCOMPARE(all[0].tensor, std::string("a"));
        QCOMPARE(all[0].from, std::string("int4"));
        QCOMPARE(all[0].to, std::string("int8"));
        QCOMPARE(all[0].elements, 10);
        QCOMPARE(all[0].bytes, 15.0);
        QCOMPARE(all[1].tensor, std::string("c"));
        QCOMPARE(all[1].layer, 1U);  // the sum is done behind the second layer
        QCOMPARE(all[1].to, std::string("int3"));
    }

    void whatIsStoredDifferentlyDiffers() {
        const auto stored = [](const char* text) { return storedFormat(quantizer(text)); };
        QCOMPARE(stored("int8/minmax"), stored("int8/mse"));  // another scale
        QVERIFY(stored("int8") != stored("int8@group32"));
        QVERIFY(stored("int8@group16") != stored("int8@group32"));
        QVERIFY(stored("int8") != stored("fixed<8,4>"));
        QCOMPARE(storedFormat(std::nullopt), stored("fp32"));
    }

    void frontsOnAChainAreExact() {
        compareWithAllDesigns({chain({64, 32}), {.bops = 44}}, {});
        compareWithAllDesigns({chain({64, 32}), {.bops = 2000}}, {});
        compareWithAllDesigns({chain({64, 32}), {.cycles = 2}}, {.objective = QuantityId::Cycles});
        compareWithAllDesigns({chain({64, 32}), {}}, {.objective = QuantityId::Conversions});
    }

    void frontsWithBranchesAndTiesAreExact() {
        compareWithAllDesigns({residual(), {.bops = 500}}, {});
        compareWithAllDesigns({residual(), {}}, {.objective = QuantityId::Conversions});
        const SearchRules ties{.ties = {{.layers = {"dense1", "dense3"}, .weights = false},
                                        {.layers = {"dense1", "dense2"}, .activations = false}}};
        compareWithAllDesigns({residual(), {.bops = 500}}, {.rules = ties});
        compareWithAllDesigns({chain({64, 32}), {.bops = 500}}, {.rules = ties});
    }

    void limitsOnConversionsAreKept() {
        // On the cost itself the front stays exact; on another one it keeps to the limit.
        SearchRules rules;
        rules.constraints = {{.quantity = QuantityId::Conversions, .atMost = 40}};
        compareWithAllDesigns({residual(), {}},
                              {.objective = QuantityId::Conversions, .rules = rules});
        rules.constraints.front().atMost = 0;
        const FormatConversions conversions(chain({64, 32}), {});
        const DesignRules none = DesignRules::make(rules, m_space, m_layers, conversions).value();
        const CostModel model(m_space, m_layers, {QuantityId::Accuracy, QuantityId::Bops}, none,
                              conversions);
        Random random(43);
        const auto front = model.exactFront(randomScores(model, random), 0);
        QVERIFY(!front.empty());
        for (const std::vector<std::uint16_t>& genes : front) {
            QVERIFY(genes[1] == genes[3] && genes[3] == genes[5]);
        }
    }

    /// Where every second layer would rather have 4 and the others 8 bits.
    void neighboursAreSmoothedWhenThePriceRises() {
        const CostModel plain(m_space, m_layers, {QuantityId::Accuracy, QuantityId::Bops});
        SlotTable scores = plain.bits();
        for (std::size_t slot = 0; slot < scores.size(); ++slot) {
            const double weight = slot == 3 ? 0.001 : 1;
            for (double& score : scores[slot]) {
                score = weight * std::exp2(-2 * score);
            }
        }
        double before = std::numeric_limits<double>::infinity();
        for (const double price : {0.0, 10.0, 100.0, 1000.0, 1e6}) {
            const FormatConversions conversions(chain({64, 32}), {.bops = price});
            const CostModel model(m_space, m_layers, {QuantityId::Accuracy, QuantityId::Bops},
                                  DesignRules(m_space), conversions);
            double converted = 0;
            const auto front = model.exactFront(scores, 0);
            for (std::vector<std::uint16_t> genes : front) {
                genes.push_back(0);
                converted += conversions.elements(m_space.assignment({genes})) /
                             static_cast<double>(front.size());
            }
            QVERIFY2(converted <= before, QByteArray::number(price).constData());
            QVERIFY(price > 0 || converted > 32);
            before = converted;
        }
        QCOMPARE(before, 0.0);
    }

    void aThinnedFrontIsABoundFromAbove() {
        Random random(47);
        JointProblem problem{.variables = 12, .formatBits = {8, 4, 3}, .stages = {}};
        for (std::size_t s = 0; s < 12; ++s) {
            JointProblem::Stage stage;
            for (std::uint16_t format = 0; format < 3; ++format) {
                for (int i = 0; i < 3; ++i) {
                    const double bits = 2 + 2 * (3 - format) + random.uniform();
                    stage.options.push_back({.worth = {.cost = bits, .score = std::exp2(-bits)},
                                             .sets = {{s, format}}});
                }
            }
            if (s > 0) {
                stage.charges = {{.writer = s - 1, .readers = {s}, .each = {.cost = 1}}};
            }
            problem.stages.push_back(std::move(stage));
        }
        const auto points = [](const std::vector<AllocationPoint>& front) {
            std::vector<Losses> all;
            for (const AllocationPoint& point : front) {
                all.push_back({point.cost, point.score});
            }
            return all;
        };
        const std::vector<Losses> exact = points(allocateJointly(problem));
        const std::vector<Losses> thinned = points(allocateJointly(problem, 96));
        const std::vector<Losses> fewBranches = points(allocateJointly(problem, 32));
        QVERIFY(exact.size() > 2 * thinned.size());
        QVERIFY(!fewBranches.empty());
        for (const std::vector<Losses>& bound : {thinned, fewBranches}) {
            for (const Losses& point : bound) {
                QVERIFY(std::any_of(exact.begin(), exact.end(), [&](const Losses& best) {
                    return best[0] <= point[0] && best[1] <= point[1];
                }));
            }
        }
        QVERIFY(averageDistance(thinned, exact) < 0.05);
    }

    void strategiesPayThePrice() {
        const FormatConversions conversions(chain({64, 32}), {.bops = 2000});
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Bops};
        for (const char* name : {"allocation", "portfolio"}) {
            PriorKnowledge knowledge{.layers = m_layers, .conversions = conversions};
            auto strategy = makeStrategy({.name = name}, m_space, objectives, knowledge).value();
            const std::vector<Design> asked = strategy->ask(10);
            QVERIFY(!asked.empty());
            std::size_t uniform = 0;
            for (const Design& design : asked) {
                uniform += conversions.elements(m_space.assignment(design)) == 0 ? 1 : 0;
            }
            QVERIFY(2 * uniform > asked.size());
        }
    }

    /// From what no design exceeds: the float network converts nothing and says nothing.
    void volumesCountFromTheMostThatCanBeConverted() {
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Conversions};
        const FormatConversions conversions(chain({64, 32}), {});
        const auto reference =
            referencePoint(objectives, std::nullopt, m_layers, m_space.accelerators(), conversions);
        QVERIFY(reference.at(1) > 96);
    }
};

QTEST_APPLESS_MAIN(TstFormatConversions)
#include "tst_format_conversions.moc"
