// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/design.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "core/exploration/scheme_side.h"

namespace bitloupe::exploration {

namespace {

std::uint16_t slotSize(std::size_t choices) {
    if (choices > std::numeric_limits<std::uint16_t>::max()) {
        throw std::logic_error("a slot of a design space has more than 65,535 choices");
    }
    return static_cast<std::uint16_t>(choices);
}

/// The gene that picks `wanted`, or nothing. A side without choices holds float alone and has no
/// gene.
bool appendGene(const std::vector<quantization::Quantizer>& choices,
                const std::optional<quantization::Quantizer>& wanted,
                std::vector<std::uint16_t>& genes) {
    if (choices.empty()) {
        return !wanted.has_value();
    }
    if (!wanted.has_value()) {
        return false;
    }
    const auto found = std::find(choices.begin(), choices.end(), *wanted);
    if (found == choices.end()) {
        return false;
    }
    genes.push_back(static_cast<std::uint16_t>(found - choices.begin()));
    return true;
}

}  // namespace

DesignSpace::DesignSpace(std::vector<LayerChoices> layers,
                         std::vector<hardware::Accelerator> accelerators)
    : m_layers(std::move(layers)), m_accelerators(std::move(accelerators)) {
    if (m_accelerators.empty()) {
        throw std::logic_error("a design space needs at least one accelerator");
    }
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        for (const Side side : {Side::Weights, Side::Activations}) {
            const Slot slot{.layer = layer, .side = side};
            if (!choices(slot).empty()) {
                m_layerSlots.push_back(slot);
                m_slotSizes.push_back(slotSize(choices(slot).size()));
            }
        }
    }
    m_slotSizes.push_back(slotSize(m_accelerators.size()));
}

const std::vector<quantization::Quantizer>& DesignSpace::choices(const Slot& slot) const {
    const LayerChoices& layer = m_layers.at(slot.layer);
    return slot.side == Side::Weights ? layer.weights : layer.activations;
}

double DesignSpace::size() const {
    double product = m_slotSizes.empty() ? 0 : 1;
    for (const std::uint16_t size : m_slotSizes) {
        product *= size;
    }
    return product;
}

bool DesignSpace::contains(const Design& design) const {
    return design.genes.size() == m_slotSizes.size() &&
           std::equal(design.genes.begin(), design.genes.end(), m_slotSizes.begin(),
                      [](std::uint16_t gene, std::uint16_t size) { return gene < size; });
}

Assignment DesignSpace::assignment(const Design& design) const {
    Assignment schemes(m_layers.size());
    for (std::size_t i = 0; i < m_layerSlots.size(); ++i) {
        const Slot& slot = m_layerSlots[i];
        sideOf(schemes[slot.layer], slot.side) = choices(slot).at(design.genes.at(i));
    }
    return schemes;
}

const hardware::Accelerator& DesignSpace::accelerator(const Design& design) const {
    return m_accelerators.at(design.genes.at(m_layerSlots.size()));
}

std::optional<Design> DesignSpace::find(const Assignment& assignment,
                                        const hardware::Accelerator& accelerator) const {
    const auto array = std::find(m_accelerators.begin(), m_accelerators.end(), accelerator);
    if (assignment.size() != m_layers.size() || array == m_accelerators.end()) {
        return std::nullopt;
    }
    Design design;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        if (!appendGene(m_layers[i].weights, assignment[i].weights, design.genes) ||
            !appendGene(m_layers[i].activations, assignment[i].activations, design.genes)) {
            return std::nullopt;
        }
    }
    design.genes.push_back(static_cast<std::uint16_t>(array - m_accelerators.begin()));
    return design;
}

}  // namespace bitloupe::exploration
