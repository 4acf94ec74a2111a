// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <vector>

#include "core/quantization/quantizer.h"

namespace bitloupe::ui {

/// Formats that are shown together.
struct FormatFamily {
    QString name;
    QString description;  ///< one sentence
    std::vector<quantization::Quantizer> formats;
};

/// The formats offered for ticking, by family, narrow to wide. Formats the program cannot round to
/// are not in it.
[[nodiscard]] const std::vector<FormatFamily>& formatCatalogue();

}  // namespace bitloupe::ui
