// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/random.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/cost_model.h"
#include "core/exploration/strategies/enumeration.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

/// What a strategy asks for when everything is answered, up to `most` designs.
std::vector<Evaluation> searched(const StrategySettings& settings, const DesignSpace& space,
                                 const std::vector<QuantityId>& objectives,
                                 const std::vector<network::Layer>& layers, std::size_t most) {
    auto strategy = makeStrategy(settings, space, objectives, {.layers = layers}).value();
    std::vector<Evaluation> all;
    while (all.size() < most) {
        const std::vector<Design> asked =
            strategy->ask(std::min<std::size_t>(8, most - all.size()));
        if (asked.empty()) {
            break;
        }
        std::vector<Evaluation> answers;
        for (const Design& design : asked) {
            answers.push_back(fakeEvaluation(design, space, layers));
        }
        strategy->tell(answers);
        all.insert(all.end(), answers.begin(), answers.end());
    }
    return all;
}

void addStrategies() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : strategyNames()) {
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
}

}  // namespace

class TstSearchRules : public QObject {
    Q_OBJECT

    std::vector<network::Layer> m_layers = denseLayers(4);
    DesignSpace m_space =
        uniformSpace(m_layers, {"int8", "int5", "int3"}, {"int8", "int6", "int4"});
    const std::vector<QuantityId> m_objectives = {QuantityId::Accuracy, QuantityId::Bops};

    /// Scores with no structure that could help.
    SlotTable randomScores(Random& random) const {
        SlotTable scores;
        for (const Slot& slot : m_space.layerSlots()) {
            std::vector<double> row(m_space.choices(slot).size());
            std::generate(row.begin(), row.end(), [&random] { return random.uniform(); });
            scores.push_back(std::move(row));
        }
        return scores;
    }

    /// Every design that the rules allow, by brute force over the whole space.
    std::vector<Design> allowedDesigns(const SearchRules& rules,
                                       const std::vector<std::vector<std::size_t>>& equal) const {
        ExhaustiveStrategy walk(m_space);
        std::vector<Design> all = walk.ask(100000);
        std::erase_if(all, [&](const Design& design) {
            const bool isTied = std::all_of(equal.begin(), equal.end(), [&](const auto& slots) {
                return std::all_of(slots.begin(), slots.end(), [&](std::size_t slot) {
                    return design.genes[slot] == design.genes[slots.front()];
                });
            });
            return !isTied ||
                   !isAllowed(fakeEvaluation(design, m_space, m_layers), rules.constraints);
        });
        return all;
    }

    std::vector<Losses> pointsOf(const std::vector<Design>& designs, const SlotTable& scores,
                                 const CostModel& costs) const {
        std::vector<Losses> points;
        for (const Design& design : designs) {
            const std::vector<std::uint16_t> genes(design.genes.begin(), design.genes.end() - 1);
            double score = 0;
            for (std::size_t slot = 0; slot < genes.size(); ++slot) {
                score += scores[slot][genes[slot]];
            }
            points.push_back({costs.cost(genes, 0), score});
        }
        return points;
    }

private Q_SLOTS:
    void everyStrategyKeepsTheRules_data() { addStrategies(); }
    void everyStrategyKeepsTheRules() {
        QFETCH(const QString, name);
        const double most =
            0.6 * computeCosts(m_layers,
                               m_space.assignment({.genes = std::vector<std::uint16_t>(9, 0)}),
                               m_space.accelerators().front())
                      .bops;
        StrategySettings settings{.name = name.toStdString(), .seed = 3};
        settings.rules.constraints = {{.quantity = QuantityId::Bops, .atMost = most}};
        settings.rules.ties = {{.layers = {"dense2", "dense3"}},
                               {.layers = {"dense1", "dense4"}, .weights = false}};
        const std::vector<Evaluation> asked =
            searched(settings, m_space, m_objectives, m_layers, 60);
        const std::size_t allowed = allowedDesigns(settings.rules, {{2, 4}, {3, 5}, {1, 7}}).size();
        QVERIFY(allowed > 60);
        const bool walksAll = name == "exhaustive" || name == "random";
        const bool asksFew = name == "bisection" || name == "greedy" || name == "allocation";
        QVERIFY(asked.size() >= (walksAll ? 60 : (asksFew ? 3 : 20)));
        std::set<Design> seen;
        for (const Evaluation& each : asked) {
            QVERIFY(seen.insert(each.design).second);
            QVERIFY(each.costs.bops <= most);
            const Assignment chosen = m_space.assignment(each.design);
            QVERIFY(chosen[1] == chosen[2]);
            QVERIFY(chosen[0].activations == chosen[3].activations);
        }
    }

