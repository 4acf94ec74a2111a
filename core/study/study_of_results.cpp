// SPDX-License-Identifier: Apache-2.0
#include "core/study/study_of_results.h"

namespace bitloupe::study {

Result<StudyDescription> studyOfResults(const Journal& journal, const std::string& path) {
    const Result<JournalHeader> header = journal.header();
    if (header.hasError()) {
        return header.error();
    }
    return parseStudy(header.value().studyYaml, path);
}

}  // namespace bitloupe::study
