// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/render_scatter.h"

#include "ui/charts/design_scatter.h"

namespace bitloupe::charts {

Result<void> renderScatter(const ScatterSnapshot& data, const QString& path,
                           const PictureOptions& options) {
    DesignScatter scatter;
    scatter.setData(data);
    return savePicture(scatter, path, options);
}

}  // namespace bitloupe::charts
