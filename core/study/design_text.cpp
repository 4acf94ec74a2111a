// SPDX-License-Identifier: Apache-2.0
#include "core/study/design_text.h"

#include "core/base/text.h"

namespace bitloupe::study {

DesignText::Names DesignText::namesOf(const std::vector<quantization::Quantizer>& quantizers) {
    Names names;
    for (const quantization::Quantizer& quantizer : quantizers) {
        names.byGene.push_back(quantizer.name());
        names.genes.emplace(names.byGene.back(),
                            static_cast<std::uint16_t>(names.byGene.size() - 1));
    }
    return names;
}

DesignText::DesignText(const exploration::DesignSpace& space) : m_space(space) {
    for (const exploration::LayerChoices& layer : space.layers()) {
        m_layers.push_back({namesOf(layer.weights), namesOf(layer.activations)});
    }
    for (const hardware::Accelerator& array : space.accelerators()) {
        m_arrays.byGene.push_back(array.name());
        m_arrays.genes.emplace(array.name(),
                               static_cast<std::uint16_t>(m_arrays.byGene.size() - 1));
    }
}

std::string DesignText::schemes(const exploration::Design& design) const {
    std::string text;
    std::size_t slot = 0;
    const auto add = [&](const Names& names) {
        text += names.byGene.empty() ? std::string(kFloatName)
                                     : names.byGene.at(design.genes.at(slot++));
    };
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        text += i == 0 ? "" : "|";
        add(m_layers[i].weights);
        text += ' ';
        add(m_layers[i].activations);
    }
    return text;
}

std::string DesignText::array(const exploration::Design& design) const {
    return m_arrays.byGene.at(design.genes.at(m_space.slotSizes().size() - 1));
}

bool DesignText::appendGene(const Names& names, std::string_view name,
                            std::vector<std::uint16_t>& genes) {
    if (names.byGene.empty()) {
        return name == kFloatName;
    }
    // A side that was float when this was stored and has choices now may offer it as fp32.
    const auto found = names.genes.find(name == kFloatName ? "fp32" : std::string(name));
    if (found == names.genes.end()) {
        return false;
    }
    genes.push_back(found->second);
    return true;
}

std::optional<exploration::Design> DesignText::design(std::string_view schemes,
                                                      std::string_view array) const {
    const std::vector<std::string> layers =
        schemes.empty() ? std::vector<std::string>() : text::split(schemes, '|');
    if (layers.size() != m_layers.size()) {
        return std::nullopt;
    }
    exploration::Design design;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::size_t blank = layers[i].find(' ');
        if (blank == std::string::npos ||
            !appendGene(m_layers[i].weights, std::string_view(layers[i]).substr(0, blank),
                        design.genes) ||
            !appendGene(m_layers[i].activations, std::string_view(layers[i]).substr(blank + 1),
                        design.genes)) {
            return std::nullopt;
        }
    }
    const auto found = m_arrays.genes.find(std::string(array));
    if (found == m_arrays.genes.end()) {
        return std::nullopt;
    }
    design.genes.push_back(found->second);
    return design;
}

}  // namespace bitloupe::study
