// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/numerics/rounding.h"

namespace bitloupe::quantization {

/// The values each weight of a layer may take: a format, and a scaling for each run of weights, the
/// output channels as rows.
class WeightGrid {
public:
    explicit WeightGrid(numerics::NumberFormat format) : m_format(std::move(format)) {}

    /// The next weights up to `end` share `options`.
    void add(std::size_t end, const numerics::RoundingOptions& options);

    [[nodiscard]] const numerics::NumberFormat& format() const { return m_format; }
    [[nodiscard]] std::vector<numerics::Scaling> scalings() const;
    [[nodiscard]] const numerics::RoundingOptions& optionsAt(std::size_t place) const;

    /// Rounds all weights, in place.
    void round(std::span<float> rows) const;
    /// `value` rounded as the weight at `place` is. Only for formats with codes.
    [[nodiscard]] float nearest(std::size_t place, float value) const;
    /// The values just below and just above `value` (the same one twice at the ends of the range
    /// and where `value` is one). Only for formats with codes.
    [[nodiscard]] std::pair<float, float> neighbours(std::size_t place, float value) const;

    /// Calls visit(begin, end, options) for each run.
    template <typename Visit>
    void forEachRun(Visit visit) const {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < m_ends.size(); ++i) {
            visit(begin, m_ends[i], m_options[i]);
            begin = m_ends[i];
        }
    }

private:
    numerics::NumberFormat m_format;
    std::vector<std::size_t> m_ends;  ///< ascending
    std::vector<numerics::RoundingOptions> m_options;
};

}  // namespace bitloupe::quantization
