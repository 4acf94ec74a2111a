// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/exploration/quantity.h"
#include "core/exploration/sensitivity.h"

namespace bitloupe::cli {

/// A map of rows (layers, or channels of one layer) by formats as the command line shows it. Cells
/// that an interrupt left unmeasured are empty.
struct SensitivityMap {
    enum class Kind { LayersAlone, LeaveOneInFloat, Channels };
    struct Row {
        std::string name;
        std::int64_t firstChannel = 0;  ///< of Kind::Channels, as the next one
        std::int64_t channels = 0;
    };

    Kind kind = Kind::LayersAlone;
    exploration::QuantityId metric = exploration::QuantityId::Accuracy;
    std::string on;                      ///< weights, activations or both
    std::string layer;                   ///< of Kind::Channels
    exploration::Measurement reference;  ///< the float network
    std::vector<Row> rows;
    std::vector<std::string> formats;
    std::vector<std::optional<exploration::Measurement>> cells;  ///< row by row
    std::vector<double> sqnrDb;                                  ///< the same; NaN: none

    [[nodiscard]] const std::optional<exploration::Measurement>& cell(std::size_t row,
                                                                      std::size_t format) const {
        return cells.at(row * formats.size() + format);
    }
    /// How much worse than the float network, in the metric's own unit; negative: better.
    [[nodiscard]] double drop(const exploration::Measurement& measured) const;
};

/// `{"layers","formats","metric","metric_drop","correct","kl","sqnr_db"}`, of channels also
/// "channels": [first, count] of each row. Unmeasured cells are null.
[[nodiscard]] nlohmann::json sensitivityJson(const SensitivityMap& map, bool hasLabels);

/// One line a measured cell, with a head.
void printSensitivityCsv(const SensitivityMap& map, std::ostream& out);

/// A table for people.
void printSensitivity(const SensitivityMap& map, std::ostream& out);

}  // namespace bitloupe::cli
