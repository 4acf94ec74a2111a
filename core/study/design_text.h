// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/exploration/design.h"

namespace bitloupe::study {

/// A design's schemes as text: `int8 int4|float int8`, weights and activations of every layer.
/// Keeps what it parsed, since a journal names the same few schemes thousands of times.
class DesignText {
public:
    explicit DesignText(const exploration::DesignSpace& space);

    [[nodiscard]] std::string schemes(const exploration::Design& design) const;
    [[nodiscard]] std::string array(const exploration::Design& design) const;
    /// The design these texts name, if the space holds it.
    [[nodiscard]] std::optional<exploration::Design> design(std::string_view schemes,
                                                            std::string_view array) const;
    [[nodiscard]] const exploration::DesignSpace& space() const { return m_space; }

private:
    struct Names {
        std::vector<std::string> byGene;
        std::unordered_map<std::string, std::uint16_t> genes;
    };
    /// Names of one side of a layer; a side without choices is "float" without a gene.
    struct LayerNames {
        Names weights;
        Names activations;
    };

    static Names namesOf(const std::vector<quantization::Quantizer>& quantizers);
    static bool appendGene(const Names& names, std::string_view name,
                           std::vector<std::uint16_t>& genes);

    exploration::DesignSpace m_space;
    std::vector<LayerNames> m_layers;
    Names m_arrays;
};

/// What a layer without a quantizer on a side is called.
inline constexpr std::string_view kFloatName = "float";

}  // namespace bitloupe::study
