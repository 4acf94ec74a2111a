// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/study/journal.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// The study that `journal` belongs to, as its header keeps it. `path` is the journal's file:
/// relative paths in the study start from its folder, and errors name it.
[[nodiscard]] Result<StudyDescription> studyOfResults(const Journal& journal,
                                                      const std::string& path);

}  // namespace bitloupe::study
