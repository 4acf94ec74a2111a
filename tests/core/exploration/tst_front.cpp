// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>
#include <limits>

#include "core/base/random.h"
#include "core/exploration/live_front.h"

using bitloupe::Random;
using namespace bitloupe::exploration;

namespace {

/// The definition, word by word: quadratic.
std::vector<std::size_t> frontByDefinition(const std::vector<Losses>& points) {
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < points.size(); ++i) {
        bool stays = true;
        for (const double value : points[i]) {
            stays = stays && !std::isnan(value);
        }
        for (std::size_t j = 0; j < points.size() && stays; ++j) {
            bool asGood = true;
            for (std::size_t d = 0; d < points[i].size(); ++d) {
                asGood = asGood && points[j][d] <= points[i][d];
            }
            const bool equal = points[j] == points[i];
            stays = j == i || !asGood || (equal && i < j);
        }
        if (stays) {
            front.push_back(i);
        }
    }
    return front;
}

/// Points on a small grid: many ties.
std::vector<Losses> gridPoints(std::size_t count, std::size_t dimensions, std::uint64_t side,
                               Random& random) {
    std::vector<Losses> points(count, Losses(dimensions));
    for (Losses& point : points) {
        for (double& value : point) {
            value = static_cast<double>(random.below(side));
        }
    }
    return points;
}

/// Unit cells of the grid 0..side that some point dominates.
double countedVolume(const std::vector<Losses>& points, std::size_t dimensions, int side) {
    double volume = 0;
    std::vector<int> cell(dimensions, 0);
    while (true) {
        for (const Losses& point : points) {
            bool inside = true;
            for (std::size_t d = 0; d < dimensions; ++d) {
                inside = inside && point[d] <= cell[d];
            }
            if (inside) {
                volume += 1;
                break;
            }
        }
        std::size_t d = 0;
        while (d < dimensions && ++cell[d] == side) {
            cell[d++] = 0;
        }
        if (d == dimensions) {
            return volume;
        }
    }
}

Evaluation evaluationOf(double accuracy, double bops) {
    Evaluation evaluation;
    evaluation.measured.metric = accuracy;
    evaluation.costs.bops = bops;
    return evaluation;
}

}  // namespace

