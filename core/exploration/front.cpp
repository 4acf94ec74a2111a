// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/front.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace bitloupe::exploration {

namespace {

bool hasNan(const Losses& point) {
    return std::any_of(point.begin(), point.end(), [](double value) { return std::isnan(value); });
}

/// Candidates in lexicographic order, equal ones by index: none can be beaten by a later one.
std::vector<std::size_t> lexicographicOrder(std::span<const Losses> points) {
    std::vector<std::size_t> order;
    order.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!hasNan(points[i])) {
            order.push_back(i);
        }
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return points[a] != points[b] ? points[a] < points[b] : a < b;
    });
    return order;
}

std::vector<std::size_t> sweepFront(std::span<const Losses> points,
                                    const std::vector<std::size_t>& order) {
    std::vector<std::size_t> front;
    double best = std::numeric_limits<double>::infinity();
    for (const std::size_t i : order) {
        if (front.empty() || points[i].back() < best) {
            // With one objective the first and the last value are the same: only the minimum stays.
            front.push_back(i);
            best = points[i].back();
        }
    }
    return front;
}

}  // namespace

Losses losses(const Evaluation& evaluation, std::span<const QuantityId> objectives) {
    Losses values;
    values.reserve(objectives.size());
    for (const QuantityId objective : objectives) {
        values.push_back(evaluation.value(objective));
    }
    return losses(values, objectives);
}

Losses losses(std::span<const double> values, std::span<const QuantityId> objectives) {
    if (values.size() != objectives.size()) {
        throw std::logic_error("a point needs one value an objective");
    }
    Losses turned(values.begin(), values.end());
    for (std::size_t d = 0; d < turned.size(); ++d) {
        if (quantity(objectives[d]).direction == Direction::Maximize) {
            turned[d] = -turned[d];
        }
    }
    return turned;
}

bool covers(const Losses& a, const Losses& b) {
    for (std::size_t d = 0; d < a.size(); ++d) {
        if (!(a[d] <= b[d])) {
            return false;
        }
    }
    return true;
}

bool dominates(const Losses& a, const Losses& b) {
    return covers(a, b) && a != b;
}

std::vector<std::size_t> paretoFront(std::span<const Losses> points) {
    const std::vector<std::size_t> order = lexicographicOrder(points);
    std::vector<std::size_t> front;
    if (!order.empty() && points[order.front()].size() <= 2) {
        front = sweepFront(points, order);
    } else {
        for (const std::size_t i : order) {
            const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
                return covers(points[member], points[i]);
            });
            if (!beaten) {
                front.push_back(i);
            }
        }
    }
    std::sort(front.begin(), front.end());
    return front;
}

std::vector<std::size_t> paretoFront(std::span<const Evaluation> evaluations,
                                     std::span<const QuantityId> objectives) {
    std::vector<Losses> points;
    points.reserve(evaluations.size());
    for (const Evaluation& evaluation : evaluations) {
        points.push_back(losses(evaluation, objectives));
    }
    return paretoFront(points);
}

std::vector<std::size_t> paretoFront(std::span<const Evaluation> evaluations,
                                     std::span<const QuantityId> objectives,
                                     std::span<const Constraint> constraints) {
    std::vector<std::size_t> allowed;
    std::vector<Losses> points;
    for (std::size_t i = 0; i < evaluations.size(); ++i) {
        if (isAllowed(evaluations[i], constraints)) {
            allowed.push_back(i);
            points.push_back(losses(evaluations[i], objectives));
        }
    }
    std::vector<std::size_t> front;
    for (const std::size_t index : paretoFront(points)) {
        front.push_back(allowed[index]);
    }
    return front;
}

std::vector<Evaluation> orderedFront(std::span<const Evaluation> evaluations,
                                     std::span<const QuantityId> objectives,
                                     std::span<const Constraint> constraints) {
    std::vector<Evaluation> front;
    for (const std::size_t index : paretoFront(evaluations, objectives, constraints)) {
        front.push_back(evaluations[index]);
    }
    std::stable_sort(front.begin(), front.end(), [&](const Evaluation& a, const Evaluation& b) {
        return losses(a, objectives).back() < losses(b, objectives).back();
    });
    return front;
}

double averageDistance(std::span<const Losses> found, std::span<const Losses> truth) {
    double sum = 0;
    for (const Losses& wanted : truth) {
        double smallest = std::numeric_limits<double>::infinity();
        for (const Losses& candidate : found) {
            if (hasNan(candidate)) {
                continue;
            }
            double excess = 0;
            for (std::size_t d = 0; d < wanted.size(); ++d) {
                const double scale = wanted[d] == 0 ? 1 : std::abs(wanted[d]);
                excess = std::max(excess, (candidate[d] - wanted[d]) / scale);
            }
            smallest = std::min(smallest, excess);
        }
        sum += smallest;
    }
    return truth.empty() ? 0 : sum / static_cast<double>(truth.size());
}

}  // namespace bitloupe::exploration
