// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <cmath>

#include "core/base/random.h"
#include "core/exploration/front.h"
#include "core/exploration/strategies/additive_fit.h"
#include "core/exploration/strategies/linear_solve.h"
#include "core/exploration/strategies/residual_model.h"
#include "tests/core/exploration/fakes.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;

namespace {

/// Asks and tells until `budget` designs are evaluated; the average distance of what was found.
double distanceAfter(const std::string& name, std::uint64_t seed, std::size_t budget,
                     const DesignSpace& space, const std::vector<network::Layer>& layers,
                     const PriorKnowledge& knowledge, const std::vector<Losses>& truth) {
    const std::vector<QuantityId> objectives = {QuantityId::Accuracy, QuantityId::Bops};
    const auto strategy = makeStrategy({.name = name, .seed = seed}, space, objectives, knowledge);
    std::vector<Losses> found;
    while (found.size() < budget) {
        std::vector<Evaluation> told;
        for (const Design& design : strategy.value()->ask(budget - found.size())) {
            told.push_back(fakeEvaluation(design, space, layers));
            found.push_back({1 - told.back().measured.metric, told.back().costs.bops});
        }
        if (told.empty()) {
            break;
        }
        strategy.value()->tell(told);
    }
    return averageDistance(found, truth);
}

}  // namespace

class TstPortfolio : public QObject {
    Q_OBJECT

    std::vector<network::Layer> m_layers = denseLayers(3);
    DesignSpace m_space =
        uniformSpace(m_layers, {"int8", "int6", "int4", "int3"}, {"int8", "int6", "int4", "int3"});
    std::vector<Losses> m_truth;

    /// Priors that are wrong by up to a factor of four either way.
    PriorKnowledge wrongKnowledge() const {
        PriorKnowledge known{.layers = m_layers};
        FakeEvaluator evaluator;
        Random random(3);
        for (const Slot& slot : m_space.layerSlots()) {
            const double fault = std::exp2(4 * random.uniform() - 2);
            for (const quantization::Quantizer& choice : m_space.choices(slot)) {
                RoundingError error = evaluator.roundingError(slot.layer, slot.side, choice);
                error.meanSquare *= fault;
                error.sqnrDb -= 10 * std::log10(fault);
                known.rounding.push_back({slot.layer, slot.side, choice, error});
            }
        }
        return known;
    }

private Q_SLOTS:
    void initTestCase() {
        const auto walk = makeStrategy({.name = "exhaustive"}, m_space, {});
        std::vector<Losses> all;
        for (const Design& design : walk.value()->ask(100000)) {
            const Evaluation evaluation = fakeEvaluation(design, m_space, m_layers);
            all.push_back({1 - evaluation.measured.metric, evaluation.costs.bops});
        }
        for (const std::size_t index : paretoFront(all)) {
            m_truth.push_back(all[index]);
        }
    }

    void solversInvertTheirMatrices() {
        Random random(5);
        for (const std::size_t n : {1U, 2U, 7U, 20U}) {
            SquareMatrix square(n);
            for (double& value : square.values) {
                value = random.normal();
            }
            SquareMatrix definite(n);
            std::vector<double> wanted(n);
            for (std::size_t i = 0; i < n; ++i) {
                wanted[i] = random.normal();
                for (std::size_t j = 0; j < n; ++j) {
                    for (std::size_t k = 0; k < n; ++k) {
                        definite.at(i, j) += square.at(i, k) * square.at(j, k);
                    }
                    definite.at(i, j) += i == j ? 1 : 0;
                }
            }
            const auto times = [&](const SquareMatrix& matrix) {
                std::vector<double> product(n);
                for (std::size_t i = 0; i < n; ++i) {
                    for (std::size_t j = 0; j < n; ++j) {
                        product[i] += matrix.at(i, j) * wanted[j];
                    }
                }
                return product;
            };
            const std::vector<double> general = solveGeneral(square, times(square));
            const std::vector<double> symmetric = Cholesky(definite).solve(times(definite));
            for (std::size_t i = 0; i < n; ++i) {
                QVERIFY(std::abs(general[i] - wanted[i]) < 1e-6);
                QVERIFY(std::abs(symmetric[i] - wanted[i]) < 1e-6);
            }
        }
    }

    /// 2 x a matrix of size 2 with determinant 3.
    void determinantByHand() {
        SquareMatrix matrix(2);
        matrix.values = {2, 1, 1, 2};
        QVERIFY(std::abs(Cholesky(matrix).logDeterminant() - std::log(3.0)) < 1e-12);
    }

