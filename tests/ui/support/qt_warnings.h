// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringList>

namespace bitloupe::ui::testing {

/// From now on collects what Qt warns about (the offscreen platform's noise apart), so that a test
/// can fail on it.
void collectQtWarnings();
[[nodiscard]] QStringList takeQtWarnings();

}  // namespace bitloupe::ui::testing
