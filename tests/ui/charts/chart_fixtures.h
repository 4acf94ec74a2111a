// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <random>

#include "ui/charts/scatter_data.h"

namespace bitloupe::testing {

/// Any warning of Qt fails the test, but for the noise of the offscreen platform.
inline void failOnQtWarnings() {
    QTest::failOnWarning(
        QRegularExpression(QStringLiteral("^(?!This plugin does not support ).*$")));
}

/// `count` designs, costs 1e6..1e8 and accuracies 10..99, with the front marked.
inline std::shared_ptr<charts::ScatterData> randomDesigns(std::size_t count, unsigned seed = 1) {
    auto data = std::make_shared<charts::ScatterData>();
    data->xAxis = {
        QStringLiteral("BOPs"), {}, charts::Better::Lower, charts::ScaleKind::Logarithmic};
    data->yAxis = {QStringLiteral("Accuracy"),
                   QStringLiteral("%"),
                   charts::Better::Higher,
                   charts::ScaleKind::Linear,
                   0,
                   100};
    std::mt19937 generator(seed);
    std::uniform_real_distribution<> uniform;
    for (std::size_t point = 0; point < count; ++point) {
        const double cost = uniform(generator);
        data->ids.push_back(qint64(point + 1));
        data->x.push_back(1e6 * std::pow(10.0, 2 * cost));
        data->y.push_back(99 - 60 * std::exp(-3 * cost) - 29 * uniform(generator));
        data->flags.push_back(charts::kDominated);
    }
    std::vector<std::size_t> byCost(count);
    std::iota(byCost.begin(), byCost.end(), 0);
    std::sort(byCost.begin(), byCost.end(),
              [&data](std::size_t a, std::size_t b) { return data->x[a] < data->x[b]; });
    double best = 0;
    for (const std::size_t point : byCost) {
        if (data->y[point] > best) {
            best = data->y[point];
            data->flags[point] = charts::kFront;
        }
    }
    return data;
}

/// The first `count` points of `data`.
inline std::shared_ptr<charts::ScatterData> firstOf(const charts::ScatterData& data,
                                                    std::size_t count) {
    auto head = std::make_shared<charts::ScatterData>(data);
    head->ids.resize(count);
    head->x.resize(count);
    head->y.resize(count);
    head->flags.resize(count);
    return head;
}

}  // namespace bitloupe::testing