class TstFront : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheDefinition() {
        Random random(7);
        for (int round = 0; round < 400; ++round) {
            const std::size_t dimensions = 1 + random.below(5);
            std::vector<Losses> points =
                gridPoints(random.below(60), dimensions, 2 + random.below(12), random);
            if (!points.empty() && round % 3 == 0) {
                points[random.below(points.size())][random.below(dimensions)] =
                    std::numeric_limits<double>::quiet_NaN();
            }
            QCOMPARE(paretoFront(points), frontByDefinition(points));
        }
    }

    void turnsEveryObjectiveInItsDirection() {
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Bops};
        const std::vector<Evaluation> evaluations = {
            evaluationOf(0.90, 100), evaluationOf(0.95, 200), evaluationOf(0.89, 150),
            evaluationOf(0.95, 200), evaluationOf(std::nan(""), 1)};
        QCOMPARE(paretoFront(evaluations, objectives), (std::vector<std::size_t>{0, 1}));
        // Rectangles to accuracy 0.5 and 300 BOPs: 0.4 x 100 (between 100 and 200), 0.45 x 100.
        const double volume = hypervolume(evaluations, objectives, std::vector<double>{0.5, 300});
        QVERIFY(std::abs(volume - (0.4 * 100 + 0.45 * 100)) < 1e-9);
    }

    void whatBreaksALimitIsNotOnTheFront() {
        const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Bops};
        // The cheapest is too bad and the best too dear; the last is beaten only by that one.
        const std::vector<Evaluation> evaluations = {
            evaluationOf(0.50, 10),  evaluationOf(0.90, 100),       evaluationOf(0.99, 300),
            evaluationOf(0.95, 200), evaluationOf(std::nan(""), 1), evaluationOf(0.94, 310)};
        const std::vector<Constraint> limits = {{.quantity = QuantityId::Accuracy, .atLeast = 0.9},
                                                {.quantity = QuantityId::Bops, .atMost = 290}};
        QCOMPARE(paretoFront(evaluations, objectives, limits), (std::vector<std::size_t>{1, 3}));
        QCOMPARE(paretoFront(evaluations, objectives, {}), paretoFront(evaluations, objectives));
        const std::vector<Constraint> dear = {{.quantity = QuantityId::Bops, .atLeast = 301}};
        QCOMPARE(paretoFront(evaluations, objectives, dear), (std::vector<std::size_t>{5}));
        std::vector<double> bops;
        for (const Evaluation& each : orderedFront(evaluations, objectives, limits)) {
            bops.push_back(each.costs.bops);
        }
        QCOMPARE(bops, (std::vector<double>{100, 200}));
    }

    void everyQuantityHasItsKeyAndValue() {
        Evaluation evaluation;
        evaluation.measured = {.metric = 1, .interval = {}, .kl = 2, .outputMse = 3};
        evaluation.costs = {
            .macs = 5, .bops = 4, .weightBits = 6, .cycles = 7, .utilization = 8, .conversions = 9};
        double expected = 1;
        for (const Quantity& entry : allQuantities()) {
            QCOMPARE(findQuantity(entry.key), std::optional(entry.id));
            QCOMPARE(quantity(entry.id).key, entry.key);
            // The one metric of a study stands under every metric's name.
            QCOMPARE(evaluation.value(entry.id), isMetric(entry.id) ? 1.0 : ++expected);
        }
        QVERIFY(!findQuantity("speed").has_value());
    }

    void hypervolumeCountsTheGrid() {
        Random random(11);
        for (int round = 0; round < 120; ++round) {
            const std::size_t dimensions = 1 + random.below(5);
            const int side = dimensions > 3 ? 6 : 9;
            const std::vector<Losses> points = gridPoints(
                random.below(14), dimensions, static_cast<std::uint64_t>(side) + 2, random);
            const double expected = countedVolume(points, dimensions, side);
            QCOMPARE(hypervolume(points, Losses(dimensions, side)), expected);
        }
    }

    void whatDoesNotBeatTheReferenceAddsNothing() {
        const std::vector<Losses> points = {{5, 1}, {6, 0}, {std::nan(""), 0}, {4, 4}};
        QCOMPARE(hypervolume(points, {5, 5}), 1.0);
        QCOMPARE(hypervolume(std::vector<Losses>{}, {5, 5}), 0.0);
    }

    /// Perplexity 20 of the float network: up to 200, and 110 for its 100 BOPs.
    void volumesOfErrorsAreMeasuredFromTheFloatNetwork() {
        const std::vector<QuantityId> objectives = {QuantityId::Perplexity, QuantityId::Bops};
        const std::vector<double> reference = referencePoint(objectives, evaluationOf(20, 100));
        QVERIFY(std::abs(reference[0] - 200) < 1e-9);
        QVERIFY(std::abs(reference[1] - 110) < 1e-9);
        const std::vector<Evaluation> two = {evaluationOf(25, 40), evaluationOf(60, 10)};
        const double byHand = (200 - 25) * (110 - 40) + (200 - 60) * (40 - 10);
        QVERIFY(std::abs(hypervolume(two, objectives, reference) - byHand) < 1e-6);

        // Nothing that is measured later can make it smaller.
        Random random(17);
        std::vector<Evaluation> soFar;
        double before = 0;
        int rises = 0;
        for (int i = 0; i < 200; ++i) {
            soFar.push_back(
                evaluationOf(20 * std::exp(4 * random.uniform()), 100 * random.uniform()));
            const double now = hypervolume(soFar, objectives, reference);
            QVERIFY(now >= before * (1 - 1e-12));
            rises += now > before ? 1 : 0;
            before = now;
        }
        QVERIFY(rises > 5 && rises < 200);

        const std::vector<QuantityId> error = {QuantityId::Mse, QuantityId::R2};
        QCOMPARE(referencePoint(error, evaluationOf(0, 0)), (std::vector<double>{1, 0}));
        const auto unmeasured = referencePoint(objectives, std::nullopt, {}, {});
        QVERIFY(std::isnan(unmeasured[0]));
        QCOMPARE(hypervolume(two, objectives, unmeasured), 0.0);
    }

    void theLiveFrontAgreesWithTheWholeOne() {
        Random random(13);
        for (int round = 0; round < 60; ++round) {
            const std::size_t dimensions = 1 + random.below(4);
            const std::vector<Losses> points =
                gridPoints(80, dimensions, 3 + random.below(20), random);
            const Losses reference(dimensions, 15);
            LiveFront live(reference);
            for (std::size_t i = 0; i < points.size(); ++i) {
                const std::span<const Losses> soFar(points.data(), i + 1);
                const std::vector<std::size_t> expected = paretoFront(soFar);
                const bool joins = std::find(expected.begin(), expected.end(), i) != expected.end();
                QCOMPARE(live.add(static_cast<std::int64_t>(i), points[i]), joins);
                std::vector<std::size_t> members;
                for (const LiveFront::Member& member : live.members()) {
                    members.push_back(static_cast<std::size_t>(member.id));
                }
                std::sort(members.begin(), members.end());
                QCOMPARE(members, expected);
                QVERIFY(std::abs(live.hypervolume() - hypervolume(soFar, reference)) < 1e-6);
            }
        }
    }

    void theLiveFrontRefusesNan() {
        LiveFront live;
        QVERIFY(!live.add(1, {std::nan(""), 0}));
        QVERIFY(live.members().empty());
    }

    void averageDistanceByHand() {
        const std::vector<Losses> truth = {{1, 10}, {2, 5}};
        // (1, 10) is found; for (2, 5) the nearest is (2.2, 6): excess 10 % and 20 %.
        const std::vector<Losses> found = {{1, 10}, {2.2, 6}, {std::nan(""), 0}};
        QVERIFY(std::abs(averageDistance(found, truth) - 0.1) < 1e-12);
        QCOMPARE(averageDistance(truth, truth), 0.0);
        QVERIFY(std::isinf(averageDistance({}, truth)));
        // Maximized values are negated: 0.9 instead of 1.0 is 10 % too little.
        QVERIFY(std::abs(averageDistance(std::vector<Losses>{{-0.9}}, std::vector<Losses>{{-1.0}}) -
                         0.1) < 1e-12);
    }
};

QTEST_APPLESS_MAIN(TstFront)
#include "tst_front.moc"
