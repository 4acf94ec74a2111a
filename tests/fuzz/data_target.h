// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/data/data_description.h"
#include "tests/fuzz/fuzz.h"

namespace bitloupe::fuzz {

/// Takes the bytes for a file of data: recognises it and reads all of its samples.
inline std::string readAsData(const std::string& bytes, const std::string& extension) {
    return throughFile(bytes, extension, [](const std::string& path) {
        const Result<data::DataDescription> description = data::describeData(path);
        if (description.hasError()) {
            return description.error().sentence();
        }
        const Result<data::DataSet> set = data::loadDataSet(description.value());
        return set.hasError() ? set.error().sentence() : std::string();
    });
}

}  // namespace bitloupe::fuzz