    void theFitFindsAnAdditiveTruth() {
        Random random(7);
        SlotTable truth(4, std::vector<double>(3));
        for (std::vector<double>& row : truth) {
            for (double& score : row) {
                score = 0.01 + 0.1 * random.uniform();
            }
        }
        std::vector<Prior> priors = {{.name = "rough", .scores = truth}};
        for (std::vector<double>& row : priors[0].scores) {
            for (double& score : row) {
                score *= 5 * (0.6 + 0.8 * random.uniform());
            }
        }
        std::vector<FitSample> samples;
        for (std::uint16_t number = 0; number < 81; ++number) {
            FitSample sample{.genes = {}, .loss = 0.2};
            for (std::uint16_t slot = 0, rest = number; slot < 4; ++slot, rest /= 3) {
                sample.genes.push_back(rest % 3);
                sample.loss += truth[slot][sample.genes.back()];
            }
            sample.weight = 1 / (sample.loss * sample.loss);
            samples.push_back(sample);
        }
        const auto error = [&](const AdditiveModel& model) {
            double worst = 0;
            for (const FitSample& sample : samples) {
                worst = std::max(worst, std::abs(model.predict(sample.genes) / sample.loss - 1));
            }
            return worst;
        };
        QVERIFY(error(fitAdditive(priors, samples)) < 0.05);
        const std::vector<FitSample> few(samples.begin(), samples.begin() + 12);
        QVERIFY(error(fitAdditive(priors, few)) < 0.35);
    }

    /// Losses that end at guessing, and two slots that make up for each other: what no additive
    /// model says. Learned from two thirds of the designs, judged on the others.
    void residualsLearnWhatIsNotAdditive() {
        const auto truth = [](const LayerGenes& genes) {
            const auto own = [&genes](std::size_t slot) {
                return 0.05 * std::exp2(2 * genes[slot]);
            };
            const double total =
                0.1 + own(0) + own(1) + own(2) + own(3) - 1.6 * std::min(own(0), own(1));
            return 0.75 * (1 - std::exp(-2 * total));
        };
        std::vector<Prior> priors = {
            {.name = "alone", .scores = SlotTable(4, {1.0 / 7, 4.0 / 7, 16.0 / 7})}};
        std::vector<FitSample> samples;
        std::vector<LayerGenes> wanted;
        for (std::uint16_t number = 0; number < 81; ++number) {
            LayerGenes genes;
            for (std::uint16_t slot = 0, rest = number; slot < 4; ++slot, rest /= 3) {
                genes.push_back(rest % 3);
            }
            if (number % 3 != (number / 3 + number / 27) % 3) {
                const double loss = truth(genes);
                samples.push_back({.genes = genes, .loss = loss, .weight = 1 / (loss * loss)});
            } else {
                wanted.push_back(genes);
            }
        }
        const AdditiveModel model = fitAdditive(priors, samples);
        Random random(1);
        ResidualModel residuals(priors, 1e-6);
        const std::vector<ExpectedLoss> expected =
            residuals.predict(model, samples, wanted, random);
        double additive = 0;
        double corrected = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const double known = std::log(truth(wanted[i]));
            additive += std::pow(std::log(model.predict(wanted[i])) - known, 2);
            corrected += std::pow(expected[i].mean - known, 2);
            QVERIFY(expected[i].spread >= 0);
        }
        qInfo("mean square error of the logarithm: %.4f additive, %.4f corrected",
              additive / static_cast<double>(wanted.size()),
              corrected / static_cast<double>(wanted.size()));
        QVERIFY(corrected < 0.5 * additive);
        // What was measured is known.
        std::vector<LayerGenes> measured;
        for (const FitSample& sample : samples) {
            measured.push_back(sample.genes);
        }
        const std::vector<ExpectedLoss> again = residuals.predict(model, samples, measured, random);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            QVERIFY(std::abs(again[i].mean - std::log(samples[i].loss)) < 0.05);
        }
    }

    void measurementsCorrectWrongPriors() {
        const PriorKnowledge wrong = wrongKnowledge();
        const double start = distanceAfter("portfolio", 1, 24, m_space, m_layers, wrong, m_truth);
        const double later = distanceAfter("portfolio", 1, 200, m_space, m_layers, wrong, m_truth);
        const double random = distanceAfter("random", 1, 200, m_space, m_layers, wrong, m_truth);
        qInfo("average distance: %.4f after 24, %.4f after 200; random %.4f", start, later, random);
        QVERIFY(later < 0.5 * start);
        QVERIFY(later < 0.02);
        QVERIFY(later < 0.2 * random);
    }

    void geneticAndSherlockBeatRandom() {
        const PriorKnowledge wrong = wrongKnowledge();
        const double random = distanceAfter("random", 1, 150, m_space, m_layers, wrong, m_truth);
        for (const std::string name : {"nsga2", "sherlock"}) {
            const double found = distanceAfter(name, 1, 150, m_space, m_layers, wrong, m_truth);
            qInfo("%s: %.4f, random %.4f", name.c_str(), found, random);
            QVERIFY(found < 0.6 * random);
        }
    }
};

QTEST_APPLESS_MAIN(TstPortfolio)
#include "tst_portfolio.moc"
