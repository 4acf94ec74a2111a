// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/sherlock_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

namespace bitloupe::exploration {

namespace {

constexpr double kRewardFactor = 10;
constexpr std::size_t kSmoothing = 5;
/// What an error still counts a step later.
constexpr double kMemory = 0.9;

/// Beta(a, b) as a ratio of gamma variates (Marsaglia and Tsang 2000; a, b >= 1).
double drawGamma(double shape, Random& random) {
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = random.normal();
        const double v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
            return d * v;
        }
    }
}

double trailingMean(const std::vector<double>& values, std::size_t end) {
    const std::size_t count = std::min(end, kSmoothing);
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(end);
    return std::accumulate(last - static_cast<std::ptrdiff_t>(count), last, 0.0) /
           static_cast<double>(count);
}

/// The spread of every objective; 1 where it has none.
Losses spreadsOf(const std::vector<SherlockSearch::Sample>& samples) {
    const auto count = static_cast<double>(samples.size());
    Losses spreads;
    for (std::size_t d = 0; d < samples.front().losses.size(); ++d) {
        double mean = 0;
        double square = 0;
        for (const auto& sample : samples) {
            mean += sample.losses[d] / count;
        }
        for (const auto& sample : samples) {
            square += (sample.losses[d] - mean) * (sample.losses[d] - mean) / count;
        }
        spreads.push_back(square > 0 ? std::sqrt(square) : 1);
    }
    return spreads;
}

/// Some of the objectives of every point.
std::vector<Losses> only(const std::vector<Losses>& points,
                         const std::vector<std::size_t>& objectives) {
    std::vector<Losses> kept;
    for (const Losses& point : points) {
        Losses values;
        for (const std::size_t d : objectives) {
            values.push_back(point[d]);
        }
        kept.push_back(std::move(values));
    }
    return kept;
}

std::vector<Losses> frontOf(const std::vector<Losses>& points) {
    std::vector<Losses> front;
    for (const std::size_t index : paretoFront(points)) {
        front.push_back(points[index]);
    }
    return front;
}

/// A tenth of its range beyond the front in every objective, so that its ends can grow (Ishibuchi,
/// Imada, Setoguchi, Nojima, "How to specify a reference point in hypervolume calculation", 2018).
Losses cornerOf(const std::vector<Losses>& front) {
    Losses corner = front.front();
    Losses best = front.front();
    for (const Losses& point : front) {
        for (std::size_t d = 0; d < corner.size(); ++d) {
            corner[d] = std::max(corner[d], point[d]);
            best[d] = std::min(best[d], point[d]);
        }
    }
    for (std::size_t d = 0; d < corner.size(); ++d) {
        corner[d] += std::max(0.1 * (corner[d] - best[d]), 0.1);
    }
    return corner;
}

/// The hypervolume that a point alone adds to a front.
double gainOf(const Losses& point, const std::vector<Losses>& front, const Losses& corner) {
    // What the front has of the point's own box is the volume of the front's points moved into it.
    double box = 1;
    for (std::size_t d = 0; d < point.size(); ++d) {
        box *= std::max(corner[d] - point[d], 0.0);
    }
    if (!(box > 0)) {
        return 0;
    }
    std::vector<Losses> limited = front;
    for (Losses& member : limited) {
        for (std::size_t d = 0; d < point.size(); ++d) {
            member[d] = std::max(member[d], point[d]);
        }
    }
    return std::max(box - hypervolume(limited, corner), 0.0);
}

/// What the next designs are to improve: the front of what keeps the limits, up to them; while
/// nothing does, the limited objectives alone, those that are known no further than their limits.
struct Aim {
    std::vector<std::size_t> objectives;
    Losses floors;              ///< of all objectives: being better than that does not count
    std::vector<Losses> front;  ///< in those objectives, as the corner
    Losses corner;
};

/// What counts of points.
std::vector<Losses> seenBy(const Aim& aim, std::vector<Losses> points) {
    for (Losses& point : points) {
        for (std::size_t d = 0; d < point.size(); ++d) {
            point[d] = std::max(point[d], aim.floors[d]);
        }
    }
    return only(points, aim.objectives);
}

