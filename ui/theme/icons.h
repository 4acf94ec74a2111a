// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QIcon>
#include <QString>

namespace bitloupe::ui {

/// The icon `name` of resources/icons, drawn in the palette's text colour whatever the theme and
/// scale. An unknown name gives an empty icon.
[[nodiscard]] QIcon icon(const QString& name);

/// The program's own icon, in its own colours.
[[nodiscard]] QIcon programIcon();

}  // namespace bitloupe::ui
