// SPDX-License-Identifier: Apache-2.0
#include "core/data/range_check.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace bitloupe::data {
namespace {

struct Range {
    float low = 0;
    float high = 0;
};

Range rangeOf(const Array& samples) {
    const std::span<const float> values = samples.as<float>();
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return values.empty() ? Range() : Range{*low, *high};
}

std::string textOf(const Range& range) {
    return text::number(std::round(static_cast<double>(range.low) * 1000) / 1000) + " to " +
           text::number(std::round(static_cast<double>(range.high) * 1000) / 1000);
}

bool holdsPixels(const Array& samples) {
    const Shape& shape = samples.shape();
    return shape.size() == 4 && (shape[1] == 1 || shape[1] == 3);
}

}  // namespace

std::vector<std::string> rangeWarnings(const DataDescription& description, const DataSet& set) {
    std::vector<std::string> warnings;
    const auto calibration = set.splits.find(Role::Calibration);
    bool said = false;
    for (const auto& [role, samples] : set.splits) {
        for (const auto& [name, array] : samples.inputs) {
            if (array.type() != ElementType::Float32) {
                continue;
            }
            const Range range = rangeOf(array);
            const bool raw = holdsPixels(array) && description.scaling == "none" &&
                             range.low >= 0 && range.high > 32 && range.high <= 255;
            if (raw && !said) {
                said = true;
                warnings.push_back("the pixels are not scaled and reach from " + textOf(range) +
                                   ": most networks were trained on 0 to 1 (`scaling: divide`, "
                                   "`divisor: 255`)");
            }
            if (calibration == set.splits.end() || role == Role::Calibration) {
                continue;
            }
            const Range known = rangeOf(calibration->second.inputs.at(name));
            const float span = known.high - known.low;
            if (range.low < known.low - span || range.high > known.high + span) {
                warnings.push_back("the samples of the " + std::string(roleName(role)) +
                                   " split reach from " + textOf(range) +
                                   ", those of the calibration split only from " + textOf(known) +
                                   ": ranges fitted to these will clip");
            }
        }
    }
    return warnings;
}

}  // namespace bitloupe::data
