// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/nearest_fit.h"

#include <algorithm>
#include <limits>

namespace bitloupe::exporters {

namespace {

int differencesOf(const exploration::Assignment& a, const exploration::Assignment& b) {
    int count = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        count +=
            (a[i].weights == b[i].weights ? 0 : 1) + (a[i].activations == b[i].activations ? 0 : 1);
    }
    return count;
}

}  // namespace

NearestFit nearestFit(const ExportKind& kind, const network::Network& network,
                      const exploration::Assignment& wanted, const exploration::DesignSpace& space,
                      std::span<const exploration::Evaluation* const> measured,
                      exploration::QuantityId metric) {
    const double sign =
        exploration::quantity(metric).direction == exploration::Direction::Maximize ? 1 : -1;
    NearestFit nearest;
    int least = std::numeric_limits<int>::max();
    double best = 0;
    for (const exploration::Evaluation* evaluation : measured) {
        const exploration::Assignment assignment = space.assignment(evaluation->design);
        const int differences = differencesOf(assignment, wanted);
        const double value = sign * evaluation->measured.metric;
        const bool nearer = differences < least || (differences == least && value > best);
        if (nearer && obstacles(kind, {network, assignment}).empty()) {
            least = differences;
            best = value;
            nearest = {evaluation->id, differences};
        }
    }
    return nearest;
}

}  // namespace bitloupe::exporters
