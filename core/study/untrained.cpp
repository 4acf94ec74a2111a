// SPDX-License-Identifier: Apache-2.0
#include "core/study/untrained.h"

#include <filesystem>

namespace bitloupe::study {

namespace fs = std::filesystem;

std::string trainedWeightsPath(const StudyDescription& study) {
    const fs::path folder(study.folder);
    return (study.network.weightsFile.empty() ? folder / (study.name + ".safetensors")
                                              : folder / study.network.weightsFile)
        .string();
}

bool isUntrained(const StudyDescription& study) {
    std::error_code code;
    return study.network.model.starts_with("architecture:") &&
           (study.network.weightsFile.empty() || !fs::exists(networkOf(study).weightsFile, code));
}

}  // namespace bitloupe::study