Aim aimOf(const std::vector<Losses>& measured, const Losses& limits,
          const std::vector<std::size_t>& learned) {
    Aim aim;
    aim.floors.assign(limits.size(), -std::numeric_limits<double>::infinity());
    std::vector<Losses> kept;
    std::copy_if(measured.begin(), measured.end(), std::back_inserter(kept),
                 [&limits](const Losses& point) { return covers(point, limits); });
    for (std::size_t d = 0; d < limits.size(); ++d) {
        if (!kept.empty() || std::isfinite(limits[d])) {
            aim.objectives.push_back(d);
        }
    }
    for (std::size_t d = 0; d < limits.size() && kept.empty(); ++d) {
        if (std::isfinite(limits[d]) &&
            std::find(learned.begin(), learned.end(), d) == learned.end()) {
            aim.floors[d] = limits[d];
        }
    }
    aim.front = frontOf(seenBy(aim, kept.empty() ? measured : kept));
    aim.corner = cornerOf(aim.front);
    for (std::size_t d = 0; d < aim.corner.size() && !kept.empty(); ++d) {
        aim.corner[d] = std::min(aim.corner[d], limits[d]);
    }
    return aim;
}

/// The points that add most to the front, one after the other, each as if those before were
/// measured; what adds nothing comes last, by `fallback`, the largest first.
std::vector<std::size_t> byGain(const std::vector<Losses>& points, const Aim& aim,
                                const std::vector<double>& fallback, std::size_t count) {
    std::vector<Losses> front = aim.front;
    const Losses& corner = aim.corner;
    std::vector<double> gains;
    for (const Losses& point : points) {
        gains.push_back(gainOf(point, front, corner));
    }
    std::vector<std::size_t> chosen;
    std::vector<bool> isChosen(points.size(), false);
    while (chosen.size() < std::min(count, points.size())) {
        std::size_t best = points.size();
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (isChosen[i]) {
                continue;
            }
            // A gain only falls when points join: those that are behind already stay behind.
            if (best != points.size() && gains[i] > gains[best] && !chosen.empty()) {
                gains[i] = gainOf(points[i], front, corner);
            }
            if (best == points.size() || gains[i] > gains[best] ||
                (gains[i] == gains[best] && fallback[i] > fallback[best])) {
                best = i;
            }
        }
        chosen.push_back(best);
        isChosen[best] = true;
        front.push_back(points[best]);
    }
    return chosen;
}

}  // namespace

void SherlockSearch::prepare(const std::vector<Sample>& samples) {
    std::vector<Features> features;
    for (const Sample& sample : samples) {
        features.push_back(sample.features);
    }
    const double width = meanDistance(features);
    m_arms.resize(4);
    m_arms[0].surrogate = makeRadialBasisConsensus(RadialBasis::ThinPlate, width);
    m_arms[1].surrogate = makeRadialBasisConsensus(RadialBasis::Multiquadric, width);
    m_arms[2].surrogate = makeRandomForest();
    m_arms[3].surrogate = makeGaussianProcess();
}

void SherlockSearch::reward(const std::vector<Features>& features,
                            const std::vector<Losses>& measured, const Losses& limits,
                            const std::vector<std::size_t>& learned) {
    const auto before = static_cast<std::ptrdiff_t>(m_rewarded);
    const std::vector<Losses> old(measured.begin(), measured.begin() + before);
    const std::vector<Losses> fresh(measured.begin() + before, measured.end());
    m_rewarded = measured.size();
    if (!m_lastArm.has_value() || fresh.empty() || learned.empty()) {
        return;
    }
    const Aim aim = aimOf(old, limits, learned);
    const std::vector<Losses> judged = seenBy(aim, fresh);
    const bool hasGrown = std::any_of(judged.begin(), judged.end(), [&](const Losses& point) {
        return gainOf(point, aim.front, aim.corner) > 0;
    });
    for (Arm& arm : m_arms) {
        arm.wins = 1 + kMemory * (arm.wins - 1);
        arm.defeats = 1 + kMemory * (arm.defeats - 1);
    }
    (hasGrown ? m_arms[*m_lastArm].wins : m_arms[*m_lastArm].defeats) += kRewardFactor;

    const Geometry geometry({features.begin(), features.begin() + before},
                            {features.begin() + before, features.end()});
    for (Arm& arm : m_arms) {
        const Prediction foretold = arm.surrogate->predict(geometry, only(old, learned), m_random);
        double error = 0;
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            for (std::size_t l = 0; l < learned.size(); ++l) {
                const double off = foretold.means[i][l] - fresh[i][learned[l]];
                error += off * off / static_cast<double>(fresh.size());
            }
        }
        arm.error = kMemory * arm.error + error;
    }
}

