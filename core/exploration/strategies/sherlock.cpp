// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/sherlock.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/exploration/front.h"

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kStartDesigns = 8;
constexpr std::size_t kStepDesigns = 4;
constexpr std::size_t kPool = 512;

}  // namespace

SherlockStrategy::SherlockStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request),
      m_random(request.settings.seed),
      m_search(request.settings.seed, limits()) {
    for (const std::vector<double>& choices : costs().bits()) {
        m_size *= static_cast<double>(choices.size());
    }
}

Losses SherlockStrategy::limits() const {
    Losses worst;
    for (const QuantityId id : qualities()) {
        worst.push_back(acceptableLoss(id));
    }
    for (const QuantityId id : costs().costObjectives()) {
        worst.push_back(std::numeric_limits<double>::infinity());
        for (const Constraint& limit : rules().costLimits()) {
            if (limit.quantity == id && limit.atMost.has_value()) {
                worst.back() = logarithmOf(*limit.atMost);
            }
        }
    }
    return worst;
}

std::optional<Losses> SherlockStrategy::excess(const Losses& losses) const {
    const Losses worst = limits();
    if (covers(losses, worst)) {
        return std::nullopt;
    }
    Losses limited;
    for (std::size_t d = 0; d < worst.size(); ++d) {
        if (std::isfinite(worst[d])) {
            const bool isKnown = d >= qualities().size();
            limited.push_back(isKnown ? std::max(losses[d], worst[d]) : losses[d]);
        }
    }
    return limited;
}

/// Bits, and the place in the list so that formats of equal width differ.
Features SherlockStrategy::featuresOf(const LayerGenes& genes) const {
    Features features;
    for (std::size_t slot = 0; slot < genes.size(); ++slot) {
        const std::vector<double>& bits = costs().bits()[slot];
        const double place = static_cast<double>(genes[slot]) / static_cast<double>(bits.size());
        features.push_back(bits[genes[slot]]);
        features.push_back(place);
    }
    return features;
}

Losses SherlockStrategy::lossesOf(const LayerGenes& genes, const Losses& measured) const {
    Losses all = measured;
    for (std::size_t c = 0; c < costs().costObjectives().size(); ++c) {
        all.push_back(logarithmOf(costs().cost(genes, c)));
    }
    return all;
}

std::vector<LayerGenes> SherlockStrategy::start() {
    std::vector<LayerGenes> sample = pool();
    std::vector<Features> features;
    for (const LayerGenes& genes : sample) {
        features.push_back(featuresOf(genes));
    }
    std::vector<LayerGenes> chosen;
    for (const std::size_t index : transductiveDesign(features, kStartDesigns)) {
        chosen.push_back(sample[index]);
    }
    return chosen;
}

std::vector<LayerGenes> SherlockStrategy::pool() {
    DesignSet seen;
    std::vector<LayerGenes> all;
    const auto add = [&](const std::optional<LayerGenes>& genes) {
        if (genes.has_value() && all.size() < kPool && !wasAsked(*genes) && isAllowed(*genes) &&
            seen.insert({.genes = *genes}).second) {
            all.push_back(*genes);
        }
    };
    // While nothing keeps the limits, the designs that come nearest to them are the front.
    std::vector<Losses> kept;
    std::vector<Losses> broken;
    std::vector<const LayerGenes*> keepers;
    std::vector<const LayerGenes*> breakers;
    for (const Measured& each : measured()) {
        const Losses losses = lossesOf(each.genes, each.losses);
        const std::optional<Losses> off = excess(losses);
        if (!off.has_value()) {
            kept.push_back(losses);
            keepers.push_back(&each.genes);
        } else if (!off->empty()) {  // else it was not measured
            broken.push_back(*off);
            breakers.push_back(&each.genes);
        }
    }
    const std::vector<Losses>& points = kept.empty() ? broken : kept;
    const std::vector<const LayerGenes*>& parents = kept.empty() ? breakers : keepers;
    for (const std::size_t index : paretoFront(points)) {
        const LayerGenes& genes = *parents[index];
        for (std::size_t slot = 0; slot < genes.size() && all.size() < kPool / 2; ++slot) {
            add(moved(genes, slot, 1));
            add(moved(genes, slot, -1));
        }
    }
    add(mostPrecise());  // where limits leave so little that no draw meets them
    // Draws instead of a list: a small space is found whole, a large one is sampled.
    const double draws = std::min(m_size * 8, 16.0 * kPool);
    for (double i = 0; i < draws && all.size() < kPool; ++i) {
        add(anything(m_random));
    }
    return all;
}

std::vector<LayerGenes> SherlockStrategy::propose() {
    if (!m_hasStarted || measured().empty()) {
        const bool isFirst = !std::exchange(m_hasStarted, true);
        return isFirst ? start() : std::vector<LayerGenes>{};
    }
    const std::vector<LayerGenes> all = pool();
    // Standardized together, so that known and wanted designs stay comparable.
    std::vector<Features> features;
    std::vector<SherlockSearch::Sample> samples;
    for (const Measured& each : measured()) {
        if (std::all_of(each.losses.begin(), each.losses.end(),
                        [](double loss) { return std::isfinite(loss); })) {
            features.push_back(featuresOf(each.genes));
            samples.push_back({.features = {}, .losses = lossesOf(each.genes, each.losses)});
        }
    }
    if (samples.empty() || all.empty()) {
        return {};
    }
    for (const LayerGenes& genes : all) {
        features.push_back(featuresOf(genes));
    }
    features = standardized(std::move(features));
    const Losses unknown(qualities().size(), std::numeric_limits<double>::quiet_NaN());
    std::vector<SherlockSearch::Candidate> candidates;
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (i < samples.size()) {
            samples[i].features = features[i];
        } else {
            candidates.push_back(
                {.features = features[i], .known = lossesOf(all[i - samples.size()], unknown)});
        }
    }
    std::vector<LayerGenes> chosen;
    for (const std::size_t index : m_search.choose(samples, candidates, kStepDesigns)) {
        chosen.push_back(all[index]);
    }
    return chosen;
}

}  // namespace bitloupe::exploration
