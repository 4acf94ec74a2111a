// SPDX-License-Identifier: Apache-2.0
// Products with stored matrices and the recurrent cells made of them, against plain loops.
#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "tests/core/execution/array_places.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

}  // namespace

class TstStoredProducts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void multipliesByStoredMatrices() {
        const Array x = someArray({7, 37}, 1);
        const Array matrix = someArray({37, 53}, 2);
        const Array bias = someArray({53}, 3);
        GraphBuilder builder;
        builder.input("x", {0, 37})
            .stored("m", matrix)
            .stored("b", bias)
            .node("Gemm", {"x", "m", "b"}, {"gemm"})
            .node("MatMul", {"x", "m"}, {"product"})
            .output("gemm")
            .output("product");
        const std::vector<Array> found = runAll(builder, {{"x", x}});
        for (std::size_t output = 0; output < 2; ++output) {
            compare(
                found[output], {7, 53},
                [&](const Place& p) {
                    double sum = output == 0 ? static_cast<double>(at(bias, {p[1]})) : 0;
                    for (std::int64_t i = 0; i < 37; ++i) {
                        sum += static_cast<double>(at(x, {p[0], i})) *
                               static_cast<double>(at(matrix, {i, p[1]}));
                    }
                    return sum;
                },
                3e-6);
        }
        const std::vector<Array> alone = runAll(builder, {{"x", rowsOf(x, 6, 1)}});
        QVERIFY(sameBits(alone[0], rowsOf(found[0], 6, 1)));
        QVERIFY(sameBits(alone[1], rowsOf(found[1], 6, 1)));
    }

    void recursAsTheEquationsSay_data() {
        QTest::addColumn<QString>("type");
        QTest::addColumn<int>("gates");
        QTest::addColumn<bool>("batchFirst");
        QTest::newRow("RNN") << "RNN" << 1 << false;
        QTest::newRow("GRU") << "GRU" << 3 << false;
        QTest::newRow("GRU, batch first") << "GRU" << 3 << true;
        QTest::newRow("LSTM") << "LSTM" << 4 << false;
    }

    /// Both directions, from states that are given, with inputs so large that gates close.
    void recursAsTheEquationsSay() {
        QFETCH(const QString, type);
        QFETCH(const int, gates);
        QFETCH(const bool, batchFirst);
        constexpr std::int64_t kSteps = 6, kBatch = 3, kInputs = 5, kSize = 21;
        std::vector<float> values = someValues(kSteps * kBatch * kInputs, 1);
        values[7] = 4e3F;
        const Shape shape =
            batchFirst ? Shape{kBatch, kSteps, kInputs} : Shape{kSteps, kBatch, kInputs};
        const Array x = Array::of<float>(shape, values);
        const Array weight = someArray({2, gates * kSize, kInputs}, 2);
        const Array recurrence = someArray({2, gates * kSize, kSize}, 3);
        const Array bias = someArray({2, 2 * gates * kSize}, 4);
        const Shape stateShape = batchFirst ? Shape{kBatch, 2, kSize} : Shape{2, kBatch, kSize};
        const Array hidden = someArray(stateShape, 5);
        const Array memory = someArray(stateShape, 6);
        GraphBuilder builder(14);
        std::vector<std::string> inputs = {"x", "w", "r", "b", "", "h"};
        std::map<std::string, network::Attribute> attributes = {
            {"direction", std::string("bidirectional")},
            {"hidden_size", std::int64_t{kSize}},
            {"layout", std::int64_t{batchFirst}}};
        if (gates == 3) {
            attributes["linear_before_reset"] = std::int64_t{1};
        } else if (gates == 4) {
            inputs.emplace_back("c");
        }
        builder.input("x", {0, 0, kInputs})
            .stored("w", weight)
            .stored("r", recurrence)
            .stored("b", bias)
            .stored("h", hidden)
            .stored("c", memory)
            .node(type.toStdString(), inputs, {"y", "last"}, attributes)
            .output("y")
            .output("last");
        const std::vector<Array> found = runAll(builder, {{"x", x}});
        const auto value = [](const Array& array, const Place& place) {
            return static_cast<double>(at(array, place));
        };
        for (std::int64_t d = 0; d < 2; ++d) {
            for (std::int64_t n = 0; n < kBatch; ++n) {
                std::vector<double> h, c;
                for (std::int64_t i = 0; i < kSize; ++i) {
                    const Place place = batchFirst ? Place{n, d, i} : Place{d, n, i};
                    h.push_back(value(hidden, place));
                    c.push_back(value(memory, place));
                }
                for (std::int64_t step = 0; step < kSteps; ++step) {
                    const std::int64_t t = d == 0 ? step : kSteps - 1 - step;
                    const auto input = [&](std::int64_t gate, std::int64_t i) {
                        const std::int64_t row = gate * kSize + i;
                        double sum = value(bias, {d, row});
                        for (std::int64_t k = 0; k < kInputs; ++k) {
                            sum += value(weight, {d, row, k}) *
                                   value(x, batchFirst ? Place{n, t, k} : Place{t, n, k});
                        }
                        return sum;
                    };
                    const auto state = [&](std::int64_t gate, std::int64_t i) {
                        const std::int64_t row = gate * kSize + i;
                        double sum = value(bias, {d, gates * kSize + row});
                        for (std::int64_t k = 0; k < kSize; ++k) {
                            sum += value(recurrence, {d, row, k}) * h[static_cast<std::size_t>(k)];
                        }
                        return sum;
                    };
                    const auto both = [&](std::int64_t gate, std::int64_t i) {
                        return input(gate, i) + state(gate, i);
                    };
                    std::vector<double> next(h.size()), nextMemory(c.size());
                    for (std::int64_t i = 0; i < kSize; ++i) {
                        const auto k = static_cast<std::size_t>(i);
                        if (gates == 1) {
                            next[k] = std::tanh(both(0, i));
                        } else if (gates == 3) {
                            const double z = sigmoid(both(0, i));
                            const double r = sigmoid(both(1, i));
                            const double fresh = std::tanh(input(2, i) + r * state(2, i));
                            next[k] = (1 - z) * fresh + z * h[k];
                        } else {
                            nextMemory[k] = sigmoid(both(2, i)) * c[k] +
                                            sigmoid(both(0, i)) * std::tanh(both(3, i));
                            next[k] = sigmoid(both(1, i)) * std::tanh(nextMemory[k]);
                        }
                    }
                    h = next;
                    c = nextMemory;
                    for (std::int64_t i = 0; i < kSize; ++i) {
                        const double got =
                            value(found[0], batchFirst ? Place{n, t, d, i} : Place{t, d, n, i});
                        QVERIFY(std::abs(got - h[static_cast<std::size_t>(i)]) < 5e-6);
                    }
                }
                for (std::int64_t i = 0; i < kSize; ++i) {
                    const double got =
                        value(found[1], batchFirst ? Place{n, d, i} : Place{d, n, i});
                    QVERIFY(std::abs(got - h[static_cast<std::size_t>(i)]) < 5e-6);
                }
            }
        }
    }

    /// What is not a number stays none in the gates' own curves.
    void recurrenceKeepsNan() {
        for (const auto& [type, gates] : {std::pair("RNN", 1), {"GRU", 3}, {"LSTM", 4}}) {
            GraphBuilder builder(14);
            builder.input("x", {0, 0, 2})
                .stored("w", someArray({1, gates * 3, 2}, 1))
                .stored("r", someArray({1, gates * 3, 3}, 2))
                .node(type, {"x", "w", "r"}, {"y"},
                      {{"hidden_size", std::int64_t{3}}, {"linear_before_reset", std::int64_t{1}}})
                .output("y");
            const std::vector<Array> found = runAll(
                builder,
                {{"x", Array::of<float>({1, 2, 2},
                                        {0.5F, std::numeric_limits<float>::quiet_NaN(), 1, 2})}});
            for (std::int64_t i = 0; i < 3; ++i) {
                QVERIFY(std::isnan(at(found[0], {0, 0, 0, i})));
                QVERIFY(std::isfinite(at(found[0], {0, 0, 1, i})));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TstStoredProducts)
#include "tst_stored_products.moc"
