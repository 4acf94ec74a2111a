// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/charts/picture.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// Writes the window's scatter to a file (see savePicture) without a window. Needs a QApplication;
/// the offscreen platform will do.
[[nodiscard]] Result<void> renderScatter(const ScatterSnapshot& data, const QString& path,
                                         const PictureOptions& options = {});

}  // namespace bitloupe::charts
