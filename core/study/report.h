// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/study/journal.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// What a report is made of: a study's results as they are on disk.
struct ReportContent {
    StudyDescription study;
    JournalHeader header;
    exploration::DesignSpace space;  ///< holds every design of `known`
    exploration::KnownResults known;
    std::int64_t selected = 0;  ///< a design to show beside the front; 0: none
};

/// The study as one self-contained page: how it was measured (files, hashes, seed, program), every
/// design as a picture (inline SVG), the front as a table, and each design of the front, and the
/// selected one, layer by layer with its array. Well-formed XML; numbers stand in full precision in
/// elements of class "number".
[[nodiscard]] std::string reportHtml(const ReportContent& content);

/// The picture alone: the last objective along, the first upwards, the front as a line.
[[nodiscard]] std::string reportPicture(const ReportContent& content);

}  // namespace bitloupe::study
