// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

class QWidget;

namespace bitloupe::ui {

/// Calls `act` once, as soon as `window` has been painted for the first time; for a window that
/// nothing asks to paint (minimized, on another desktop) after a second.
void afterFirstPaint(QWidget& window, std::function<void()> act);

}  // namespace bitloupe::ui
