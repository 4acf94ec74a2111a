// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/exploration/evaluation.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// What a study's metric is called and whether it is a share (shown in percent).
struct MetricWording {
    QString label;  ///< empty: the quantity's own label
    bool share = true;
};

/// The axis of a quantity: label, unit, direction; costs and divergences are logarithmic.
[[nodiscard]] AxisDescription axisOf(exploration::QuantityId id, const MetricWording& metric = {});

/// A value in the unit of that axis: shares become percent.
[[nodiscard]] double shownValue(exploration::QuantityId id, double value,
                                const MetricWording& metric = {});

/// Which quantities a scatter shows.
struct ScatterChoice {
    exploration::QuantityId x = exploration::QuantityId::Bops;
    exploration::QuantityId y = exploration::QuantityId::Accuracy;
    std::optional<exploration::QuantityId> colour;
    std::optional<exploration::QuantityId> size;
};

/// What else a scatter of a study knows.
struct ScatterContext {
    std::vector<exploration::QuantityId> objectives;  ///< of the front; empty: the two axes
    /// The float network; costs that are not known are NaN.
    std::optional<exploration::Evaluation> reference;
    MetricWording metric;
};

/// Adds one design to the points of `data`: its place, its interval where the vertical axis is a
/// metric, colour and size. Flags and front are the caller's.
void appendDesign(ScatterData& data, const exploration::Evaluation& evaluation,
                  const ScatterChoice& choice, const MetricWording& metric = {});

/// The snapshot of a study's evaluations on the chosen axes, front marked. Takes the front of all
/// of them: for a live window keep a LiveFront and set the flags from it.
[[nodiscard]] ScatterData scatterOf(std::span<const exploration::Evaluation> evaluations,
                                    const ScatterChoice& choice, const ScatterContext& context);

}  // namespace bitloupe::charts
