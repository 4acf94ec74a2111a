// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include "core/exploration/evaluation.h"
#include "core/exploration/quantity.h"

/// How numbers are written on screen: by the user's locale, with a unit, with fixed digits.
namespace bitloupe::ui::wording {

/// 9,765,625; from a billion on "1.2 billion", then powers of ten.
[[nodiscard]] QString count(double value);
/// Three digits and a magnitude: 3.14 M, 21.9 k, 412.
[[nodiscard]] QString compact(double value);
/// 98.71 %
[[nodiscard]] QString percent(double share, int digits = 2);
/// "1 min 12 s", "3 h 5 min", "0.4 s"; "-" when negative.
[[nodiscard]] QString duration(double seconds);
/// For estimates: no more digits than it deserves. "2 min", "35 s", "1 h 10 min".
[[nodiscard]] QString roughDuration(double seconds);
/// 3 × 224 × 224
[[nodiscard]] QString shape(const std::vector<std::int64_t>& dimensions);

/// The value of a quantity as tables show it, without the unit (which stands in the header).
[[nodiscard]] QString value(exploration::QuantityId id, double number);
/// The same with its unit.
[[nodiscard]] QString valueWithUnit(exploration::QuantityId id, double number);
/// "accuracy (%)" for headers and axes.
[[nodiscard]] QString header(exploration::QuantityId id);
/// "higher is better" or "lower is better".
[[nodiscard]] QString direction(exploration::QuantityId id);
/// "±0.22 %" around an accuracy; empty without samples.
[[nodiscard]] QString halfWidth(exploration::QuantityId metric,
                                const exploration::Measurement& measured);
/// "+1.2 %" as a change relative to a reference; accuracy in percentage points.
[[nodiscard]] QString change(exploration::QuantityId id, double number, double reference);

}  // namespace bitloupe::ui::wording