std::size_t SherlockSearch::drawArm() {
    double smallest = std::numeric_limits<double>::infinity();
    for (const Arm& arm : m_arms) {
        smallest = std::min(smallest, arm.error);
    }
    std::size_t best = 0;
    double highest = -1;
    for (std::size_t i = 0; i < m_arms.size(); ++i) {
        const double wins = drawGamma(m_arms[i].wins, m_random);
        const double share = wins / (wins + drawGamma(m_arms[i].defeats, m_random));
        const double trust = m_arms[i].error > 0 ? std::sqrt(smallest / m_arms[i].error) : 1;
        if (share * trust > highest) {
            best = i;
            highest = share * trust;
        }
    }
    return best;
}

void SherlockSearch::switchAction(const Arm& arm) {
    const std::size_t count = arm.gains.size();
    if (count >= 2 && trailingMean(arm.gains, count) < trailingMean(arm.gains, count - 1)) {
        m_action = m_action == Action::Exploit ? Action::Explore : Action::Exploit;
    }
}

std::vector<std::size_t> SherlockSearch::choose(const std::vector<Sample>& samples,
                                                const std::vector<Candidate>& candidates,
                                                std::size_t count) {
    if (candidates.empty()) {
        return {};
    }
    if (m_arms.empty()) {
        prepare(samples);
    }
    // Everything in units of the spread, so that no objective decides alone.
    const Losses scale = spreadsOf(samples);
    const auto scaled = [&scale](Losses values) {
        std::transform(values.begin(), values.end(), scale.begin(), values.begin(),
                       std::divides<>());
        return values;
    };
    std::vector<Features> known;
    std::vector<Losses> measured;
    for (const Sample& sample : samples) {
        known.push_back(sample.features);
        measured.push_back(scaled(sample.losses));
    }
    std::vector<std::size_t> learned;
    for (std::size_t d = 0; d < scale.size(); ++d) {
        if (candidates.front().known.empty() || std::isnan(candidates.front().known[d])) {
            learned.push_back(d);
        }
    }
    const Losses limits =
        scaled(m_limits.empty() ? Losses(scale.size(), std::numeric_limits<double>::infinity())
                                : m_limits);
    reward(known, measured, limits, learned);
    std::vector<Features> wanted;
    std::vector<Losses> expected;
    for (const Candidate& candidate : candidates) {
        wanted.push_back(candidate.features);
        expected.push_back(candidate.known.empty() ? Losses(scale.size(), 0)
                                                   : scaled(candidate.known));
    }
    m_lastArm = drawArm();
    Arm& arm = m_arms[*m_lastArm];
    const Prediction prediction = arm.surrogate->predict(
        Geometry(std::move(known), std::move(wanted)), only(measured, learned), m_random);
    std::vector<Losses> hopeful = expected;
    std::vector<double> doubt(candidates.size(), 0);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        for (std::size_t l = 0; l < learned.size(); ++l) {
            expected[i][learned[l]] = prediction.means[i][l];
            hopeful[i][learned[l]] = prediction.means[i][l] - prediction.spreads[i][l];
            doubt[i] += prediction.spreads[i][l] * prediction.spreads[i][l];
        }
    }
    const Aim aim = aimOf(measured, limits, learned);
    expected = seenBy(aim, expected);
    hopeful = seenBy(aim, hopeful);
    std::vector<double> hopes;
    for (const Losses& point : hopeful) {
        hopes.push_back(gainOf(point, aim.front, aim.corner));
    }
    const std::vector<std::size_t> exploit = byGain(expected, aim, hopes, count);
    arm.gains.push_back(gainOf(expected[exploit.front()], aim.front, aim.corner));
    switchAction(arm);
    return m_action == Action::Exploit ? exploit : byGain(hopeful, aim, doubt, count);
}

}  // namespace bitloupe::exploration
