// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// Which design of the front to look at first.
enum class Suggestion {
    Knee,            ///< see kneeOf()
    BestVertical,    ///< the best in the vertical quantity; of equals the better horizontal one
    BestHorizontal,  ///< the other way round
};

/// The suggested point among those that are neither put away nor beyond a limit, so that limits
/// turn the extremes into "best within the budget" and "smallest that is good enough". Nothing
/// where no point is left, or for a quantity of which neither more nor less is better.
[[nodiscard]] std::optional<std::size_t> suggestedPoint(const ScatterData& data,
                                                        Suggestion suggestion);

/// What it is and how it was found, as a menu and the plot name it: "Accuracy: the highest".
[[nodiscard]] QString suggestionText(const ScatterData& data, Suggestion suggestion);

}  // namespace bitloupe::charts
