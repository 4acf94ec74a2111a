// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/hardware/accelerator.h"
#include "core/quantization/quantizer.h"

namespace bitloupe::exploration {

/// One scheme per layer, in the network's layer order. All empty: the float network.
using Assignment = std::vector<quantization::LayerScheme>;

/// What one layer may use. An empty list leaves that side of the layer in float; one entry locks
/// it.
struct LayerChoices {
    std::string layer;
    std::vector<quantization::Quantizer> weights;
    std::vector<quantization::Quantizer> activations;
};

/// A point of a DesignSpace: the chosen index in every slot. Slots run layer by layer in execution
/// order, weights before activations (designs that are near in lexicographic order share network
/// prefixes), the accelerator last. A side without choices has no slot.
struct Design {
    std::vector<std::uint16_t> genes;
    friend bool operator==(const Design&, const Design&) = default;
    friend auto operator<=>(const Design&, const Design&) = default;
};

/// The two operands of a layer that are rounded apart.
enum class Side { Weights, Activations };

/// What one gene of a design chooses. The accelerator's slot, the last one, has no layer.
struct Slot {
    std::size_t layer = 0;
    Side side = Side::Weights;
};

/// The choices a design is picked from.
class DesignSpace {
public:
    DesignSpace() = default;
    /// `accelerators` must not be empty, and no list may hold more than 65,535 entries
    /// (std::logic_error).
    DesignSpace(std::vector<LayerChoices> layers, std::vector<hardware::Accelerator> accelerators);

    [[nodiscard]] const std::vector<LayerChoices>& layers() const { return m_layers; }
    [[nodiscard]] const std::vector<hardware::Accelerator>& accelerators() const {
        return m_accelerators;
    }

    /// Number of choices in each slot, accelerator slot last.
    [[nodiscard]] const std::vector<std::uint16_t>& slotSizes() const { return m_slotSizes; }
    /// What the slots choose, without the accelerator's.
    [[nodiscard]] const std::vector<Slot>& layerSlots() const { return m_layerSlots; }
    /// The quantizers of a slot of layerSlots().
    [[nodiscard]] const std::vector<quantization::Quantizer>& choices(const Slot& slot) const;
    [[nodiscard]] double size() const;  ///< exact up to 2^53
    /// Whether the design has one gene a slot, each within its slot.
    [[nodiscard]] bool contains(const Design& design) const;

    [[nodiscard]] Assignment assignment(const Design& design) const;
    [[nodiscard]] const hardware::Accelerator& accelerator(const Design& design) const;
    /// The design that uses exactly these schemes and this array, if the space holds it.
    [[nodiscard]] std::optional<Design> find(const Assignment& assignment,
                                             const hardware::Accelerator& accelerator) const;

private:
    std::vector<LayerChoices> m_layers;
    std::vector<hardware::Accelerator> m_accelerators;
    std::vector<std::uint16_t> m_slotSizes;
    std::vector<Slot> m_layerSlots;
};

}  // namespace bitloupe::exploration
