// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "ui/models/scatter_builder.h"

class QMenu;

namespace bitloupe::ui {

/// Every quantity for one axis, and linear or logarithmic. `choose` gets the axes as they are to
/// be.
void fillAxisMenu(QMenu& menu, Qt::Orientation orientation, const ScatterAxes& axes,
                  const std::function<void(const ScatterAxes&)>& choose);
/// A third quantity as colour and a fourth as size.
void fillMarkMenu(QMenu& menu, const ScatterAxes& axes,
                  const std::function<void(const ScatterAxes&)>& choose);

}  // namespace bitloupe::ui
