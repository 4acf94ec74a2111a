// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <vector>

#include "core/quantization/quantizer.h"

namespace bitloupe::ui {

/// Formats that are shown together.
struct FormatFamily {
    QString name;
    QString description;  ///< what may be written, or what it is for
    std::vector<quantization::Quantizer> formats;
};

/// The formats offered for ticking, by family, narrow to wide: those of core/numerics, fp32 apart.
[[nodiscard]] const std::vector<FormatFamily>& formatCatalogue();

}  // namespace bitloupe::ui