    void exhaustiveAsksForAllThatIsAllowed() {
        StrategySettings settings{.name = "exhaustive"};
        settings.rules.constraints = {
            {.quantity = QuantityId::WeightBits, .atLeast = 15000, .atMost = 25000}};
        settings.rules.ties = {{.layers = {"dense1", "dense2", "dense4"}}};
        const std::vector<Design> wanted = allowedDesigns(settings.rules, {{0, 2, 6}, {1, 3, 7}});
        QVERIFY(wanted.size() > 20);
        auto strategy = makeStrategy(settings, m_space, m_objectives, {.layers = m_layers}).value();
        std::vector<Design> asked = strategy->ask(100000);
        QVERIFY(strategy->ask(10).empty());
        std::sort(asked.begin(), asked.end());
        QVERIFY(asked == wanted);
        settings.name = "random";
        asked = makeStrategy(settings, m_space, m_objectives, {.layers = m_layers})
                    .value()
                    ->ask(100000);
        std::sort(asked.begin(), asked.end());
        QVERIFY(asked == wanted);
    }

    /// Ties of one side and of both, overlapping ones too, and a limit on the very cost.
    void theAllocationIsExactUnderTies() {
        Random random(41);
        for (int round = 0; round < 20; ++round) {
            SearchRules rules;
            rules.ties = {{.layers = {"dense1", "dense3"}, .weights = true, .activations = false},
                          {.layers = {"dense3", "dense4"}, .weights = false, .activations = true}};
            std::vector<std::vector<std::size_t>> equal = {{0, 4}, {5, 7}};
            if (round % 2 == 0) {
                rules.ties.push_back({.layers = {"dense1", "dense2"}});
                equal = {{0, 4, 2}, {5, 7}, {1, 3}};
            }
            if (round % 3 == 0) {
                rules.constraints = {{.quantity = QuantityId::Bops, .atMost = 120000}};
            }
            const DesignRules made = DesignRules::make(rules, m_space, m_layers).value();
            const CostModel costs(m_space, m_layers, m_objectives, made);
            const SlotTable scores = randomScores(random);
            const std::vector<Losses> all = pointsOf(allowedDesigns(rules, equal), scores, costs);
            std::vector<Losses> wanted;
            for (const std::size_t index : paretoFront(all)) {
                wanted.push_back(all[index]);
            }
            std::sort(wanted.begin(), wanted.end());
            std::vector<Design> found;
            for (const std::vector<std::uint16_t>& genes : costs.exactFront(scores, 0)) {
                found.push_back({.genes = genes});
                found.back().genes.push_back(0);
            }
            const std::vector<Losses> points = pointsOf(found, scores, costs);
            QCOMPARE(points.size(), wanted.size());
            for (std::size_t i = 0; i < points.size(); ++i) {
                QVERIFY(std::abs(points[i][0] - wanted[i][0]) < 1e-6 * wanted[i][0]);
                QVERIFY(std::abs(points[i][1] - wanted[i][1]) < 1e-9);
            }
        }
    }

    /// A limit on weight bits while bit operations are traded: near the best that is allowed.
    void anotherCostMayBeLimited() {
        Random random(43);
        for (int round = 0; round < 10; ++round) {
            SearchRules rules;
            rules.constraints = {{.quantity = QuantityId::WeightBits, .atMost = 20000}};
            const DesignRules made = DesignRules::make(rules, m_space, m_layers).value();
            const CostModel costs(m_space, m_layers, m_objectives, made);
            const SlotTable scores = randomScores(random);
            const std::vector<Losses> all = pointsOf(allowedDesigns(rules, {}), scores, costs);
            std::vector<Design> found;
            for (const std::vector<std::uint16_t>& genes : costs.exactFront(scores, 0)) {
                QVERIFY(made.allows({.genes = [&genes] {
                    auto whole = genes;
                    whole.push_back(0);
                    return whole;
                }()}));
                found.push_back({.genes = genes});
                found.back().genes.push_back(0);
            }
            double dearest = 0;
            for (const Losses& point : all) {
                dearest = std::max(dearest, point[0]);
            }
            const Losses corner = {dearest * 1.1, 8};
            const double best = hypervolume(all, corner);
            QVERIFY(hypervolume(pointsOf(found, scores, costs), corner) >= 0.98 * best);
        }
    }

