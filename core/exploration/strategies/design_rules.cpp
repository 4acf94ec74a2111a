// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/design_rules.h"

#include <algorithm>
#include <numeric>

#include "core/exploration/explorer.h"
#include "core/network/layer_names.h"

namespace bitloupe::exploration {

namespace {

bool isMeasured(QuantityId id) {
    return isMetric(id) || id == QuantityId::Kl || id == QuantityId::OutputMse;
}

}  // namespace

DesignRules::DesignRules(const DesignSpace& space)
    : m_space(space), m_leaders(space.layerSlots().size()) {
    std::iota(m_leaders.begin(), m_leaders.end(), std::size_t{0});
}

Result<DesignRules> DesignRules::make(const SearchRules& rules, const DesignSpace& space,
                                      const std::vector<network::Layer>& layers,
                                      const FormatConversions& conversions) {
    DesignRules made(space);
    made.m_layers = layers;
    made.m_conversions = conversions;
    for (const TieGroup& tie : rules.ties) {
        const Result<void> added = made.addTie(tie);
        if (added.hasError()) {
            return added.error();
        }
    }
    for (const Constraint& constraint : rules.constraints) {
        (isMeasured(constraint.quantity) ? made.m_measuredLimits : made.m_costLimits)
            .push_back(constraint);
    }
    if (made.hasCostLimits() && layers.empty()) {
        return Error{"limits on costs need the layers of a network", "constraints", ""};
    }
    return made;
}

Result<void> DesignRules::addTie(const TieGroup& tie) {
    std::vector<std::string> names;
    for (const LayerChoices& layer : m_space.layers()) {
        names.push_back(layer.layer);
    }
    for (const Side side : {Side::Weights, Side::Activations}) {
        if (!(side == Side::Weights ? tie.weights : tie.activations)) {
            continue;
        }
        std::vector<std::size_t> slots;
        for (const std::string& name : tie.layers) {
            const Result<std::size_t> layer = network::findLayer(names, name, "study, ties");
            if (layer.hasError()) {
                return layer.error();
            }
            for (std::size_t slot = 0; slot < m_leaders.size(); ++slot) {
                const Slot& here = m_space.layerSlots()[slot];
                if (here.layer == layer.value() && here.side == side) {
                    slots.push_back(slot);
                }
            }
        }
        // A side that has nothing to round (a product without weights) has nothing to tie.
        for (const std::size_t slot : slots) {
            const Slot& first = m_space.layerSlots()[slots.front()];
            const Slot& other = m_space.layerSlots()[slot];
            if (m_space.choices(first) != m_space.choices(other)) {
                return Error{"the tied layers `" + names[first.layer] + "` and `" +
                                 names[other.layer] + "` may not use the same formats",
                             "study, ties", "give both the same list, or tie one side only"};
            }
            // Whatever followed one of the two leaders follows the earlier one from now on.
            const std::size_t from = std::max(m_leaders[slots.front()], m_leaders[slot]);
            const std::size_t to = std::min(m_leaders[slots.front()], m_leaders[slot]);
            std::replace(m_leaders.begin(), m_leaders.end(), from, to);
        }
    }
    return {};
}

void DesignRules::tie(std::vector<std::uint16_t>& genes) const {
    for (std::size_t slot = 0; slot < m_leaders.size(); ++slot) {
        genes[slot] = genes[m_leaders[slot]];
    }
}

bool DesignRules::areTied(const std::vector<std::uint16_t>& genes) const {
    for (std::size_t slot = 0; slot < m_leaders.size(); ++slot) {
        if (genes[slot] != genes[m_leaders[slot]]) {
            return false;
        }
    }
    return true;
}

bool DesignRules::allows(const Design& design) const {
    if (!areTied(design.genes)) {
        return false;
    }
    if (m_costLimits.empty()) {
        return true;
    }
    Evaluation evaluation;
    evaluation.costs = computeCosts(m_layers, m_space.assignment(design),
                                    m_space.accelerator(design), m_conversions);
    return isAllowed(evaluation, m_costLimits);
}

const Constraint* DesignRules::limitOf(QuantityId measured) const {
    // A study has one metric, whatever name a limit gives it.
    const auto found =
        std::find_if(m_measuredLimits.begin(), m_measuredLimits.end(), [measured](const auto& one) {
            return one.quantity == measured || (isMetric(one.quantity) && isMetric(measured));
        });
    return found == m_measuredLimits.end() ? nullptr : &*found;
}

}  // namespace bitloupe::exploration
