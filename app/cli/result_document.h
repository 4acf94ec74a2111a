// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/study/journal.h"
#include "core/study/study_description.h"

namespace bitloupe::cli {

/// A study's results, loaded for reading.
struct Results {
    study::StudyDescription study;
    exploration::DesignSpace space;
    exploration::KnownResults known;
    study::Journal::TestResults test;

    /// The evaluations within the study's limits that no other one beats, by ascending cost.
    [[nodiscard]] std::vector<exploration::Evaluation> front() const;
};

/// Opens `path` for reading only; another program may be writing it.
[[nodiscard]] Result<Results> loadResults(const std::string& path);

/// NaN and infinity have no JSON: null.
[[nodiscard]] nlohmann::json numberJson(double value);

/// `{"id","objectives","interval","design","origin"}` as the front lists it, with "samples" and
/// "stopped_early" of the search split.
[[nodiscard]] nlohmann::json evaluationJson(const exploration::Evaluation& evaluation,
                                            const exploration::DesignSpace& space,
                                            const std::vector<exploration::QuantityId>& objectives);
/// Formats of every layer.
[[nodiscard]] nlohmann::json layersJson(const exploration::Evaluation& evaluation,
                                        const exploration::DesignSpace& space);
[[nodiscard]] nlohmann::json acceleratorJson(const hardware::Accelerator& accelerator);

/// "float" for a side that is not rounded.
[[nodiscard]] std::string formatName(const std::optional<quantization::Quantizer>& quantizer);

/// Share of a layer's weights that its scheme prunes, 0..1.
[[nodiscard]] double prunedShare(const quantization::LayerScheme& scheme);

/// In quotes where commas, quotes or line ends ask for it (RFC 4180).
[[nodiscard]] std::string csvField(const std::string& field);

/// The same of every design of a front, and `"test"`: metric, interval and samples of the test
/// split, where it was measured.
[[nodiscard]] nlohmann::json frontJson(const std::vector<exploration::Evaluation>& front,
                                       const exploration::DesignSpace& space,
                                       const std::vector<exploration::QuantityId>& objectives,
                                       const study::Journal::TestResults& test);

/// The front as a table for people; the test split's column stands where there is any result.
void printFront(std::ostream& out, const std::vector<exploration::Evaluation>& front,
                const exploration::DesignSpace& space,
                const std::vector<exploration::QuantityId>& objectives,
                const study::Journal::TestResults& test);
/// A value as people read it: shares in percent, counts in full.
[[nodiscard]] std::string valueText(exploration::QuantityId id, double value);

}  // namespace bitloupe::cli