    /// The least accuracy wanted stands among the limits; the cheapest design that has it is found.
    void bisectionTakesItsTargetFromTheLimits() {
        const DesignSpace space =
            uniformSpace(denseLayers(2), {"int8", "int5", "int3"}, {"int8", "int6", "int4"});
        const std::vector<network::Layer> layers = denseLayers(2);
        StrategySettings settings{.name = "bisection"};
        settings.rules.constraints = {{.quantity = QuantityId::Accuracy, .atLeast = 0.89}};
        double cheapest = std::numeric_limits<double>::infinity();
        for (const Evaluation& each :
             searched({.name = "exhaustive"}, space, m_objectives, layers, 100000)) {
            cheapest =
                each.measured.metric >= 0.89 ? std::min(cheapest, each.costs.bops) : cheapest;
        }
        double found = std::numeric_limits<double>::infinity();
        for (const Evaluation& each : searched(settings, space, m_objectives, layers, 40)) {
            found = each.measured.metric >= 0.89 ? std::min(found, each.costs.bops) : found;
        }
        QCOMPARE(found, cheapest);
    }

    /// Within a limit that one design in five keeps, and one that a few of 6,561 keep, which the
    /// start does not find: nearer to the best front than a search that does not know the limit.
    void sherlockSearchesWithinTheLimitOnQuality_data() {
        QTest::addColumn<int>("allowed");
        QTest::newRow("a fifth") << 1312;
        QTest::newRow("a few") << 20;
    }
    void sherlockSearchesWithinTheLimitOnQuality() {
        QFETCH(const int, allowed);
        std::vector<Evaluation> all =
            searched({.name = "exhaustive"}, m_space, m_objectives, m_layers, 100000);
        QCOMPARE(all.size(), std::size_t(6561));
        std::sort(all.begin(), all.end(), [](const Evaluation& a, const Evaluation& b) {
            return a.measured.metric > b.measured.metric;
        });
        const double least = all[static_cast<std::size_t>(allowed) - 1].measured.metric;
        const std::vector<Constraint> limits = {
            {.quantity = QuantityId::Accuracy, .atLeast = least}};
        // Up to the float network's costs and down to what is just not allowed.
        const std::vector<double> corner = {
            all[static_cast<std::size_t>(allowed)].measured.metric,
            std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
                return a.costs.bops < b.costs.bops;
            })->costs.bops};
        const double best =
            hypervolume(orderedFront(all, m_objectives, limits), m_objectives, corner);
        const auto share = [&](const StrategySettings& settings) {
            const std::vector<Evaluation> found =
                searched(settings, m_space, m_objectives, m_layers, 100);
            return hypervolume(orderedFront(found, m_objectives, limits), m_objectives, corner) /
                   best;
        };
        double knowing = 0;
        double unknowing = 0;
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            StrategySettings settings{.name = "sherlock", .seed = seed};
            const double without = share(settings);
            settings.rules.constraints = limits;
            const double with = share(settings);
            qInfo("seed %d: %.3f of the volume within the limit, %.3f without it",
                  static_cast<int>(seed), with, without);
            knowing += with / 3;
            unknowing += without / 3;
        }
        QVERIFY(knowing > unknowing);
        QVERIFY(knowing > 0.9);
    }

    /// The limit is on the second of two measured objectives, and on the cost: both bound the
    /// search.
    void sherlockKeepsLimitsOnEveryObjective() {
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Kl,
                                                    QuantityId::Bops};
        std::vector<Evaluation> all =
            searched({.name = "exhaustive"}, m_space, objectives, m_layers, 100000);
        std::sort(all.begin(), all.end(), [](const Evaluation& a, const Evaluation& b) {
            return a.measured.kl < b.measured.kl;
        });
        const double most = all[999].measured.kl;
        double cheapest = std::numeric_limits<double>::infinity();
        double dearest = 0;
        for (const Evaluation& each : all) {
            dearest = std::max(dearest, each.costs.bops);
            cheapest = each.measured.kl <= most ? std::min(cheapest, each.costs.bops) : cheapest;
        }
        const double budget = cheapest + 0.25 * (dearest - cheapest);
        const std::vector<Constraint> limits = {{.quantity = QuantityId::Kl, .atMost = most},
                                                {.quantity = QuantityId::Bops, .atMost = budget}};
        const std::vector<double> corner = {0.9 - most - 0.01, most * 1.01, budget * 1.01};
        const double best = hypervolume(orderedFront(all, objectives, limits), objectives, corner);
        const auto share = [&](const StrategySettings& settings) {
            const std::vector<Evaluation> found =
                searched(settings, m_space, objectives, m_layers, 90);
            return hypervolume(orderedFront(found, objectives, limits), objectives, corner) / best;
        };
        double knowing = 0;
        double unknowing = 0;
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            StrategySettings settings{.name = "sherlock", .seed = seed};
            settings.rules.constraints = {limits[1]};
            const double without = share(settings);
            settings.rules.constraints = limits;
            const double with = share(settings);
            qInfo("seed %d: %.3f of the volume within both limits, %.3f with that on the cost",
                  static_cast<int>(seed), with, without);
            knowing += with / 3;
            unknowing += without / 3;
        }
        QVERIFY(knowing > unknowing);
        QVERIFY(knowing > 0.9);
    }

    void wrongTiesAreNamed() {
        StrategySettings settings;
        settings.rules.ties = {{.layers = {"dense1", "dens2"}}};
        auto made = makeStrategy(settings, m_space, m_objectives, {.layers = m_layers});
        QVERIFY(made.hasError());
        QVERIFY(made.error().sentence().find("dense2") != std::string::npos);
        std::vector<LayerChoices> choices = m_space.layers();
        choices[1].weights = quantizers({"int4"});
        const DesignSpace locked(choices, m_space.accelerators());
        settings.rules.ties = {{.layers = {"dense1", "dense2"}}};
        made = makeStrategy(settings, locked, m_objectives, {.layers = m_layers});
        QVERIFY(made.hasError());
        settings.rules.ties.front().weights = false;
        QVERIFY(makeStrategy(settings, locked, m_objectives, {.layers = m_layers}).hasValue());
    }

    /// Sparsity, granularity, range rule, families and arrays (bit-serial ones too) in one space.
    void everyStrategySearchesMixedSpaces_data() { addStrategies(); }
    void everyStrategySearchesMixedSpaces() {
        QFETCH(const QString, name);
        const DesignSpace space = uniformSpace(
            m_layers,
            {"int8@channel", "int4@group16/mse", "int4~2:4", "int8~50%", "posit<6,1>", "binary"},
            {"int8/minmax", "int8/percentile99.9", "fp8e4m3", "int4"},
            {{.rows = 8, .columns = 8},
             {.rows = 16, .columns = 4, .element = hardware::ProcessingElement::SerialBoth},
             {.rows = 4, .columns = 16}});
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::WeightBits,
                                                    QuantityId::Cycles};
        StrategySettings settings{.name = name.toStdString(), .seed = 5};
        settings.rules.constraints = {{.quantity = QuantityId::Cycles, .atMost = 3000}};
        const std::vector<Evaluation> asked = searched(settings, space, objectives, m_layers, 90);
        QVERIFY(asked.size() >= 10);
        std::set<Design> seen;
        std::map<std::string, int> used;
        for (const Evaluation& each : asked) {
            QVERIFY(space.contains(each.design));
            QVERIFY(each.costs.cycles <= 3000);
            QVERIFY(seen.insert(each.design).second);
            for (const quantization::LayerScheme& scheme : space.assignment(each.design)) {
                ++used[scheme.weights->name()];
                ++used[scheme.activations->name()];
            }
        }
        QVERIFY(used.size() >= 4);
    }
};

QTEST_APPLESS_MAIN(TstSearchRules)
#include "tst_search_rules.moc"
