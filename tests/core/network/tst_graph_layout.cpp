// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/network/architectures/architecture.h"
#include "core/network/graph_layout.h"
#include "tests/core/network/graphs.h"

using namespace bitloupe;
using namespace bitloupe::network;
using bitloupe::testing::node;

namespace {

std::string edge(std::size_t node) {
    return "e" + std::to_string(node);
}

/// What every drawing must be: arrows point down, nodes of a rank do not touch.
void checkDrawing(const Graph& graph) {
    const GraphLayout layout = layOut(graph);
    QCOMPARE(layout.places.size(), graph.nodes.size());
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (const NodeLink& link : layout.links) {
        QVERIFY(layout.places[link.from].rank < layout.places[link.to].rank);
        QVERIFY(seen.insert({link.from, link.to}).second);
    }
    std::map<std::int32_t, std::vector<double>> ranks;
    for (const NodePlace& place : layout.places) {
        QVERIFY(place.rank >= 0 && place.rank < layout.ranks);
        QVERIFY(place.column >= layout.left && place.column <= layout.right);
        ranks[place.rank].push_back(place.column);
    }
    QCOMPARE(ranks.size(), static_cast<std::size_t>(layout.ranks));
    for (auto& [rank, columns] : ranks) {
        std::sort(columns.begin(), columns.end());
        for (std::size_t i = 1; i < columns.size(); ++i) {
            QVERIFY(columns[i] - columns[i - 1] >= 1 - 1e-9);
        }
    }
}

}  // namespace

class TstGraphLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aChainIsAStraightLine() {
        Graph graph;
        for (std::size_t i = 0; i < 50; ++i) {
            graph.nodes.push_back(node("Relu", {i == 0 ? "in" : edge(i - 1)}, {edge(i)}));
        }
        const GraphLayout layout = layOut(graph);
        QCOMPARE(layout.ranks, 50);
        QCOMPARE(layout.links.size(), 49U);
        for (std::size_t i = 0; i < 50; ++i) {
            QCOMPARE(layout.places[i].rank, static_cast<std::int32_t>(i));
            QCOMPARE(layout.places[i].column, layout.places[0].column);
        }
    }

    /// Both ways of a residual block leave its first node and meet in the sum.
    void aDiamondIsSymmetric() {
        Graph graph;
        graph.nodes = {node("Relu", {"in"}, {"a"}), node("Conv", {"a"}, {"b"}),
                       node("Conv", {"a"}, {"c"}), node("Add", {"b", "c"}, {"d"})};
        const GraphLayout layout = layOut(graph);
        QCOMPARE(layout.places[1].rank, 1);
        QCOMPARE(layout.places[2].rank, 1);
        QCOMPARE(layout.places[0].column, layout.places[3].column);
        QCOMPARE(layout.places[1].column + layout.places[2].column, 2 * layout.places[0].column);
        QCOMPARE(layout.links.size(), 4U);
    }

    void whatMakesConstantsStandsAboveItsReader() {
        Graph graph;
        graph.nodes = {node("Constant", {}, {"shape"}), node("Relu", {"in"}, {"a"}),
                       node("Relu", {"a"}, {"b"}), node("Reshape", {"b", "shape"}, {"c"})};
        QCOMPARE(layOut(graph).places[0].rank, 1);
        QCOMPARE(layOut(graph).places[3].rank, 2);
    }

    void randomGraphsAreDrawn() {
        std::mt19937_64 random(11);
        for (const std::size_t size : {1U, 2U, 17U, 300U, 5000U}) {
            Graph graph;
            for (std::size_t i = 0; i < size; ++i) {
                std::vector<std::string> inputs;
                for (std::size_t k = random() % 4; k > 0 && i > 0; --k) {
                    inputs.push_back(edge(random() % i));  // the same twice as well
                }
                graph.nodes.push_back(node("Op", inputs, {edge(i)}));
            }
            checkDrawing(graph);
        }
        QCOMPARE(layOut(Graph{}).ranks, 0);
    }

    void architecturesAreDrawn() {
        for (const char* name : {"lenet5", "resnet20", "particlenet"}) {
            const auto graph = buildArchitecture(name, {}, nullptr);
            QVERIFY(graph.hasValue());
            checkDrawing(graph.value());
        }
    }
};

QTEST_APPLESS_MAIN(TstGraphLayout)
#include "tst_graph_layout.moc"
