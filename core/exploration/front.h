// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/exploration/strategy.h"
#include "core/network/network.h"

namespace bitloupe::exploration {

/// One value per objective, turned so that smaller is better (what is maximized is negated).
using Losses = std::vector<double>;

[[nodiscard]] Losses losses(const Evaluation& evaluation, std::span<const QuantityId> objectives);
/// The same for values in the objectives' own units and order.
[[nodiscard]] Losses losses(std::span<const double> values, std::span<const QuantityId> objectives);

/// Whether `a` is at least as good as `b` everywhere. False with a NaN.
[[nodiscard]] bool covers(const Losses& a, const Losses& b);
/// Whether it is better somewhere as well.
[[nodiscard]] bool dominates(const Losses& a, const Losses& b);

/// Indices, ascending, of the evaluations that no other one beats: none is at least as good in
/// every objective and better in one. Of equal ones the first stays. NaN never stands on the front.
[[nodiscard]] std::vector<std::size_t> paretoFront(std::span<const Evaluation> evaluations,
                                                   std::span<const QuantityId> objectives);

/// The same among those that keep all the limits, as a study's front is.
[[nodiscard]] std::vector<std::size_t> paretoFront(std::span<const Evaluation> evaluations,
                                                   std::span<const QuantityId> objectives,
                                                   std::span<const Constraint> constraints);
/// Its designs, by the last objective from its best value on.
[[nodiscard]] std::vector<Evaluation> orderedFront(std::span<const Evaluation> evaluations,
                                                   std::span<const QuantityId> objectives,
                                                   std::span<const Constraint> constraints);

/// The front of points of one length. O(n log n) for up to two objectives, O(n f) with f points on
/// the front for more.
[[nodiscard]] std::vector<std::size_t> paretoFront(std::span<const Losses> points);

/// Area or volume dominated by the front up to `reference` (one value per objective, worse than any
/// point of interest), in the objectives' own units.
[[nodiscard]] double hypervolume(std::span<const Evaluation> front,
                                 std::span<const QuantityId> objectives,
                                 std::span<const double> reference);

/// The same for points; exact for any number of objectives (While, Bradstreet, Barone, "A fast way
/// of calculating exact hypervolumes", IEEE TEC 2012; a sweep for two). Points that do not beat the
/// reference in every objective, and points with a NaN, add nothing.
[[nodiscard]] double hypervolume(std::span<const Losses> points, const Losses& reference);

/// Where a study's hypervolume is measured from, in the objectives' own units: 10 % above the float
/// network's value for costs, ten times its value for metrics where less is better (1 where that is
/// 0), 0 for metrics where more is better and for utilization, 1 for KL (nat) and output error. Of
/// what is measured it depends on the float network alone, which a study measures once, before any
/// design: volumes only grow, and those of a resumed study and of other runs of it compare.
[[nodiscard]] std::vector<double> referencePoint(std::span<const QuantityId> objectives,
                                                 const Evaluation& floatNetwork);

/// The same with the costs of the float network's `layers`, on the slowest of `accelerators` for
/// cycles. Nothing measured yet: NaN for metrics where less is better, and no volume. The float
/// network converts nothing: converted elements count from the most that there can be.
[[nodiscard]] std::vector<double> referencePoint(
    std::span<const QuantityId> objectives, const std::optional<Measurement>& floatNetwork,
    const std::vector<network::Layer>& layers, std::span<const hardware::Accelerator> accelerators,
    const FormatConversions& conversions = {});

/// Average distance from the reference set: the mean over the points of `truth` of the smallest,
/// over `found`, of the largest excess in any objective, relative to the true value's magnitude
/// (absolute where that is 0). 0: every point of the truth was found; infinite when nothing was.
[[nodiscard]] double averageDistance(std::span<const Losses> found, std::span<const Losses> truth);

}  // namespace bitloupe::exploration
