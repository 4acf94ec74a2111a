// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <map>
#include <set>

#include "core/exploration/strategies/enumeration.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

std::vector<Design> everything(Strategy& strategy, std::size_t atOnce) {
    std::vector<Design> all;
    while (true) {
        const std::vector<Design> asked = strategy.ask(atOnce);
        if (asked.empty()) {
            return all;
        }
        all.insert(all.end(), asked.begin(), asked.end());
    }
}

}  // namespace

class TstStrategies : public QObject {
    Q_OBJECT

    std::vector<network::Layer> m_layers = denseLayers(3);
    DesignSpace m_space = uniformSpace(m_layers, {"int8", "int5", "int3"}, {"int8", "int4"},
                                       {{.rows = 8, .columns = 8}, {.rows = 4, .columns = 16}});
    const std::vector<QuantityId> m_objectives = {QuantityId::Accuracy, QuantityId::Bops};

private Q_SLOTS:
    void exhaustiveWalksInLexicographicOrder() {
        ExhaustiveStrategy strategy(m_space);
        const std::vector<Design> all = everything(strategy, 7);
        QCOMPARE(static_cast<double>(all.size()), m_space.size());
        QVERIFY(std::is_sorted(all.begin(), all.end()));
        QVERIFY(std::adjacent_find(all.begin(), all.end()) == all.end());
        QVERIFY(std::all_of(all.begin(), all.end(),
                            [&](const Design& design) { return m_space.contains(design); }));
    }

    void randomAsksForEveryDesignOnce() {
        RandomStrategy strategy(m_space, 3);
        const std::vector<Design> all = everything(strategy, 13);
        QCOMPARE(static_cast<double>(std::set<Design>(all.begin(), all.end()).size()),
                 m_space.size());
        QCOMPARE(static_cast<double>(all.size()), m_space.size());
        QVERIFY(!std::is_sorted(all.begin(), all.end()));
    }

    void randomIsEvenlySpread() {
        // The first 1,024 of 2^20 designs: each gene of a slot of two is drawn about half the time.
        const DesignSpace space = uniformSpace(denseLayers(4), {"int8", "int4"}, {"int8", "int4"},
                                               std::vector<hardware::Accelerator>(4096));
        RandomStrategy strategy(space, 17);
        std::map<std::size_t, int> ones;
        for (const Design& design : strategy.ask(1024)) {
            for (std::size_t slot = 0; slot < 8; ++slot) {
                ones[slot] += design.genes[slot];
            }
        }
        for (const auto& [slot, count] : ones) {
            QVERIFY(count > 512 - 96 && count < 512 + 96);  // six standard deviations
        }
    }

    void randomNeverRepeatsInAHugeSpace() {
        std::vector<network::Layer> layers;
        for (int i = 0; i < 25; ++i) {
            const std::vector<network::Layer> four = denseLayers(4);
            layers.insert(layers.end(), four.begin(), four.end());
        }
        const std::vector<std::string> formats = {"int8", "int6", "int5", "int4", "int3"};
        const DesignSpace space = uniformSpace(layers, formats, formats);
        QVERIFY(space.size() > 1e100);
        RandomStrategy strategy(space, 1);
        const std::vector<Design> asked = strategy.ask(3000);
        QCOMPARE(std::set<Design>(asked.begin(), asked.end()).size(), std::size_t(3000));
        QVERIFY(space.contains(asked.back()));
    }

    void whatIsKnownIsNotAskedFor_data() {
        QTest::addColumn<QString>("name");
        for (const std::string& name : strategyNames()) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }
    void whatIsKnownIsNotAskedFor() {
        QFETCH(const QString, name);
        RandomStrategy other(m_space, 8);
        std::vector<Evaluation> known;
        std::set<Design> seen;
        for (const Design& design : other.ask(50)) {
            known.push_back(fakeEvaluation(design, m_space, m_layers));
            seen.insert(design);
        }
        const auto strategy = makeStrategy({.name = name.toStdString(), .seed = 2}, m_space,
                                           m_objectives, {.layers = m_layers});
        strategy.value()->tell(known);
        for (int generation = 0; generation < 10; ++generation) {
            std::vector<Evaluation> told;
            for (const Design& design : strategy.value()->ask(16)) {
                QVERIFY(m_space.contains(design));
                QVERIFY(seen.insert(design).second);
                told.push_back(fakeEvaluation(design, m_space, m_layers));
            }
            QVERIFY(told.size() <= 16);
            strategy.value()->tell(told);
        }
    }

    void theSeedDecides() {
        RandomStrategy one(m_space, 1);
        RandomStrategy same(m_space, 1);
        RandomStrategy other(m_space, 2);
        const std::vector<Design> first = one.ask(40);
        QCOMPARE(same.ask(40), first);
        QVERIFY(other.ask(40) != first);
    }

    void unknownNamesGetASuggestion() {
        const auto made = makeStrategy({.name = "exhaustiv"}, m_space, m_objectives);
        QVERIFY(made.hasError());
        QVERIFY(made.error().remedy.find("exhaustive") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstStrategies)
#include "tst_strategies.moc"
