// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <cmath>

#include "core/base/file.h"
#include "core/base/npy.h"
#include "core/base/random.h"
#include "core/exploration/intervals.h"
#include "core/exploration/metrics.h"
#include "core/exploration/quantity.h"
#include "tests/support/python.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using data::Metric;

namespace {

constexpr std::size_t kClasses = 7;
constexpr std::size_t kRows = 300;

/// Scores that lean to their label, equal ones among them, and some rows without a label.
struct Table {
    std::vector<float> outputs;
    std::vector<std::int64_t> labels;
};

Table someTable(std::uint64_t seed, std::size_t rows = kRows) {
    Random random(seed);
    Table table;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto label = static_cast<std::int64_t>(random.below(kClasses - 1));  // one is missing
        table.labels.push_back(random.below(10) == 0 ? data::kIgnoredLabel : label);
        for (std::size_t i = 0; i < kClasses; ++i) {
            const double lean = static_cast<std::int64_t>(i) == label ? 1.0 : 0.0;
            table.outputs.push_back(
                static_cast<float>(std::round(4 * (random.normal() + lean)) / 4));
        }
    }
    return table;
}

OutputSums sumsOf(const Table& table, Metric metric, std::size_t batch = kRows) {
    OutputSums sums;
    for (std::size_t first = 0; first < table.labels.size(); first += batch) {
        const std::size_t rows = std::min(batch, table.labels.size() - first);
        OutputBatch part;
        part.outputs = std::span(table.outputs).subspan(first * kClasses, rows * kClasses);
        part.reference = part.outputs;
        part.width = kClasses;
        part.labels = std::span(table.labels).subspan(first, rows);
        part.metric = metric;
        sums.add(compareOutputs(part));
    }
    return sums;
}

Estimate measured(const Table& table, Metric metric) {
    return metricOf(metric, sumsOf(table, metric), kClasses, {});
}

QJsonObject reference(const Array& outputs, const Array& truth) {
    const QTemporaryDir folder;
    const QString a = folder.filePath(QStringLiteral("outputs.npy"));
    const QString b = folder.filePath(QStringLiteral("truth.npy"));
    (void)writeFileAtomically(a.toStdString(), npyBytes(outputs));
    (void)writeFileAtomically(b.toStdString(), npyBytes(truth));
    const testing::PythonRun run =
        testing::runPython(QStringLiteral("core/exploration/metric_reference.py"), {a, b});
    if (run.status != 0) {
        QTest::qFail(run.errors, __FILE__, __LINE__);
    }
    return QJsonDocument::fromJson(run.output).object();
}

}  // namespace

class TstMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classMetricsAreThoseOfTheirDefinitions() {
        BITLOUPE_NEEDS_PYTHON();
        const Table table = someTable(1);
        const QJsonObject expected = reference(Array::of<float>({kRows, kClasses}, table.outputs),
                                               Array::of<std::int64_t>({kRows}, table.labels));
        for (const Metric metric : {Metric::Accuracy, Metric::Top5, Metric::Auc, Metric::F1,
                                    Metric::Perplexity, Metric::Miou}) {
            const QByteArray key(data::metricKey(metric).data(),
                                 qsizetype(data::metricKey(metric).size()));
            const Estimate estimate = measured(table, metric);
            QVERIFY2(std::abs(estimate.value - expected[QLatin1String(key)].toDouble()) < 1e-9,
                     key);
            QVERIFY2(estimate.interval.low < estimate.value, key);
            QVERIFY2(estimate.interval.high > estimate.value, key);
        }
    }

    void errorsAreThoseOfTheirDefinitions() {
        BITLOUPE_NEEDS_PYTHON();
        Random random(5);
        std::vector<float> outputs;
        std::vector<float> targets;
        for (std::size_t i = 0; i < 2 * kRows; ++i) {
            targets.push_back(static_cast<float>(random.normal() * (i % 2 == 0 ? 1 : 10)));
            outputs.push_back(targets.back() + static_cast<float>(random.normal() * 0.3));
        }
        const QJsonObject expected =
            reference(Array::of<float>({kRows, 2}, outputs), Array::of<float>({kRows, 2}, targets));
        OutputBatch batch;
        batch.outputs = outputs;
        batch.reference = outputs;
        batch.width = 2;
        batch.targets = targets;
        const OutputSums sums = compareOutputs(batch);
        std::vector<double> spreads(2, 0.0);
        for (std::size_t i = 0; i < 2; ++i) {
            double mean = 0;
            for (std::size_t row = 0; row < kRows; ++row) {
                mean += static_cast<double>(targets[2 * row + i]) / kRows;
            }
            for (std::size_t row = 0; row < kRows; ++row) {
                spreads[i] += std::pow(static_cast<double>(targets[2 * row + i]) - mean, 2);
            }
        }
        for (const Metric metric : {Metric::Mse, Metric::Mae, Metric::R2}) {
            const QByteArray key(data::metricKey(metric).data(),
                                 qsizetype(data::metricKey(metric).size()));
            const Estimate estimate = metricOf(metric, sums, 2, spreads);
            QVERIFY2(std::abs(estimate.value - expected[QLatin1String(key)].toDouble()) < 1e-9,
                     key);
            QVERIFY2(estimate.interval.low < estimate.value, key);
        }
    }

    /// An interval of 95 % holds the value of the whole population in about 95 of 100 samples.
    void intervalsHoldTheTruthAsOftenAsTheySay() {
        for (const Metric metric :
             {Metric::Accuracy, Metric::Auc, Metric::F1, Metric::Perplexity, Metric::Miou}) {
            const double truth = measured(someTable(99, 60'000), metric).value;
            int held = 0;
            constexpr int kTrials = 200;
            for (int trial = 0; trial < kTrials; ++trial) {
                const Interval interval =
                    measured(someTable(1000 + static_cast<std::uint64_t>(trial)), metric).interval;
                held += interval.low <= truth && truth <= interval.high ? 1 : 0;
            }
            QVERIFY2(held >= 180 && held <= 199,
                     qPrintable(QString::number(held) + QLatin1Char(' ') +
                                QString::fromStdString(std::string(data::metricKey(metric)))));
        }
    }

    void batchesGiveTheSameBits() {
        const Table table = someTable(3);
        for (const Metric metric : {Metric::Auc, Metric::F1, Metric::Miou, Metric::Top5}) {
            const Estimate whole = metricOf(metric, sumsOf(table, metric), kClasses, {});
            const Estimate parts = metricOf(metric, sumsOf(table, metric, 37), kClasses, {});
            QCOMPARE(whole.value, parts.value);
            QCOMPARE(whole.interval.low, parts.interval.low);
        }
    }

    void certainRowsKeepTheirOrder() {
        // As probabilities in float both would be 1, and the area one half.
        const std::vector<float> outputs = {50, 0, 60, 0};
        std::vector<float> scores(4);
        rankScores(std::span(outputs).first(2), OutputKind::Logits, std::span(scores).first(2));
        rankScores(std::span(outputs).last(2), OutputKind::Logits, std::span(scores).last(2));
        QCOMPARE(scores, (std::vector<float>{50, -50, 60, -60}));
        const std::vector<std::int64_t> labels = {1, 0};
        QCOMPARE(macroAuc(scores, labels, 2).value, 1.0);
    }

    void metricsFollowFromTheSamples() {
        data::Samples samples;
        samples.inputs[""] = Array::of<float>({2, 1}, std::vector<float>{0, 1});
        QCOMPARE(defaultMetric(samples, false), Metric::Agreement);
        QVERIFY(checkMetric(Metric::Agreement, samples).hasValue());
        QVERIFY(checkMetric(Metric::Auc, samples).error().what.find("needs labels") !=
                std::string::npos);
        samples.labels = {0, 1};
        QCOMPARE(defaultMetric(samples, false), Metric::Accuracy);
        samples.labels = {0, 1, 1, 0};
        QCOMPARE(defaultMetric(samples, false), Metric::Perplexity);
        QCOMPARE(defaultMetric(samples, true), Metric::Miou);
        samples.targets = {1, 2};
        QCOMPARE(defaultMetric(samples, false), Metric::R2);
    }

    void everyMetricIsAQuantityWithItsDirection() {
        for (const std::string& key : data::metricKeys()) {
            const QuantityId id = quantityOf(*data::findMetric(key));
            QCOMPARE(quantity(id).key, key);
            QCOMPARE(*metricOf(id), *data::findMetric(key));
            QVERIFY(isMetric(id));
            const bool error = key == "mse" || key == "mae" || key == "perplexity";
            QCOMPARE(quantity(id).direction == Direction::Minimize, error);
            QCOMPARE(quantitiesWith(id).front().id, id);
            QCOMPARE(quantitiesWith(id).size(), std::size_t(9));
        }
        QVERIFY(!isMetric(QuantityId::Kl));
        QVERIFY(reaches(QuantityId::Mse, 1, 2) && !reaches(QuantityId::Auc, 1, 2));
    }
};

QTEST_APPLESS_MAIN(TstMetrics)
#include "tst_metrics.moc"
