// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QPalette>

class QApplication;

namespace bitloupe::ui {

/// What the person asked for. System follows the desktop: its palette where the platform has one,
/// else ours, light or dark as the platform says.
enum class ThemeMode { System, Light, Dark };

/// Everything is placed on a grid of 8 device-independent pixels.
inline constexpr int kGrid = 8;

/// Colours that follow from a palette, never stored: ask again when the palette changes.
struct Colors {
    QColor line;     ///< hairlines between areas
    QColor muted;    ///< secondary text, at least 4.5 : 1 on the window colour
    QColor accent;   ///< the one accent: selection, focus, the Start button
    QColor hover;    ///< background under the mouse
    QColor chosen;   ///< background of what is selected
    QColor good;     ///< ready
    QColor warning;  ///< asks for attention
    QColor problem;  ///< stops the work

    static Colors of(const QPalette& palette);
};

[[nodiscard]] bool isDark(const QPalette& palette);
[[nodiscard]] QPalette lightPalette();
[[nodiscard]] QPalette darkPalette();

/// Sets style and palette of the whole application. Windows hear of it through PaletteChange.
void applyTheme(QApplication& application, ThemeMode mode);

}  // namespace bitloupe::ui
