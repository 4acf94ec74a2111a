// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/exploration/evaluation.h"
#include "core/exploration/quantity.h"
#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// A measured design that an export takes in place of one that it does not.
struct NearestFit {
    std::int64_t id = 0;  ///< Evaluation::id; 0: none of them fits
    int differences = 0;  ///< sides of layers in which it differs from the wanted one
};

/// Of the designs without obstacles for `kind` the one that differs from `wanted` in the fewest
/// sides of layers; of equally near ones the one with the better `metric`, then the first.
/// `measured`: designs of `space`, whose layers are the network's.
[[nodiscard]] NearestFit nearestFit(const ExportKind& kind, const network::Network& network,
                                    const exploration::Assignment& wanted,
                                    const exploration::DesignSpace& space,
                                    std::span<const exploration::Evaluation* const> measured,
                                    exploration::QuantityId metric);

}  // namespace bitloupe::exporters
